//! Event buses. Every account has one called `default` in every Region; it has a row once something of it was set.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod describe;
pub(crate) mod list;
pub(crate) mod permission;
pub(crate) mod update;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::errors::{ResourceNotFoundException, invalid_parameter, not_implemented};
use crate::tags::Tags;
use crate::target::DeadLetterConfig;

/// The bus that every account has.
pub(crate) const DEFAULT: &str = "default";

/// A bus, as an input names it: by name or ARN, or not at all for the default one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct BusName(Option<String>);

/// Where a bus is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BusAddress {
    pub(crate) place: Place,
    pub(crate) name: String,
}

/// A bus, as it is stored.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Bus {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) dead_letter: Option<DeadLetterConfig>,
    #[serde(default)]
    pub(crate) policy: Option<String>,
    pub(crate) tags: Tags,
    /// When it was made, and when it was changed; the default bus has always been there.
    pub(crate) created: Option<Timestamp>,
    pub(crate) modified: Option<Timestamp>,
}

impl Resource for Bus {
    const KIND: &'static str = "events/bus";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

impl BusName {
    /// Where the bus is, which may be another account or Region.
    ///
    /// # Errors
    /// `ValidationException` for an ARN of something else.
    pub(crate) fn address(&self, cx: &Cx) -> Result<BusAddress> {
        let Some(name) = self.0.as_deref() else {
            return Ok(BusAddress { place: cx.here(), name: DEFAULT.to_owned() });
        };
        if !name.starts_with("arn:") {
            return Ok(BusAddress { place: cx.here(), name: name.to_owned() });
        }
        name.parse()
            .ok()
            .and_then(|arn| BusAddress::of(&arn))
            .ok_or_else(|| invalid_parameter("EventBusName", "Provided Arn is not in correct format."))
    }

    /// Where a bus of this account and Region is.
    ///
    /// # Errors
    /// `NotImplemented` for another account's: what works there is to send events.
    pub(crate) fn own(&self, cx: &Cx) -> Result<BusAddress> {
        let address = self.address(cx)?;
        if address.place.account != cx.account() {
            return Err(not_implemented("rules on event buses of other accounts"));
        }
        if address.place != cx.here() {
            return Err(invalid_parameter("EventBusName", "The event bus is in another Region."));
        }
        Ok(address)
    }
}

impl BusAddress {
    /// Of a bus's ARN.
    pub(crate) fn of(arn: &Arn) -> Option<Self> {
        let name = arn.resource().strip_prefix("event-bus/").filter(|_| arn.service() == "events")?;
        Some(Self { place: Place::new(arn.account()?, arn.region()?), name: name.to_owned() })
    }

    pub(crate) fn arn(&self) -> Arn {
        self.place.arn("events", format_args!("event-bus/{}", self.name))
    }

    /// The bus, if there is one.
    pub(crate) async fn find(&self, cx: &mut Cx) -> Result<Option<Bus>> {
        let found = cx.get::<Bus>(self.place, &self.name).await?;
        Ok(match found {
            None if self.name == DEFAULT => Some(Bus { name: DEFAULT.to_owned(), ..Bus::default() }),
            found => found,
        })
    }

    /// The bus.
    ///
    /// # Errors
    /// `ResourceNotFoundException`
    pub(crate) async fn bus(&self, cx: &mut Cx) -> Result<Bus> {
        let missing = || ResourceNotFoundException::because(format!("Event bus {} does not exist.", self.name));
        self.find(cx).await?.ok_or_else(missing)
    }

    /// The access to it that an operation of its owner demands.
    pub(crate) async fn access(&self, cx: &mut Cx, action: &'static str) -> Result<Access> {
        let access = Access::to(action).on(self.arn()).recorded_as("AWS::Events::EventBus");
        Ok(match self.find(cx).await? {
            Some(bus) => access.policy(bus.policy.as_deref()).resource_tags(&bus.tags),
            None => access,
        })
    }
}
