//! What is known of rows before a file is opened: bounds of columns, and values of partitions.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, UInt64Array};
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column, ScalarValue};

use super::datum;
use super::manifest::{Entry, Manifest};
use super::partition::PartitionSpec;
use super::table::Table;
use super::transform::Transform;
use super::types::{Field, Primitive};
use crate::arrow::{column, value};
use crate::value::Value;

/// The column of a scan: its place is in its name.
fn field<'a>(table: &'a Table, column: &Column) -> Option<(&'a Field, Primitive)> {
    let n: usize = column.name.strip_prefix('x')?.parse().ok()?;
    let field = table.schema.fields.get(n)?;
    Some((field, field.kind.primitive()?))
}

fn array(of: Primitive, values: impl Iterator<Item = Option<Value>>) -> Option<ArrayRef> {
    let values: Vec<Value> = values.map(|value| value.unwrap_or(Value::Null)).collect();
    column(&of.ty(), &values).ok()
}

/// Data files.
pub(super) struct OfFiles<'a> {
    pub(super) table: &'a Table,
    pub(super) entries: Vec<&'a Entry>,
}

impl OfFiles<'_> {
    fn spec(&self, entry: &Entry) -> Option<&PartitionSpec> {
        self.table.metadata.spec(entry.file.spec_id).ok()
    }

    /// The bounds of a column in a file.
    fn bounds(&self, entry: &Entry, field: &Field, kind: Primitive) -> (Option<Value>, Option<Value>) {
        for (by, value) in self.spec(entry).into_iter().flat_map(|spec| spec.fields.iter().zip(&entry.file.partition)) {
            if by.source_id == field.id
                && let Some((low, high)) = by.transform.range(kind, value).filter(|_| !value.is_null())
            {
                return (Some(low), Some(high));
            }
        }
        // Bounds leave NaN out, and a column without values has none.
        let is_float = matches!(kind, Primitive::Float | Primitive::Double);
        if is_float && entry.file.nan_counts.get(&field.id) != Some(&0) {
            return (None, None);
        }
        let of = |bytes: Option<&Vec<u8>>| bytes.and_then(|bytes| datum::from_bytes(kind, bytes));
        (of(entry.file.lower.get(&field.id)), of(entry.file.upper.get(&field.id)))
    }
}

impl PruningStatistics for OfFiles<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        let (field, kind) = field(self.table, column)?;
        array(kind, self.entries.iter().map(|entry| self.bounds(entry, field, kind).0))
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        let (field, kind) = field(self.table, column)?;
        array(kind, self.entries.iter().map(|entry| self.bounds(entry, field, kind).1))
    }

    fn num_containers(&self) -> usize {
        self.entries.len()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        let (field, _) = field(self.table, column)?;
        let count = |entry: &&Entry| entry.file.null_counts.get(&field.id).and_then(|count| u64::try_from(*count).ok());
        Some(Arc::new(self.entries.iter().map(count).collect::<UInt64Array>()))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        let counts = self.entries.iter().map(|entry| u64::try_from(entry.file.records).ok());
        Some(Arc::new(counts.collect::<UInt64Array>()))
    }

    /// Of buckets it is known which values they do not have.
    fn contained(&self, column: &Column, values: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        let (field, kind) = field(self.table, column)?;
        let values: Vec<Value> =
            values.iter().map(|scalar| Some(value(&kind.ty(), &scalar.to_array().ok()?, 0))).collect::<Option<_>>()?;
        let has_none = |entry: &&Entry| {
            let mut fields = self.spec(entry)?.fields.iter().zip(&entry.file.partition);
            let (by, bucket) = fields.find(|(by, value)| {
                by.source_id == field.id && matches!(by.transform, Transform::Bucket(_)) && !value.is_null()
            })?;
            let absent = values.iter().all(|value| !by.transform.apply(kind, value).same(bucket));
            absent.then_some(false)
        };
        Some(self.entries.iter().map(has_none).collect())
    }
}

/// Manifests.
pub(super) struct OfManifests<'a> {
    pub(super) table: &'a Table,
    pub(super) manifests: &'a [Manifest],
}

impl OfManifests<'_> {
    fn bounds(&self, manifest: &Manifest, field: &Field, kind: Primitive) -> Option<(Value, Value)> {
        let spec = self.table.metadata.spec(manifest.spec_id).ok()?;
        spec.fields.iter().zip(&manifest.partitions).find_map(|(by, summary)| {
            let is_float = matches!(kind, Primitive::Float | Primitive::Double);
            if by.source_id != field.id || (is_float && summary.contains_nan != Some(false)) {
                return None;
            }
            let result = by.transform.result(kind);
            let lower = datum::from_bytes(result, summary.lower.as_ref()?)?;
            let upper = datum::from_bytes(result, summary.upper.as_ref()?)?;
            Some((by.transform.range(kind, &lower)?.0, by.transform.range(kind, &upper)?.1))
        })
    }
}

impl PruningStatistics for OfManifests<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        let (field, kind) = field(self.table, column)?;
        array(kind, self.manifests.iter().map(|one| self.bounds(one, field, kind).map(|(low, _)| low)))
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        let (field, kind) = field(self.table, column)?;
        array(kind, self.manifests.iter().map(|one| self.bounds(one, field, kind).map(|(_, high)| high)))
    }

    fn num_containers(&self) -> usize {
        self.manifests.len()
    }

    fn null_counts(&self, _: &Column) -> Option<ArrayRef> {
        None
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        None
    }

    fn contained(&self, _: &Column, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
