//! DESCRIBE and SHOW CREATE TABLE: a table as text, as Hive writes it.

mod extended;
mod formatted;

use welkin_sql::ddl::{Detail, PartitionSpec, TableReference};
use welkin_sql::iceberg::Metadata;
use welkin_sql::{Type, hive_name};

use super::partition::values;
use super::{Definitions, Done, Place, Text, failure};
use crate::run::glue::{Column, Table};
use crate::run::metadata;

/// A name, a type and a comment, each in a column of 20 characters.
fn line(column: &Column) -> String {
    let (ty, comment) = (column.ty.as_deref().unwrap_or_default(), column.comment.as_deref().unwrap_or_default());
    format!("{:<20}\t{ty:<20}\t{comment:<20}", column.name)
}

/// A column of the table, a field of it, or what is within that, as Hive's catalog would have it.
///
/// `path` is `column`, `column.field`, `column.$elem$` and so on.
fn within(columns: &[Column], path: &str) -> Option<Column> {
    let mut parts = path.split('.');
    let first = parts.next()?;
    let mut found = columns.iter().find(|column| column.name == first)?.clone();
    for part in parts {
        let ty = welkin_sql::hive_type(found.ty.as_deref()?).ok()?;
        let inner = match (ty, part) {
            (Type::Array(of), "$elem$") | (Type::Map(of, _), "$key$") | (Type::Map(_, of), "$value$") => *of,
            (Type::Row(fields), part) => fields.into_iter().find(|(name, _)| name.as_deref() == Some(part))?.1,
            _ => return None,
        };
        found = Column { name: part.to_owned(), ty: Some(hive_name(&inner)), ..Column::default() };
    }
    Some(found)
}

/// The columns of a table, and once more those that tell partitions.
fn columns_of(columns: &[Column], keys: &[Column]) -> Vec<String> {
    let mut lines: Vec<String> = columns.iter().chain(keys).map(line).collect();
    if !keys.is_empty() {
        lines.push(BLANK.to_owned());
        lines.extend(partition_columns(keys));
    }
    lines
}

fn partition_columns(keys: &[Column]) -> Vec<String> {
    let mut lines = vec!["# Partition Information\t \t ".to_owned(), head(), BLANK.to_owned()];
    lines.extend(keys.iter().map(line));
    lines
}

/// The names of what a line tells.
fn head() -> String {
    format!("{:<20}\t{:<20}\t{:<20}", "# col_name", "data_type", "comment")
}

const BLANK: &str = "\t \t ";

impl Definitions<'_> {
    /// DESCRIBE.
    ///
    /// <https://docs.aws.amazon.com/athena/latest/ug/describe-table.html>
    pub(super) async fn describe(
        &mut self,
        name: &TableReference,
        detail: Detail,
        partition: Option<&PartitionSpec>,
        column: Option<&str>,
    ) -> Done<Text> {
        let (place, table) = self.table(name).await?;
        let partition = match partition {
            Some(spec) => Some(self.partition(&place, &values(&table, spec)?).await?),
            None => None,
        };
        let own = partition.as_ref().and_then(|partition| partition.storage_descriptor.as_ref());
        let storage = own.or(table.storage_descriptor.as_ref());
        let columns = storage.map(|storage| storage.columns.clone()).unwrap_or_default();
        let keys = &table.partition_keys;
        let lines = match (column, detail) {
            (Some(path), detail) => {
                let all: Vec<Column> = columns.iter().chain(keys).cloned().collect();
                let Some(found) = within(&all, path) else {
                    // UNVERIFIED: the wording.
                    return Err(failure::of_task(format_args!("cannot find field {path}")).into());
                };
                let formatted = (detail == Detail::Formatted).then(|| [head(), BLANK.to_owned()]);
                formatted.into_iter().flatten().chain([line(&found)]).collect()
            }
            (None, Detail::Columns) => columns_of(&columns, keys),
            (None, Detail::Extended) => {
                let mut lines = columns_of(&columns, keys);
                lines.push(BLANK.to_owned());
                lines.push(match &partition {
                    None => extended::table(&place, &table),
                    Some(partition) => extended::partition(&place, partition),
                });
                lines
            }
            (None, Detail::Formatted) => {
                let mut lines = vec![head(), BLANK.to_owned()];
                lines.extend(columns.iter().map(line));
                if !keys.is_empty() {
                    lines.push(BLANK.to_owned());
                    lines.extend(partition_columns(keys));
                }
                lines.push(BLANK.to_owned());
                lines.extend(formatted::lines(&place, &table, partition.as_ref()));
                lines
            }
        };
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

/// The statement that makes an Iceberg table, which tells its partitioning and properties in metadata.
// UNVERIFIED: where lines end; what the statement says makes the same table.
pub(super) fn create_iceberg(place: &Place, table: &Table, metadata: &Metadata) -> Done<Vec<String>> {
    let storage = table.storage_descriptor.clone().unwrap_or_default();
    let mut lines = vec![format!("CREATE TABLE `{}`.`{}`(", place.database, place.table)];
    block(&mut lines, &columns(&storage.columns), ")");
    if let Some(comment) = table.parameters.get("comment") {
        lines.push(format!("COMMENT {}", quote(comment)));
    }
    let by = metadata.shown_partitioning().map_err(|error| failure::of_engine(&error))?;
    if !by.is_empty() {
        lines.push(format!("PARTITIONED BY ({})", by.join(", ")));
    }
    lines.push("LOCATION".into());
    lines.push(format!("  {}", quote(&metadata.location)));
    let own = metadata.shown_properties().into_iter().map(|(key, value)| format!("{}={}", quote(key), quote(&value)));
    let shown: Vec<String> = std::iter::once("'table_type'='iceberg'".to_owned()).chain(own).collect();
    lines.push("TBLPROPERTIES (".into());
    block(&mut lines, &shown, ")");
    Ok(lines)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_within_a_column_is_found() {
        let column = |name: &str, ty: &str| Column { name: name.into(), ty: Some(ty.into()), ..Column::default() };
        let all = [column("a", "struct<b:array<map<string,int>>,c:decimal(9,2)>"), column("d", "string")];
        let found = |path: &str| within(&all, path).map(|it| (it.name, it.ty.unwrap_or_default()));
        let shown = |name: &str, ty: &str| Some((name.to_owned(), ty.to_owned()));
        assert_eq!(found("d"), shown("d", "string"));
        assert_eq!(found("a.c"), shown("c", "decimal(9,2)"));
        assert_eq!(found("a.b.$elem$"), shown("$elem$", "map<string,int>"));
        assert_eq!(found("a.b.$elem$.$value$"), shown("$value$", "int"));
        assert_eq!((found("a.x"), found("d.x"), found("x")), (None, None, None));
    }
}
