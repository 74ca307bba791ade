//! DESCRIBE and SHOW CREATE TABLE: a table as text, as Hive writes it.

use welkin_sql::ddl::TableReference;

use super::{Definitions, Done, Text};
use crate::run::glue::{Column, Table};
use crate::run::metadata;

/// A name, a type and a comment, each in a column of 20 characters.
fn line(column: &Column) -> String {
    let (ty, comment) = (column.ty.as_deref().unwrap_or_default(), column.comment.as_deref().unwrap_or_default());
    format!("{:<20}\t{ty:<20}\t{comment:<20}", column.name)
}

impl Definitions<'_> {
    pub(super) async fn describe(&mut self, name: &TableReference) -> Done<Text> {
        let (_, table) = self.table(name).await?;
        let storage = table.storage_descriptor.unwrap_or_default();
        let mut lines: Vec<String> = storage.columns.iter().chain(&table.partition_keys).map(line).collect();
        if !table.partition_keys.is_empty() {
            let head = |name: &str, ty: &str, comment: &str| format!("{name:<20}\t{ty:<20}\t{comment:<20}");
            let blank = "\t \t ".to_owned();
            lines.push(blank.clone());
            lines.push("# Partition Information\t \t ".to_owned());
            lines.push(head("# col_name", "data_type", "comment"));
            lines.push(blank);
            lines.extend(table.partition_keys.iter().map(line));
        }
        let columns = ["col_name", "data_type", "comment"].map(metadata::text).to_vec();
        Ok(Text { columns, lines })
    }
}

fn quote(text: &str) -> String {
    let escape = |c: char| match c {
        '\'' | '\\' => vec!['\\', c],
        '\n' => vec!['\\', 'n'],
        '\t' => vec!['\\', 't'],
        '\r' => vec!['\\', 'r'],
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)).chars().collect(),
        c => vec![c],
    };
    format!("'{}'", text.chars().flat_map(escape).collect::<String>())
}

/// Things in lines of their own, with commas between them and an end after them.
fn block(lines: &mut Vec<String>, items: &[String], end: &str) {
    for (n, item) in items.iter().enumerate() {
        let end = if n + 1 == items.len() { end } else { ", " };
        lines.push(format!("  {item}{end}"));
    }
}

fn columns(all: &[Column]) -> Vec<String> {
    let one = |column: &Column| {
        let comment = column.comment.as_ref().map(|text| format!(" COMMENT {}", quote(text))).unwrap_or_default();
        format!("`{}` {}{comment}", column.name, column.ty.as_deref().unwrap_or_default())
    };
    all.iter().map(one).collect()
}

fn properties<'a>(all: impl IntoIterator<Item = (&'a String, &'a String)>) -> Vec<String> {
    all.into_iter().map(|(key, value)| format!("{}={}", quote(key), quote(value))).collect()
}

/// The statement that makes a table.
///
/// <https://docs.aws.amazon.com/athena/latest/ug/show-create-table.html>
pub(super) fn create_table(name: &str, table: &Table) -> Vec<String> {
    let storage = table.storage_descriptor.clone().unwrap_or_default();
    let mut lines = vec![format!("CREATE EXTERNAL TABLE `{name}`(")];
    block(&mut lines, &columns(&storage.columns), ")");
    if let Some(comment) = table.parameters.get("comment") {
        lines.push(format!("COMMENT {}", quote(comment)));
    }
    if !table.partition_keys.is_empty() {
        lines.push("PARTITIONED BY ( ".into());
        block(&mut lines, &columns(&table.partition_keys), ")");
    }
    if !storage.bucket_columns.is_empty() {
        lines.push("CLUSTERED BY ( ".into());
        block(&mut lines, &storage.bucket_columns, ") ");
        if !storage.sort_columns.is_empty() {
            let order = |ascends: i32| if ascends == 0 { "DESC" } else { "ASC" };
            let sorted: Vec<String> =
                storage.sort_columns.iter().map(|sort| format!("{} {}", sort.column, order(sort.sort_order))).collect();
            lines.push("SORTED BY ( ".into());
            block(&mut lines, &sorted, ") ");
        }
        lines.push(format!("INTO {} BUCKETS", storage.number_of_buckets.unwrap_or_default()));
    }
    let serde = storage.serde_info.unwrap_or_default();
    lines.push("ROW FORMAT SERDE ".into());
    lines.push(format!("  {} ", quote(serde.serialization_library.as_deref().unwrap_or_default())));
    // The one that every table has says nothing.
    let is_plain =
        serde.parameters.len() == 1 && serde.parameters.get("serialization.format").is_some_and(|it| it == "1");
    if !serde.parameters.is_empty() && !is_plain {
        lines.push("WITH SERDEPROPERTIES ( ".into());
        block(&mut lines, &properties(&serde.parameters), ") ");
    }
    lines.push("STORED AS INPUTFORMAT ".into());
    lines.push(format!("  {} ", quote(storage.input_format.as_deref().unwrap_or_default())));
    lines.push("OUTPUTFORMAT ".into());
    lines.push(format!("  {}", quote(storage.output_format.as_deref().unwrap_or_default())));
    lines.push("LOCATION".into());
    lines.push(format!("  {}", quote(storage.location.as_deref().unwrap_or_default())));
    let shown = table.parameters.iter().filter(|(key, _)| !matches!(key.as_str(), "EXTERNAL" | "comment"));
    let shown = properties(shown);
    if !shown.is_empty() {
        lines.push("TBLPROPERTIES (".into());
        block(&mut lines, &shown, ")");
    }
    lines
}
