//! `GetEventDataStore`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{EventDataStore, Shown};

/// Shows an event data store.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventDataStore.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetEventDataStore {
    event_data_store: String,
}

/// The store. Federation cannot be turned on: `EnableFederation` is refused by name.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EventDataStoreResponse {
    #[serde(flatten)]
    shown: Shown,
    federation_status: String,
}

impl EventDataStoreResponse {
    pub(super) fn of(shown: Shown) -> Self {
        Self { shown, federation_status: "DISABLED".to_owned() }
    }
}

impl Operation for GetEventDataStore {
    const NAME: &'static str = "GetEventDataStore";
    type Output = EventDataStoreResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        EventDataStore::access(cx, "cloudtrail:GetEventDataStore", &self.event_data_store).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<EventDataStoreResponse> {
        let (account, store) = EventDataStore::find(cx, &self.event_data_store).await?;
        Ok(EventDataStoreResponse::of(Shown::of(store, account)))
    }
}
