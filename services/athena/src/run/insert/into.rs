//! INSERT INTO.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/insert-into.html>

use welkin_kernel::{Cx, Result};
use welkin_sql::ddl::TableReference;
use welkin_sql::{Column, hive_type};

use super::target::Target;
use super::{Written, format, outcome, produce};
use crate::execution::{Execution, Failure, Outcome};
use crate::run::ddl::{self, RowChange};
use crate::run::failure;
use crate::run::glue::Table;
use crate::run::iceberg;
use crate::run::query::{self, Stopped};

/// The folder of a table, and how its rows are.
fn target(table: &Table, given: &[String]) -> std::result::Result<Target, Failure> {
    if table.is_view() {
        // UNVERIFIED: the wording.
        return Err(Failure::user(failure::USER, "NOT_SUPPORTED: Inserting into views is not supported"));
    }
    let storage = table.storage_descriptor.clone().unwrap_or_default();
    if !storage.bucket_columns.is_empty() {
        // UNVERIFIED: the wording. <https://docs.aws.amazon.com/athena/latest/ug/insert-into.html>: "Bucketed tables".
        return Err(Failure::user(failure::USER, "NOT_SUPPORTED: INSERT INTO is not supported on bucketed tables"));
    }
    let mut columns = Vec::new();
    for column in storage.columns.iter().chain(&table.partition_keys) {
        let ty = hive_type(column.ty.as_deref().unwrap_or_default()).map_err(|error| failure::of_engine(&error))?;
        columns.push(Column { name: column.name.clone(), ty });
    }
    if let Some(unknown) = given.iter().find(|name| !columns.iter().any(|column| column.name == **name)) {
        let message = format!("COLUMN_NOT_FOUND: Insert column name does not exist in target table: {unknown}");
        return Err(Failure::user(failure::USER, message));
    }
    Ok(Target {
        name: table.name.clone(),
        folder: format!("{}/", storage.location.as_deref().unwrap_or_default().trim_end_matches('/')),
        must_be_empty: false,
        is_new: false,
        with_data: true,
        format: format::of_table(table)?,
        columns: Some(columns),
        given: given.to_vec(),
        partitioned_by: table.partition_keys.iter().map(|key| key.name.clone()).collect(),
        bucketed_by: Vec::new(),
        buckets: 0,
    })
}

/// Adds the rows of a query to a table.
///
/// # Errors
/// What is no fault of the query's.
pub(super) async fn run(
    cx: &mut Cx,
    execution: &Execution,
    name: &TableReference,
    given: &[String],
    sql: &str,
    stopped: Stopped,
) -> Result<std::result::Result<Outcome, Failure>> {
    let (place, table) = match ddl::written(cx, execution, name, RowChange::Insert).await? {
        Ok(found) => found,
        Err(failure) => return Ok(Err(failure)),
    };
    if table.is_iceberg() {
        return iceberg::insert(cx, execution, (&place, &table), given, sql, stopped).await;
    }
    let target = match target(&table, given) {
        Ok(target) => target,
        Err(failure) => return Ok(Err(failure)),
    };
    let surroundings = query::surroundings(cx, execution).await?;
    let needs = RowChange::Insert.needs();
    let surroundings = surroundings.writing(cx, execution, (&place, &table), needs).await?;
    let written: Written = match produce(cx, execution, &surroundings, sql, &target, stopped).await? {
        Ok(written) => written,
        Err(failure) => return Ok(Err(failure)),
    };
    if !target.partitioned_by.is_empty() {
        let new = written.partitions.iter().cloned().map(|values| {
            let folder = format!("{}{}", target.folder, super::target::folder(&target.partitioned_by, &values));
            (values, folder)
        });
        if let Err(failure) = ddl::add(cx, execution, &place, &table, new.collect()).await? {
            return Ok(Err(failure));
        }
    }
    outcome(cx, execution, &written).await
}
