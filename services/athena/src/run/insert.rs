//! INSERT INTO, CREATE TABLE AS SELECT and UNLOAD: the engine's rows become files of a table.
//!
//! Files are written outside of the transaction, under names that are the same when the query begins again; the catalog
//! learns of tables and partitions in the transaction that ends the query.

mod ctas;
mod format;
mod into;
mod sink;
mod target;
mod unload;

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;
use welkin_kernel::{Cx, Error, Result};
use welkin_sql::ddl::Statement;
use welkin_sql::{Batch, Buckets, Code, Column, Session, SqlError, Type, Value};

use super::bridge::{Bridge, bucket_and_key};
use super::query::{self, Stopped, Surroundings};
use super::{caller, engine, failure, metadata, write};
use crate::execution::{Execution, Failure, Outcome};
use sink::{Sink, Uploads};
use target::Target;

pub(super) use target::fits;

/// What was written.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    /// Columns of the query.
    pub(super) columns: Vec<Column>,
    /// Partitions, by their values.
    pub(super) partitions: BTreeSet<Vec<String>>,
    /// Locations of files.
    pub(super) files: Vec<String>,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) scanned: u64,
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
        if let Err(failure) = surroundings.admit(cx, execution).await? {
            return Ok(Err(failure));
        }
        let (bridge, asks) = surroundings.bridge(execution);
        let uploads = Uploads::default();
        let sink = Sink::new(&bridge, execution, target, &uploads);
        let work = rows(sql, &surroundings.session, &bridge, sink);
        let driven = query::drive(cx, execution, asks, stopped, Box::pin(work)).await;
        if !matches!(driven, Ok(Ok(_))) {
            uploads.abort(cx, execution).await?;
        }
        let mut written = match driven {
            Ok(Ok(written)) => written,
            Ok(Err(error)) => return bridge.failure(&error).map(Err),
            Err(failure) => return Ok(Err(failure)),
        };
        written.scanned = bridge.bytes_read();
        Ok(Ok(written))
    })
    .await
}

/// Writes the rows of a query.
async fn rows(sql: &str, session: &Session, bridge: &Bridge, mut sink: Sink<'_>) -> welkin_sql::Result<Written> {
    let engine = engine().map_err(|error| SqlError::new(Code::GenericInternalError, error.to_string()))?;
    let mut output = engine.query(sql, session, bridge).await?;
    if sink.target.is_new {
        output.check_names()?;
    }
    let columns = output.columns().to_vec();
    let layout = sink.target.layout(&columns)?;
    if sink.target.with_data {
        while let Some(batch) = output.batch().await? {
            sink.append(&layout, &batch).await?;
        }
    }
    Ok(Written { columns, ..sink.finish().await? })
}

/// Where the values of a row go.
struct Layout {
    /// Of the query's columns.
    types: Vec<Type>,
    /// The columns in the files.
    columns: Vec<Column>,
    /// Of each of them, where it comes from; NULL if from nowhere.
    stored: Vec<Option<usize>>,
    partition: Vec<usize>,
    buckets: Option<Buckets>,
}

impl Layout {
    /// The values of a row's partition, as folders have them.
    fn partition(&self, batch: &Batch, row: usize) -> Vec<String> {
        let text = |n: &usize| match batch.value(*n, row) {
            Value::Null => "__HIVE_DEFAULT_PARTITION__".to_owned(),
            value => welkin_sql::show(self.types.get(*n).unwrap_or(&Type::VARCHAR), &value),
        };
        self.partition.iter().map(text).collect()
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
pub(super) async fn outcome(
    cx: &mut Cx,
    execution: &Execution,
    written: &Written,
) -> Result<std::result::Result<Outcome, Failure>> {
    let base = execution.results.output_location.clone().unwrap_or_default();
    let manifest = format!("{base}-manifest.csv");
    let lines: Vec<String> = written.files.iter().map(|location| format!("{location}\n")).collect();
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
