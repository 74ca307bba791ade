//! How manifests and their lists are laid out in Avro.
//!
//! <https://iceberg.apache.org/spec/#manifests>, <https://iceberg.apache.org/spec/#avro>

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{Content, Count, Entry, Manifest, Status};
use crate::iceberg::avro::Avro;
use crate::iceberg::datum;
use crate::iceberg::partition::PartitionSpec;
use crate::iceberg::types::Primitive;

fn must(id: i32, name: &str, ty: Json) -> Json {
    json!({ "name": name, "type": ty, "field-id": id })
}

fn may(id: i32, name: &str, ty: Json) -> Json {
    json!({ "name": name, "type": ["null", ty], "default": null, "field-id": id })
}

/// A map from ids of columns.
fn pairs(id: i32, name: &str, (key, value): (i32, i32), ty: &str) -> Json {
    let fields = [must(key, "key", json!("int")), must(value, "value", json!(ty))];
    let items = json!({ "type": "record", "name": format!("k{key}_v{value}"), "fields": fields });
    may(id, name, json!({ "type": "array", "logicalType": "map", "items": items }))
}

fn list(id: i32, name: &str, element: i32, ty: Json) -> Json {
    may(id, name, json!({ "type": "array", "element-id": element, "items": ty }))
}

fn of_primitive(ty: Primitive, field: i32) -> Json {
    match ty {
        Primitive::Boolean => json!("boolean"),
        Primitive::Int => json!("int"),
        Primitive::Long => json!("long"),
        Primitive::Float => json!("float"),
        Primitive::Double => json!("double"),
        Primitive::Decimal(precision, scale) => json!({
            "type": "fixed",
            "size": datum::decimal_size(precision),
            "name": format!("decimal_{field}_{precision}_{scale}"),
            "logicalType": "decimal",
            "precision": precision,
            "scale": scale,
        }),
        Primitive::Date => json!({ "type": "int", "logicalType": "date" }),
        Primitive::Time => json!({ "type": "long", "logicalType": "time-micros" }),
        Primitive::Timestamp => json!({ "type": "long", "logicalType": "timestamp-micros", "adjust-to-utc": false }),
        Primitive::Timestamptz => json!({ "type": "long", "logicalType": "timestamp-micros", "adjust-to-utc": true }),
        Primitive::String => json!("string"),
        Primitive::Uuid => {
            json!({ "type": "fixed", "size": 16, "name": format!("uuid_{field}"), "logicalType": "uuid" })
        }
        Primitive::Fixed(size) => json!({ "type": "fixed", "size": size, "name": format!("fixed_{field}") }),
        Primitive::Binary => json!("bytes"),
    }
}

/// A name that Avro takes.
fn avro_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' };
    let name: String = name.chars().map(plain).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
}

pub(super) fn of_manifest(spec: &PartitionSpec, types: &[Primitive]) -> Json {
    let fields: Vec<Json> = spec
        .fields
        .iter()
        .zip(types)
        .map(|(field, ty)| may(field.field_id, &avro_name(&field.name), of_primitive(*ty, field.field_id)))
        .collect();
    let partition = json!({ "type": "record", "name": "r102", "fields": fields });
    let file = [
        must(134, "content", json!("int")),
        must(100, "file_path", json!("string")),
        must(101, "file_format", json!("string")),
        must(102, "partition", partition),
        must(103, "record_count", json!("long")),
        must(104, "file_size_in_bytes", json!("long")),
        pairs(108, "column_sizes", (117, 118), "long"),
        pairs(109, "value_counts", (119, 120), "long"),
        pairs(110, "null_value_counts", (121, 122), "long"),
        pairs(137, "nan_value_counts", (138, 139), "long"),
        pairs(125, "lower_bounds", (126, 127), "bytes"),
        pairs(128, "upper_bounds", (129, 130), "bytes"),
        may(131, "key_metadata", json!("bytes")),
        list(132, "split_offsets", 133, json!("long")),
        list(135, "equality_ids", 136, json!("int")),
        may(140, "sort_order_id", json!("int")),
        may(143, "referenced_data_file", json!("string")),
    ];
    let fields = [
        must(0, "status", json!("int")),
        may(1, "snapshot_id", json!("long")),
        may(3, "sequence_number", json!("long")),
        may(4, "file_sequence_number", json!("long")),
        must(2, "data_file", json!({ "type": "record", "name": "r2", "fields": file })),
    ];
    json!({ "type": "record", "name": "manifest_entry", "fields": fields })
}

pub(super) fn of_list() -> Json {
    let summary = [
        must(509, "contains_null", json!("boolean")),
        may(518, "contains_nan", json!("boolean")),
        may(510, "lower_bound", json!("bytes")),
        may(511, "upper_bound", json!("bytes")),
    ];
    let fields = [
        must(500, "manifest_path", json!("string")),
        must(501, "manifest_length", json!("long")),
        must(502, "partition_spec_id", json!("int")),
        must(517, "content", json!("int")),
        must(515, "sequence_number", json!("long")),
        must(516, "min_sequence_number", json!("long")),
        must(503, "added_snapshot_id", json!("long")),
        must(504, "added_files_count", json!("int")),
        must(505, "existing_files_count", json!("int")),
        must(506, "deleted_files_count", json!("int")),
        must(512, "added_rows_count", json!("long")),
        must(513, "existing_rows_count", json!("long")),
        must(514, "deleted_rows_count", json!("long")),
        list(507, "partitions", 508, json!({ "type": "record", "name": "r508", "fields": summary })),
        may(519, "key_metadata", json!("bytes")),
    ];
    json!({ "type": "record", "name": "manifest_file", "fields": fields })
}

pub(super) fn manifest(of: &Manifest) -> Avro {
    let bytes = |bytes: &Option<Vec<u8>>| bytes.clone().map_or(Avro::Null, Avro::Bytes);
    let summary = |one: &super::Summary| {
        Avro::Record(vec![
            (509, Avro::Boolean(one.contains_null)),
            (518, one.contains_nan.map_or(Avro::Null, Avro::Boolean)),
            (510, bytes(&one.lower)),
            (511, bytes(&one.upper)),
        ])
    };
    let mut fields = vec![
        (500, Avro::String(of.path.clone())),
        (501, Avro::Long(of.length)),
        (502, Avro::Long(of.spec_id.into())),
        (517, Avro::Long(of.deletes.into())),
        (515, Avro::Long(of.sequence)),
        (516, Avro::Long(of.min_sequence)),
        (503, Avro::Long(of.snapshot_id)),
        (507, Avro::Array(of.partitions.iter().map(summary).collect())),
    ];
    for (Count { files, rows }, of_files, of_rows) in
        [(of.added, 504, 512), (of.existing, 505, 513), (of.deleted, 506, 514)]
    {
        fields.extend([(of_files, Avro::Long(files)), (of_rows, Avro::Long(rows))]);
    }
    Avro::Record(fields)
}

/// NULL if it is empty.
fn map<T>(of: &BTreeMap<i32, T>, (key_id, value_id): (i32, i32), value: impl Fn(&T) -> Avro) -> Avro {
    if of.is_empty() {
        return Avro::Null;
    }
    let pair = |(key, one): (&i32, &T)| Avro::Record(vec![(key_id, Avro::Long((*key).into())), (value_id, value(one))]);
    Avro::Array(of.iter().map(pair).collect())
}

fn longs(of: impl ExactSizeIterator<Item = i64>) -> Avro {
    if of.len() == 0 { Avro::Null } else { Avro::Array(of.map(Avro::Long).collect()) }
}

pub(super) fn entry(of: &Entry, spec: &PartitionSpec, types: &[Primitive]) -> Avro {
    let file = &of.file;
    let values = spec.fields.iter().zip(types).zip(&file.partition);
    let partition = values.map(|((field, ty), value)| (field.field_id, datum::to_avro(*ty, value))).collect();
    let long = |it: &i64| Avro::Long(*it);
    let bytes = |it: &Vec<u8>| Avro::Bytes(it.clone());
    let content = match file.content {
        Content::Data => 0,
        Content::PositionDeletes => 1,
        Content::EqualityDeletes => 2,
    };
    let fields = vec![
        (134, Avro::Long(content)),
        (100, Avro::String(file.path.clone())),
        (101, Avro::String(file.format.clone())),
        (102, Avro::Record(partition)),
        (103, Avro::Long(file.records)),
        (104, Avro::Long(file.size)),
        (108, map(&file.column_sizes, (117, 118), long)),
        (109, map(&file.value_counts, (119, 120), long)),
        (110, map(&file.null_counts, (121, 122), long)),
        (137, map(&file.nan_counts, (138, 139), long)),
        (125, map(&file.lower, (126, 127), bytes)),
        (128, map(&file.upper, (129, 130), bytes)),
        (132, longs(file.split_offsets.iter().copied())),
        (135, longs(file.equality_ids.iter().map(|id| i64::from(*id)))),
        (140, file.sort_order_id.map_or(Avro::Null, |id| Avro::Long(id.into()))),
        (143, file.referenced.clone().map_or(Avro::Null, Avro::String)),
    ];
    let status = match of.status {
        Status::Existing => 0,
        Status::Added => 1,
        Status::Deleted => 2,
    };
    Avro::Record(vec![
        (0, Avro::Long(status)),
        (1, Avro::Long(of.snapshot_id)),
        (3, Avro::Long(of.sequence)),
        (4, Avro::Long(of.file_sequence)),
        (2, Avro::Record(fields)),
    ])
}
