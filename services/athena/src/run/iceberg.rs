//! Iceberg tables: which metadata file is the current one is told by Glue, everything else by files in S3.
//!
//! A statement that changes a table reads and writes files outside of the transaction. Then it makes new metadata of
//! what is current, and puts them in its place in the transaction that ends the query: Glue takes them only if nobody
//! was first. If somebody was, it makes them anew of what is current then ([`publish`]).
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg.html>

mod alter;
mod create;
mod ctas;
mod dml;
mod insert;
mod maintain;
mod show;
mod warehouse;

use std::future::pending;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::json;
use welkin_kernel::{Cx, Result};
use welkin_sql::iceberg::{Change, Committed, DataFile, Draw, Metadata, Table as Iceberg};
use welkin_sql::{Code, SqlError};

use super::bridge::Bridge;
use super::ddl::Place;
use super::glue::{Column, StorageDescriptor, Table, WithTable};
use super::insert::Written;
use super::query::{self, Stopped, Surroundings};
use super::{caller, failure};
use crate::execution::{Execution, Failure};

pub(super) use alter::alter;
pub(super) use create::create;
pub(super) use ctas::run as create_as;
pub(super) use dml::run as change;
pub(super) use insert::run as insert;
pub(super) use maintain::{files, optimize, vacuum};
pub(super) use show::metadata;

/// How often a commit is tried while others are first.
const TRIES: usize = 5;

/// Where the metadata are, as Iceberg's catalog for Glue keeps it.
///
/// <https://iceberg.apache.org/docs/latest/aws/#glue-catalog>
const METADATA: &str = "metadata_location";
const PREVIOUS: &str = "previous_metadata_location";

/// A table as Glue has it now.
#[derive(Clone, Debug)]
struct Current {
    table: Table,
    location: String,
}

/// What a query fails with; it is no fault of Welkin's.
type Outcome<T> = Result<std::result::Result<T, Failure>>;

/// Ids for each try.
fn draws(cx: &mut Cx) -> Vec<Draw> {
    cx.once(|cx| {
        let draw = |_| Draw {
            id: cx.chance().uuid(),
            // Positive, and no larger than what JavaScript's numbers tell apart.
            snapshot: (u64::from_le_bytes(cx.chance().bytes()) >> 11) as i64 | 1,
        };
        (0..TRIES).map(draw).collect::<Vec<_>>()
    })
}

/// The metadata file of a table.
pub(super) fn metadata_location(table: &Table) -> std::result::Result<&str, SqlError> {
    let location = table.parameters.get(METADATA).map(String::as_str);
    let message = format!("Table '{}' is missing [{METADATA}] property", table.name);
    location.ok_or_else(|| SqlError::new(Code::IcebergInvalidMetadata, message))
}

/// The table now. Outside of a transaction.
async fn current(cx: &mut Cx, execution: &Execution, place: &Place) -> Outcome<Current> {
    let table = match caller::ask(cx, execution, "glue", "GetTable", &place.named("Name")).await {
        Ok(answered) => answered.output::<WithTable>()?.table,
        Err(error) => return Ok(Err(failure::of_glue(&failure::answer(error)?))),
    };
    Ok(match metadata_location(&table) {
        Ok(location) => Ok(Current { location: location.to_owned(), table }),
        Err(error) => Err(failure::of_engine(&error)),
    })
}

/// Does work that reads and writes files. Outside of a transaction.
async fn work<'a, T>(
    cx: &mut Cx,
    execution: &Execution,
    surroundings: &Surroundings,
    stopped: Stopped,
    work: impl FnOnce(Bridge) -> BoxFuture<'a, welkin_sql::Result<T>>,
) -> Outcome<T> {
    if let Err(failure) = surroundings.admit(cx, execution).await? {
        return Ok(Err(failure));
    }
    let (bridge, asks) = surroundings.bridge(execution);
    let done = match query::drive(cx, execution, asks, stopped, work(bridge.clone())).await {
        Ok(done) => done,
        Err(failure) => return Ok(Err(failure)),
    };
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(error) => bridge.failure(&error).map(Err),
    }
}

/// Nobody stops what takes a moment.
fn unstoppable() -> Stopped {
    Box::pin(pending())
}

/// The columns of metadata as Glue has them.
///
/// <https://docs.aws.amazon.com/glue/latest/dg/populate-otf.html>
fn columns(metadata: &Metadata) -> std::result::Result<Vec<Column>, SqlError> {
    let column = |field: &welkin_sql::iceberg::Field| Column {
        name: field.name.to_lowercase(),
        ty: Some(field.kind.hive()),
        comment: field.doc.clone(),
        parameters: [
            ("iceberg.field.current", "true".to_owned()),
            ("iceberg.field.id", field.id.to_string()),
            ("iceberg.field.optional", (!field.required).to_string()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into(),
    };
    Ok(metadata.schema()?.fields.iter().map(column).collect())
}

/// The table as Glue is to have it.
fn updated(mut table: Table, committed: &Committed, before: &str) -> std::result::Result<Table, SqlError> {
    table.parameters.insert(METADATA.into(), committed.location.clone());
    table.parameters.insert(PREVIOUS.into(), before.to_owned());
    let storage = table.storage_descriptor.get_or_insert_default();
    storage.columns = columns(&committed.metadata)?;
    storage.location = Some(committed.metadata.location.clone());
    Ok(table)
}

/// The first form of a table in Glue.
fn new_table(name: &str, owner: &str, metadata: &Metadata, location: &str) -> std::result::Result<Table, SqlError> {
    Ok(Table {
        name: name.to_owned(),
        owner: Some(owner.to_owned()),
        retention: Some(0),
        storage_descriptor: Some(StorageDescriptor {
            columns: columns(metadata)?,
            location: Some(metadata.location.clone()),
            compressed: Some(false),
            number_of_buckets: Some(0),
            stored_as_sub_directories: Some(false),
            ..StorageDescriptor::default()
        }),
        table_type: Some("EXTERNAL_TABLE".into()),
        parameters: [("table_type", "ICEBERG"), (METADATA, location)]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
        ..Table::default()
    })
}

/// Makes a change of what is current and tells Glue, until nobody was first.
async fn publish(
    cx: &mut Cx,
    execution: &Execution,
    surroundings: &Surroundings,
    place: &Place,
    draws: &[Draw],
    change: &Change,
) -> Outcome<()> {
    let now = surroundings.session.now / 1000;
    replace(cx, execution, surroundings, place, draws, |table, draw, before| {
        let change = change.clone();
        Box::pin(async move { table.commit(&change, &draw, now, &before).await })
    })
    .await
}

/// What makes metadata of those that are current.
trait Make: Fn(Iceberg, Draw, String) -> BoxFuture<'static, welkin_sql::Result<Committed>> + Sync {}
impl<T: Fn(Iceberg, Draw, String) -> BoxFuture<'static, welkin_sql::Result<Committed>> + Sync> Make for T {}

/// Makes metadata of those that are current and tells Glue, until nobody was first.
async fn replace(
    cx: &mut Cx,
    execution: &Execution,
    surroundings: &Surroundings,
    place: &Place,
    draws: &[Draw],
    make: impl Make,
) -> Outcome<()> {
    for draw in draws {
        let made = cx.stage(async |cx: &mut Cx| attempt(cx, execution, surroundings, place, draw, &make).await);
        let table = match made.await? {
            Ok(table) => table,
            Err(failure) => return Ok(Err(failure)),
        };
        match tell(cx, execution, place, &table).await? {
            Ok(true) => return Ok(Ok(())),
            Ok(false) => {}
            Err(failure) => return Ok(Err(failure)),
        }
    }
    Ok(Err(outrun(place)))
}

/// Others were first each time.
fn outrun(place: &Place) -> Failure {
    // The wording is that of a failed commit in Trino.
    let message = format!("ICEBERG_COMMIT_ERROR: Failed to commit Iceberg update to table: {place}");
    Failure::user(failure::USER, message)
}

/// Makes metadata of those that are current: the table as Glue is to have it, with the version that it takes the place
/// of. Outside of a transaction.
async fn attempt(
    cx: &mut Cx,
    execution: &Execution,
    surroundings: &Surroundings,
    place: &Place,
    draw: &Draw,
    make: &impl Make,
) -> Outcome<Table> {
    let now = match current(cx, execution, place).await? {
        Ok(now) => now,
        Err(failure) => return Ok(Err(failure)),
    };
    let before = now.location.clone();
    let committed = work(cx, execution, surroundings, unstoppable(), |bridge| {
        Box::pin(async {
            let table = Iceberg::open(Arc::new(bridge), &before).await?;
            make(table, draw.clone(), before.clone()).await
        })
    });
    Ok(match committed.await? {
        Ok(committed) => updated(now.table, &committed, &before).map_err(|error| failure::of_engine(&error)),
        Err(failure) => Err(failure),
    })
}

/// Tells Glue of a table, and whether nobody was first.
async fn tell(cx: &mut Cx, execution: &Execution, place: &Place, table: &Table) -> Outcome<bool> {
    let mut input = place.update(table);
    input["VersionId"] = json!(table.version_id);
    // UNVERIFIED: that a commit keeps no version of the table in Glue, as Iceberg's own catalog does not.
    input["SkipArchive"] = json!(true);
    match caller::ask(cx, execution, "glue", "UpdateTable", &input).await {
        Ok(_) => Ok(Ok(true)),
        Err(error) if error.is("ConcurrentModificationException") => Ok(Ok(false)),
        Err(error) => Ok(Err(failure::of_glue(&failure::answer(error)?))),
    }
}

/// Files and rows that were written, for the outcome of the query.
fn written(files: &[DataFile], rows: u64, scanned: u64) -> Written {
    Written {
        files: files.iter().map(|file| file.path.clone()).collect(),
        rows,
        bytes: files.iter().map(|file| u64::try_from(file.size).unwrap_or_default()).sum(),
        scanned,
        ..Written::default()
    }
}
