//! INSERT INTO, CREATE TABLE AS SELECT and UNLOAD: the engine's rows become files of a table.
//!
//! Files are written outside of the transaction, under names that are the same when the query begins again; the catalog
//! learns of tables and partitions in the transaction that ends the query.

mod ctas;
mod into;
mod target;
mod unload;

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Deserialize;
use serde_json::json;
use welkin_kernel::{Cx, Error, Result};
use welkin_sql::ddl::Statement;
use welkin_sql::{Code, Column, Lines, Session, SqlError, Type, Value};

use super::bridge::{Bridge, bucket_and_key};
use super::query::{self, Stopped, Surroundings};
use super::{caller, engine, failure, metadata, write};
use crate::execution::{Execution, Failure, Outcome};
use target::Target;

/// Partitions that a statement may write.
///
/// Source: <https://docs.aws.amazon.com/athena/latest/ug/ctas-insert-into.html>
const MOST: usize = 100;

/// What was written.
#[derive(Clone, Debug, Default)]
struct Written {
    /// Columns of the query.
    columns: Vec<Column>,
    /// Locations of files, by the values of their partition.
    files: BTreeMap<Vec<String>, String>,
    rows: u64,
    bytes: u64,
    scanned: u64,
}

/// Carries out a statement that writes rows.
///
/// # Errors
/// What is no fault of the query's.
pub(super) async fn run(
    cx: &mut Cx,
    execution: &Execution,
    statement: Statement,
    stopped: Stopped,
) -> Result<std::result::Result<Outcome, Failure>> {
    match statement {
        Statement::Insert { name, columns, query } => into::run(cx, execution, &name, &columns, &query, stopped).await,
        Statement::CreateTableAs { name, if_not_exists, properties, query, with_data } => {
            let table = ctas::New { name, if_not_exists, with_data };
            ctas::run(cx, execution, &table, &properties, &query, stopped).await
        }
        Statement::Unload { query, location, properties } => {
            unload::run(cx, execution, &query, &location, &properties, stopped).await
        }
        _ => Err(Error::internal("a statement that writes no rows")),
    }
}

/// Runs the query and writes the files, outside of the transaction.
async fn produce(
    cx: &mut Cx,
    execution: &Execution,
    surroundings: &Surroundings,
    sql: &str,
    target: &Target,
    stopped: Stopped,
) -> Result<std::result::Result<Written, Failure>> {
    cx.stage(async |cx: &mut Cx| {
        if target.must_be_empty
            && let Err(failure) = expect_empty(cx, execution, target).await?
        {
            return Ok(Err(failure));
        }
        let (bridge, asks) = surroundings.bridge(execution);
        let work = rows(sql, &surroundings.session, &bridge, target);
        let answered = match query::drive(cx, execution, asks, stopped, Box::pin(work)).await {
            Ok(answered) => answered,
            Err(failure) => return Ok(Err(failure)),
        };
        let (mut written, parts) = match answered {
            Ok(answered) => answered,
            Err(error) => return bridge.failure(&error).map(Err),
        };
        written.scanned = bridge.bytes_read();
        for (values, bytes) in parts {
            let location = target.file(&values, &execution.id);
            let bytes = if target.gzip { gzip(&bytes)? } else { bytes };
            written.bytes = written.bytes.saturating_add(bytes.len() as u64);
            if let Err(failure) = write::object(cx, execution, &location, bytes.into()).await? {
                return Ok(Err(failure));
            }
            written.files.insert(values, location);
        }
        Ok(Ok(written))
    })
    .await
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).map_err(Error::internal)
}

/// The rows of a query as parts of files, by the values of their partition.
async fn rows(
    sql: &str,
    session: &Session,
    bridge: &Bridge,
    target: &Target,
) -> welkin_sql::Result<(Written, BTreeMap<Vec<String>, Vec<u8>>)> {
    let engine = engine().map_err(|error| SqlError::new(Code::GenericInternalError, error.to_string()))?;
    let mut output = engine.query(sql, session, bridge).await?;
    let mut written = Written { columns: output.columns().to_vec(), ..Written::default() };
    let layout = target.layout(&written.columns)?;
    let lines = target.lines_of(&written.columns);
    let mut parts: BTreeMap<Vec<String>, Vec<u8>> = BTreeMap::new();
    if !target.with_data {
        return Ok((written, parts));
    }
    while let Some(rows) = output.next().await? {
        for row in rows {
            let at = layout.partition(&row);
            if parts.len() == MOST && !parts.contains_key(&at) {
                let message = format!("Exceeded limit of {MOST} open writers for partitions/buckets");
                return Err(
                    bridge.fail(Failure::user(failure::USER, format!("HIVE_TOO_MANY_OPEN_PARTITIONS: {message}")))
                );
            }
            layout.append(&lines, parts.entry(at).or_default(), &row);
            written.rows = written.rows.saturating_add(1);
        }
    }
    Ok((written, parts))
}

/// Where the values of a row go.
struct Layout {
    types: Vec<Type>,
    /// Of each column in the files, where it comes from; NULL if from nowhere.
    stored: Vec<Option<usize>>,
    partition: Vec<usize>,
}

impl Layout {
    fn partition(&self, row: &[Value]) -> Vec<String> {
        let text = |n: &usize| match row.get(*n) {
            None | Some(Value::Null) => "__HIVE_DEFAULT_PARTITION__".to_owned(),
            Some(value) => welkin_sql::show(self.types.get(*n).unwrap_or(&Type::VARCHAR), value),
        };
        self.partition.iter().map(text).collect()
    }

    fn append(&self, lines: &Lines, file: &mut Vec<u8>, row: &[Value]) {
        let of = |at: &Option<usize>| at.and_then(|n| Some((self.types.get(n)?.clone(), row.get(n)?.clone())));
        let all = self.stored.iter().map(|at| of(at).unwrap_or((Type::Unknown, Value::Null)));
        let (types, values): (Vec<_>, Vec<_>) = all.unzip();
        lines.append(file, &types, &values);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(default)]
    contents: Vec<Object>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Object {
    key: String,
}

/// A new table's folder has nothing in it but what this query wrote before a crash.
async fn expect_empty(cx: &mut Cx, execution: &Execution, target: &Target) -> Result<std::result::Result<(), Failure>> {
    let (bucket, prefix) = bucket_and_key(&target.folder).unwrap_or_default();
    let input = json!({ "Bucket": bucket, "Prefix": prefix });
    let listed: Listed = match caller::ask(cx, execution, "s3", "ListObjectsV2", &input).await {
        Ok(answered) => answered.output()?,
        Err(error) => {
            let answer = failure::answer(error)?;
            let message = format!("Permission denied on S3 path: {} ({})", target.folder, answer.code);
            return Ok(Err(Failure::user(failure::USER, message)));
        }
    };
    if listed.contents.iter().all(|object| object.key.contains(&execution.id)) {
        return Ok(Ok(()));
    }
    let message = format!(
        "HIVE_PATH_ALREADY_EXISTS: Target directory for table '{}' already exists: {}. You may \
                           need to manually clean the data at location '{}' before retrying. Athena will not delete \
                           data in your account.",
        target.name, target.folder, target.folder
    );
    Ok(Err(Failure::user(failure::USER, message)))
}

/// What came of it: the files are named in a manifest.
///
/// # Errors
/// What is no fault of the query's.
async fn outcome(
    cx: &mut Cx,
    execution: &Execution,
    written: &Written,
) -> Result<std::result::Result<Outcome, Failure>> {
    let base = execution.results.output_location.clone().unwrap_or_default();
    let manifest = format!("{base}-manifest.csv");
    let lines: Vec<String> = written.files.values().map(|location| format!("{location}\n")).collect();
    if let Err(failure) = write::object(cx, execution, &manifest, lines.concat().into()).await? {
        return Ok(Err(failure));
    }
    let rows = Column { name: "rows".into(), ty: Type::Bigint };
    Ok(Ok(Outcome {
        columns: vec![metadata::of_column(&rows)],
        rows: written.rows,
        bytes_written: written.bytes,
        bytes_scanned: written.scanned,
        updated: Some(written.rows),
        manifest: Some(manifest),
        reused: false,
    }))
}
