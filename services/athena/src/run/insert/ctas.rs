//! CREATE TABLE AS SELECT.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html>

use std::collections::BTreeMap;

use welkin_kernel::{Cx, Result};
use welkin_sql::ddl::{Formats, Property, TableReference};
use welkin_sql::{Column as EngineColumn, Lines};

use super::target::{self, Target};
use super::{Written, outcome, produce};
use crate::execution::{Execution, Failure, Outcome};
use crate::run::glue::{Column, SerdeInfo, StorageDescriptor, Table};
use crate::run::query::{self, Stopped};
use crate::run::{ddl, failure};

/// The table that is made.
pub(super) struct New {
    pub(super) name: TableReference,
    pub(super) if_not_exists: bool,
    pub(super) with_data: bool,
}

/// Properties that are understood; the others are refused.
const KNOWN: &[&str] = &[
    "format",
    "write_compression",
    "field_delimiter",
    "external_location",
    "partitioned_by",
    "table_type",
    "is_external",
];

/// Where and how the table is written.
fn target(
    execution: &Execution,
    new: &New,
    properties: &BTreeMap<String, Property>,
) -> std::result::Result<Target, Failure> {
    if let Some(unknown) = properties.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        return Err(failure::not_supported(&format!("the property {unknown} of CREATE TABLE AS SELECT")));
    }
    if matches!(properties.get("table_type"), Some(Property::Text(kind)) if kind.eq_ignore_ascii_case("iceberg")) {
        return Err(failure::not_supported("Iceberg tables"));
    }
    let output = execution.results.output_location.as_deref().unwrap_or_default();
    let folder = match properties.get("external_location") {
        Some(Property::Text(location)) => format!("{}/", location.trim_end_matches('/')),
        _ => format!("{}/tables/{}/", output.rsplit_once('/').map_or(output, |(folder, _)| folder), execution.id),
    };
    let partitioned_by = match properties.get("partitioned_by") {
        Some(Property::Texts(names)) => names.iter().map(|name| name.to_lowercase()).collect(),
        _ => Vec::new(),
    };
    let (lines, gzip) = target::format(properties)?;
    Ok(Target {
        name: new.name.to_string(),
        folder,
        must_be_empty: true,
        with_data: new.with_data,
        gzip,
        lines,
        columns: None,
        given: Vec::new(),
        partitioned_by,
    })
}

/// The table as Glue keeps it.
fn table(new: &New, target: &Target, columns: &[EngineColumn], second: i64) -> Table {
    let is_json = matches!(target.lines, Lines::Json(_));
    let formats = Formats::named(if is_json { "JSONFILE" } else { "TEXTFILE" });
    let mut parameters = BTreeMap::from([("serialization.format".to_owned(), "1".to_owned())]);
    if let Lines::Text { field, .. } = &target.lines {
        parameters.insert("field.delim".into(), field.clone());
        parameters.insert("serialization.format".into(), field.clone());
    }
    let column = |column: &EngineColumn| Column {
        name: column.name.to_lowercase(),
        ty: Some(ddl::view::hive_type(&column.ty)),
        comment: None,
    };
    let (keys, stored): (Vec<Column>, Vec<Column>) =
        columns.iter().map(column).partition(|column| target.partitioned_by.contains(&column.name));
    Table {
        name: new.name.table.clone(),
        owner: Some("hadoop".into()),
        storage_descriptor: Some(StorageDescriptor {
            columns: stored,
            location: Some(target.folder.clone()),
            input_format: formats.as_ref().map(|formats| formats.input.clone()),
            output_format: formats.as_ref().map(|formats| formats.output.clone()),
            serde_info: Some(SerdeInfo {
                name: None,
                serialization_library: formats.map(|formats| formats.serde),
                parameters,
            }),
            ..StorageDescriptor::default()
        }),
        partition_keys: keys,
        table_type: Some("EXTERNAL_TABLE".into()),
        parameters: BTreeMap::from([
            ("EXTERNAL".to_owned(), "TRUE".to_owned()),
            ("transient_lastDdlTime".to_owned(), second.to_string()),
        ]),
        ..Table::default()
    }
}

/// Makes a table of the rows of a query.
///
/// # Errors
/// What is no fault of the query's.
pub(super) async fn run(
    cx: &mut Cx,
    execution: &Execution,
    new: &New,
    properties: &[(String, Property)],
    sql: &str,
    stopped: Stopped,
) -> Result<std::result::Result<Outcome, Failure>> {
    let properties: BTreeMap<String, Property> = properties.iter().cloned().collect();
    let target = match target(execution, new, &properties) {
        Ok(target) => target,
        Err(failure) => return Ok(Err(failure)),
    };
    let place = match ddl::free(cx, execution, &new.name, new.if_not_exists).await? {
        Ok(Some(place)) => place,
        Ok(None) => return Ok(Ok(Outcome { updated: Some(0), ..Outcome::default() })),
        Err(failure) => return Ok(Err(failure)),
    };
    let surroundings = query::surroundings(cx, execution).await?;
    let written: Written = match produce(cx, execution, &surroundings, sql, &target, stopped).await? {
        Ok(written) => written,
        Err(failure) => return Ok(Err(failure)),
    };
    let table = table(new, &target, &written.columns, cx.now().secs());
    if let Err(failure) = ddl::create(cx, execution, &place, &table).await? {
        return Ok(Err(failure));
    }
    if !target.partitioned_by.is_empty() {
        let new = written.files.keys().cloned().map(|values| {
            let folder = format!("{}{}", target.folder, target::folder(&target.partitioned_by, &values));
            (values, folder)
        });
        if let Err(failure) = ddl::add(cx, execution, &place, &table, new.collect()).await? {
            return Ok(Err(failure));
        }
    }
    outcome(cx, execution, &written).await
}
