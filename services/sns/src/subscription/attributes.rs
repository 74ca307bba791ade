//! Attributes of subscriptions: parsed from the text that callers send, and written as such.
//!
//! Reference: <https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use welkin_kernel::{Arn, Result};

use super::protocol::{Protocol, queue};
use crate::archive::replay::ReplayPolicy;
use crate::delivery_policy::SubscriptionDelivery;
use crate::errors::{invalid, invalid_because, not_implemented};
use crate::filter::{FilterPolicy, Scope};
use crate::topic::{Address, Topic};

/// Attributes that callers set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SubscriptionAttributes {
    pub(crate) raw: bool,
    pub(crate) filter: Option<FilterPolicy>,
    /// What a filter policy is held against.
    pub(crate) scope: Scope,
    /// The queue for what cannot be delivered.
    pub(crate) dead_letter: Option<Arn>,
    pub(crate) delivery: Option<SubscriptionDelivery>,
    /// Which messages of the topic's archive it is to get.
    #[serde(default)]
    pub(crate) replay: Option<ReplayPolicy>,
}

impl SubscriptionAttributes {
    /// Sets attributes from their text.
    ///
    /// # Errors
    /// `InvalidParameter`, `FilterPolicyLimitExceeded`, `NotImplemented`
    pub(crate) fn set_all(
        &mut self,
        attributes: &BTreeMap<String, String>,
        protocol: Protocol,
        topic: (&Topic, &Address),
    ) -> Result<()> {
        // Whether a filter policy is one depends on its scope.
        if let Some(scope) = attributes.get("FilterPolicyScope") {
            self.set("FilterPolicyScope", scope, protocol, topic)?;
        }
        let others = attributes.iter().filter(|(name, _)| *name != "FilterPolicyScope");
        others.into_iter().try_for_each(|(name, value)| {
            self.set(name, value, protocol, topic)
                .map_err(|error| if error.is("UnknownAttribute") { invalid("Attributes") } else { error })
        })
    }

    /// Changes an attribute.
    ///
    /// # Errors
    /// `InvalidParameter`, `FilterPolicyLimitExceeded`, `NotImplemented`
    pub(crate) fn change(
        &mut self,
        name: &str,
        value: &str,
        protocol: Protocol,
        topic: (&Topic, &Address),
    ) -> Result<()> {
        self.set(name, value, protocol, topic)
            .map_err(|error| if error.is("UnknownAttribute") { invalid("AttributeName") } else { error })
    }

    fn set(&mut self, name: &str, value: &str, protocol: Protocol, topic: (&Topic, &Address)) -> Result<()> {
        let text = Some(value).filter(|value| !value.is_empty());
        match name {
            "RawMessageDelivery" => self.raw = raw(value, protocol)?,
            "FilterPolicyScope" => {
                let scope = text.map_or(Ok(Scope::default()), Scope::parse)?;
                if let Some(filter) = &self.filter {
                    filter.check(scope)?;
                }
                self.scope = scope;
            }
            // An empty object takes the policy back as well.
            "FilterPolicy" if matches!(text, None | Some("{}")) => self.filter = None,
            "FilterPolicy" => {
                let filter = FilterPolicy::parse(value)?;
                filter.check(self.scope)?;
                self.filter = Some(filter);
            }
            "RedrivePolicy" if matches!(text, None | Some("{}")) => self.dead_letter = None,
            "RedrivePolicy" => self.dead_letter = Some(dead_letter(value, topic)?),
            "DeliveryPolicy" => self.delivery = text.map(SubscriptionDelivery::parse).transpose()?,
            "ReplayPolicy" if matches!(text, None | Some("{}")) => self.replay = None,
            "ReplayPolicy" => self.replay = Some(ReplayPolicy::parse(value)?),
            "SubscriptionRoleArn" => return Err(not_implemented("SubscriptionRoleArn (of Firehose subscriptions)")),
            _ => return Err(welkin_kernel::Error::new("UnknownAttribute", name)),
        }
        Ok(())
    }

    /// The attributes as text, without those that are not set.
    pub(crate) fn to_text(&self) -> BTreeMap<&'static str, String> {
        let mut text = BTreeMap::from([("RawMessageDelivery", self.raw.to_string())]);
        if let Some(filter) = &self.filter {
            text.insert("FilterPolicy", filter.as_str().to_owned());
            text.insert("FilterPolicyScope", self.scope.as_str().to_owned());
        }
        if let Some(dead_letter) = &self.dead_letter {
            text.insert("RedrivePolicy", json!({ "deadLetterTargetArn": dead_letter }).to_string());
        }
        text.extend(self.replay.as_ref().map(|policy| ("ReplayPolicy", policy.to_text())));
        text.extend(self.delivery.as_ref().map(|delivery| ("DeliveryPolicy", delivery.to_text())));
        text
    }
}

fn raw(value: &str, protocol: Protocol) -> Result<bool> {
    let refuse = |reason: String| Err(invalid_because("Attributes", format_args!("RawMessageDelivery: {reason}")));
    match value {
        "false" => Ok(false),
        "true" if protocol.can_be_raw() => Ok(true),
        "true" => refuse(format!("Delivery protocol [{}] does not support raw message delivery.", protocol.as_str())),
        _ => refuse(format!("Invalid value [{value}]. Must be true or false.")),
    }
}

/// The queue that a redrive policy names: of the topic's account and Region, and of its kind.
// UNVERIFIED: the wording but of the first refusal, and that the account is the topic's.
fn dead_letter(text: &str, (topic, address): (&Topic, &Address)) -> Result<Arn> {
    let refuse = |reason: &str| invalid(format_args!("RedrivePolicy: {reason}"));
    let policy: Value = serde_json::from_str(text).map_err(|_| refuse("failed to parse JSON."))?;
    let target = policy["deadLetterTargetArn"].as_str().ok_or_else(|| refuse("deadLetterTargetArn is required"))?;
    let queue = queue(target).ok_or_else(|| refuse("deadLetterTargetArn is an invalid arn"))?;
    if queue.region() != Some(address.place.region) || queue.account() != Some(address.place.account) {
        return Err(refuse("deadLetterTargetArn must be of the account and Region of the topic"));
    }
    if topic.is_fifo() != queue.resource().ends_with(".fifo") {
        return Err(refuse("must use a FIFO queue as DLQ for a FIFO topic, and a standard one for a standard topic"));
    }
    Ok(queue)
}
