//! Tables of metadata: `"t$history"` and the like.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-table-metadata.html>,
//! <https://trino.io/docs/current/connector/iceberg.html#metadata-tables>

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::datum;
use super::manifest::{Content, Entry};
use super::table::Table;
use crate::catalog::{Column, Content as Rows, Table as Known};
use crate::error::Result;
use crate::types::Type;
use crate::value::{Ordered, Value};

/// A table of metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inspection {
    /// Which snapshots were current.
    History,
    /// All snapshots.
    Snapshots,
    /// The files.
    Files,
    /// The manifests.
    Manifests,
    /// Sums of partitions.
    Partitions,
    /// Branches and tags.
    References,
}

impl Inspection {
    /// The table and what is asked of it: `t$files`.
    pub fn parse(name: &str) -> Option<(&str, Self)> {
        let (table, what) = name.rsplit_once('$')?;
        let what = match what {
            "history" => Self::History,
            "snapshots" => Self::Snapshots,
            "files" => Self::Files,
            "manifests" => Self::Manifests,
            "partitions" => Self::Partitions,
            "refs" => Self::References,
            _ => return None,
        };
        Some((table, what))
    }
}

fn long(it: i64) -> Value {
    Value::Integer(it)
}

fn maybe(it: Option<i64>) -> Value {
    it.map_or(Value::Null, long)
}

fn time(millis: i64) -> Value {
    Value::TimestampTz(millis.saturating_mul(1000), "UTC".into())
}

fn counts(of: &BTreeMap<i32, i64>) -> Value {
    Value::Map(of.iter().map(|(id, count)| (long((*id).into()), long(*count))).collect())
}

fn made(columns: &[(&str, Type)], rows: Vec<Vec<Value>>) -> Known {
    let column = |(name, ty): &(&str, Type)| Column { name: (*name).to_owned(), ty: ty.clone() };
    Known { columns: columns.iter().map(column).collect(), content: Rows::Rows(rows.into()) }
}

impl Table {
    /// A table of this one's metadata.
    ///
    /// # Errors
    /// Its files cannot be read.
    pub async fn inspect(&self, what: Inspection) -> Result<Known> {
        match what {
            Inspection::History => Ok(self.history()),
            Inspection::Snapshots => Ok(self.snapshots()),
            Inspection::References => Ok(self.references()),
            Inspection::Manifests => self.of_manifests().await,
            Inspection::Files => self.of_files().await,
            Inspection::Partitions => self.of_partitions().await,
        }
    }

    fn history(&self) -> Known {
        let mut ancestors = HashSet::new();
        let mut next = self.metadata.current_snapshot_id;
        while let Some(id) = next.filter(|id| ancestors.insert(*id)) {
            next = self.metadata.snapshot(id).and_then(|snapshot| snapshot.parent_snapshot_id);
        }
        let row = |log: &super::metadata::SnapshotLog| {
            let parent = self.metadata.snapshot(log.snapshot_id).and_then(|snapshot| snapshot.parent_snapshot_id);
            let current = Value::Boolean(ancestors.contains(&log.snapshot_id));
            vec![time(log.timestamp_ms), long(log.snapshot_id), maybe(parent), current]
        };
        let columns = [
            ("made_current_at", Type::TimestampTz(3)),
            ("snapshot_id", Type::Bigint),
            ("parent_id", Type::Bigint),
            ("is_current_ancestor", Type::Boolean),
        ];
        made(&columns, self.metadata.snapshot_log.iter().map(row).collect())
    }

    fn snapshots(&self) -> Known {
        let row = |snapshot: &super::metadata::Snapshot| {
            let mut summary = snapshot.summary.clone();
            let operation = summary.remove("operation").map_or(Value::Null, Value::text);
            let list = snapshot.manifest_list.as_ref().map_or(Value::Null, Value::text);
            vec![
                time(snapshot.timestamp_ms),
                long(snapshot.snapshot_id),
                maybe(snapshot.parent_snapshot_id),
                operation,
                list,
                Value::Map(summary.iter().map(|(key, value)| (Value::text(key), Value::text(value))).collect()),
            ]
        };
        let columns = [
            ("committed_at", Type::TimestampTz(3)),
            ("snapshot_id", Type::Bigint),
            ("parent_id", Type::Bigint),
            ("operation", Type::VARCHAR),
            ("manifest_list", Type::VARCHAR),
            ("summary", Type::map(Type::VARCHAR, Type::VARCHAR)),
        ];
        made(&columns, self.metadata.snapshots.iter().map(row).collect())
    }

    fn references(&self) -> Known {
        let row = |(name, of): (&String, &super::metadata::Reference)| {
            let (age, keep, old) = (of.max_ref_age_ms, of.min_snapshots_to_keep, of.max_snapshot_age_ms);
            let names = [Value::text(name), Value::text(of.kind.to_uppercase())];
            names.into_iter().chain([long(of.snapshot_id), maybe(age), maybe(keep), maybe(old)]).collect()
        };
        let columns = [
            ("name", Type::VARCHAR),
            ("type", Type::VARCHAR),
            ("snapshot_id", Type::Bigint),
            ("max_reference_age_in_ms", Type::Bigint),
            ("min_snapshots_to_keep", Type::Bigint),
            ("max_snapshot_age_in_ms", Type::Bigint),
        ];
        made(&columns, self.metadata.refs.iter().map(row).collect())
    }

    async fn of_manifests(&self) -> Result<Known> {
        let mut rows = Vec::new();
        for manifest in self.manifests(self.snapshot.as_ref()).await? {
            let types = self.metadata.spec(manifest.spec_id)?.types(&self.schema);
            let bound = |bytes: &Option<Vec<u8>>, n: usize| {
                let of = types.get(n).zip(bytes.as_ref());
                let value = of.and_then(|(ty, bytes)| Some((ty.ty(), datum::from_bytes(*ty, bytes)?)));
                value.map_or(Value::Null, |(ty, value)| Value::text(crate::show(&ty, &value)))
            };
            let summary = |(n, one): (usize, &super::manifest::Summary)| {
                let nan = one.contains_nan.map_or(Value::Null, Value::Boolean);
                let bounds = [bound(&one.lower, n), bound(&one.upper, n)];
                Value::Row([Value::Boolean(one.contains_null), nan].into_iter().chain(bounds).collect())
            };
            let summaries = Value::Array(manifest.partitions.iter().enumerate().map(summary).collect());
            let numbers = [
                manifest.length,
                manifest.spec_id.into(),
                manifest.snapshot_id,
                manifest.added.files,
                manifest.added.rows,
                manifest.existing.files,
                manifest.existing.rows,
                manifest.deleted.files,
                manifest.deleted.rows,
            ];
            let numbers = numbers.into_iter().map(long);
            rows.push(std::iter::once(Value::text(&manifest.path)).chain(numbers).chain([summaries]).collect());
        }
        let field = |name: &str, ty: Type| (Some(name.to_owned()), ty);
        let summary = Type::Row(vec![
            field("contains_null", Type::Boolean),
            field("contains_nan", Type::Boolean),
            field("lower_bound", Type::VARCHAR),
            field("upper_bound", Type::VARCHAR),
        ]);
        let columns = [
            ("path", Type::VARCHAR),
            ("length", Type::Bigint),
            ("partition_spec_id", Type::Integer),
            ("added_snapshot_id", Type::Bigint),
            ("added_data_files_count", Type::Integer),
            ("added_rows_count", Type::Bigint),
            ("existing_data_files_count", Type::Integer),
            ("existing_rows_count", Type::Bigint),
            ("deleted_data_files_count", Type::Integer),
            ("deleted_rows_count", Type::Bigint),
            ("partition_summaries", Type::array(summary)),
        ];
        Ok(made(&columns, rows))
    }

    async fn entries_now(&self) -> Result<Vec<Entry>> {
        let manifests = self.manifests(self.snapshot.as_ref()).await?;
        self.live(&manifests).await
    }

    async fn of_files(&self) -> Result<Known> {
        let bounds = |of: &BTreeMap<i32, Vec<u8>>| {
            let bound = |(id, bytes): (&i32, &Vec<u8>)| {
                let kind = self.schema.field(*id)?.kind.primitive()?;
                Some((long((*id).into()), Value::text(crate::show(&kind.ty(), &datum::from_bytes(kind, bytes)?))))
            };
            Value::Map(of.iter().filter_map(bound).collect())
        };
        let row = |entry: Entry| {
            let file = entry.file;
            let content = match file.content {
                Content::Data => 0,
                Content::PositionDeletes => 1,
                Content::EqualityDeletes => 2,
            };
            vec![
                long(content),
                Value::text(&file.path),
                Value::text(&file.format),
                long(file.records),
                long(file.size),
                counts(&file.column_sizes),
                counts(&file.value_counts),
                counts(&file.null_counts),
                counts(&file.nan_counts),
                bounds(&file.lower),
                bounds(&file.upper),
                Value::Null,
                Value::Array(file.split_offsets.iter().map(|it| long(*it)).collect()),
                Value::Array(file.equality_ids.iter().map(|it| long((*it).into())).collect()),
            ]
        };
        let counted = || Type::map(Type::Integer, Type::Bigint);
        let bounded = || Type::map(Type::Integer, Type::VARCHAR);
        let columns = [
            ("content", Type::Integer),
            ("file_path", Type::VARCHAR),
            ("file_format", Type::VARCHAR),
            ("record_count", Type::Bigint),
            ("file_size_in_bytes", Type::Bigint),
            ("column_sizes", counted()),
            ("value_counts", counted()),
            ("null_value_counts", counted()),
            ("nan_value_counts", counted()),
            ("lower_bounds", bounded()),
            ("upper_bounds", bounded()),
            ("key_metadata", Type::Varbinary),
            ("split_offsets", Type::array(Type::Bigint)),
            ("equality_ids", Type::array(Type::Integer)),
        ];
        Ok(made(&columns, self.entries_now().await?.into_iter().map(row).collect()))
    }

    /// Partitions of the current spec. Trino's column `data`, with bounds of columns, is not there.
    async fn of_partitions(&self) -> Result<Known> {
        let spec = self.metadata.spec(self.metadata.default_spec_id)?;
        let mut sums: BTreeMap<Vec<Ordered>, [i64; 3]> = BTreeMap::new();
        for entry in self.entries_now().await? {
            if entry.file.content == Content::Data && entry.file.spec_id == spec.spec_id {
                let key = entry.file.partition.iter().cloned().map(Ordered).collect();
                let sum = sums.entry(key).or_default();
                let own = [entry.file.records, 1, entry.file.size];
                sum.iter_mut().zip(own).for_each(|(sum, own)| *sum = sum.saturating_add(own));
            }
        }
        let fields = spec.fields.iter().zip(spec.types(&self.schema));
        let partition = Type::Row(fields.map(|(field, ty)| (Some(field.name.clone()), ty.ty())).collect());
        let sum = ["record_count", "file_count", "total_size"].map(|name| (name, Type::Bigint));
        if spec.fields.is_empty() {
            let rows = sums.into_values().map(|sum| sum.map(long).to_vec()).collect();
            return Ok(made(&sum, rows));
        }
        let row = |(key, sum): (Vec<Ordered>, [i64; 3])| {
            let key: Arc<[Value]> = key.into_iter().map(|Ordered(value)| value).collect();
            std::iter::once(Value::Row(key)).chain(sum.map(long)).collect()
        };
        let columns: Vec<_> = std::iter::once(("partition", partition)).chain(sum).collect();
        Ok(made(&columns, sums.into_iter().map(row).collect()))
    }
}
