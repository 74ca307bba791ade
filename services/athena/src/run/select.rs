//! SELECT: the engine's rows become a file in S3.

use welkin_kernel::{Cx, Result};
use welkin_sql::{Column, Session, Type};

use super::bridge::Bridge;
use super::query::{self, Stopped};
use super::{engine, metadata, write};
use crate::execution::{Execution, Failure, Outcome};

/// Runs a query and writes its result.
///
/// # Errors
/// What is no fault of the query's.
pub(super) async fn run(cx: &mut Cx, execution: &Execution, stopped: Stopped) -> Result<Result<Outcome, Failure>> {
    let surroundings = query::surroundings(cx, execution).await?;
    cx.stage(async |cx: &mut Cx| {
        let (bridge, asks) = surroundings.bridge(execution);
        let work = rows(&execution.effective, &surroundings.session, &bridge);
        let answered = match query::drive(cx, execution, asks, stopped, Box::pin(work)).await {
            Ok(answered) => answered,
            Err(failure) => return Ok(Err(failure)),
        };
        let (columns, rows, file) = match answered {
            Ok(answered) => answered,
            Err(error) => return bridge.failure(&error).map(Err),
        };
        let outcome = Outcome {
            columns: columns.iter().map(metadata::of_column).collect(),
            rows,
            bytes_written: file.len() as u64,
            bytes_scanned: bridge.bytes_read(),
            ..Outcome::default()
        };
        Ok(write::result(cx, execution, file, &outcome.columns).await?.map(|()| outcome))
    })
    .await
}

/// The columns of a query, how many rows it has, and its file: all values in double quotes, NULL as nothing.
///
/// <https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html>
async fn rows(sql: &str, session: &Session, bridge: &Bridge) -> welkin_sql::Result<(Vec<Column>, u64, Vec<u8>)> {
    let engine = engine()
        .map_err(|error| welkin_sql::SqlError::new(welkin_sql::Code::GenericInternalError, error.to_string()))?;
    let mut output = engine.query(sql, session, bridge).await?;
    let columns = output.columns().to_vec();
    let mut file = Vec::new();
    let names: Vec<Option<String>> = columns.iter().map(|column| Some(column.name.clone())).collect();
    append(&mut file, &names);
    let mut count = 0u64;
    while let Some(rows) = output.next().await? {
        for row in rows {
            let text = columns.iter().zip(&row).map(|(column, value)| shown(&column.ty, value)).collect::<Vec<_>>();
            append(&mut file, &text);
            count = count.saturating_add(1);
        }
    }
    Ok((columns, count, file))
}

fn shown(of: &Type, value: &welkin_sql::Value) -> Option<String> {
    match value {
        welkin_sql::Value::Null => None,
        value => Some(welkin_sql::show(of, value)),
    }
}

/// Adds a line.
fn append(file: &mut Vec<u8>, row: &[Option<String>]) {
    for (n, value) in row.iter().enumerate() {
        if n > 0 {
            file.push(b',');
        }
        if let Some(value) = value {
            file.push(b'"');
            file.extend_from_slice(value.replace('"', "\"\"").as_bytes());
            file.push(b'"');
        }
    }
    file.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_values_are_quoted_and_null_is_nothing() {
        let mut file = Vec::new();
        append(&mut file, &[Some("a\"b".into()), None, Some(String::new())]);
        assert_eq!(file, b"\"a\"\"b\",,\"\"\n");
    }
}
