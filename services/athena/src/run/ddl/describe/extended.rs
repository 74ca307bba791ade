//! DESCRIBE EXTENDED: the catalog's own record in one line, as Hive's Thrift classes write themselves.

use std::collections::BTreeMap;

use welkin_kernel::Timestamp;

use super::{Column, Table};
use crate::run::ddl::Place;
use crate::run::glue::{Partition, StorageDescriptor};

fn text(value: Option<&String>) -> &str {
    value.map_or("null", String::as_str)
}

fn seconds(at: Option<Timestamp>) -> i64 {
    at.map(Timestamp::secs).unwrap_or_default()
}

fn fields(columns: &[Column]) -> String {
    let one = |column: &Column| {
        let (ty, comment) = (text(column.ty.as_ref()), text(column.comment.as_ref()));
        format!("FieldSchema(name:{}, type:{ty}, comment:{comment})", column.name)
    };
    columns.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn map(all: &BTreeMap<String, String>) -> String {
    all.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", ")
}

fn storage(of: Option<&StorageDescriptor>, keys: &[Column]) -> String {
    let of = of.cloned().unwrap_or_default();
    let serde = of.serde_info.unwrap_or_default();
    let columns: Vec<Column> = of.columns.iter().chain(keys).cloned().collect();
    let sorted: Vec<String> =
        of.sort_columns.iter().map(|sort| format!("Order(col:{}, order:{})", sort.column, sort.sort_order)).collect();
    format!(
        "StorageDescriptor(cols:[{}], location:{}, inputFormat:{}, outputFormat:{}, compressed:{}, numBuckets:{}, \
         serdeInfo:SerDeInfo(name:{}, serializationLib:{}, parameters:{{{}}}), bucketCols:[{}], sortCols:[{}], \
         parameters:{{{}}}, storedAsSubDirectories:{})",
        fields(&columns),
        text(of.location.as_ref()),
        text(of.input_format.as_ref()),
        text(of.output_format.as_ref()),
        of.compressed.unwrap_or_default(),
        of.number_of_buckets.unwrap_or(-1),
        text(serde.name.as_ref()),
        text(serde.serialization_library.as_ref()),
        map(&serde.parameters),
        of.bucket_columns.join(", "),
        sorted.join(", "),
        map(&of.parameters),
        of.stored_as_sub_directories.unwrap_or_default(),
    )
}

/// The record of a table.
pub(super) fn table(place: &Place, table: &Table) -> String {
    format!(
        "Detailed Table Information\tTable(tableName:{}, dbName:{}, owner:{}, createTime:{}, lastAccessTime:{}, \
         retention:{}, sd:{}, partitionKeys:[{}], parameters:{{{}}}, viewOriginalText:{}, viewExpandedText:{}, \
         tableType:{})\t",
        table.name,
        place.database,
        text(table.owner.as_ref()),
        seconds(table.create_time),
        seconds(table.last_access_time),
        table.retention.unwrap_or_default(),
        storage(table.storage_descriptor.as_ref(), &table.partition_keys),
        fields(&table.partition_keys),
        map(&table.parameters),
        text(table.view_original_text.as_ref()),
        text(table.view_expanded_text.as_ref()),
        text(table.table_type.as_ref()),
    )
}

/// The record of a partition.
pub(super) fn partition(place: &Place, partition: &Partition) -> String {
    format!(
        "Detailed Partition Information\tPartition(values:[{}], dbName:{}, tableName:{}, createTime:{}, \
         lastAccessTime:{}, sd:{}, parameters:{{{}}})\t",
        partition.values.join(", "),
        place.database,
        place.table,
        seconds(partition.creation_time),
        seconds(partition.last_access_time),
        storage(partition.storage_descriptor.as_ref(), &[]),
        map(&partition.parameters),
    )
}
