//! The job that carries a query on. A first run turns it from `QUEUED` to `RUNNING`, a second one reads events and keeps
//! the result, outside of the transaction: it begins again after a crash.
//!
//! The job reads the stores as CloudTrail: whether the caller may was decided when the query was started.

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::UnboundedReceiver;
use welkin_kernel::{Cx, Error, Job, Result, Schedule};
use welkin_sql::{Session, SqlError};

use super::rows::Writer;
use super::table::{Ask, CATALOG, SCHEMA, Tables};
use super::{Outcome, Query, Status, Stop, engine};

/// Carries a query on.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(super) id: String,
}

/// Why a query comes to no result.
enum Ended {
    /// For this reason, which is the query's.
    Failed(SqlError),
    /// For none of the query's: it is tried again.
    Fault(Error),
}

/// What a query comes to: its result, or why it failed; or it was stopped.
type Reached = Option<std::result::Result<Outcome, String>>;

impl Job for Run {
    const NAME: &'static str = "cloudtrail/query";
    const PRINCIPAL: &'static str = "cloudtrail.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        // Made before the query is read, so that no stop is missed.
        let mut stop = cx.watch::<Stop>(here, &self.id);
        let stopped: BoxFuture<'static, ()> = Box::pin(async move { stop.changed().await });
        let Some(mut query) = cx.get::<Query>(here, &self.id).await? else { return Ok(()) };
        match query.status {
            Status::Queued => {
                (query.status, query.started) = (Status::Running, Some(cx.now()));
                cx.put(here, &query).await?;
                cx.enqueue(self, Schedule::now()).await.map(drop)
            }
            Status::Running => match perform(cx, &query, stopped).await? {
                Some(Ok(outcome)) => {
                    query.outcome = outcome;
                    query.end(cx, Status::Finished).await
                }
                Some(Err(message)) => {
                    query.error = Some(message);
                    query.end(cx, Status::Failed).await
                }
                None => Ok(()),
            },
            Status::Finished | Status::Failed | Status::Cancelled => Ok(()),
        }
    }
}

/// Has the engine compute the result, and keeps it.
///
/// # Errors
/// What is no fault of the query's.
async fn perform(cx: &mut Cx, query: &Query, stopped: BoxFuture<'static, ()>) -> Result<Reached> {
    let Some((tables, asks)) = Tables::of(cx, query).await? else {
        // UNVERIFIED: the wording.
        return Ok(Some(Err("An event data store of the query was deleted.".to_owned())));
    };
    let session = cx.once(session);
    cx.stage(async |cx: &mut Cx| {
        let work = Box::pin(compute(&query.text, &session, &tables, Writer::new(cx)));
        match drive(cx, asks, stopped, work).await? {
            None => Ok(None),
            Some(Ok(outcome)) => Ok(Some(Ok(outcome))),
            Some(Err(Ended::Failed(error))) => Ok(Some(Err(error.to_string()))),
            Some(Err(Ended::Fault(error))) => Err(error),
        }
    })
    .await
}

/// The names, time and chance of a query.
pub(super) fn session(cx: &mut Cx) -> Session {
    Session {
        catalog: CATALOG.to_owned(),
        schema: Some(SCHEMA.to_owned()),
        now: cx.now().micros(),
        seed: u64::from_le_bytes(cx.chance().bytes()),
    }
}

/// Answers what the work asks for until it is done; `None` if the query was stopped.
///
/// # Errors
/// Those of the store.
async fn drive<T>(
    cx: &mut Cx,
    mut asks: UnboundedReceiver<Ask>,
    mut stopped: BoxFuture<'static, ()>,
    mut work: BoxFuture<'_, T>,
) -> Result<Option<T>> {
    loop {
        tokio::select! {
            done = &mut work => return Ok(Some(done)),
            () = &mut stopped => return Ok(None),
            Some(ask) = asks.recv() => ask.answer(cx).await?,
        }
    }
}

async fn compute(
    text: &str,
    session: &Session,
    tables: &Tables,
    mut result: Writer,
) -> std::result::Result<Outcome, Ended> {
    let engine = engine().map_err(Ended::Fault)?;
    let mut output = engine.query(text, session, tables).await.map_err(Ended::Failed)?;
    let columns = output.columns().to_vec();
    while let Some(rows) = output.next().await.map_err(Ended::Failed)? {
        for row in rows {
            // UNVERIFIED: that NULL is told as `null`.
            let row = columns.iter().zip(&row).map(|(column, value)| welkin_sql::show(&column.ty, value)).collect();
            result.write(&row).await.map_err(Ended::Fault)?;
        }
    }
    let (result, rows) = result.finish().await.map_err(Ended::Fault)?;
    let columns = columns.into_iter().map(|column| column.name).collect();
    Ok(Outcome { columns, rows, result, scanned: tables.scanned() })
}
