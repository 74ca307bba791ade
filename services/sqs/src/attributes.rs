//! Attributes of queues: parsed from the text that callers send, and written as such.
//!
//! Reference: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::policy::{Document, DocumentKind};
use welkin_kernel::{Error, Result};

use crate::errors::{InvalidAttributeName, InvalidAttributeValue};
use crate::redrive::{RedriveAllowPolicy, RedrivePolicy};

/// Attributes of a queue that callers set. Periods are in seconds, sizes in bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Attributes {
    pub(crate) delay: u32,
    pub(crate) maximum_message_size: u32,
    pub(crate) retention: u32,
    pub(crate) receive_wait: u32,
    pub(crate) visibility_timeout: u32,
    pub(crate) policy: Option<String>,
    pub(crate) redrive: Option<RedrivePolicy>,
    pub(crate) redrive_allow: Option<RedriveAllowPolicy>,
    pub(crate) kms_key: Option<String>,
    pub(crate) data_key_reuse: u32,
    pub(crate) sqs_managed_sse: bool,
    pub(crate) fifo: Option<FifoAttributes>,
}

/// Attributes that only FIFO queues have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FifoAttributes {
    pub(crate) content_based_deduplication: bool,
    pub(crate) deduplication_by_group: bool,
    pub(crate) throughput_by_group: bool,
}

/// Longest message, in bytes: body and attributes.
///
/// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>
pub(crate) const LONGEST_MESSAGE: u32 = 1_048_576;

/// Longest visibility timeout, in seconds.
pub(crate) const LONGEST_VISIBILITY: u32 = 43_200;

/// Longest delay, in seconds.
pub(crate) const LONGEST_DELAY: u32 = 900;

/// Longest wait of a long poll, in seconds.
pub(crate) const LONGEST_WAIT: u32 = 20;

/// Names of attributes that are told, not set.
const TOLD: &[&str] = &[
    "All",
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
];

impl Attributes {
    /// The attributes of a new queue.
    pub(crate) fn new(fifo: bool) -> Self {
        let fifo = fifo.then_some(FifoAttributes {
            content_based_deduplication: false,
            deduplication_by_group: false,
            throughput_by_group: false,
        });
        Self {
            delay: 0,
            maximum_message_size: LONGEST_MESSAGE,
            retention: 345_600,
            receive_wait: 0,
            visibility_timeout: 30,
            policy: None,
            redrive: None,
            redrive_allow: None,
            kms_key: None,
            data_key_reuse: 300,
            sqs_managed_sse: true,
            fifo,
        }
    }

    pub(crate) fn retention(&self) -> Duration {
        Duration::from_secs(self.retention.into())
    }

    /// Sets attributes from their text.
    ///
    /// # Errors
    /// `InvalidAttributeName`, `InvalidAttributeValue`: then some may be set.
    pub(crate) fn set(&mut self, attributes: &BTreeMap<String, String>) -> Result<()> {
        for (name, value) in attributes {
            self.set_one(name, value)?;
        }
        if attributes.contains_key("KmsMasterKeyId") && self.kms_key.is_some() {
            if attributes.get("SqsManagedSseEnabled").is_some_and(|value| value == "true") {
                return Err(InvalidAttributeValue::because(
                    "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE \
                     or SQS SSE.",
                ));
            }
            self.sqs_managed_sse = false;
        }
        if self.sqs_managed_sse && attributes.contains_key("SqsManagedSseEnabled") {
            self.kms_key = None;
        }
        match &self.fifo {
            Some(fifo) if fifo.throughput_by_group && !fifo.deduplication_by_group => {
                Err(invalid("FifoThroughputLimit"))
            }
            _ => Ok(()),
        }
    }

    fn set_one(&mut self, name: &str, value: &str) -> Result<()> {
        match name {
            "DelaySeconds" => self.delay = number(name, value, 0..=LONGEST_DELAY)?,
            "MaximumMessageSize" => self.maximum_message_size = number(name, value, 1024..=LONGEST_MESSAGE)?,
            "MessageRetentionPeriod" => self.retention = number(name, value, 60..=1_209_600)?,
            "ReceiveMessageWaitTimeSeconds" => self.receive_wait = number(name, value, 0..=LONGEST_WAIT)?,
            "VisibilityTimeout" => self.visibility_timeout = number(name, value, 0..=LONGEST_VISIBILITY)?,
            "Policy" => self.policy = policy(value)?,
            "RedrivePolicy" => self.redrive = unless_empty(value).map(RedrivePolicy::parse).transpose()?,
            "RedriveAllowPolicy" => {
                self.redrive_allow = unless_empty(value).map(RedriveAllowPolicy::parse).transpose()?;
            }
            "KmsMasterKeyId" => self.kms_key = unless_empty(value).map(str::to_owned),
            "KmsDataKeyReusePeriodSeconds" => self.data_key_reuse = number(name, value, 60..=86_400)?,
            "SqsManagedSseEnabled" => self.sqs_managed_sse = boolean(name, value)?,
            // The kind of a queue is settled when it is created.
            "FifoQueue" if self.fifo.is_some() && value == "true" => {}
            "FifoQueue" => return Err(unknown(name)),
            "ContentBasedDeduplication" => self.fifo(name)?.content_based_deduplication = boolean(name, value)?,
            "DeduplicationScope" => {
                self.fifo(name)?.deduplication_by_group = choice(name, value, "queue", "messageGroup")?;
            }
            "FifoThroughputLimit" => {
                self.fifo(name)?.throughput_by_group = choice(name, value, "perQueue", "perMessageGroupId")?;
            }
            _ => return Err(unknown(name)),
        }
        Ok(())
    }

    fn fifo(&mut self, name: &str) -> Result<&mut FifoAttributes> {
        self.fifo.as_mut().ok_or_else(|| unknown(name))
    }

    /// The attributes as text, without those that are not set.
    pub(crate) fn to_text(&self) -> BTreeMap<&'static str, String> {
        let mut text = BTreeMap::from([
            ("DelaySeconds", self.delay.to_string()),
            ("MaximumMessageSize", self.maximum_message_size.to_string()),
            ("MessageRetentionPeriod", self.retention.to_string()),
            ("ReceiveMessageWaitTimeSeconds", self.receive_wait.to_string()),
            ("VisibilityTimeout", self.visibility_timeout.to_string()),
            ("SqsManagedSseEnabled", self.sqs_managed_sse.to_string()),
        ]);
        text.extend(self.policy.clone().map(|policy| ("Policy", policy)));
        text.extend(self.redrive.as_ref().map(|redrive| ("RedrivePolicy", redrive.to_text())));
        text.extend(self.redrive_allow.as_ref().map(|allow| ("RedriveAllowPolicy", allow.to_text())));
        if let Some(key) = &self.kms_key {
            text.insert("KmsMasterKeyId", key.clone());
            text.insert("KmsDataKeyReusePeriodSeconds", self.data_key_reuse.to_string());
        }
        if let Some(fifo) = &self.fifo {
            let either = |second: bool, names: [&str; 2]| names[usize::from(second)].to_owned();
            text.insert("FifoQueue", "true".to_owned());
            text.insert("ContentBasedDeduplication", fifo.content_based_deduplication.to_string());
            text.insert("DeduplicationScope", either(fifo.deduplication_by_group, ["queue", "messageGroup"]));
            text.insert("FifoThroughputLimit", either(fifo.throughput_by_group, ["perQueue", "perMessageGroupId"]));
        }
        text
    }

    /// The first attribute of `wanted` that has another value here.
    pub(crate) fn first_difference<'a>(&self, wanted: &'a BTreeMap<String, String>) -> Option<&'a str> {
        let mut changed = self.clone();
        wanted.iter().find_map(|(name, value)| {
            let same = changed.set_one(name, value).is_ok() && changed == *self;
            (!same).then_some(name.as_str())
        })
    }
}

/// Holds names of attributes that a caller asks for against those there are.
///
/// # Errors
/// `InvalidAttributeName`
pub(crate) fn check_names(names: &[String]) -> Result<()> {
    let known = |name: &String| TOLD.contains(&name.as_str()) || SET.contains(&name.as_str());
    match names.iter().find(|name| !known(name)) {
        Some(name) => Err(unknown(name)),
        None => Ok(()),
    }
}

/// Names of attributes that callers set.
const SET: &[&str] = &[
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "Policy",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
];

fn unknown(name: &str) -> Error {
    InvalidAttributeName::because(format!("Unknown Attribute {name}."))
}

/// An attribute has a value that it cannot have.
pub(crate) fn invalid(name: &str) -> Error {
    InvalidAttributeValue::because(format!("Invalid value for the parameter {name}."))
}

fn unless_empty(value: &str) -> Option<&str> {
    (!value.is_empty()).then_some(value)
}

fn number(name: &str, value: &str, range: RangeInclusive<u32>) -> Result<u32> {
    value.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| invalid(name))
}

fn boolean(name: &str, value: &str) -> Result<bool> {
    choice(name, value, "false", "true")
}

/// Whether `value` is `second` rather than `first`.
fn choice(name: &str, value: &str, first: &str, second: &str) -> Result<bool> {
    if value == second {
        Ok(true)
    } else if value == first {
        Ok(false)
    } else {
        Err(invalid(name))
    }
}

fn policy(value: &str) -> Result<Option<String>> {
    let Some(json) = unless_empty(value) else { return Ok(None) };
    Document::parse(json, DocumentKind::Resource).map_err(|_| invalid("Policy"))?;
    Ok(Some(json.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn limits_are_those_of_the_reference() {
        for (name, low, high) in [
            ("DelaySeconds", 0, 900),
            ("MaximumMessageSize", 1024, 1_048_576),
            ("MessageRetentionPeriod", 60, 1_209_600),
            ("ReceiveMessageWaitTimeSeconds", 0, 20),
            ("VisibilityTimeout", 0, 43_200),
            ("KmsDataKeyReusePeriodSeconds", 60, 86_400),
        ] {
            let set = |value: i64| Attributes::new(false).set(&map(&[(name, &value.to_string())]));
            assert!(set(low).is_ok() && set(high).is_ok(), "{name}");
            assert!(set(low - 1).unwrap_err().is("InvalidAttributeValue"), "{name}");
            assert!(set(high + 1).unwrap_err().is("InvalidAttributeValue"), "{name}");
        }
    }

    #[test]
    fn attributes_of_fifo_queues_are_unknown_to_others() {
        for (name, value) in [("ContentBasedDeduplication", "true"), ("DeduplicationScope", "queue")] {
            let one = map(&[(name, value)]);
            assert!(Attributes::new(false).set(&one).unwrap_err().is("InvalidAttributeName"));
            assert!(Attributes::new(true).set(&one).is_ok());
        }
        let high = [("FifoThroughputLimit", "perMessageGroupId"), ("DeduplicationScope", "messageGroup")];
        assert!(Attributes::new(true).set(&map(&high)).is_ok());
        assert!(Attributes::new(true).set(&map(&high[..1])).unwrap_err().is("InvalidAttributeValue"));
    }

    #[test]
    fn one_kind_of_encryption_takes_the_place_of_the_other() {
        let mut attributes = Attributes::new(false);
        attributes.set(&map(&[("KmsMasterKeyId", "alias/a")])).unwrap();
        assert!(!attributes.sqs_managed_sse);
        attributes.set(&map(&[("SqsManagedSseEnabled", "true")])).unwrap();
        assert_eq!(attributes.kms_key, None);
        let both = map(&[("KmsMasterKeyId", "alias/a"), ("SqsManagedSseEnabled", "true")]);
        assert!(attributes.set(&both).unwrap_err().is("InvalidAttributeValue"));
    }

    #[test]
    fn only_attributes_that_were_asked_for_are_compared() {
        let mut attributes = Attributes::new(false);
        attributes.set(&map(&[("DelaySeconds", "5")])).unwrap();
        assert_eq!(attributes.first_difference(&map(&[])), None);
        assert_eq!(attributes.first_difference(&map(&[("DelaySeconds", "5")])), None);
        assert_eq!(attributes.first_difference(&map(&[("DelaySeconds", "6")])), Some("DelaySeconds"));
    }
}
