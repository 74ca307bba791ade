//! `information_schema`: what a catalog holds, as tables.
//!
//! The rows are read of Glue when a query names one of the tables, as the query's caller; the query's filters apply to
//! them afterwards.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/querying-glue-catalog.html>

use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use welkin_kernel::Error;
use welkin_sql::{Column, Content, Resolved, Result, Table as EngineTable, TableName, Type, Value, hive_type};

use super::bridge::{Bridge, view_query};
use super::failure;
use super::glue::{Column as GlueColumn, Database, DatabasePage, Table, TablePage};

/// The schema's name.
pub(super) const SCHEMA: &str = "information_schema";

/// The tables: names and columns. Types are those of Trino's `information_schema`.
const TABLES: &[(&str, &[&str])] = &[
    ("schemata", &["catalog_name", "schema_name"]),
    ("tables", &["table_catalog", "table_schema", "table_name", "table_type"]),
    ("views", &["table_catalog", "table_schema", "table_name", "view_definition"]),
    (
        "columns",
        &[
            "table_catalog",
            "table_schema",
            "table_name",
            "column_name",
            ORDINAL,
            "column_default",
            "is_nullable",
            "data_type",
            "comment",
            "extra_info",
        ],
    ),
];

/// The one column that is no text.
const ORDINAL: &str = "ordinal_position";

fn columns(names: &[&str]) -> Vec<Column> {
    let ty = |name: &str| if name == ORDINAL { Type::Bigint } else { Type::VARCHAR };
    names.iter().map(|name| Column { name: (*name).to_owned(), ty: ty(name) }).collect()
}

fn text(text: impl AsRef<str>) -> Value {
    Value::text(text)
}

fn maybe(text: Option<&str>) -> Value {
    text.map_or(Value::Null, Value::text)
}

/// A table of the schema.
///
/// # Errors
/// What Glue says, other than that the caller may not look into one of the databases.
pub(super) async fn table(bridge: &Bridge, id: &str, name: &TableName) -> Result<Resolved> {
    let Some((_, names)) = TABLES.iter().find(|(table, _)| *table == name.table) else {
        return Ok(Resolved::NoTable);
    };
    let mut databases: Vec<String> = databases(bridge, id).await?.into_iter().map(|database| database.name).collect();
    databases.sort_unstable();
    let mut rows = Vec::new();
    if name.table == "schemata" {
        let schema = |schema: &str| vec![text(&name.catalog), text(schema)];
        rows.extend(databases.iter().map(|database| schema(database)));
        rows.push(schema(SCHEMA));
    } else {
        for database in &databases {
            for table in tables(bridge, id, database).await? {
                rows.extend(of_table(name, database, &table));
            }
        }
        rows.extend(of_itself(name));
    }
    Ok(Resolved::Table(EngineTable { columns: columns(names), content: Content::Rows(rows.into()) }))
}

/// The rows of a table of Glue's.
fn of_table(name: &TableName, database: &str, table: &Table) -> Vec<Vec<Value>> {
    let begin = || vec![text(&name.catalog), text(database), text(&table.name)];
    let row = |more: Vec<Value>| [begin(), more].concat();
    match name.table.as_str() {
        "tables" => vec![row(vec![text(if table.is_view() { "VIEW" } else { "BASE TABLE" })])],
        "views" if table.is_view() => {
            let query = table.view_original_text.as_deref().and_then(view_query);
            vec![row(vec![maybe(query.as_deref())])]
        }
        "columns" => {
            let own = table.storage_descriptor.as_ref().map(|storage| storage.columns.as_slice()).unwrap_or_default();
            let own = own.iter().map(|column| (column, None));
            let keys = table.partition_keys.iter().map(|column| (column, Some("partition key")));
            own.chain(keys)
                .enumerate()
                .map(|(n, (column, extra))| row(of_column(n, &column.name, &data_type(column), column, extra)))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The type as Trino writes it; as Hive does, where Trino has none.
fn data_type(column: &GlueColumn) -> String {
    let ty = column.ty.as_deref().unwrap_or_default();
    hive_type(ty).map_or_else(|_| ty.to_owned(), |ty| ty.to_string())
}

fn of_column(n: usize, name: &str, ty: &str, column: &GlueColumn, extra: Option<&str>) -> Vec<Value> {
    vec![
        text(name),
        Value::Integer(i64::try_from(n).unwrap_or(i64::MAX).saturating_add(1)),
        Value::Null,
        text("YES"),
        text(ty),
        maybe(column.comment.as_deref()),
        maybe(extra),
    ]
}

/// The rows of the schema's own tables.
fn of_itself(name: &TableName) -> Vec<Vec<Value>> {
    let begin = |table: &str| vec![text(&name.catalog), text(SCHEMA), text(table)];
    let mut rows = Vec::new();
    for (table, names) in TABLES {
        match name.table.as_str() {
            "tables" => rows.push([begin(table), vec![text("BASE TABLE")]].concat()),
            "columns" => rows.extend(columns(names).iter().enumerate().map(|(n, column)| {
                let of = of_column(n, &column.name, &column.ty.to_string(), &GlueColumn::default(), None);
                [begin(table), of].concat()
            })),
            _ => {}
        }
    }
    rows
}

async fn databases(bridge: &Bridge, id: &str) -> Result<Vec<Database>> {
    let mut all = Vec::new();
    let mut input = json!({ "CatalogId": id });
    loop {
        let page: DatabasePage = page(bridge, "GetDatabases", &input).await.map_err(|error| bridge.of_glue(error))?;
        all.extend(page.database_list);
        match page.next_token {
            Some(token) => input["NextToken"] = json!(token),
            None => return Ok(all),
        }
    }
}

/// The tables of a database: none if the caller may not look.
// UNVERIFIED: that a database that the caller may not look into is left out, rather than the query refused.
async fn tables(bridge: &Bridge, id: &str, database: &str) -> Result<Vec<Table>> {
    let mut all: Vec<Table> = Vec::new();
    let mut input = json!({ "CatalogId": id, "DatabaseName": database });
    loop {
        let page: TablePage = match page(bridge, "GetTables", &input).await {
            Ok(page) => page,
            Err(error) if error.answer().is_some_and(failure::is_denial) => return Ok(Vec::new()),
            // It was dropped meanwhile.
            Err(error) if error.is("EntityNotFoundException") => return Ok(Vec::new()),
            Err(error) => return Err(bridge.of_glue(error)),
        };
        all.extend(page.table_list);
        match page.next_token {
            Some(token) => input["NextToken"] = json!(token),
            None => break,
        }
    }
    all.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

async fn page<T: DeserializeOwned>(
    bridge: &Bridge,
    operation: &'static str,
    input: &Json,
) -> std::result::Result<T, Error> {
    bridge.ask("glue", operation, input.clone()).await?.output()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_a_row_for_each_column() {
        let name = TableName {
            catalog: "awsdatacatalog".into(),
            schema: SCHEMA.into(),
            table: "columns".into(),
            version: None,
        };
        let key = GlueColumn { name: "dt".into(), ty: Some("string".into()), ..GlueColumn::default() };
        let table = Table { name: "t".into(), partition_keys: vec![key], ..Table::default() };
        let rows = of_table(&name, "db", &table);
        let shown = |n: usize| welkin_sql::show(&Type::VARCHAR, &rows[0][n]);
        assert_eq!((shown(3).as_str(), shown(7).as_str(), shown(9).as_str()), ("dt", "varchar", "partition key"));
        assert_eq!(welkin_sql::show(&Type::Bigint, &rows[0][4]), "1");
        assert_eq!(rows[0].len(), columns(TABLES[3].1).len());
        assert!(of_itself(&name).iter().all(|row| row.len() == rows[0].len()));
    }
}
