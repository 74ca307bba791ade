//! Running the engine outside of the transaction: its asks are answered here until it is done, or the query is stopped.

use std::collections::HashMap;

use futures_util::future::BoxFuture;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use welkin_kernel::{Cx, Page, Result};
use welkin_sql::Session;

use super::bridge::{Ask, Bridge};
use super::caller;
use crate::catalog::{DataCatalog, OWN};
use crate::execution::{Execution, Failure};

/// Comes to an end when the query is stopped.
pub(super) type Stopped = BoxFuture<'static, ()>;

/// What a query is run with, read in the transaction.
pub(super) struct Surroundings {
    pub(super) session: Session,
    catalogs: HashMap<String, Option<String>>,
}

/// The names, time and chance of a query.
pub(super) async fn surroundings(cx: &mut Cx, execution: &Execution) -> Result<Surroundings> {
    let place = cx.here();
    let mut catalogs = HashMap::from([(OWN.to_lowercase(), Some(place.account.to_string()))]);
    for catalog in cx.list::<DataCatalog>(place, (), Page::ALL).await? {
        catalogs.insert(catalog.name.to_lowercase(), catalog.glue_id().map(str::to_owned));
    }
    let now = cx.now().micros();
    let session = cx.once(|cx| Session {
        catalog: execution.catalog.clone().unwrap_or_else(|| OWN.to_owned()),
        // Source: the default database of the query editor.
        schema: Some(execution.database.clone().unwrap_or_else(|| "default".to_owned())),
        now,
        seed: u64::from_le_bytes(cx.chance().bytes()),
    });
    Ok(Surroundings { session, catalogs })
}

impl Surroundings {
    /// What the engine reads through, and what it asks.
    pub(super) fn bridge(&self, execution: &Execution) -> (Bridge, UnboundedReceiver<Ask>) {
        let (send, receive) = mpsc::unbounded_channel();
        (Bridge::new(send, self.catalogs.clone(), execution.cutoff), receive)
    }
}

/// Makes the calls that the work asks for, until it is done. Outside of a transaction.
///
/// # Errors
/// The query was stopped.
pub(super) async fn drive<T>(
    cx: &mut Cx,
    execution: &Execution,
    mut asks: UnboundedReceiver<Ask>,
    mut stopped: Stopped,
    mut work: BoxFuture<'_, T>,
) -> Result<T, Failure> {
    loop {
        let ask = tokio::select! {
            done = &mut work => return Ok(done),
            () = &mut stopped => {
                return Err(Failure { cancelled: true, ..Failure::user(super::failure::USER, "Query cancelled by user") });
            }
            Some(ask) = asks.recv() => ask,
        };
        let mut call = caller::call(execution, ask.service, ask.operation, &ask.input);
        if let Some(body) = ask.body {
            call = call.body(body);
        }
        let answered = cx.call(call).await;
        // Nobody waits any more when that part of the query was given up.
        let _ = ask.answer.send(answered);
    }
}
