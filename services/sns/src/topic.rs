//! A topic: its name, its address, and what is stored of it.

pub(crate) mod configure;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod large;
pub(crate) mod list;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Cx, IntoKey, Key, Place, Principal, Resource, Result, Scope, Timestamp};

use crate::archive::Archive;
use crate::attributes::Attributes;
use crate::errors::{NotFoundException, invalid, invalid_because};

/// A topic as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Topic {
    pub(crate) name: String,
    /// What its subscriptions are kept under: another one when a topic of the same name is created again.
    pub(crate) id: u64,
    pub(crate) created: Timestamp,
    pub(crate) attributes: Attributes,
    pub(crate) tags: BTreeMap<String, String>,
    /// Subscriptions that were deleted.
    pub(crate) unsubscribed: u32,
}

impl Resource for Topic {
    const KIND: &'static str = "sns/topic";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

impl Topic {
    pub(crate) fn is_fifo(&self) -> bool {
        self.attributes.fifo.is_some()
    }

    /// Its archive, if it has one.
    pub(crate) fn archive(&self) -> Option<Archive> {
        self.attributes.fifo.and_then(|fifo| fifo.archive)
    }
}

/// The ARN of a topic as callers write it.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct TopicArn(pub(crate) String);

/// Where a topic is, whether or not there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Address {
    pub(crate) place: Place,
    pub(crate) name: String,
}

impl TopicArn {
    /// The address.
    ///
    /// # Errors
    /// `InvalidParameter`, also for a topic of another Region than the call's.
    pub(crate) fn address(&self, cx: &Cx) -> Result<Address> {
        let address = self.parse("TopicArn")?;
        // Links that people follow are not signed for a Region.
        if address.place.region != cx.region() && *cx.principal() != Principal::Anonymous {
            return Err(invalid("TopicArn"));
        }
        Ok(address)
    }

    /// The address that the parameter of this name gives.
    ///
    /// # Errors
    /// `InvalidParameter`
    pub(crate) fn parse(&self, parameter: &str) -> Result<Address> {
        let elements = self.0.split(':').count();
        if elements < 6 {
            let reason = format_args!("An ARN must have at least 6 elements, not {elements}").to_string();
            return Err(invalid_because(parameter, reason));
        }
        let arn: Arn = self.0.parse().map_err(|_| invalid(parameter))?;
        Address::of_arn(&arn).ok_or_else(|| invalid(parameter))
    }
}

impl Address {
    /// The address of the topic with this ARN; `None` if it is not one of a topic.
    pub(crate) fn of_arn(arn: &Arn) -> Option<Self> {
        let place = Place::new(arn.account()?, arn.region()?);
        let is_topic = arn.service() == "sns" && check_name(arn.resource()).is_ok();
        is_topic.then(|| Self { place, name: arn.resource().to_owned() })
    }

    pub(crate) fn arn(&self) -> Arn {
        self.place.arn("sns", &self.name)
    }

    /// The topic, if it exists.
    pub(crate) async fn find(&self, cx: &mut Cx) -> Result<Option<Topic>> {
        cx.get::<Topic>(self.place, self.name.as_str()).await
    }

    /// The topic.
    ///
    /// # Errors
    /// `NotFound`
    pub(crate) async fn topic(&self, cx: &mut Cx) -> Result<Topic> {
        self.find(cx).await?.ok_or_else(|| NotFoundException.into())
    }
}

/// What names of FIFO topics end with.
const FIFO_SUFFIX: &str = ".fifo";

/// Longest name of a topic, in characters.
///
/// Source: <https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html>
const LONGEST_NAME: usize = 256;

/// Holds the name of a topic against the rules of either kind.
///
/// # Errors
/// `InvalidParameter`
fn check_name(name: &str) -> Result<()> {
    let stem = name.strip_suffix(FIFO_SUFFIX).unwrap_or(name);
    let plain = stem.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if !stem.is_empty() && plain && name.len() <= LONGEST_NAME { Ok(()) } else { Err(invalid("Topic Name")) }
}

/// Holds the name of a new topic against the rules of its kind.
///
/// # Errors
/// `InvalidParameter`
fn check_new_name(name: &str, fifo: bool) -> Result<()> {
    match (fifo, name.ends_with(FIFO_SUFFIX)) {
        (true, true) | (false, false) => check_name(name),
        (false, true) => Err(invalid("Topic Name")),
        (true, false) => Err(invalid(
            "Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, \
             numbers, underscores, and hyphens, and must be between 1 and 256 characters long.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_256_plain_characters_and_fifo_ones_their_suffix() {
        let long = "t".repeat(256);
        for (name, fifo) in [("a", false), ("A-z_9", false), (long.as_str(), false), ("a.fifo", true)] {
            assert!(check_new_name(name, fifo).is_ok(), "{name}");
        }
        let longer = "t".repeat(257);
        for (name, fifo) in
            [("", false), ("a.b", false), ("é", false), (longer.as_str(), false), ("a.fifo", false), ("a", true)]
        {
            assert!(check_new_name(name, fifo).is_err(), "{name}");
        }
    }

    #[test]
    fn arns_of_topics_have_six_elements_and_no_more() {
        let parse = |arn: &str| TopicArn(arn.to_owned()).parse("TopicArn").is_ok();
        assert!(parse("arn:aws:sns:us-east-1:111122223333:t") && parse("arn:aws:sns:us-east-1:111122223333:t.fifo"));
        for arn in ["t", "arn:aws:sns:us-east-1:111122223333:t:id", "arn:aws:sqs:us-east-1:111122223333:t"] {
            assert!(!parse(arn), "{arn}");
        }
    }
}
