//! `CreateEventDataStore`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{BillingMode, EventDataStore, Shown, Status};
use crate::errors::{EventDataStoreAlreadyExistsException, EventDataStoreMaxLimitExceededException, NotImplemented};
use crate::lake::event::Retain;
use crate::lake::selector::Selectors;
use crate::selector::advanced::AdvancedEventSelector;
use crate::tag::{self, Tag};

/// Makes an event data store, which ingests from now on unless the caller says otherwise.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateEventDataStore.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateEventDataStore {
    name: String,
    #[serde(default)]
    advanced_event_selectors: Vec<AdvancedEventSelector>,
    multi_region_enabled: Option<bool>,
    organization_enabled: Option<bool>,
    retention_period: Option<u64>,
    termination_protection_enabled: Option<bool>,
    #[serde(default)]
    tags_list: Vec<Tag>,
    kms_key_id: Option<String>,
    start_ingestion: Option<bool>,
    #[serde(default)]
    billing_mode: BillingMode,
}

/// The store.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateEventDataStoreResponse {
    #[serde(flatten)]
    shown: Shown,
    tags_list: Vec<Tag>,
}

/// Stores of an account and Region at most: "Event data stores" in
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>.
const MOST: usize = 10;

/// Refuses what Welkin's stores do not have, by name.
pub(super) fn refuse(organization: Option<bool>) -> Result<()> {
    if organization != Some(true) {
        return Ok(());
    }
    let message = "Welkin does not implement OrganizationEnabled of CloudTrail event data stores yet.";
    Err(NotImplemented::because(message))
}

/// Refuses another store of the same name.
pub(super) async fn check_name(cx: &mut Cx, name: &str) -> Result<()> {
    if EventDataStore::all(cx).await?.iter().any(|store| store.name == name) {
        // UNVERIFIED: the wording.
        let message = format!("An event data store with the name {name} already exists.");
        return Err(EventDataStoreAlreadyExistsException::because(message));
    }
    Ok(())
}

/// Refuses one store too many. Those that are being deleted do not count.
pub(super) async fn check_room(cx: &mut Cx) -> Result<()> {
    if EventDataStore::all(cx).await?.iter().filter(|store| store.deleted.is_none()).count() >= MOST {
        return Err(EventDataStoreMaxLimitExceededException.into());
    }
    Ok(())
}

impl CreateEventDataStore {
    fn store(&self, cx: &Cx, id: String) -> Result<EventDataStore> {
        let selectors = match self.advanced_event_selectors.as_slice() {
            [] => Selectors::management(),
            given => Selectors::of(given)?,
        };
        Ok(EventDataStore {
            id,
            name: self.name.clone(),
            home: cx.region(),
            selectors,
            multi_region: self.multi_region_enabled.unwrap_or(true),
            retention: match self.retention_period {
                Some(days) => self.billing_mode.check(days)?,
                None => self.billing_mode.retention().0,
            },
            billing: self.billing_mode,
            protected: self.termination_protection_enabled.unwrap_or(true),
            kms_key: None,
            tags: tag::map(&self.tags_list)?,
            policy: None,
            created: cx.now(),
            updated: cx.now(),
            ingests: self.start_ingestion.unwrap_or(true),
            deleted: None,
        })
    }
}

impl Operation for CreateEventDataStore {
    const NAME: &'static str = "CreateEventDataStore";
    type Output = CreateEventDataStoreResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let any = self.store(cx, "*".to_owned())?;
        Ok(Access::to("cloudtrail:CreateEventDataStore").on(any.arn(cx.account())).request_tags(&any.tags))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateEventDataStoreResponse> {
        refuse(self.organization_enabled)?;
        let (account, id) = (cx.account(), cx.once(|cx| cx.chance().uuid()));
        let mut store = self.store(cx, id)?;
        check_name(cx, &store.name).await?;
        check_room(cx).await?;
        if let Some(key_id) = &self.kms_key_id {
            store.take_key(cx, key_id).await?;
        }
        store.save(cx, account).await?;
        Retain::begin(cx, &store).await?;
        let shown = Shown { status: Status::Created, ..Shown::of(store, account) };
        Ok(CreateEventDataStoreResponse { shown, tags_list: self.tags_list.clone() })
    }
}
