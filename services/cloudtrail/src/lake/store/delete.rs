//! `DeleteEventDataStore` and `RestoreEventDataStore`.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Job, Operation, Resource, Result, Schedule};

use super::create::check_room;
use super::{EventDataStore, Shown};
use crate::errors::{
    ChannelExistsForEDSException, EventDataStoreTerminationProtectedException, InvalidEventDataStoreStatusException,
};
use crate::lake::channel::Channel;
use crate::lake::event::Retain;

/// Has an event data store deleted seven days from now.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteEventDataStore.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteEventDataStore {
    event_data_store: String,
}

/// Takes back the deletion of an event data store.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_RestoreEventDataStore.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RestoreEventDataStore {
    event_data_store: String,
}

/// "Automatically deleted after a wait period of seven days": the reference of DeleteEventDataStore.
const WAIT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl Operation for DeleteEventDataStore {
    const NAME: &'static str = "DeleteEventDataStore";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        EventDataStore::access(cx, "cloudtrail:DeleteEventDataStore", &self.event_data_store).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let account = cx.account();
        let mut store = EventDataStore::own(cx, &self.event_data_store).await?.active(account)?;
        if store.protected {
            return Err(EventDataStoreTerminationProtectedException.into());
        }
        let arn = String::from(store.arn(account));
        if Channel::all(cx).await?.iter().any(|channel| channel.leads_to(&arn)) {
            return Err(ChannelExistsForEDSException.into());
        }
        store.deleted = Some(cx.now());
        store.save(cx, account).await?;
        let at = cx.after(WAIT);
        cx.enqueue(&Purge { store: store.id }, Schedule::at(at)).await?;
        Ok(Empty {})
    }
}

impl Operation for RestoreEventDataStore {
    const NAME: &'static str = "RestoreEventDataStore";
    type Output = Shown;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        EventDataStore::access(cx, "cloudtrail:RestoreEventDataStore", &self.event_data_store).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Shown> {
        let account = cx.account();
        let mut store = EventDataStore::own(cx, &self.event_data_store).await?;
        if store.deleted.is_none() {
            // UNVERIFIED: the wording.
            let message = "The event data store is not pending deletion.";
            return Err(InvalidEventDataStoreStatusException::because(message));
        }
        check_room(cx).await?;
        // UNVERIFIED: that it ingests again if it did before.
        store.deleted = None;
        store.updated = cx.now();
        store.save(cx, account).await?;
        Ok(Shown::of(store, account))
    }
}

/// Deletes a store whose wait is over.
#[derive(Serialize, Deserialize)]
pub(crate) struct Purge {
    store: String,
}

impl Job for Purge {
    const NAME: &'static str = "cloudtrail/purge";
    const PRINCIPAL: &'static str = "cloudtrail.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let Some(store) = cx.get::<EventDataStore>(here, &self.store).await? else { return Ok(()) };
        // One that was restored is kept, and so is one that was deleted once more since.
        if store.deleted.is_none_or(|deleted| cx.now().since(deleted) < WAIT) {
            return Ok(());
        }
        cx.delete::<EventDataStore>(here, Resource::key(&store)).await?;
        Retain::now(cx, &store).await
    }
}
