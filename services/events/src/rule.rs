//! Rules: which events, or when, go to which targets.

pub(crate) mod delete;
pub(crate) mod describe;
pub(crate) mod list;
pub(crate) mod put;
pub(crate) mod schedule;
pub(crate) mod state;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Arn, Cx, IntoKey, Key, Page, Resource, Result, Scope, Timestamp};

use crate::bus::{BusAddress, DEFAULT};
use crate::errors::{ManagedRuleException, ResourceNotFoundException};
use crate::tags::Tags;
use crate::target::Target;

/// Where a rule is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RuleAddress {
    pub(crate) bus: BusAddress,
    pub(crate) name: String,
}

/// A rule, as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Rule {
    pub(crate) bus: String,
    pub(crate) name: String,
    /// Tells it from others of the same name before and after it.
    pub(crate) id: u64,
    pub(crate) pattern: Option<String>,
    pub(crate) schedule: Option<String>,
    pub(crate) state: State,
    pub(crate) description: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) managed_by: Option<String>,
    pub(crate) created_by: AccountId,
    pub(crate) tags: Tags,
    pub(crate) targets: Vec<Target>,
    /// From when its rate is counted.
    pub(crate) since: Timestamp,
}

/// Whether a rule is looked at, and for which events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum State {
    #[default]
    Enabled,
    Disabled,
    /// Also for calls that only read.
    EnabledWithAllCloudtrailManagementEvents,
}

impl Resource for Rule {
    const KIND: &'static str = "events/rule";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (&self.bus, &self.name).into_key()
    }
}

impl RuleAddress {
    /// Its ARN; that of a rule of the default bus does not name the bus.
    pub(crate) fn arn(&self) -> Arn {
        match self.bus.name.as_str() {
            DEFAULT => self.bus.place.arn("events", format_args!("rule/{}", self.name)),
            bus => self.bus.place.arn("events", format_args!("rule/{bus}/{}", self.name)),
        }
    }

    /// The rule, if there is one.
    pub(crate) async fn find(&self, cx: &mut Cx) -> Result<Option<Rule>> {
        cx.get::<Rule>(self.bus.place, (&self.bus.name, &self.name)).await
    }

    /// The rule.
    ///
    /// # Errors
    /// `ResourceNotFoundException`
    pub(crate) async fn rule(&self, cx: &mut Cx) -> Result<Rule> {
        self.bus.bus(cx).await?;
        self.find(cx).await?.ok_or_else(|| {
            ResourceNotFoundException::because(format!(
                "Rule {} does not exist on EventBus {}.",
                self.name, self.bus.name
            ))
        })
    }

    /// The access to it that an operation demands.
    pub(crate) async fn access(&self, cx: &mut Cx, action: &'static str) -> Result<Access> {
        let access = Access::to(action).on(self.arn()).recorded_as("AWS::Events::Rule");
        Ok(match self.find(cx).await? {
            Some(rule) => rule.keys(access).resource_tags(&rule.tags),
            None => access,
        })
    }
}

impl Rule {
    /// All rules of a bus, by name.
    pub(crate) async fn of_bus(cx: &mut Cx, bus: &BusAddress) -> Result<Vec<Self>> {
        cx.list::<Self>(bus.place, &bus.name, Page::ALL).await
    }

    pub(crate) fn address(&self, bus: &BusAddress) -> RuleAddress {
        RuleAddress { bus: bus.clone(), name: self.name.clone() }
    }

    /// The condition keys that every operation on a rule has.
    pub(crate) fn keys(&self, access: Access) -> Access {
        let access = access.key("events:creatorAccount", self.created_by.to_string());
        match &self.managed_by {
            Some(service) => access.key("events:ManagedBy", service.clone()),
            None => access,
        }
    }

    /// # Errors
    /// `ManagedRuleException`, unless it is forced.
    pub(crate) fn must_not_be_managed(&self, force: bool) -> Result<()> {
        if self.managed_by.is_some() && !force { Err(ManagedRuleException.into()) } else { Ok(()) }
    }
}
