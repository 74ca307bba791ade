//! Manifests and lists of manifests: which files a table has.
//!
//! <https://iceberg.apache.org/spec/#manifests>

mod layout;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::avro::{self, Avro};
use super::datum;
use super::invalid;
use super::partition::PartitionSpec;
use super::types::{Primitive, Schema};
use crate::error::{Result, SqlError};
use crate::value::Value;

/// What is in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// Rows.
    #[default]
    Data,
    /// Places of rows that are deleted.
    PositionDeletes,
    /// Values of rows that are deleted.
    EqualityDeletes,
}

/// A file of a table.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct DataFile {
    /// What is in it.
    pub content: Content,
    /// Where it is.
    pub path: String,
    /// Such as `PARQUET`.
    pub format: String,
    /// The spec of its partition.
    pub spec_id: i32,
    /// Values of its partition.
    pub partition: Vec<Value>,
    /// Its rows.
    pub records: i64,
    /// Its bytes.
    pub size: i64,
    /// Bytes of columns, by their ids.
    pub column_sizes: BTreeMap<i32, i64>,
    /// Values of columns.
    pub value_counts: BTreeMap<i32, i64>,
    /// Values that are NULL.
    pub null_counts: BTreeMap<i32, i64>,
    /// Values that are NaN.
    pub nan_counts: BTreeMap<i32, i64>,
    /// Bounds, as bytes.
    pub lower: BTreeMap<i32, Vec<u8>>,
    /// Bounds, as bytes.
    pub upper: BTreeMap<i32, Vec<u8>>,
    /// Where it can be split.
    pub split_offsets: Vec<i64>,
    /// The columns that tell what is deleted.
    pub equality_ids: Vec<i32>,
    /// The order of its rows.
    pub sort_order_id: Option<i32>,
    /// The one file whose rows are deleted.
    pub referenced: Option<String>,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Status {
    Existing,
    Added,
    Deleted,
}

/// A file in a manifest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) status: Status,
    pub(super) snapshot_id: i64,
    /// The number of the commit that the file counts as from.
    pub(super) sequence: i64,
    /// The number of the commit that added it.
    pub(super) file_sequence: i64,
    pub(super) file: DataFile,
}

/// A manifest in a list.
#[derive(Clone, Debug, Default)]
pub(super) struct Manifest {
    pub(super) path: String,
    pub(super) length: i64,
    pub(super) spec_id: i32,
    pub(super) deletes: bool,
    pub(super) sequence: i64,
    pub(super) min_sequence: i64,
    pub(super) snapshot_id: i64,
    pub(super) added: Count,
    pub(super) existing: Count,
    pub(super) deleted: Count,
    pub(super) partitions: Vec<Summary>,
}

/// Files and rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) files: i64,
    pub(super) rows: i64,
}

/// What values a field of partitions has in a manifest.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Summary {
    pub(super) contains_null: bool,
    pub(super) contains_nan: Option<bool>,
    pub(super) lower: Option<Vec<u8>>,
    pub(super) upper: Option<Vec<u8>>,
}

fn required(record: &Avro, id: i32) -> Result<i64> {
    record.field(id).as_long().ok_or_else(|| invalid(format!("a manifest has no field {id}")))
}

fn text(record: &Avro, id: i32) -> Result<String> {
    let text = record.field(id).as_str().map(str::to_owned);
    text.ok_or_else(|| invalid(format!("a manifest has no field {id}")))
}

fn number(record: &Avro, id: i32) -> i64 {
    record.field(id).as_long().unwrap_or_default()
}

fn small(record: &Avro, id: i32) -> i32 {
    i32::try_from(number(record, id)).unwrap_or_default()
}

/// Reads a list of manifests.
///
/// # Errors
/// It is none.
pub(super) fn read_list(file: &[u8]) -> Result<Vec<Manifest>> {
    let (_, rows) = avro::read(file)?;
    let summary = |one: &Avro| Summary {
        contains_null: one.field(509) == &Avro::Boolean(true),
        contains_nan: if let Avro::Boolean(it) = one.field(518) { Some(*it) } else { None },
        lower: one.field(510).as_bytes().map(<[u8]>::to_vec),
        upper: one.field(511).as_bytes().map(<[u8]>::to_vec),
    };
    let manifest = |row: &Avro| {
        let count = |files: i32, rows: i32| Count { files: number(row, files), rows: number(row, rows) };
        Ok(Manifest {
            path: text(row, 500)?,
            length: required(row, 501)?,
            spec_id: small(row, 502),
            deletes: number(row, 517) == 1,
            sequence: number(row, 515),
            min_sequence: number(row, 516),
            snapshot_id: number(row, 503),
            added: count(504, 512),
            existing: count(505, 513),
            deleted: count(506, 514),
            partitions: row.field(507).as_array().iter().map(summary).collect(),
        })
    };
    rows.iter().map(manifest).collect()
}

/// Writes a list of manifests.
///
/// # Errors
/// A defect of this engine.
pub(super) fn write_list(manifests: &[Manifest], snapshot: i64, parent: Option<i64>, sequence: i64) -> Result<Vec<u8>> {
    let rows: Vec<Avro> = manifests.iter().map(layout::manifest).collect();
    let metadata = [
        ("snapshot-id", snapshot.to_string()),
        ("parent-snapshot-id", parent.map_or("null".to_owned(), |id| id.to_string())),
        ("sequence-number", sequence.to_string()),
        ("format-version", "2".to_owned()),
    ];
    avro::write(&layout::of_list(), &metadata, &rows)
}

fn counts(record: &Avro, id: i32) -> BTreeMap<i32, i64> {
    pairs(record, id, Avro::as_long)
}

fn bounds(record: &Avro, id: i32) -> BTreeMap<i32, Vec<u8>> {
    pairs(record, id, |value| value.as_bytes().map(<[u8]>::to_vec))
}

/// A map whose keys are no texts is an array of pairs.
fn pairs<T>(record: &Avro, id: i32, value: impl Fn(&Avro) -> Option<T>) -> BTreeMap<i32, T> {
    let pair = |pair: &Avro| match pair {
        Avro::Record(fields) => {
            let [(_, key), (_, of)] = fields.as_slice() else { return None };
            Some((i32::try_from(key.as_long()?).ok()?, value(of)?))
        }
        _ => None,
    };
    record.field(id).as_array().iter().filter_map(pair).collect()
}

fn file(record: &Avro, spec: &PartitionSpec, types: &[Primitive]) -> Result<DataFile> {
    let content = match number(record, 134) {
        0 => Content::Data,
        1 => Content::PositionDeletes,
        2 => Content::EqualityDeletes,
        other => return Err(invalid(format!("the content {other} of files is not known"))),
    };
    let partition = record.field(102);
    let value = |(field, ty): (&super::partition::PartitionField, &Primitive)| {
        datum::from_avro(*ty, partition.field(field.field_id))
    };
    Ok(DataFile {
        content,
        path: text(record, 100)?,
        format: text(record, 101)?.to_uppercase(),
        spec_id: spec.spec_id,
        partition: spec.fields.iter().zip(types).map(value).collect(),
        records: required(record, 103)?,
        size: required(record, 104)?,
        column_sizes: counts(record, 108),
        value_counts: counts(record, 109),
        null_counts: counts(record, 110),
        nan_counts: counts(record, 137),
        lower: bounds(record, 125),
        upper: bounds(record, 128),
        split_offsets: record.field(132).as_array().iter().filter_map(Avro::as_long).collect(),
        equality_ids: {
            let ids = record.field(135).as_array().iter().filter_map(Avro::as_long);
            ids.filter_map(|id| i32::try_from(id).ok()).collect()
        },
        sort_order_id: record.field(140).as_long().and_then(|id| i32::try_from(id).ok()),
        referenced: record.field(143).as_str().map(str::to_owned),
    })
}

/// Reads a manifest. What its entries do not say they have of the list.
///
/// # Errors
/// It is none.
pub(super) fn read(bytes: &[u8], of: &Manifest, spec: &PartitionSpec, schema: &Schema) -> Result<Vec<Entry>> {
    let (_, rows) = avro::read(bytes)?;
    let types = spec.types(schema);
    let entry = |row: &Avro| {
        let status = match required(row, 0)? {
            0 => Status::Existing,
            1 => Status::Added,
            2 => Status::Deleted,
            other => return Err(invalid(format!("the status {other} of files is not known"))),
        };
        let sequence = row.field(3).as_long().unwrap_or(of.sequence);
        Ok(Entry {
            status,
            snapshot_id: row.field(1).as_long().unwrap_or(of.snapshot_id),
            sequence,
            file_sequence: row.field(4).as_long().unwrap_or(of.sequence),
            file: file(row.field(2), spec, &types)?,
        })
    };
    rows.iter().map(entry).collect()
}

/// Writes a manifest, and tells what the list has to say of it.
///
/// # Errors
/// A defect of this engine.
pub(super) fn write(
    path: &str,
    entries: &[Entry],
    deletes: bool,
    spec: &PartitionSpec,
    schema: &Schema,
    (snapshot_id, sequence): (i64, i64),
) -> Result<(Manifest, Vec<u8>)> {
    let types = spec.types(schema);
    let text = |what: serde_json::Result<String>| what.map_err(|why| SqlError::internal(why.to_string()));
    let metadata = [
        ("schema", text(serde_json::to_string(schema))?),
        ("schema-id", schema.schema_id.to_string()),
        ("partition-spec", text(serde_json::to_string(&spec.fields))?),
        ("partition-spec-id", spec.spec_id.to_string()),
        ("format-version", "2".to_owned()),
        ("content", if deletes { "deletes" } else { "data" }.to_owned()),
    ];
    let rows: Vec<Avro> = entries.iter().map(|entry| layout::entry(entry, spec, &types)).collect();
    let bytes = avro::write(&layout::of_manifest(spec, &types), &metadata, &rows)?;
    let count = |status: Status| {
        let of = entries.iter().filter(|entry| entry.status == status);
        of.fold(Count::default(), |all, entry| Count { files: all.files + 1, rows: all.rows + entry.file.records })
    };
    let live = entries.iter().filter(|entry| entry.status != Status::Deleted);
    let manifest = Manifest {
        path: path.to_owned(),
        length: bytes.len() as i64,
        spec_id: spec.spec_id,
        deletes,
        sequence,
        min_sequence: live.map(|entry| entry.sequence).min().unwrap_or(sequence),
        snapshot_id,
        added: count(Status::Added),
        existing: count(Status::Existing),
        deleted: count(Status::Deleted),
        partitions: (0..types.len()).map(|n| summary(entries, n, types[n])).collect(),
    };
    Ok((manifest, bytes))
}

/// What values a field of partitions has in some files.
fn summary(entries: &[Entry], field: usize, ty: Primitive) -> Summary {
    let is_nan = |value: &Value| match value {
        Value::Double(it) => it.is_nan(),
        Value::Real(it) => it.is_nan(),
        _ => false,
    };
    let values: Vec<&Value> = entries.iter().filter_map(|entry| entry.file.partition.get(field)).collect();
    let known = || values.iter().filter(|value| !value.is_null() && !is_nan(value));
    let bytes = |value: Option<&&Value>| value.and_then(|value| datum::to_bytes(ty, value));
    Summary {
        contains_null: values.iter().any(|value| value.is_null()),
        contains_nan: Some(values.iter().any(|value| is_nan(value))),
        lower: bytes(known().min_by(|a, b| a.order(b))),
        upper: bytes(known().max_by(|a, b| a.order(b))),
    }
}
