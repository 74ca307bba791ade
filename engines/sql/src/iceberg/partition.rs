//! Partition specs: by what a table is partitioned.
//!
//! <https://iceberg.apache.org/spec/#partitioning>

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::transform::Transform;
use super::types::{Primitive, Schema};
use crate::value::Value;

/// The first id of a field of a partition.
pub(super) const FIRST: i32 = 1000;

/// What is not escaped in the names of folders: as in forms of the web.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*');

/// A partition spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PartitionSpec {
    /// Its number in the table.
    pub spec_id: i32,
    /// Its fields.
    pub fields: Vec<PartitionField>,
}

/// A field of partitions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PartitionField {
    /// The column.
    pub source_id: i32,
    /// What it is known by.
    pub field_id: i32,
    /// What it is called.
    pub name: String,
    /// How its values are made.
    pub transform: Transform,
}

impl PartitionSpec {
    /// Of tables without partitions.
    pub(super) fn none() -> Self {
        Self { spec_id: 0, fields: Vec::new() }
    }

    /// The types of values of a partition. A column that was dropped leaves texts.
    pub(super) fn types(&self, schema: &Schema) -> Vec<Primitive> {
        self.fields.iter().map(|field| field.transform.result(field.source(schema))).collect()
    }

    /// The partition of a row of the table.
    pub(super) fn partition(&self, schema: &Schema, row: &[Value]) -> Vec<Value> {
        let one = |field: &PartitionField| {
            let Some(way) = schema.way(field.source_id) else { return Value::Null };
            let mut value = row.get(way.first().copied().unwrap_or_default()).unwrap_or(&Value::Null);
            for place in way.iter().skip(1) {
                value = match value {
                    Value::Row(fields) => fields.get(*place).unwrap_or(&Value::Null),
                    _ => &Value::Null,
                };
            }
            match value {
                Value::Null => Value::Null,
                value => field.transform.apply(field.source(schema), value),
            }
        };
        self.fields.iter().map(one).collect()
    }

    /// The folders of a partition, each with a slash at its end.
    pub(super) fn path(&self, schema: &Schema, partition: &[Value]) -> String {
        let mut path = String::new();
        for (field, value) in self.fields.iter().zip(partition) {
            let text = field.transform.human(field.transform.result(field.source(schema)), value);
            let (name, text) = (utf8_percent_encode(&field.name, ESCAPED), utf8_percent_encode(&text, ESCAPED));
            path.push_str(&format!("{name}={text}/"));
        }
        path
    }
}

impl PartitionField {
    /// The type of its column.
    pub(super) fn source(&self, schema: &Schema) -> Primitive {
        schema.field(self.source_id).and_then(|field| field.kind.primitive()).unwrap_or(Primitive::String)
    }
}
