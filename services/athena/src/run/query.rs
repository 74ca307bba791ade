//! Running the engine outside of the transaction: its asks are answered here until it is done, or the query is stopped.

use std::collections::HashMap;

use futures_util::future::BoxFuture;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use welkin_kernel::{Cx, LakePermission, Page, Result};
use welkin_sql::Session;

use super::bridge::{Ask, Bridge};
use super::caller;
use super::ddl::Place;
use super::glue::Table;
use super::lake::{self, Leases};
use crate::catalog::{DataCatalog, OWN};
use crate::execution::{Execution, Failure};

/// Comes to an end when the query is stopped.
pub(super) type Stopped = BoxFuture<'static, ()>;

/// What a query is run with, read in the transaction.
pub(super) struct Surroundings {
    pub(super) session: Session,
    catalogs: HashMap<String, Option<String>>,
    leases: Leases,
    /// The table that is written, if its data are at a location that is registered with Lake Formation.
    written: Option<Written>,
}

/// A table that is written with credentials of Lake Formation's.
#[derive(Clone, Debug)]
struct Written {
    place: Place,
    location: String,
    permissions: Vec<LakePermission>,
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
    Ok(Surroundings { session, catalogs, leases: Leases::default(), written: None })
}

impl Surroundings {
    /// What the engine reads through, and what it asks.
    pub(super) fn bridge(&self, execution: &Execution) -> (Bridge, UnboundedReceiver<Ask>) {
        let (send, receive) = mpsc::unbounded_channel();
        let secret = (self.leases.clone(), self.session.seed);
        (Bridge::new(send, self.catalogs.clone(), execution.cutoff, secret), receive)
    }

    /// The same, for a query that writes a table, with these permissions.
    pub(super) async fn writing(
        mut self,
        cx: &mut Cx,
        execution: &Execution,
        (place, table): (&Place, &Table),
        permissions: &[LakePermission],
    ) -> Result<Self> {
        let place = table.place(&place.catalog, &place.database, &place.table);
        if let Some(location) = table.location().filter(|location| !location.is_empty())
            && lake::rights(cx, execution, &place).await?.registered
        {
            let (location, permissions) = (location.to_owned(), permissions.to_vec());
            self.written = Some(Written { place, location, permissions });
        }
        Ok(self)
    }

    /// Gets the credentials for the table that is written. Outside of a transaction.
    pub(super) async fn admit(&self, cx: &mut Cx, execution: &Execution) -> Result<std::result::Result<(), Failure>> {
        let Some(Written { place, location, permissions }) = &self.written else { return Ok(Ok(())) };
        if self.leases.has(location) {
            return Ok(Ok(()));
        }
        match lake::lease(cx, execution, place, permissions).await {
            Ok(principal) => self.leases.write(location, principal),
            Err(error) => {
                let answer = super::failure::answer(error)?;
                let message = format!("Insufficient permissions to execute the query. {}", answer.message);
                return Ok(Err(Failure::user(super::failure::USER, message)));
            }
        }
        Ok(Ok(()))
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
        answer(cx, execution, ask).await;
    }
}

/// Does what is asked for. Nobody waits any more when that part of the query was given up.
async fn answer(cx: &mut Cx, execution: &Execution, ask: Ask) {
    match ask {
        Ask::Call(ask) => {
            let mut call = caller::call(execution, ask.service, ask.operation, &ask.input);
            if let Some(principal) = ask.principal {
                call = call.as_principal(principal);
            }
            if let Some(body) = ask.body {
                call = call.body(body);
            }
            let _ = ask.answer.send(cx.call(call).await);
        }
        Ask::Rights(place, answer) => {
            let _ = answer.send(lake::rights(cx, execution, &place).await);
        }
        Ask::Lease(place, answer) => {
            let _ = answer.send(lake::lease(cx, execution, &place, &[LakePermission::Select]).await);
        }
    }
}
