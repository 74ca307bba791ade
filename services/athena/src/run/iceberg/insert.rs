//! INSERT INTO an Iceberg table.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-updating-iceberg-table-data.html>

use std::sync::Arc;

use welkin_kernel::{Cx, Result};
use welkin_sql::iceberg::{Change, DataFile, DataWriter, Metadata, Operation, Table as Iceberg};
use welkin_sql::{Code, Column, Session, SqlError, Type, Value};

use super::{current, draws, publish, work, written};
use crate::execution::{Execution, Failure, Outcome};
use crate::run::bridge::Bridge;
use crate::run::ddl::{Place, RowChange};
use crate::run::engine;
use crate::run::glue::Table;
use crate::run::insert::{self, fits};
use crate::run::query::{self, Stopped};

/// Where a column of the table comes from in the query, if it does.
pub(super) fn layout(own: &[Column], given: &[String], query: &[Column]) -> welkin_sql::Result<Vec<Option<usize>>> {
    let names: Vec<String> = own.iter().map(|column| column.name.clone()).collect();
    let given = if given.is_empty() { &names } else { given };
    if let Some(unknown) = given.iter().find(|name| !names.contains(name)) {
        let message = format!("Insert column name does not exist in target table: {unknown}");
        return Err(SqlError::new(Code::ColumnNotFound, message));
    }
    let wanted: Vec<&Column> = given.iter().filter_map(|name| own.iter().find(|it| it.name == *name)).collect();
    let fit = wanted.len() == query.len() && query.iter().zip(&wanted).all(|(from, to)| fits(&from.ty, &to.ty));
    if !fit {
        let show = |all: Vec<String>| all.join(", ");
        let message = format!(
            "Insert query has mismatched column types: Table: [{}], Query: [{}]",
            show(wanted.iter().map(|column| column.ty.to_string()).collect()),
            show(query.iter().map(|column| column.ty.to_string()).collect()),
        );
        return Err(SqlError::new(Code::TypeMismatch, message));
    }
    Ok(names.iter().map(|name| given.iter().position(|own| own == name)).collect())
}

/// Runs a query and writes its rows into files of a table that has these metadata.
pub(super) async fn rows(
    sql: &str,
    session: &Session,
    bridge: &Bridge,
    metadata: &Metadata,
    (given, id): (&[String], &str),
) -> welkin_sql::Result<(Vec<DataFile>, u64)> {
    let engine = engine().map_err(|error| SqlError::new(Code::GenericInternalError, error.to_string()))?;
    let mut output = engine.query(sql, session, bridge).await?;
    let query = output.columns().to_vec();
    let own = Iceberg::of(Arc::new(bridge.clone()), metadata.clone())?.columns();
    let layout = layout(&own, given, &query)?;
    let types: Vec<Type> =
        layout.iter().map(|at| at.and_then(|at| query.get(at)).map_or(Type::Unknown, |it| it.ty.clone())).collect();
    let mut writer = DataWriter::new(metadata, id)?;
    while let Some(rows) = output.next().await? {
        for row in rows {
            let of = |at: &Option<usize>| at.and_then(|at| row.get(at)).cloned().unwrap_or(Value::Null);
            writer.push(&types, &layout.iter().map(of).collect::<Vec<_>>())?;
        }
    }
    let count = writer.rows();
    Ok((writer.finish(bridge).await?, count))
}

/// Adds the rows of a query to a table.
///
/// # Errors
/// What is no fault of the query's.
pub(in crate::run) async fn run(
    cx: &mut Cx,
    execution: &Execution,
    (place, table): (&Place, &Table),
    given: &[String],
    sql: &str,
    stopped: Stopped,
) -> Result<std::result::Result<Outcome, Failure>> {
    let surroundings = query::surroundings(cx, execution).await?;
    let needs = RowChange::Insert.needs();
    let surroundings = surroundings.writing(cx, execution, (place, table), needs).await?;
    let draws = draws(cx);
    let produced = cx.stage(async |cx: &mut Cx| {
        let now = match current(cx, execution, place).await? {
            Ok(now) => now,
            Err(failure) => return Ok(Err(failure)),
        };
        work(cx, execution, &surroundings, stopped, |bridge| {
            let session = &surroundings.session;
            Box::pin(async move {
                let table = Iceberg::open(Arc::new(bridge.clone()), &now.location).await?;
                let target = (given, execution.id.as_str());
                let (files, count) = rows(sql, session, &bridge, table.metadata(), target).await?;
                Ok((files, count, bridge.bytes_read()))
            })
        })
        .await
    });
    let (files, count, scanned) = match produced.await? {
        Ok(produced) => produced,
        Err(failure) => return Ok(Err(failure)),
    };
    let change = Change { operation: Operation::Append, added: files.clone(), removed: Vec::new(), base: None };
    if !files.is_empty()
        && let Err(failure) = publish(cx, execution, &surroundings, place, &draws, &change).await?
    {
        return Ok(Err(failure));
    }
    insert::outcome(cx, execution, &written(&files, count, scanned)).await
}
