//! `UpdateEventDataStore`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Operation, Result};

use super::create::{check_name, refuse};
use super::get::EventDataStoreResponse;
use super::{BillingMode, EventDataStore, Shown};
use crate::errors::{InvalidEventSelectorsException, InvalidParameterException};
use crate::lake::selector::Selectors;
use crate::selector::advanced::AdvancedEventSelector;

/// Changes an event data store.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateEventDataStore.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateEventDataStore {
    event_data_store: String,
    name: Option<String>,
    advanced_event_selectors: Option<Vec<AdvancedEventSelector>>,
    multi_region_enabled: Option<bool>,
    organization_enabled: Option<bool>,
    retention_period: Option<u64>,
    termination_protection_enabled: Option<bool>,
    kms_key_id: Option<String>,
    billing_mode: Option<BillingMode>,
}

impl UpdateEventDataStore {
    /// "At least one optional parameter must be specified": the reference above.
    fn is_empty(&self) -> bool {
        let flags = [self.multi_region_enabled, self.organization_enabled, self.termination_protection_enabled];
        let texts = [&self.name, &self.kms_key_id];
        flags.iter().all(Option::is_none)
            && texts.iter().all(|text| text.is_none())
            && self.advanced_event_selectors.is_none()
            && self.retention_period.is_none()
            && self.billing_mode.is_none()
    }

    // UNVERIFIED: the wordings.
    fn change(&self, store: &mut EventDataStore) -> Result<()> {
        if let Some(given) = &self.advanced_event_selectors {
            let selectors = Selectors::of(given)?;
            if selectors.category() != store.selectors.category() {
                let message = "The category of events of an event data store cannot be changed.";
                return Err(InvalidEventSelectorsException::because(message));
            }
            store.selectors = selectors;
        }
        if let Some(billing) = self.billing_mode {
            if billing == BillingMode::Fixed && store.billing == BillingMode::Extendable {
                let message =
                    "The billing mode cannot be changed from EXTENDABLE_RETENTION_PRICING to FIXED_RETENTION_PRICING.";
                return Err(InvalidParameterException::because(message));
            }
            store.billing = billing;
        }
        if let Some(days) = self.retention_period {
            store.retention = store.billing.check(days)?;
        }
        store.multi_region = self.multi_region_enabled.unwrap_or(store.multi_region);
        store.protected = self.termination_protection_enabled.unwrap_or(store.protected);
        Ok(())
    }
}

impl Operation for UpdateEventDataStore {
    const NAME: &'static str = "UpdateEventDataStore";
    type Output = EventDataStoreResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        EventDataStore::access(cx, "cloudtrail:UpdateEventDataStore", &self.event_data_store).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<EventDataStoreResponse> {
        let account = cx.account();
        let mut store = EventDataStore::own(cx, &self.event_data_store).await?.active(account)?;
        if self.is_empty() {
            return Err(InvalidParameterException::because("At least one parameter to update must be given."));
        }
        refuse(self.organization_enabled)?;
        self.change(&mut store)?;
        if let Some(key_id) = &self.kms_key_id {
            store.take_key(cx, key_id).await?;
        }
        if let Some(name) = self.name.as_ref().filter(|name| **name != store.name) {
            check_name(cx, name).await?;
            store.name.clone_from(name);
        }
        store.updated = cx.now();
        store.save(cx, account).await?;
        Ok(EventDataStoreResponse::of(Shown::of(store, account)))
    }
}
