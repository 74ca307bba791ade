//! Tags of instances, locations and grants, by what is behind `access-grants/` in their ARNs.

use welkin_kernel::{Access, AccountId, Cx, Result};

use super::grant::{self, Grant};
use super::home;
use super::instance::{self, Instance};
use super::location::{self, Location};
use crate::tags::Tags;

/// What has tags.
pub(crate) enum Tagged {
    Instance,
    Location(String),
    Grant(String),
}

impl Tagged {
    /// Reads `default`, `default/location/id` or `default/grant/id`.
    pub(crate) fn read(path: &str) -> Option<Self> {
        match path.split('/').collect::<Vec<_>>()[..] {
            [instance::ID] => Some(Self::Instance),
            [instance::ID, "location", id] => Some(Self::Location(id.to_owned())),
            [instance::ID, "grant", id] => Some(Self::Grant(id.to_owned())),
            _ => None,
        }
    }

    /// What it takes to do `action` to it, which need not be there.
    pub(crate) async fn access(&self, cx: &mut Cx, action: &'static str, account: AccountId) -> Result<Access> {
        let place = home(cx, account);
        let (arn, tags) = match self {
            Self::Instance => {
                (instance::arn(place), cx.get::<Instance>(place, ()).await?.map(|instance| instance.tags))
            }
            Self::Location(id) => {
                (location::arn(place, id), cx.get::<Location>(place, (id,)).await?.map(|location| location.tags))
            }
            Self::Grant(id) => (grant::arn(place, id), cx.get::<Grant>(place, (id,)).await?.map(|grant| grant.tags)),
        };
        Ok(Access::to(action).on(arn).owned_by(account).resource_tags(&tags.unwrap_or_default()))
    }

    /// Its tags.
    ///
    /// # Errors
    /// That it is not there.
    pub(crate) async fn tags(&self, cx: &mut Cx, account: AccountId) -> Result<Tags> {
        let place = home(cx, account);
        Ok(match self {
            Self::Instance => Instance::open(cx, place).await?.tags,
            Self::Location(id) => Location::open(cx, place, id).await?.tags,
            Self::Grant(id) => Grant::open(cx, place, id).await?.tags,
        })
    }

    /// Gives it these tags.
    ///
    /// # Errors
    /// That it is not there.
    pub(crate) async fn set(&self, cx: &mut Cx, account: AccountId, tags: Tags) -> Result<()> {
        let place = home(cx, account);
        match self {
            Self::Instance => {
                let instance = Instance { tags, ..Instance::open(cx, place).await? };
                cx.put(place, &instance).await
            }
            Self::Location(id) => {
                let location = Location { tags, ..Location::open(cx, place, id).await? };
                cx.put(place, &location).await
            }
            Self::Grant(id) => {
                let grant = Grant { tags, ..Grant::open(cx, place, id).await? };
                cx.put(place, &grant).await
            }
        }
    }
}
