//! DESCRIBE FORMATTED: what the catalog has, a thing a line, as Hive writes it.

use std::collections::BTreeMap;

use welkin_kernel::Timestamp;

use super::{BLANK, Table};
use crate::run::ddl::Place;
use crate::run::glue::{Partition, StorageDescriptor};

/// A thing and what it is.
fn thing(name: &str, value: &str) -> String {
    format!("{name:<20}\t{value:<20}\t ")
}

/// What a section begins with.
fn section(name: &str) -> String {
    format!("{name}\t \t ")
}

/// A time as Java writes it: `Thu Feb 29 12:00:00 UTC 2024`.
fn time(at: Option<Timestamp>) -> String {
    let Some(at) = at else { return "UNKNOWN".to_owned() };
    let text = at.to_http_date();
    match text.split([' ', ',']).filter(|word| !word.is_empty()).collect::<Vec<_>>().as_slice() {
        [weekday, day, month, year, time, _] => format!("{weekday} {month} {day} {time} UTC {year}"),
        _ => text,
    }
}

fn parameters(lines: &mut Vec<String>, name: &str, all: &BTreeMap<String, String>) {
    if !all.is_empty() {
        lines.push(section(name));
        lines.extend(all.iter().map(|(key, value)| format!("\t{key:<20}\t{value:<20}")));
    }
}

/// What there is beside columns.
pub(super) fn lines(place: &Place, table: &Table, partition: Option<&Partition>) -> Vec<String> {
    let mut lines = Vec::new();
    let storage = match partition {
        None => {
            of_table(&mut lines, place, table);
            table.storage_descriptor.as_ref()
        }
        Some(partition) => {
            of_partition(&mut lines, place, partition);
            partition.storage_descriptor.as_ref()
        }
    };
    lines.push(BLANK.to_owned());
    of_storage(&mut lines, &storage.cloned().unwrap_or_default());
    if partition.is_none() && table.is_view() {
        lines.push(BLANK.to_owned());
        lines.push(section("# View Information"));
        lines.push(thing("View Original Text:", table.view_original_text.as_deref().unwrap_or_default()));
        lines.push(thing("View Expanded Text:", table.view_expanded_text.as_deref().unwrap_or_default()));
    }
    lines
}

fn location(storage: Option<&StorageDescriptor>) -> &str {
    storage.and_then(|storage| storage.location.as_deref()).unwrap_or_default()
}

fn of_table(lines: &mut Vec<String>, place: &Place, table: &Table) {
    lines.extend([
        section("# Detailed Table Information"),
        thing("Database:", &place.database),
        thing("Owner:", table.owner.as_deref().unwrap_or_default()),
        thing("CreateTime:", &time(table.create_time)),
        thing("LastAccessTime:", &time(table.last_access_time)),
        thing("Protect Mode:", "None"),
        thing("Retention:", &table.retention.unwrap_or_default().to_string()),
        thing("Location:", location(table.storage_descriptor.as_ref())),
        thing("Table Type:", table.table_type.as_deref().unwrap_or_default()),
    ]);
    parameters(lines, "Table Parameters:", &table.parameters);
}

fn of_partition(lines: &mut Vec<String>, place: &Place, partition: &Partition) {
    lines.extend([
        section("# Detailed Partition Information"),
        thing("Partition Value:", &format!("[{}]", partition.values.join(", "))),
        thing("Database:", &place.database),
        thing("Table:", &place.table),
        thing("CreateTime:", &time(partition.creation_time)),
        thing("LastAccessTime:", &time(partition.last_access_time)),
        thing("Location:", location(partition.storage_descriptor.as_ref())),
    ]);
    parameters(lines, "Partition Parameters:", &partition.parameters);
}

fn of_storage(lines: &mut Vec<String>, storage: &StorageDescriptor) {
    let serde = storage.serde_info.clone().unwrap_or_default();
    let sorted: Vec<String> = storage
        .sort_columns
        .iter()
        .map(|sort| format!("Order(col:{}, order:{})", sort.column, sort.sort_order))
        .collect();
    lines.extend([
        section("# Storage Information"),
        thing("SerDe Library:", serde.serialization_library.as_deref().unwrap_or_default()),
        thing("InputFormat:", storage.input_format.as_deref().unwrap_or_default()),
        thing("OutputFormat:", storage.output_format.as_deref().unwrap_or_default()),
        thing("Compressed:", if storage.compressed == Some(true) { "Yes" } else { "No" }),
        thing("Num Buckets:", &storage.number_of_buckets.unwrap_or(-1).to_string()),
        thing("Bucket Columns:", &format!("[{}]", storage.bucket_columns.join(", "))),
        thing("Sort Columns:", &format!("[{}]", sorted.join(", "))),
    ]);
    parameters(lines, "Storage Desc Params:", &serde.parameters);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_javas() {
        assert_eq!(time(Some(Timestamp::from_secs(1_709_208_000))), "Thu Feb 29 12:00:00 UTC 2024");
        assert_eq!(time(None), "UNKNOWN");
    }
}
