//! Event data stores.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-event-data-store.html>

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod ingestion;
pub(crate) mod list;
pub(crate) mod update;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, AccountId, Arn, CallRecord, Cx, IntoKey, Page, Place, Region, Resource, Result, Scope, Timestamp,
};

use super::event;
use super::selector::{Category, Selectors};
use crate::errors::{
    EventDataStoreARNInvalidException, EventDataStoreNotFoundException, InactiveEventDataStoreException,
    InvalidParameterException,
};
use crate::key::Encrypted;

/// An event data store.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct EventDataStore {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Region in which it was made.
    pub(crate) home: Region,
    pub(crate) selectors: Selectors,
    multi_region: bool,
    /// In days.
    retention: u64,
    billing: BillingMode,
    protected: bool,
    /// ARN of the key that is to encrypt it.
    #[serde(default)]
    kms_key: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
    /// The policy of the resource.
    pub(crate) policy: Option<String>,
    created: Timestamp,
    updated: Timestamp,
    ingests: bool,
    /// When it was asked to be deleted.
    deleted: Option<Timestamp>,
}

impl Resource for EventDataStore {
    const KIND: &'static str = "cloudtrail/event-data-store";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> welkin_kernel::Key {
        self.id.as_str().into_key()
    }
}

/// How a store is paid for, which sets how long it may retain events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum BillingMode {
    #[default]
    #[serde(rename = "EXTENDABLE_RETENTION_PRICING")]
    Extendable,
    #[serde(rename = "FIXED_RETENTION_PRICING")]
    Fixed,
}

impl BillingMode {
    /// Days of retention unless the caller says, and at most: the reference of CreateEventDataStore.
    fn retention(self) -> (u64, u64) {
        match self {
            Self::Extendable => (366, 3653),
            Self::Fixed => (2557, 2557),
        }
    }

    /// Refuses a retention that is too long.
    fn check(self, days: u64) -> Result<u64> {
        let (_, most) = self.retention();
        if days > most {
            // UNVERIFIED: the wording.
            let message = format!("The retention period must be between 7 and {most} days for this billing mode.");
            return Err(InvalidParameterException::because(message));
        }
        Ok(days)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Status {
    Created,
    Enabled,
    StoppedIngestion,
    PendingDeletion,
}

/// A store as it is shown.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Shown {
    event_data_store_arn: String,
    name: String,
    status: Status,
    advanced_event_selectors: Selectors,
    multi_region_enabled: bool,
    organization_enabled: bool,
    retention_period: u64,
    termination_protection_enabled: bool,
    created_timestamp: Timestamp,
    updated_timestamp: Timestamp,
    kms_key_id: Option<String>,
    billing_mode: BillingMode,
}

impl Shown {
    fn of(store: EventDataStore, account: AccountId) -> Self {
        Self {
            event_data_store_arn: store.arn(account).into(),
            status: store.status(),
            name: store.name,
            advanced_event_selectors: store.selectors,
            multi_region_enabled: store.multi_region,
            organization_enabled: false,
            retention_period: store.retention,
            termination_protection_enabled: store.protected,
            created_timestamp: store.created,
            updated_timestamp: store.updated,
            kms_key_id: store.kms_key,
            billing_mode: store.billing,
        }
    }
}

impl EventDataStore {
    /// Its ARN.
    pub(crate) fn arn(&self, account: AccountId) -> Arn {
        Place::new(account, self.home).arn("cloudtrail", format_args!("eventdatastore/{}", self.id))
    }

    /// Gives it the key that a request names, which it keeps from then on: "the KMS key cannot be removed or changed":
    /// the reference of CreateEventDataStore.
    ///
    /// A store's events lie with all else that Welkin keeps; the key decides who can have a store with it, and is not
    /// asked again for each event.
    async fn take_key(&mut self, cx: &mut Cx, key_id: &str) -> Result<()> {
        let encrypted = Encrypted { arn: self.arn(cx.account()), place: cx.here() };
        let key = encrypted.key(cx, key_id).await?;
        if self.kms_key.as_ref().is_some_and(|own| *own != key) {
            // UNVERIFIED: code and wording.
            let message = "The KMS key of an event data store cannot be changed.";
            return Err(InvalidParameterException::because(message));
        }
        encrypted.try_out(cx, &key).await?;
        self.kms_key = Some(key);
        Ok(())
    }

    /// ARN of the key that encrypts it.
    pub(super) fn key(&self) -> Option<&str> {
        self.kms_key.as_deref()
    }

    fn status(&self) -> Status {
        match (self.deleted, self.ingests) {
            (Some(_), _) => Status::PendingDeletion,
            (None, true) => Status::Enabled,
            (None, false) => Status::StoppedIngestion,
        }
    }

    /// How long it retains events.
    pub(super) fn retained(&self) -> Duration {
        Duration::from_secs(self.retention * 24 * 60 * 60)
    }

    /// Whether it ingests what is recorded.
    pub(super) fn ingests_calls(&self) -> bool {
        self.deleted.is_none() && self.ingests && self.selectors.category() == Category::Management
    }

    /// Whether it is to keep a record.
    pub(super) fn wants(&self, record: &CallRecord) -> bool {
        (self.multi_region || record.place.region == self.home) && self.selectors.select(record)
    }

    /// Whether it can be used: it is not being deleted.
    ///
    /// # Errors
    /// `InactiveEventDataStoreException`.
    pub(super) fn active(self, account: AccountId) -> Result<Self> {
        if self.deleted.is_none() {
            return Ok(self);
        }
        // UNVERIFIED: the wording.
        let message = format!("The event data store {} is pending deletion.", self.arn(account));
        Err(InactiveEventDataStoreException::because(message))
    }

    async fn all(cx: &mut Cx) -> Result<Vec<Self>> {
        let here = cx.here();
        cx.list::<Self>(here, (), Page::ALL).await
    }

    /// The store that a request names, by its ARN or the id in it, with the account that has it.
    ///
    /// # Errors
    /// `EventDataStoreARNInvalidException`, `EventDataStoreNotFoundException`.
    pub(crate) async fn find(cx: &mut Cx, name: &str) -> Result<(AccountId, Self)> {
        let (place, id) = address(cx, name)?;
        // An id is known in its own Region alone.
        let found = if place.region == cx.region() { cx.get::<Self>(place, id).await? } else { None };
        let missing = || EventDataStoreNotFoundException::because(format!("Event data store {name} was not found."));
        found.map(|store| (place.account, store)).ok_or_else(missing)
    }

    /// The store that a request names, of the caller's account.
    pub(super) async fn own(cx: &mut Cx, name: &str) -> Result<Self> {
        let (account, store) = Self::find(cx, name).await?;
        if account == cx.account() {
            return Ok(store);
        }
        Err(EventDataStoreNotFoundException::because(format!("Event data store {name} was not found.")))
    }

    /// Stores it, and tells the recorder.
    pub(crate) async fn save(&self, cx: &mut Cx, account: AccountId) -> Result<()> {
        cx.put(Place::new(account, self.home), self).await?;
        event::refresh(cx, account, self).await
    }

    /// The demand of an operation on the store that a request names; its policy may give it to other accounts.
    pub(crate) async fn access(cx: &mut Cx, action: &'static str, name: &str) -> Result<Access> {
        let (account, store) = Self::find(cx, name).await?;
        let access = Access::to(action).on(store.arn(account)).owned_by(account).policy(store.policy.as_deref());
        Ok(access.resource_tags(&store.tags))
    }
}

/// Where the store lies that a request names, and its id.
fn address(cx: &Cx, name: &str) -> Result<(Place, String)> {
    if !name.starts_with("arn:") {
        return Ok((cx.here(), name.to_owned()));
    }
    // UNVERIFIED: the wording.
    let invalid =
        || EventDataStoreARNInvalidException::because(format!("The event data store ARN {name} is not valid."));
    let arn: Arn = name.parse().map_err(|_| invalid())?;
    let parts = (arn.service(), arn.region(), arn.account(), arn.resource().strip_prefix("eventdatastore/"));
    match parts {
        ("cloudtrail", Some(region), Some(account), Some(id)) => Ok((Place::new(account, region), id.to_owned())),
        _ => Err(invalid()),
    }
}
