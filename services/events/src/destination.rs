//! API destinations: HTTP endpoints that are targets of rules.
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html>

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod describe;
pub(crate) mod endpoint;
pub(crate) mod list;
pub(crate) mod update;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::connection::{Connection, State};
use crate::errors::ResourceNotFoundException;

/// An API destination, as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Destination {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) description: Option<String>,
    pub(crate) connection: Arn,
    pub(crate) endpoint: String,
    pub(crate) method: String,
    pub(crate) rate: u32,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
}

/// Invocations in a second, unless the destination says so.
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateApiDestination.html>
const DEFAULT_RATE: u32 = 300;

impl Resource for Destination {
    const KIND: &'static str = "events/destination";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

impl Destination {
    /// The destination of this name.
    ///
    /// # Errors
    /// `ResourceNotFoundException`
    async fn named(cx: &mut Cx, name: &str) -> Result<Self> {
        let here = cx.here();
        let missing = || {
            ResourceNotFoundException::because(format!(
                "Failed to describe the api-destination(s). An api-destination '{name}' does not exist."
            ))
        };
        cx.get::<Self>(here, name).await?.ok_or_else(missing)
    }

    /// The destination with this ARN, if it is there.
    pub(crate) async fn at(cx: &mut Cx, arn: &Arn) -> Result<Option<Self>> {
        let Some((account, region)) = arn.account().zip(arn.region()) else { return Ok(None) };
        let parts = arn.resource().strip_prefix("api-destination/").and_then(|rest| rest.split_once('/'));
        let Some((name, id)) = parts else { return Ok(None) };
        let found = cx.get::<Self>(Place::new(account, region), name).await?;
        Ok(found.filter(|destination| destination.id == id))
    }

    pub(crate) fn arn(&self, place: Place) -> Arn {
        place.arn("events", format_args!("api-destination/{}/{}", self.name, self.id))
    }

    /// Whether its connection is authorized.
    async fn state(&self, cx: &mut Cx) -> Result<&'static str> {
        let connection = Connection::at(cx, &self.connection).await?;
        Ok(match connection.map(|connection| connection.state) {
            Some(State::Authorized | State::Authorizing) => "ACTIVE",
            _ => "INACTIVE",
        })
    }
}

/// The access to a destination that an operation demands.
fn access(cx: &Cx, action: &'static str, name: &str) -> Access {
    Access::to(action).on(cx.here().arn("events", format_args!("api-destination/{name}")))
}
