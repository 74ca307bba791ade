//! `StartEventDataStoreIngestion` and `StopEventDataStoreIngestion`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{EventDataStore, Status};
use crate::errors::{InvalidEventDataStoreCategoryException, InvalidEventDataStoreStatusException};
use crate::lake::selector::Category;

/// Has an event data store ingest from now on.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartEventDataStoreIngestion.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartEventDataStoreIngestion {
    event_data_store: String,
}

/// Has an event data store ingest no more.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopEventDataStoreIngestion.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StopEventDataStoreIngestion {
    event_data_store: String,
}

/// Turns ingestion on or off, in a store of calls that has it off or on.
async fn turn(cx: &mut Cx, name: &str, from: Status) -> Result<Empty> {
    let account = cx.account();
    let mut store = EventDataStore::own(cx, name).await?;
    // UNVERIFIED: the wordings.
    if store.selectors.category() != Category::Management {
        let message = "Ingestion is started and stopped in event data stores of CloudTrail events only.";
        return Err(InvalidEventDataStoreCategoryException::because(message));
    }
    if store.status() != from {
        let wanted = if from == Status::Enabled { "ENABLED" } else { "STOPPED_INGESTION" };
        let message = format!("The event data store must have the status {wanted}.");
        return Err(InvalidEventDataStoreStatusException::because(message));
    }
    store.ingests = from != Status::Enabled;
    store.updated = cx.now();
    store.save(cx, account).await?;
    Ok(Empty {})
}

impl Operation for StartEventDataStoreIngestion {
    const NAME: &'static str = "StartEventDataStoreIngestion";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        EventDataStore::access(cx, "cloudtrail:StartEventDataStoreIngestion", &self.event_data_store).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        turn(cx, &self.event_data_store, Status::StoppedIngestion).await
    }
}

impl Operation for StopEventDataStoreIngestion {
    const NAME: &'static str = "StopEventDataStoreIngestion";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        EventDataStore::access(cx, "cloudtrail:StopEventDataStoreIngestion", &self.event_data_store).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        turn(cx, &self.event_data_store, Status::Enabled).await
    }
}
