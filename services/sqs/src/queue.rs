//! A queue: its name, its address, and what is stored of it.

pub(crate) mod configure;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod find;
pub(crate) mod purge;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Cx, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::attributes::Attributes;
use crate::errors::{InvalidAddress, InvalidParameterValue, QueueDoesNotExist};
use crate::message::Contents;

/// A queue as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Queue {
    pub(crate) name: String,
    /// Where its messages are: another place after every purge.
    pub(crate) contents: Contents,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) purged: Option<Timestamp>,
    pub(crate) attributes: Attributes,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Resource for Queue {
    const KIND: &'static str = "sqs/queue";
    const SCOPE: Scope = Scope::Region;
    const INDEXES: &'static [&'static str] = &[DEAD_LETTER];

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        let redrive = self.attributes.redrive.as_ref();
        redrive.map(|redrive| (DEAD_LETTER, (&redrive.target).into_key())).into_iter().collect()
    }
}

/// Index of queues by the dead-letter queue that they name.
pub(crate) const DEAD_LETTER: &str = "dead-letter";

impl Queue {
    pub(crate) fn is_fifo(&self) -> bool {
        self.attributes.fifo.is_some()
    }

    pub(crate) fn arn(&self, place: Place) -> Arn {
        place.arn("sqs", &self.name)
    }
}

/// A queue URL as callers write it: `http://…/ACCOUNT/NAME`.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct QueueUrl(String);

/// Where a queue is, whether or not there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) place: Place,
    pub(crate) name: String,
}

impl QueueUrl {
    /// The address: account and name by the path, the Region that of the call.
    ///
    /// # Errors
    /// `InvalidAddress`
    pub(crate) fn address(&self, cx: &Cx) -> Result<Address> {
        let invalid = || InvalidAddress::because(format!("The address {} is not valid for this endpoint.", self.0));
        let path = match self.0.split_once("://") {
            Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
            None => self.0.trim_start_matches('/'),
        };
        let (account, name) = path.trim_end_matches('/').rsplit_once('/').ok_or_else(invalid)?;
        let account = account.rsplit('/').next().and_then(|account| account.parse().ok()).ok_or_else(invalid)?;
        if name.is_empty() {
            return Err(invalid());
        }
        Ok(Address { place: Place::new(account, cx.region()), name: name.to_owned() })
    }
}

impl Address {
    /// The address of the queue with this ARN; `None` if it is not one of a queue.
    pub(crate) fn of_arn(arn: &Arn) -> Option<Self> {
        let place = Place::new(arn.account()?, arn.region()?);
        (arn.service() == "sqs").then(|| Self { place, name: arn.resource().to_owned() })
    }

    pub(crate) fn arn(&self) -> Arn {
        self.place.arn("sqs", &self.name)
    }

    /// The queue's URL, at the end point that the caller uses.
    pub(crate) fn url(&self, cx: &Cx) -> String {
        format!("{}/{}/{}", cx.endpoint(), self.place.account, self.name)
    }

    /// The queue, if it exists.
    pub(crate) async fn find(&self, cx: &mut Cx) -> Result<Option<Queue>> {
        cx.get::<Queue>(self.place, self.name.as_str()).await
    }

    /// The queue.
    ///
    /// # Errors
    /// `QueueDoesNotExist`
    pub(crate) async fn queue(&self, cx: &mut Cx) -> Result<Queue> {
        self.find(cx).await?.ok_or_else(|| QueueDoesNotExist.into())
    }
}

/// Longest name of a queue, in characters; the suffix of FIFO queues counts.
///
/// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html>
const LONGEST_NAME: usize = 80;

/// What names of FIFO queues end with.
const FIFO_SUFFIX: &str = ".fifo";

/// Holds the name of a new queue against the rules.
///
/// # Errors
/// `InvalidParameterValue`
pub(crate) fn check_name(name: &str, fifo: bool) -> Result<()> {
    let stem = if fifo { name.strip_suffix(FIFO_SUFFIX).unwrap_or_default() } else { name };
    let plain = stem.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !stem.is_empty() && plain && name.len() <= LONGEST_NAME {
        return Ok(());
    }
    Err(InvalidParameterValue::because(if fifo {
        "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with \
         .fifo suffix and be 1 to 80 in length."
    } else {
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_80_plain_characters_and_fifo_ones_their_suffix() {
        let long = "q".repeat(80);
        for (name, fifo) in [("a", false), ("A-z_9", false), (long.as_str(), false), ("a.fifo", true)] {
            assert!(check_name(name, fifo).is_ok(), "{name}");
        }
        let longer = "q".repeat(81);
        for (name, fifo) in [("", false), ("a.b", false), ("é", false), (longer.as_str(), false), ("a.fifo", false)] {
            assert!(check_name(name, fifo).is_err(), "{name}");
        }
        for name in ["a", ".fifo", "a.b.fifo", &format!("{}.fifo", "q".repeat(76))] {
            assert!(check_name(name, true).is_err(), "{name}");
        }
    }
}
