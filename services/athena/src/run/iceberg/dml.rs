//! DELETE, UPDATE and MERGE: rows are found by a query that tells where they are; those that go are named in delete
//! files, those that come are in new data files.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-updating-iceberg-table-data.html>

use std::fmt::Write as _;
use std::sync::Arc;

use welkin_kernel::{Cx, Error, Result};
use welkin_sql::ddl::{Merge, MergeAction, MergeCase, Statement, TableReference};
use welkin_sql::iceberg::{Change, DataWriter, Operation, PositionDeletes, Table as Iceberg};
use welkin_sql::{Code, Column, Session, SqlError, Type, Value};

use super::{current, draws, publish, work, written};
use crate::execution::{Execution, Failure, Outcome};
use crate::run::bridge::Bridge;
use crate::run::ddl::{self, Place, RowChange};
use crate::run::insert::{self, fits};
use crate::run::query::{self, Stopped};
use crate::run::{engine, failure};

/// The hidden columns that tell where a row is.
const PLACE: &str = "\"$path\", \"$row_position\"";

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn relation(place: &Place) -> String {
    format!("{}.{}", quoted(&place.database), quoted(&place.table))
}

fn unknown(column: &str) -> SqlError {
    SqlError::new(Code::ColumnNotFound, format!("The column '{column}' does not exist"))
}

/// The query of a statement: where rows are, and the values of those that come. A row whose first value is NULL only
/// comes; one whose third value is false only goes.
fn query_of(statement: &Statement, place: &Place, columns: &[Column]) -> std::result::Result<String, SqlError> {
    let limit = |condition: &Option<String>| condition.as_ref().map_or(String::new(), |it| format!(" WHERE {it}"));
    match statement {
        Statement::Delete { condition, .. } => {
            Ok(format!("SELECT {PLACE}, false FROM {}{}", relation(place), limit(condition)))
        }
        Statement::Update { assignments, condition, .. } => {
            if let Some((column, _)) = assignments.iter().find(|(name, _)| columns.iter().all(|it| it.name != *name)) {
                return Err(unknown(column));
            }
            let value = |column: &Column| match assignments.iter().find(|(name, _)| *name == column.name) {
                Some((_, expression)) => format!("({expression})"),
                None => quoted(&column.name),
            };
            let values: Vec<String> = columns.iter().map(value).collect();
            Ok(format!("SELECT {PLACE}, true, {} FROM {}{}", values.join(", "), relation(place), limit(condition)))
        }
        Statement::Merge(merge) => of_merge(merge, place, columns),
        _ => Err(SqlError::new(Code::GenericInternalError, "a statement that changes no rows")),
    }
}

/// When a case of MERGE applies, given that none before does.
fn applies(case: &MergeCase, target: &str) -> String {
    let matches = if case.matched { "IS NOT NULL" } else { "IS NULL" };
    let more = case.condition.as_ref().map_or(String::new(), |condition| format!(" AND ({condition})"));
    format!("{target}.\"$path\" {matches}{more}")
}

/// The value that a case gives a column.
// UNVERIFIED: that values are made the column's type as by CAST, where a narrower one would lose something.
fn value_of(case: &MergeCase, target: &str, columns: &[Column], n: usize) -> String {
    let column = &columns[n];
    let cast = |expression: &str| format!("CAST(({expression}) AS {})", column.ty);
    match &case.action {
        MergeAction::Delete => "NULL".into(),
        MergeAction::Update(assignments) => match assignments.iter().find(|(name, _)| *name == column.name) {
            Some((_, expression)) => cast(expression),
            None => format!("{target}.{}", quoted(&column.name)),
        },
        MergeAction::Insert { columns: told, values } => {
            let at = if told.is_empty() { Some(n) } else { told.iter().position(|name| *name == column.name) };
            at.and_then(|at| values.get(at)).map_or("NULL".into(), |expression| cast(expression))
        }
    }
}

fn of_merge(merge: &Merge, place: &Place, columns: &[Column]) -> std::result::Result<String, SqlError> {
    let is_known = |name: &String| columns.iter().any(|column| column.name == *name);
    for case in &merge.cases {
        match &case.action {
            MergeAction::Delete => {}
            MergeAction::Update(all) => {
                if let Some((name, _)) = all.iter().find(|(name, _)| !is_known(name)) {
                    return Err(unknown(name));
                }
            }
            MergeAction::Insert { columns: told, values } => {
                if let Some(name) = told.iter().find(|name| !is_known(name)) {
                    return Err(unknown(name));
                }
                let wanted = if told.is_empty() { columns.len() } else { told.len() };
                if wanted != values.len() {
                    let message = "MERGE table column types don't match for MERGE case";
                    return Err(SqlError::new(Code::TypeMismatch, message));
                }
            }
        }
    }
    let target = quoted(merge.alias.as_ref().unwrap_or(&place.table));
    let choose = |of: &dyn Fn(&MergeCase) -> String| {
        let cases = merge.cases.iter().fold(String::new(), |mut all, case| {
            // INVARIANT: writing into a text does not fail.
            let _ = write!(all, " WHEN {} THEN {}", applies(case, &target), of(case));
            all
        });
        format!("CASE{cases} END")
    };
    let comes = choose(&|case| (!matches!(case.action, MergeAction::Delete)).to_string());
    let values: Vec<String> = (0..columns.len()).map(|n| choose(&|case| value_of(case, &target, columns, n))).collect();
    Ok(format!(
        "SELECT {target}.\"$path\", {target}.\"$row_position\", {comes}, {} FROM {} LEFT JOIN {} AS {target} ON {}",
        values.join(", "),
        merge.source,
        relation(place),
        merge.condition,
    ))
}

/// What a statement does to a table.
#[derive(Clone, Debug)]
struct Done {
    change: Change,
    rows: u64,
    scanned: u64,
}

async fn perform(
    bridge: Bridge,
    statement: &Statement,
    session: &Session,
    place: &Place,
    (location, id): (&str, &str),
) -> welkin_sql::Result<Done> {
    let table = Iceberg::open(Arc::new(bridge.clone()), location).await?;
    let columns = table.columns();
    let sql = query_of(statement, place, &columns)?;
    let engine = engine().map_err(|error| SqlError::new(Code::GenericInternalError, error.to_string()))?;
    let positions = bridge.clone().with_positions();
    let mut output = engine.query(&sql, session, &positions).await?;
    let types: Vec<Type> = output.columns().iter().skip(3).map(|column| column.ty.clone()).collect();
    if let Some((from, to)) = types.iter().zip(&columns).find(|(from, to)| !fits(from, &to.ty)) {
        let message =
            format!("UPDATE table column types don't match SET expressions: {} is {}, not {from}", to.name, to.ty);
        return Err(SqlError::new(Code::TypeMismatch, message));
    }
    let mut writer = DataWriter::new(table.metadata(), id)?;
    let (mut deletes, mut count) = (PositionDeletes::default(), 0u64);
    while let Some(rows) = output.next().await? {
        for row in rows {
            let [path, position, comes, values @ ..] = row.as_slice() else { continue };
            // No case applies.
            let Value::Boolean(comes) = comes else { continue };
            if let (Value::Text(path), Value::Integer(position)) = (path, position)
                && !deletes.delete(path, *position)
            {
                let message = "One MERGE target table row matched more than one source row";
                return Err(SqlError::new(Code::MergeTargetRowMultipleMatches, message));
            }
            if *comes {
                writer.push(&types, values)?;
            }
            count += 1;
        }
    }
    let inserts = writer.rows() > 0;
    let mut added = writer.finish(&bridge).await?;
    added.extend(deletes.write(&table, id).await?);
    let operation = if inserts { Operation::Overwrite } else { Operation::Delete };
    let base = Some(table.metadata().current_snapshot_id);
    let change = Change { operation, added, removed: Vec::new(), base };
    Ok(Done { change, rows: count, scanned: bridge.bytes_read() })
}

/// The table of a statement.
fn target(statement: &Statement) -> Result<&TableReference> {
    match statement {
        Statement::Delete { name, .. } | Statement::Update { name, .. } => Ok(name),
        Statement::Merge(merge) => Ok(&merge.target),
        _ => Err(Error::internal("a statement that changes no rows")),
    }
}

/// Carries a statement out.
///
/// # Errors
/// What is no fault of the query's.
pub(in crate::run) async fn run(
    cx: &mut Cx,
    execution: &Execution,
    statement: &Statement,
    stopped: Stopped,
) -> Result<std::result::Result<Outcome, Failure>> {
    let change = match statement {
        Statement::Delete { .. } => RowChange::Delete,
        _ => RowChange::Replace,
    };
    let (place, table) = match ddl::written(cx, execution, target(statement)?, change).await? {
        Ok(found) => found,
        Err(failure) => return Ok(Err(failure)),
    };
    if !table.is_iceberg() {
        // The wording is Trino's.
        let message = "NOT_SUPPORTED: Modifying Hive table rows is only supported for transactional tables";
        return Ok(Err(Failure::user(failure::USER, message)));
    }
    let surroundings = query::surroundings(cx, execution).await?;
    let surroundings = surroundings.writing(cx, execution, (&place, &table), change.needs()).await?;
    let draws = draws(cx);
    let performed = cx.stage(async |cx: &mut Cx| {
        let now = match current(cx, execution, &place).await? {
            Ok(now) => now,
            Err(failure) => return Ok(Err(failure)),
        };
        work(cx, execution, &surroundings, stopped, |bridge| {
            let (session, place) = (&surroundings.session, &place);
            Box::pin(async move { perform(bridge, statement, session, place, (&now.location, &execution.id)).await })
        })
        .await
    });
    let done = match performed.await? {
        Ok(done) => done,
        Err(failure) => return Ok(Err(failure)),
    };
    if !done.change.added.is_empty()
        && let Err(failure) = publish(cx, execution, &surroundings, &place, &draws, &done.change).await?
    {
        return Ok(Err(failure));
    }
    insert::outcome(cx, execution, &written(&done.change.added, done.rows, done.scanned)).await
}
