//! New tables.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html>

use std::collections::BTreeMap;

use serde_json::{Map, json};

use super::Draw;
use super::metadata::Metadata;
use super::partition::{FIRST, PartitionField, PartitionSpec};
use super::path;
use super::transform::Transform;
use super::types::{Field, Kind, Schema};
use crate::error::{Code, Result, SqlError};
use crate::types::Type;

/// What a table is made of.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Names, types and comments of columns.
    pub columns: Vec<(String, Type, Option<String>)>,
    /// By what it is partitioned.
    pub partitioned_by: Vec<PartitionBy>,
    /// Where its files are.
    pub location: String,
    /// Properties, as Athena has them.
    pub properties: BTreeMap<String, String>,
}

/// A field of partitions, as statements have it: `day(ts)`, `bucket(16, id)` or `bucket(id, 16)`, `country`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionBy {
    column: String,
    transform: Transform,
}

impl PartitionBy {
    /// # Errors
    /// The text is no transform.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong =
            || SqlError::new(Code::InvalidTableProperty, format!("Invalid partition field declaration: {text}"));
        let text = text.trim();
        let name = |text: &str| text.trim().trim_matches(['"', '`']).to_lowercase();
        let Some((function, arguments)) = text.split_once('(') else {
            return Ok(Self { column: name(text), transform: Transform::Identity });
        };
        let arguments: Vec<&str> = arguments.strip_suffix(')').ok_or_else(wrong)?.split(',').map(str::trim).collect();
        let numbered = |function: &str, number: &str| {
            let Ok(transform) = format!("{function}[{number}]").parse::<Transform>();
            if matches!(transform, Transform::Unknown(_)) { Err(wrong()) } else { Ok(transform) }
        };
        let function = function.trim().to_lowercase();
        let (column, transform) = match (function.as_str(), arguments.as_slice()) {
            ("year" | "years", [column]) => (column, Transform::Year),
            ("month" | "months", [column]) => (column, Transform::Month),
            ("day" | "days" | "date", [column]) => (column, Transform::Day),
            ("hour" | "hours" | "date_hour", [column]) => (column, Transform::Hour),
            ("bucket" | "truncate", [a, b]) => {
                let is_number = |text: &str| text.parse::<u32>().is_ok();
                let (column, number) = if is_number(a) { (b, a) } else { (a, b) };
                (column, numbered(&function, number)?)
            }
            _ => return Err(wrong()),
        };
        Ok(Self { column: name(column), transform })
    }

    fn field(&self, schema: &Schema, n: usize) -> Result<PartitionField> {
        let missing = || {
            let message = format!("Partition column '{}' does not exist in the schema", self.column);
            SqlError::new(Code::ColumnNotFound, message)
        };
        let column = schema.column(&self.column).ok_or_else(missing)?;
        let takes = column.kind.primitive().is_some_and(|kind| self.transform.takes(kind));
        if !takes {
            let message = format!("Invalid source type {} for transform: {}", column.kind.ty(), self.transform);
            return Err(SqlError::new(Code::InvalidTableProperty, message));
        }
        let end = match self.transform {
            Transform::Bucket(_) => "_bucket",
            Transform::Truncate(_) => "_trunc",
            Transform::Year => "_year",
            Transform::Month => "_month",
            Transform::Day => "_day",
            Transform::Hour => "_hour",
            _ => "",
        };
        Ok(PartitionField {
            source_id: column.id,
            field_id: FIRST + i32::try_from(n).unwrap_or_default(),
            name: format!("{}{end}", column.name),
            transform: self.transform.clone(),
        })
    }
}

/// Properties of Athena and what they are to Iceberg.
///
/// <https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html#querying-iceberg-table-properties>
// UNVERIFIED: under which names Athena keeps them in metadata files.
pub(super) const KNOWN: &[(&str, &str)] = &[
    ("format", "write.format.default"),
    ("write_compression", "write.parquet.compression-codec"),
    ("compression_level", "write.parquet.compression-level"),
    ("vacuum_min_snapshots_to_keep", "history.expire.min-snapshots-to-keep"),
    ("vacuum_max_snapshot_age_seconds", "history.expire.max-snapshot-age-ms"),
    ("vacuum_max_metadata_files_to_keep", "write.metadata.previous-versions-max"),
    ("write_target_data_file_size_bytes", "write.target-file-size-bytes"),
    ("optimize_rewrite_min_data_file_size_bytes", "athena.optimize.rewrite.min-data-file-size-bytes"),
    ("optimize_rewrite_max_data_file_size_bytes", "athena.optimize.rewrite.max-data-file-size-bytes"),
    ("optimize_rewrite_data_file_threshold", "athena.optimize.rewrite.data-file-threshold"),
    ("optimize_rewrite_delete_file_threshold", "athena.optimize.rewrite.delete-file-threshold"),
];

/// The name of a property in metadata files.
///
/// # Errors
/// Athena has no such property.
pub(super) fn property_name(key: &str) -> Result<&'static str> {
    let found = KNOWN.iter().find(|(own, _)| own.eq_ignore_ascii_case(key)).map(|(_, name)| *name);
    // UNVERIFIED: the wording.
    found.ok_or_else(|| SqlError::new(Code::InvalidTableProperty, format!("Unsupported table property key: {key}")))
}

/// A property as metadata files have it.
///
/// # Errors
/// Athena has no such property, or not with this value.
pub(super) fn property(key: &str, value: &str) -> Result<(String, String)> {
    let name = property_name(key)?;
    let wrong =
        || SqlError::new(Code::InvalidTableProperty, format!("Invalid value for table property {key}: {value}"));
    let value = match name {
        "write.parquet.compression-level" => match value.parse::<u8>() {
            Ok(level @ 1..=22) => level.to_string(),
            _ => return Err(wrong()),
        },
        "write.format.default" if value.eq_ignore_ascii_case("parquet") => "parquet".to_owned(),
        "write.format.default" => {
            let message = format!("writing of Iceberg files in the format {} is not supported", value.to_uppercase());
            return Err(SqlError::new(Code::NotSupported, message));
        }
        "write.parquet.compression-codec" => {
            let value = value.to_lowercase();
            match value.as_str() {
                "zstd" | "gzip" | "snappy" | "none" => value,
                other => {
                    let message = format!("writing of files with the compression {other} is not supported");
                    return Err(SqlError::new(Code::NotSupported, message));
                }
            }
        }
        "write.target-file-size-bytes" if value.parse() == Ok(0_u64) => return Err(wrong()),
        "history.expire.max-snapshot-age-ms" => {
            let seconds: u32 = value.parse().map_err(|_| wrong())?;
            (u64::from(seconds) * 1000).to_string()
        }
        _ => value.parse::<u64>().map_err(|_| wrong())?.to_string(),
    };
    Ok((name.to_owned(), value))
}

/// Only Zstandard has levels.
// UNVERIFIED: the wording.
fn check_level(properties: &BTreeMap<String, String>) -> Result<()> {
    let codec = properties.get("write.parquet.compression-codec").map_or("zstd", String::as_str);
    if codec != "zstd" && properties.contains_key("write.parquet.compression-level") {
        let message = "compression_level may be specified only with the compression ZSTD";
        return Err(SqlError::new(Code::InvalidTableProperty, message));
    }
    Ok(())
}

impl Definition {
    /// The metadata of the table, at a time in milliseconds, and where its file goes.
    ///
    /// # Errors
    /// Iceberg has no such type, transform or property.
    pub fn metadata(&self, draw: &Draw, now: i64) -> Result<(Metadata, String)> {
        let schema = schema(&self.columns)?;
        let mut properties = BTreeMap::from([
            ("write.format.default".to_owned(), "parquet".to_owned()),
            // UNVERIFIED: that Athena's tables are compressed by zstd where nothing is said of it.
            ("write.parquet.compression-codec".to_owned(), "zstd".to_owned()),
        ]);
        for (key, value) in &self.properties {
            let (key, value) = property(key, value)?;
            properties.insert(key, value);
        }
        check_level(&properties)?;
        let fields = self.partitioned_by.iter().enumerate().map(|(n, by)| by.field(&schema, n));
        let fields = fields.collect::<Result<Vec<_>>>()?;
        let mut last = 0;
        highest(&schema.fields, &mut last);
        let location = self.location.trim_end_matches('/').to_owned();
        let metadata = Metadata {
            format_version: 2,
            table_uuid: draw.id.clone(),
            location: location.clone(),
            last_sequence_number: 0,
            last_updated_ms: now,
            last_column_id: last,
            current_schema_id: 0,
            schemas: vec![schema],
            default_spec_id: 0,
            last_partition_id: FIRST - 1 + i32::try_from(fields.len()).unwrap_or_default(),
            partition_specs: vec![PartitionSpec { fields, ..PartitionSpec::none() }],
            properties,
            current_snapshot_id: None,
            refs: BTreeMap::new(),
            snapshots: Vec::new(),
            snapshot_log: Vec::new(),
            metadata_log: Vec::new(),
            sort_orders: vec![json!({ "order-id": 0, "fields": [] })],
            default_sort_order_id: 0,
            rest: Map::new(),
        };
        let place = path::metadata(&location, None, &draw.id);
        Ok((metadata, place))
    }
}

/// Columns get ids first, what is in them after that.
fn schema(columns: &[(String, Type, Option<String>)]) -> Result<Schema> {
    let mut last = i32::try_from(columns.len()).unwrap_or(i32::MAX);
    let mut next = || {
        last = last.saturating_add(1);
        last
    };
    let mut fields: Vec<Field> = Vec::new();
    for (id, (name, ty, doc)) in (1..).zip(columns) {
        if fields.iter().any(|field| field.name == *name) {
            let message = format!("Column '{name}' specified more than once");
            return Err(SqlError::new(Code::DuplicateColumnName, message));
        }
        fields.push(Field {
            id,
            name: name.clone(),
            required: false,
            kind: Kind::of(ty, &mut next)?,
            doc: doc.clone(),
        });
    }
    Ok(Schema::new(0, fields))
}

/// The highest id of fields and of what is in them.
fn highest(fields: &[Field], last: &mut i32) {
    for field in fields {
        *last = (*last).max(field.id);
        match &field.kind {
            Kind::Primitive(_) => {}
            Kind::Struct(inner) => highest(inner, last),
            Kind::List(element) => highest(std::slice::from_ref(element), last),
            Kind::Map(key, value) => {
                highest(std::slice::from_ref(key), last);
                highest(std::slice::from_ref(value), last);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_table_has_ids_partitions_and_properties() {
        let nested = Type::Row(vec![(Some("x".into()), Type::Integer), (Some("y".into()), Type::array(Type::VARCHAR))]);
        let columns = [("id", Type::Bigint), ("s", nested), ("ts", Type::Timestamp(3))];
        let definition = Definition {
            columns: columns.map(|(name, ty)| (name.to_owned(), ty, None)).to_vec(),
            partitioned_by: ["day(ts)", "bucket(16, id)"].map(|by| PartitionBy::parse(by).expect("transform")).to_vec(),
            location: "s3://b/t/".into(),
            properties: BTreeMap::from([("vacuum_max_snapshot_age_seconds".into(), "60".into())]),
        };
        let draw = Draw { id: "u".into(), snapshot: 1 };
        let (metadata, place) = definition.metadata(&draw, 5).expect("metadata");
        assert_eq!(place, "s3://b/t/metadata/00000-u.metadata.json");
        assert_eq!((metadata.last_column_id, metadata.last_partition_id), (6, 1001));
        assert_eq!(metadata.properties["history.expire.max-snapshot-age-ms"], "60000");
        let spec = metadata.spec(0).expect("spec");
        let names: Vec<_> = spec.fields.iter().map(|it| format!("{} {}", it.name, it.transform)).collect();
        assert_eq!(names, ["ts_day day", "id_bucket bucket[16]"]);
        assert_eq!(Metadata::parse(&metadata.file().expect("file")).expect("back"), metadata);
        assert_eq!(PartitionBy::parse("bucket(id, 16)"), PartitionBy::parse("bucket(16,id)"));
        assert!(PartitionBy::parse("bucket(id)").is_err() && PartitionBy::parse("day(ts").is_err());
        assert!(property("other", "1").is_err() && property("format", "orc").is_err());
    }
}
