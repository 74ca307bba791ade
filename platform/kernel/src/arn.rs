//! Amazon Resource Names.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{AccountId, Partition, Region};

/// An Amazon Resource Name, `arn:partition:service:region:account:resource`.
///
/// Reference: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    text: String,
    /// Byte offsets of the colons after partition, service, region and account.
    colons: [u16; 4],
}

/// A text that is not an ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an Amazon Resource Name")]
pub struct NotAnArn;

impl Arn {
    /// The ARN of these parts.
    pub fn from_parts(
        partition: Partition,
        service: &str,
        region: Option<Region>,
        account: Option<AccountId>,
        resource: impl fmt::Display,
    ) -> Self {
        let region = region.map_or("", Region::name);
        let account = account.map(|account| account.to_string()).unwrap_or_default();
        let text = format!("arn:{partition}:{service}:{region}:{account}:{resource}");
        let mut colon = 3;
        let colons = [partition.name(), service, region, &account].map(|part| {
            colon += part.len() + 1;
            // INVARIANT: a partition, a service, a Region and an account are short.
            u16::try_from(colon).unwrap_or(u16::MAX)
        });
        Self { text, colons }
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `aws`, `aws-cn` …
    pub fn partition(&self) -> &str {
        &self.text[4..usize::from(self.colons[0])]
    }

    /// The service's namespace, e.g. `sqs`.
    pub fn service(&self) -> &str {
        self.between(0)
    }

    /// The Region, if the ARN names one that exists.
    pub fn region(&self) -> Option<Region> {
        self.between(1).parse().ok()
    }

    /// The account, if the ARN names one.
    pub fn account(&self) -> Option<AccountId> {
        self.between(2).parse().ok()
    }

    /// What follows the account, e.g. `key/1234…`.
    pub fn resource(&self) -> &str {
        &self.text[usize::from(self.colons[3]) + 1..]
    }

    fn between(&self, colon: usize) -> &str {
        &self.text[usize::from(self.colons[colon]) + 1..usize::from(self.colons[colon + 1])]
    }
}

impl FromStr for Arn {
    type Err = NotAnArn;

    fn from_str(text: &str) -> Result<Self, NotAnArn> {
        if !text.starts_with("arn:") || text.len() > 2048 {
            return Err(NotAnArn);
        }
        let mut found = text.bytes().enumerate().skip(4).filter(|(_, b)| *b == b':').map(|(at, _)| at);
        let mut colons = [0; 4];
        for colon in &mut colons {
            *colon = found.next().and_then(|at| u16::try_from(at).ok()).ok_or(NotAnArn)?;
        }
        let arn = Self { text: text.to_owned(), colons };
        if arn.partition().is_empty() || arn.service().is_empty() || arn.resource().is_empty() {
            return Err(NotAnArn);
        }
        Ok(arn)
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<Arn> for String {
    fn from(arn: Arn) -> Self {
        arn.text
    }
}

impl Serialize for Arn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Arn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_and_the_resource_may_have_colons() {
        let arn: Arn = "arn:aws:logs:eu-west-1:111122223333:log-group:a:*".parse().expect("an ARN");
        assert_eq!(arn.service(), "logs");
        assert_eq!(arn.region().map(Region::name), Some("eu-west-1"));
        assert_eq!(arn.account().map(|a| a.to_string()).as_deref(), Some("111122223333"));
        assert_eq!(arn.resource(), "log-group:a:*");
        let bucket: Arn = "arn:aws:s3:::bucket/key".parse().expect("an ARN");
        assert_eq!((bucket.region(), bucket.account(), bucket.resource()), (None, None, "bucket/key"));
    }

    #[test]
    fn an_arn_of_parts_is_the_one_that_its_text_is() {
        let account = "111122223333".parse().ok();
        let arn = Arn::from_parts(Partition::China, "sqs", "cn-north-1".parse().ok(), account, "q:x");
        assert_eq!(arn.as_str().parse(), Ok(arn.clone()));
        assert_eq!((arn.service(), arn.account(), arn.resource()), ("sqs", account, "q:x"));
        let bucket = Arn::from_parts(Partition::Aws, "s3", None, None, "b");
        assert_eq!((bucket.as_str(), bucket.account(), bucket.resource()), ("arn:aws:s3:::b", None, "b"));
    }

    #[test]
    fn what_is_short_of_parts_is_refused() {
        for text in ["", "arn", "arn:aws:s3", "arn:aws:s3::", "arn:aws:s3:::", "urn:aws:s3:::b", "arn::s3:::b"] {
            assert_eq!(text.parse::<Arn>(), Err(NotAnArn), "{text}");
        }
    }
}
