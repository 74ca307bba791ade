//! Making a bus.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result};

use super::{Bus, BusAddress, DEFAULT};
use crate::errors::{
    LimitExceededException, ResourceAlreadyExistsException, invalid_parameter, not_implemented, refuse_kms_key,
};
use crate::tags::{self, Tag};
use crate::target::DeadLetterConfig;

/// Buses of an account in a Region, beside the default one.
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
const MOST: usize = 100;

/// Makes a bus for events of one's own.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateEventBus {
    name: String,
    event_source_name: Option<String>,
    description: Option<String>,
    kms_key_identifier: Option<String>,
    dead_letter_config: Option<DeadLetterConfig>,
    log_config: Option<LogConfig>,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// What a bus tells of its work. Nothing, as there are no logs to tell it to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LogConfig {
    level: Option<String>,
}

impl LogConfig {
    /// # Errors
    /// `NotImplemented` if there is something to tell.
    pub(super) fn check(given: Option<&Self>) -> Result<()> {
        match given.and_then(|config| config.level.as_deref()) {
            None | Some("OFF") => Ok(()),
            Some(_) => Err(not_implemented("logs of event buses")),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateEventBusResponse {
    event_bus_arn: String,
    description: Option<String>,
    dead_letter_config: Option<DeadLetterConfig>,
}

impl CreateEventBus {
    fn address(&self, cx: &Cx) -> BusAddress {
        BusAddress { place: cx.here(), name: self.name.clone() }
    }
}

impl Operation for CreateEventBus {
    const NAME: &'static str = "CreateEventBus";
    type Output = CreateEventBusResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let arn = self.address(cx).arn();
        let tags = tags::map(&self.tags)?;
        let create = Access::to("events:CreateEventBus").on(&arn).request_tags(&tags);
        let create = create.recorded_as("AWS::Events::EventBus");
        if tags.is_empty() {
            return Ok(create);
        }
        Ok(create.and(Access::to("events:TagResource").on(&arn).request_tags(&tags)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateEventBusResponse> {
        if self.event_source_name.is_some() || self.name.starts_with("aws.partner/") {
            return Err(not_implemented("event buses of partners"));
        }
        if self.name.contains('/') {
            return Err(invalid_parameter("Name", "Event bus name must not contain '/'."));
        }
        LogConfig::check(self.log_config.as_ref())?;
        let address = self.address(cx);
        if self.name == DEFAULT || cx.exists::<Bus>(address.place, &self.name).await? {
            return Err(ResourceAlreadyExistsException::because(format!("Event bus {} already exists.", self.name)));
        }
        let others = cx.list::<Bus>(address.place, (), Page::ALL).await?;
        if others.iter().filter(|bus| bus.name != DEFAULT).count() >= MOST {
            return Err(LimitExceededException::because("The requested resource exceeds the maximum number allowed."));
        }
        let tags = tags::map(&self.tags)?;
        tags::check(&tags)?;
        DeadLetterConfig::check(self.dead_letter_config.as_ref(), cx.here())?;
        refuse_kms_key(self.kms_key_identifier.as_deref())?;
        let now = Some(cx.now());
        let bus = Bus {
            name: self.name.clone(),
            description: self.description.clone(),
            dead_letter: self.dead_letter_config.clone().filter(|config| config.arn.is_some()),
            policy: None,
            tags,
            created: now,
            modified: now,
        };
        cx.put(address.place, &bus).await?;
        Ok(CreateEventBusResponse {
            event_bus_arn: address.arn().into(),
            description: bus.description,
            dead_letter_config: bus.dead_letter,
        })
    }
}
