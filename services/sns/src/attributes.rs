//! Attributes of topics: parsed from the text that callers send, and written as such.
//!
//! Reference: <https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Error, Result, Timestamp};

use crate::archive::Archive;
use crate::delivery_policy::TopicDelivery;
use crate::errors::{invalid, invalid_because, not_implemented};
use crate::policy;
use crate::publish::draft::LONGEST;

/// Attributes of a topic that callers set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Attributes {
    pub(crate) display_name: Option<String>,
    /// The topic's own policy; the default one if there is none.
    pub(crate) policy: Option<String>,
    pub(crate) delivery: Option<TopicDelivery>,
    pub(crate) kms_key: Option<String>,
    pub(crate) signature: Option<SignatureVersion>,
    /// Whether `TracingConfig` was set, to `PassThrough`.
    pub(crate) passes_traces_through: bool,
    /// Whether `TracingConfig` was set, to `Active`. Welkin has no X-Ray to which segments would go.
    #[serde(default)]
    pub(crate) vends_traces: bool,
    /// Longest message, in bytes, if it was set.
    #[serde(default)]
    maximum_message_size: Option<u32>,
    pub(crate) fifo: Option<FifoAttributes>,
}

/// Attributes that only FIFO topics have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FifoAttributes {
    pub(crate) content_based_deduplication: bool,
    /// Whether deduplication ids count within a group.
    pub(crate) deduplication_by_group: bool,
    #[serde(default)]
    pub(crate) archive: Option<Archive>,
}

/// By which digest messages are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SignatureVersion {
    /// SHA-1.
    #[default]
    One,
    /// SHA-256.
    Two,
}

impl SignatureVersion {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::One => "1",
            Self::Two => "2",
        }
    }
}

/// Longest display name, in characters.
///
/// Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-create-topic.html>
const LONGEST_DISPLAY_NAME: usize = 100;

/// What the longest message of a topic can be, in bytes.
///
/// Source: <https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html>
const MAXIMUM_MESSAGE_SIZES: std::ops::RangeInclusive<u32> = 1024..=1_048_576;

impl Attributes {
    /// The attributes of a new topic.
    pub(crate) fn new(fifo: bool) -> Self {
        let fifo = fifo.then_some(FifoAttributes {
            content_based_deduplication: false,
            deduplication_by_group: false,
            archive: None,
        });
        Self { fifo, ..Self::default() }
    }

    /// Sets the attributes of a new topic from their text.
    ///
    /// # Errors
    /// `InvalidParameter`, `NotImplemented`
    pub(crate) fn set_all(&mut self, attributes: &BTreeMap<String, String>, now: Timestamp) -> Result<()> {
        attributes.iter().try_for_each(|(name, value)| match name.as_str() {
            // The kind of a topic is settled when it is created, and what the value says has been looked at.
            "FifoTopic" if matches!(value.as_str(), "true" | "false") => Ok(()),
            "FifoTopic" => Err(invalid("FifoTopic")),
            _ => self.set(name, value, "Attributes", now),
        })
    }

    /// Changes an attribute.
    ///
    /// # Errors
    /// `InvalidParameter`, `NotImplemented`
    pub(crate) fn change(&mut self, name: &str, value: &str, now: Timestamp) -> Result<()> {
        self.set(name, value, "AttributeName", now)
    }

    /// Longest message, in bytes, attributes included.
    pub(crate) fn longest_message(&self) -> usize {
        self.maximum_message_size.and_then(|size| usize::try_from(size).ok()).unwrap_or(LONGEST)
    }

    /// Whether messages may be longer than those of other topics, which restricts the subscriptions.
    pub(crate) fn is_large(&self) -> bool {
        self.longest_message() > LONGEST
    }

    /// Whether a topic with these attributes is one with the attributes asked for.
    pub(crate) fn has(&self, wanted: &BTreeMap<String, String>) -> bool {
        let mut changed = self.clone();
        let fifo = wanted.get("FifoTopic").is_none_or(|value| (value == "true") == self.fifo.is_some());
        // An archive that is there keeps its beginning.
        fifo && changed.set_all(wanted, Timestamp::from_micros(0)).is_ok() && changed == *self
    }

    fn set(&mut self, name: &str, value: &str, parameter: &str, now: Timestamp) -> Result<()> {
        let text = (!value.is_empty()).then(|| value.to_owned());
        match name {
            "DisplayName" => self.display_name = text.map(display_name).transpose()?,
            "Policy" => self.policy = text.map(policy::check).transpose()?,
            "DeliveryPolicy" => self.delivery = text.as_deref().map(TopicDelivery::parse).transpose()?,
            "KmsMasterKeyId" => self.kms_key = text,
            "SignatureVersion" => self.signature = text.as_deref().map(signature_version).transpose()?,
            "TracingConfig" => {
                let config = text.as_deref();
                check_tracing(config, self.fifo.is_some())?;
                self.passes_traces_through = config == Some("PassThrough");
                self.vends_traces = config == Some("Active");
            }
            "MaximumMessageSize" => {
                self.maximum_message_size = text.as_deref().map(maximum_message_size).transpose()?
            }
            "ContentBasedDeduplication" => {
                self.fifo(name)?.content_based_deduplication = choice(name, value, "false", "true")?;
            }
            "FifoThroughputScope" => {
                self.fifo(name)?.deduplication_by_group = choice(name, value, "Topic", "MessageGroup")?;
            }
            "ArchivePolicy" => {
                let fifo = self.fifo(name)?;
                // An empty object takes the archive back as well.
                let policy = text.as_deref().filter(|text| *text != "{}");
                fifo.archive = policy.map(|policy| Archive::parse(policy, fifo.archive, now)).transpose()?;
            }
            _ if is_feedback(name) => {
                return Err(not_implemented(&format!("{name} (delivery status goes to CloudWatch Logs)")));
            }
            _ => return Err(invalid(parameter)),
        }
        Ok(())
    }

    fn fifo(&mut self, name: &str) -> Result<&mut FifoAttributes> {
        let reason = "Content-based deduplication, its scope and archives can only be set for FIFO topics";
        self.fifo.as_mut().ok_or_else(|| invalid_because(name, reason))
    }

    /// The attributes as text, without those that are not set.
    pub(crate) fn to_text(&self) -> BTreeMap<&'static str, String> {
        let mut text = BTreeMap::from([("DisplayName", self.display_name.clone().unwrap_or_default())]);
        text.extend(self.delivery.as_ref().map(|delivery| ("DeliveryPolicy", delivery.to_text())));
        text.extend(self.kms_key.clone().map(|key| ("KmsMasterKeyId", key)));
        text.extend(self.signature.map(|version| ("SignatureVersion", version.as_str().to_owned())));
        if self.passes_traces_through {
            text.insert("TracingConfig", "PassThrough".to_owned());
        }
        if self.vends_traces {
            text.insert("TracingConfig", "Active".to_owned());
        }
        text.extend(self.maximum_message_size.map(|size| ("MaximumMessageSize", size.to_string())));
        if let Some(fifo) = &self.fifo {
            let scope = if fifo.deduplication_by_group { "MessageGroup" } else { "Topic" };
            text.insert("FifoTopic", "true".to_owned());
            text.insert("ContentBasedDeduplication", fifo.content_based_deduplication.to_string());
            text.insert("FifoThroughputScope", scope.to_owned());
            text.extend(fifo.archive.map(|archive| ("ArchivePolicy", archive.to_text())));
        }
        text
    }
}

/// Protocols whose deliveries can be logged.
const LOGGED: [&str; 5] = ["Application", "Firehose", "HTTP", "Lambda", "SQS"];

/// Whether it is an attribute of the logs of deliveries.
///
/// Reference: <https://docs.aws.amazon.com/sns/latest/dg/topics-attrib.html>
fn is_feedback(name: &str) -> bool {
    let rest = LOGGED.iter().find_map(|protocol| name.strip_prefix(protocol));
    matches!(rest, Some("SuccessFeedbackRoleArn" | "FailureFeedbackRoleArn" | "SuccessFeedbackSampleRate"))
}

// UNVERIFIED: the wording of the refusals below.
fn display_name(name: String) -> Result<String> {
    if name.chars().count() > LONGEST_DISPLAY_NAME {
        return Err(invalid_because("DisplayName", "must be at most 100 characters long"));
    }
    if name.chars().any(char::is_control) {
        return Err(invalid_because("DisplayName", "must not contain control characters"));
    }
    Ok(name)
}

fn signature_version(text: &str) -> Result<SignatureVersion> {
    match text {
        "1" => Ok(SignatureVersion::One),
        "2" => Ok(SignatureVersion::Two),
        _ => Err(invalid_because("SignatureVersion", "must be 1 or 2")),
    }
}

fn check_tracing(config: Option<&str>, fifo: bool) -> Result<()> {
    match config {
        None | Some("PassThrough") => Ok(()),
        Some("Active") if fifo => Err(invalid_because("TracingConfig", "Active is only supported on standard topics")),
        Some("Active") => Ok(()),
        Some(_) => Err(invalid_because("TracingConfig", "must be PassThrough or Active")),
    }
}

fn maximum_message_size(text: &str) -> Result<u32> {
    let size = text.parse().ok().filter(|size| MAXIMUM_MESSAGE_SIZES.contains(size));
    size.ok_or_else(|| invalid_because("MaximumMessageSize", "must be a number of bytes from 1024 to 1048576"))
}

/// Whether `value` is `second` rather than `first`.
fn choice(name: &str, value: &str, first: &str, second: &str) -> Result<bool> {
    let neither = || -> Error { invalid_because(name, format_args!("must be {first} or {second}")) };
    if value == second {
        Ok(true)
    } else if value == first {
        Ok(false)
    } else {
        Err(neither())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_empty_value_takes_an_attribute_back() {
        let mut attributes = Attributes::new(false);
        for (name, value) in [("DisplayName", "News"), ("KmsMasterKeyId", "alias/k"), ("SignatureVersion", "2")] {
            attributes.change(name, value, NOW).unwrap();
            assert_eq!(attributes.to_text()[name], value);
            attributes.change(name, "", NOW).unwrap();
        }
        assert_eq!(attributes, Attributes::new(false));
    }

    #[test]
    fn what_welkin_does_not_do_is_refused_by_name() {
        let mut attributes = Attributes::new(true);
        for name in ["SQSSuccessFeedbackRoleArn", "HTTPSuccessFeedbackSampleRate"] {
            let error = attributes.change(name, "x", NOW).unwrap_err();
            assert!(error.is("NotImplemented") && error.to_string().contains(name), "{error}");
        }
    }

    #[test]
    fn attributes_of_fifo_topics_are_only_theirs() {
        for (name, value) in [
            ("ContentBasedDeduplication", "true"),
            ("FifoThroughputScope", "MessageGroup"),
            ("ArchivePolicy", r#"{"MessageRetentionPeriod":"7"}"#),
        ] {
            assert!(Attributes::new(false).change(name, value, NOW).is_err(), "{name}");
            let mut fifo = Attributes::new(true);
            fifo.change(name, value, NOW).unwrap();
            assert_eq!(fifo.to_text()[name], value);
            assert!(fifo.has(&map(&[(name, value)])), "{name}");
            assert!(fifo.change(name, "maybe", NOW).is_err(), "{name}");
        }
        assert!(Attributes::new(true).change("TracingConfig", "Active", NOW).is_err());
        assert!(Attributes::new(true).has(&map(&[("FifoTopic", "true"), ("FifoThroughputScope", "Topic")])));
        assert!(!Attributes::new(true).has(&map(&[("FifoTopic", "false")])));
        assert!(!Attributes::new(false).has(&map(&[("DisplayName", "x")])));
    }
}
