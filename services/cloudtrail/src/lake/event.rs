//! Events in event data stores, for as long as the store retains them.

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    AccountId, CallRecord, Cx, IntoKey, Job, Page, Place, Resource, Result, Schedule, Scope, Timestamp,
};

use super::store::EventDataStore;
use crate::event;

/// An event in a store, in the store's Region.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredEvent {
    /// Id of the store.
    pub(crate) store: String,
    /// `eventTime`.
    pub(crate) time: Timestamp,
    pub(crate) event_id: String,
    pub(crate) json: String,
}

impl Resource for StoredEvent {
    const KIND: &'static str = "cloudtrail/stored-event";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> welkin_kernel::Key {
        (&self.store, self.time, &self.event_id).into_key()
    }
}

/// The stores of an account that ingest what is recorded: one row, so that a call of an account without any costs
/// one read.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Ingesting {
    stores: Vec<EventDataStore>,
}

impl Resource for Ingesting {
    const KIND: &'static str = "cloudtrail/ingesting";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> welkin_kernel::Key {
        ().into_key()
    }
}

/// Tells the recorder of a store: that it ingests, or not.
pub(super) async fn refresh(cx: &mut Cx, account: AccountId, store: &EventDataStore) -> Result<()> {
    let place = Place::new(account, store.home);
    let mut ingesting = cx.get::<Ingesting>(place, ()).await?.unwrap_or_default();
    ingesting.stores.retain(|other| other.id != store.id);
    if store.ingests_calls() {
        ingesting.stores.push(store.clone());
    }
    if ingesting.stores.is_empty() {
        return cx.delete::<Ingesting>(place, ()).await.map(|_| ());
    }
    cx.put(place, &ingesting).await
}

/// Keeps the record of a management event in each store of its recipient that selects it.
pub(crate) async fn recorded(cx: &mut Cx, place: Place, record: &CallRecord) -> Result<()> {
    let Some(ingesting) = cx.get::<Ingesting>(place, ()).await? else { return Ok(()) };
    let mut rendered = None;
    for store in ingesting.stores.iter().filter(|store| store.wants(record)) {
        let json = match &rendered {
            Some(json) => String::clone(json),
            None => rendered.insert(event::render(record)?).clone(),
        };
        let event = StoredEvent { store: store.id.clone(), time: record.time, event_id: record.event_id.clone(), json };
        cx.insert(Place::new(place.account, store.home), &event)?;
    }
    Ok(())
}

/// Drops what a store retains no longer, each day; and everything when the store is gone.
#[derive(Serialize, Deserialize)]
pub(crate) struct Retain {
    store: String,
}

const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

/// Events dropped in one transaction at most.
const CHUNK: usize = 500;

impl Retain {
    /// Has a store looked through from tomorrow on.
    pub(super) async fn begin(cx: &mut Cx, store: &EventDataStore) -> Result<()> {
        let job = Self { store: store.id.clone() };
        let at = cx.after(DAY);
        job.enqueue(cx, Schedule::at(at)).await
    }

    /// Has a store looked through at once: it is gone.
    pub(super) async fn now(cx: &mut Cx, store: &EventDataStore) -> Result<()> {
        Self { store: store.id.clone() }.enqueue(cx, Schedule::now()).await
    }

    async fn enqueue(&self, cx: &mut Cx, schedule: Schedule) -> Result<()> {
        let id = format!("cloudtrail/retain {} {}", cx.account(), self.store);
        cx.enqueue(self, schedule.id(id)).await.map(|_| ())
    }
}

impl Job for Retain {
    const NAME: &'static str = "cloudtrail/retain";
    const PRINCIPAL: &'static str = "cloudtrail.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let store = cx.get::<EventDataStore>(here, &self.store).await?;
        let old = match &store {
            Some(store) => {
                let oldest = cx.now().minus(store.retained());
                let (from, to) = ((&self.store,), (&self.store, oldest));
                cx.between::<StoredEvent>(here, from, to, CHUNK, false).await?
            }
            None => cx.list::<StoredEvent>(here, (&self.store,), Page::of(CHUNK, None)).await?,
        };
        for event in &old {
            cx.delete::<StoredEvent>(here, Resource::key(event)).await?;
        }
        if old.len() == CHUNK {
            return self.enqueue(cx, Schedule::now()).await;
        }
        if store.is_none() {
            return Ok(());
        }
        let at = cx.after(DAY);
        self.enqueue(cx, Schedule::at(at)).await
    }
}
