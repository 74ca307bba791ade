//! Channels: the ways into event data stores for events of sources outside of AWS.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-event-data-store-integration.html>

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod update;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Arn, Cx, IntoKey, Page, Place, Region, Resource, Result, Scope, Timestamp};

use super::selector::Category;
use super::store::EventDataStore;
use crate::errors::{
    ChannelARNInvalidException, ChannelNotFoundException, InvalidEventDataStoreCategoryException,
    InvalidParameterException,
};

/// A channel.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Channel {
    pub(crate) id: String,
    name: String,
    home: Region,
    source: String,
    destinations: Vec<Destination>,
    pub(crate) tags: BTreeMap<String, String>,
    /// The policy of the resource.
    pub(crate) policy: Option<String>,
}

impl Resource for Channel {
    const KIND: &'static str = "cloudtrail/channel";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> welkin_kernel::Key {
        self.id.as_str().into_key()
    }
}

/// Where events go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Destination {
    #[serde(rename = "Type")]
    kind: DestinationType,
    /// ARN of an event data store.
    location: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum DestinationType {
    EventDataStore,
    /// Of channels that AWS services make for themselves.
    AwsService,
}

/// How the last events came through a channel.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ingestion {
    channel: String,
    pub(crate) succeeded: Option<(Timestamp, String)>,
    pub(crate) attempted: Option<(Timestamp, String)>,
    /// Code of the last error, if the last attempt failed.
    pub(crate) error: Option<String>,
}

impl Resource for Ingestion {
    const KIND: &'static str = "cloudtrail/ingestion";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> welkin_kernel::Key {
        self.channel.as_str().into_key()
    }
}

impl Ingestion {
    /// Of a channel through which nothing came yet.
    pub(crate) fn of(channel: &str) -> Self {
        Self { channel: channel.to_owned(), ..Self::default() }
    }
}

/// A channel as CreateChannel and UpdateChannel answer it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Shown {
    channel_arn: String,
    name: String,
    source: String,
    destinations: Vec<Destination>,
}

impl Shown {
    fn of(channel: Channel, account: AccountId) -> Self {
        Self {
            channel_arn: channel.arn(account).into(),
            name: channel.name,
            source: channel.source,
            destinations: channel.destinations,
        }
    }
}

impl Channel {
    /// Its ARN.
    pub(crate) fn arn(&self, account: AccountId) -> Arn {
        Place::new(account, self.home).arn("cloudtrail", format_args!("channel/{}", self.id))
    }

    /// Channels of the account in the Region.
    pub(super) async fn all(cx: &mut Cx) -> Result<Vec<Self>> {
        let here = cx.here();
        cx.list::<Self>(here, (), Page::ALL).await
    }

    /// Whether events go to the store with this ARN.
    pub(super) fn leads_to(&self, store: &str) -> bool {
        self.destinations.iter().any(|destination| destination.location == store)
    }

    /// The stores to which events go, that are still there.
    pub(super) async fn stores(&self, cx: &mut Cx) -> Result<Vec<EventDataStore>> {
        let mut stores = Vec::new();
        for destination in &self.destinations {
            match EventDataStore::find(cx, &destination.location).await {
                Ok((_, store)) => stores.push(store),
                Err(error) if error.is("EventDataStoreNotFoundException") => {}
                Err(error) => return Err(error),
            }
        }
        Ok(stores)
    }

    /// The channel that a request names, by its ARN or the id in it, with the account that has it.
    ///
    /// # Errors
    /// `ChannelARNInvalidException`, `ChannelNotFoundException`.
    pub(crate) async fn find(cx: &mut Cx, name: &str) -> Result<(AccountId, Self)> {
        let (place, id) = address(cx, name)?;
        let found = if place.region == cx.region() { cx.get::<Self>(place, id).await? } else { None };
        let missing = || ChannelNotFoundException::because(format!("Channel {name} was not found."));
        found.map(|channel| (place.account, channel)).ok_or_else(missing)
    }

    /// The channel that a request names, of the caller's account.
    async fn own(cx: &mut Cx, name: &str) -> Result<Self> {
        let (account, channel) = Self::find(cx, name).await?;
        if account == cx.account() {
            return Ok(channel);
        }
        Err(ChannelNotFoundException::because(format!("Channel {name} was not found.")))
    }

    /// Stores it.
    pub(crate) async fn save(&self, cx: &mut Cx, account: AccountId) -> Result<()> {
        cx.put(Place::new(account, self.home), self).await
    }

    /// The demand of an operation on the channel that a request names; its policy may give it to other accounts.
    pub(crate) async fn access(cx: &mut Cx, action: &'static str, name: &str) -> Result<Access> {
        let (account, channel) = Self::find(cx, name).await?;
        let access = Access::to(action).on(channel.arn(account)).owned_by(account).policy(channel.policy.as_deref());
        Ok(access.resource_tags(&channel.tags))
    }
}

/// Where the channel lies that a request names, and its id.
fn address(cx: &Cx, name: &str) -> Result<(Place, String)> {
    if !name.starts_with("arn:") {
        return Ok((cx.here(), name.to_owned()));
    }
    // UNVERIFIED: the wording.
    let invalid = || ChannelARNInvalidException::because(format!("The channel ARN {name} is not valid."));
    let arn: Arn = name.parse().map_err(|_| invalid())?;
    let parts = (arn.service(), arn.region(), arn.account(), arn.resource().strip_prefix("channel/"));
    match parts {
        ("cloudtrail", Some(region), Some(account), Some(id)) => Ok((Place::new(account, region), id.to_owned())),
        _ => Err(invalid()),
    }
}

/// Refuses destinations that are not stores of the account for events from outside of AWS.
// UNVERIFIED: the wordings.
async fn check(cx: &mut Cx, destinations: &[Destination]) -> Result<()> {
    let account = cx.account();
    for destination in destinations {
        if destination.kind != DestinationType::EventDataStore {
            let message = "The destination type of a channel for an integration is EVENT_DATA_STORE.";
            return Err(InvalidParameterException::because(message));
        }
        let store = EventDataStore::own(cx, &destination.location).await?.active(account)?;
        if store.selectors.category() != Category::ActivityAuditLog {
            let message = "The event data store must select events of the category ActivityAuditLog.";
            return Err(InvalidEventDataStoreCategoryException::because(message));
        }
    }
    Ok(())
}
