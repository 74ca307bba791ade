//! Changing a bus.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::BusName;
use super::create::LogConfig;
use crate::errors::refuse_kms_key;
use crate::target::DeadLetterConfig;

/// Changes the settings of a bus.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UpdateEventBus.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateEventBus {
    #[serde(default)]
    name: BusName,
    kms_key_identifier: Option<String>,
    description: Option<String>,
    dead_letter_config: Option<DeadLetterConfig>,
    log_config: Option<LogConfig>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateEventBusResponse {
    arn: String,
    name: String,
    description: Option<String>,
    dead_letter_config: Option<DeadLetterConfig>,
}

impl Operation for UpdateEventBus {
    const NAME: &'static str = "UpdateEventBus";
    type Output = UpdateEventBusResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.name.own(cx)?.access(cx, "events:UpdateEventBus").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<UpdateEventBusResponse> {
        let address = self.name.own(cx)?;
        let mut bus = address.bus(cx).await?;
        refuse_kms_key(self.kms_key_identifier.as_deref())?;
        LogConfig::check(self.log_config.as_ref())?;
        DeadLetterConfig::check(self.dead_letter_config.as_ref(), cx.here())?;
        // UNVERIFIED: that what is not given is kept, but for an empty value, which removes it.
        if let Some(description) = &self.description {
            bus.description = Some(description.clone()).filter(|text| !text.is_empty());
        }
        if let Some(config) = &self.dead_letter_config {
            bus.dead_letter = Some(config.clone()).filter(|config| config.arn.is_some());
        }
        bus.modified = Some(cx.now());
        cx.put(address.place, &bus).await?;
        Ok(UpdateEventBusResponse {
            arn: address.arn().into(),
            name: bus.name,
            description: bus.description,
            dead_letter_config: bus.dead_letter,
        })
    }
}
