//! CREATE TABLE AS SELECT with `table_type = 'ICEBERG'`.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html>

use std::collections::BTreeMap;
use std::sync::Arc;

use welkin_kernel::{Cx, Error, Result};
use welkin_sql::ddl::{Property, TableReference};
use welkin_sql::iceberg::{
    Change, Committed, DataFile, Definition, Draw, Operation, PartitionBy, Table as Iceberg, Warehouse,
};
use welkin_sql::{Code, Column, Session, SqlError};

use super::{draws, insert, new_table, work, written};
use crate::execution::{Execution, Failure, Outcome};
use crate::run::bridge::Bridge;
use crate::run::query::{self, Stopped};
use crate::run::{ddl, engine, failure};

type Properties = BTreeMap<String, Property>;

/// Everything but the columns, which are the query's.
fn definition(properties: &Properties) -> std::result::Result<Definition, Failure> {
    let invalid = |message: String| Failure::user(failure::USER, format!("INVALID_TABLE_PROPERTY: {message}"));
    // Source of the rule: "For Iceberg tables, is_external must be set to false".
    let is_external = match properties.get("is_external") {
        Some(Property::Boolean(it)) => *it,
        Some(Property::Text(it)) => !it.eq_ignore_ascii_case("false"),
        _ => true,
    };
    if is_external {
        return Err(invalid("is_external must be set to false for Iceberg tables".into()));
    }
    let location = match properties.get("location") {
        Some(Property::Text(location)) if location.starts_with("s3://") => location.clone(),
        _ => return Err(invalid("location must be set to an Amazon S3 location for Iceberg tables".into())),
    };
    let partitioned_by = match properties.get("partitioning") {
        Some(Property::Texts(all)) => all.iter().map(|by| PartitionBy::parse(by)).collect::<welkin_sql::Result<_>>(),
        Some(_) => return Err(invalid("partitioning must be an array of texts".into())),
        None => Ok(Vec::new()),
    };
    let mut own = BTreeMap::new();
    for (key, value) in properties {
        let value = match value {
            _ if matches!(key.as_str(), "is_external" | "location" | "partitioning" | "table_type") => continue,
            Property::Text(text) => text.clone(),
            Property::Number(number) => number.to_string(),
            Property::Boolean(it) => it.to_string(),
            Property::Texts(_) => return Err(invalid(format!("Unsupported table property key: {key}"))),
        };
        own.insert(key.clone(), value);
    }
    let partitioned_by = partitioned_by.map_err(|error| failure::of_engine(&error))?;
    Ok(Definition { columns: Vec::new(), partitioned_by, location, properties: own })
}

/// The columns of a query.
async fn columns(sql: &str, session: &Session, bridge: &Bridge) -> welkin_sql::Result<Vec<Column>> {
    let engine = engine().map_err(|error| SqlError::new(Code::GenericInternalError, error.to_string()))?;
    let output = engine.query(sql, session, bridge).await?;
    output.check_names()?;
    Ok(output.columns().to_vec())
}

/// Writes the table's files: its first metadata, rows, and the metadata after them.
async fn produce(
    bridge: Bridge,
    sql: &str,
    session: &Session,
    mut definition: Definition,
    draws: &[Draw],
    (id, with_data): (&str, bool),
) -> welkin_sql::Result<(Committed, Vec<DataFile>, u64, u64)> {
    let now = session.now / 1000;
    let [first, second, ..] = draws else { return Err(SqlError::new(Code::GenericInternalError, "nothing was drawn")) };
    definition.columns = columns(sql, session, &bridge)
        .await?
        .into_iter()
        .map(|column| (column.name.to_lowercase(), column.ty, None))
        .collect();
    let (metadata, location) = definition.metadata(first, now)?;
    bridge.put(&location, metadata.file()?.into()).await?;
    if !with_data {
        return Ok((Committed { metadata, location }, Vec::new(), 0, bridge.bytes_read()));
    }
    let (files, count) = insert::rows(sql, session, &bridge, &metadata, (&[], id)).await?;
    let table = Iceberg::of(Arc::new(bridge.clone()), metadata)?;
    let change = Change { operation: Operation::Append, added: files.clone(), removed: Vec::new(), base: None };
    let committed = table.commit(&change, second, now, &location).await?;
    Ok((committed, files, count, bridge.bytes_read()))
}

/// Makes a table of the rows of a query.
///
/// # Errors
/// What is no fault of the query's.
pub(in crate::run) async fn run(
    cx: &mut Cx,
    execution: &Execution,
    (name, if_not_exists, with_data): (&TableReference, bool, bool),
    properties: &Properties,
    sql: &str,
    stopped: Stopped,
) -> Result<std::result::Result<Outcome, Failure>> {
    let definition = match definition(properties) {
        Ok(definition) => definition,
        Err(failure) => return Ok(Err(failure)),
    };
    let place = match ddl::free(cx, execution, name, if_not_exists).await? {
        Ok(Some(place)) => place,
        Ok(None) => return Ok(Ok(Outcome { updated: Some(0), ..Outcome::default() })),
        Err(failure) => return Ok(Err(failure)),
    };
    let surroundings = query::surroundings(cx, execution).await?;
    let draws = draws(cx);
    let produced = cx.stage(async |cx: &mut Cx| {
        work(cx, execution, &surroundings, stopped, |bridge| {
            let how = (execution.id.as_str(), with_data);
            Box::pin(produce(bridge, sql, &surroundings.session, definition, &draws, how))
        })
        .await
    });
    let (committed, files, count, scanned) = match produced.await? {
        Ok(produced) => produced,
        Err(failure) => return Ok(Err(failure)),
    };
    let owner = cx.here().account.to_string();
    let table = new_table(&place.table, &owner, &committed.metadata, &committed.location).map_err(Error::internal)?;
    if let Err(failure) = ddl::create(cx, execution, &place, &table).await? {
        return Ok(Err(failure));
    }
    crate::run::insert::outcome(cx, execution, &written(&files, count, scanned)).await
}
