//! AWS Regions and partitions.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The Regions that Welkin answers for, by name, and whether an account has them only once it opts in.
///
/// Source: <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>.
const REGIONS: &[(&str, Accounts)] = &[
    ("af-south-1", OptIn),
    ("ap-east-1", OptIn),
    ("ap-east-2", OptIn),
    ("ap-northeast-1", HaveIt),
    ("ap-northeast-2", HaveIt),
    ("ap-northeast-3", HaveIt),
    ("ap-south-1", HaveIt),
    ("ap-south-2", OptIn),
    ("ap-southeast-1", HaveIt),
    ("ap-southeast-2", HaveIt),
    ("ap-southeast-3", OptIn),
    ("ap-southeast-4", OptIn),
    ("ap-southeast-5", OptIn),
    ("ap-southeast-6", OptIn),
    ("ap-southeast-7", OptIn),
    ("ca-central-1", HaveIt),
    ("ca-west-1", OptIn),
    ("cn-north-1", HaveIt),
    ("cn-northwest-1", HaveIt),
    ("eu-central-1", HaveIt),
    ("eu-central-2", OptIn),
    ("eu-north-1", HaveIt),
    ("eu-south-1", OptIn),
    ("eu-south-2", OptIn),
    ("eu-west-1", HaveIt),
    ("eu-west-2", HaveIt),
    ("eu-west-3", HaveIt),
    ("il-central-1", OptIn),
    ("me-central-1", OptIn),
    ("me-south-1", OptIn),
    ("mx-central-1", OptIn),
    ("sa-east-1", HaveIt),
    ("us-east-1", HaveIt),
    ("us-east-2", HaveIt),
    ("us-gov-east-1", HaveIt),
    ("us-gov-west-1", HaveIt),
    ("us-west-1", HaveIt),
    ("us-west-2", HaveIt),
];

/// Whether accounts have a Region from the beginning.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Accounts {
    HaveIt,
    OptIn,
}
use Accounts::{HaveIt, OptIn};

/// An AWS Region.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(&'static str);

/// A text that names no Region.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an AWS Region")]
pub struct NotARegion(pub String);

impl Region {
    /// US East (N. Virginia), home of the services that have one end point for all Regions.
    pub const US_EAST_1: Self = Self("us-east-1");

    /// Its name, e.g. `"eu-west-1"`.
    pub const fn name(self) -> &'static str {
        self.0
    }

    /// The partition it belongs to.
    pub fn partition(self) -> Partition {
        if self.0.starts_with("cn-") {
            Partition::China
        } else if self.0.starts_with("us-gov-") {
            Partition::GovCloud
        } else {
            Partition::Aws
        }
    }

    /// All Regions, by name.
    pub fn all() -> impl Iterator<Item = Self> {
        REGIONS.iter().map(|(name, _)| Self(name))
    }

    /// Whether accounts have it only once they opt in.
    pub fn is_opt_in(self) -> bool {
        matches!(place_of(self.0), Ok(at) if REGIONS[at].1 == OptIn)
    }
}

fn place_of(name: &str) -> Result<usize, usize> {
    REGIONS.binary_search_by(|(known, _)| (*known).cmp(name))
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl FromStr for Region {
    type Err = NotARegion;

    fn from_str(text: &str) -> Result<Self, NotARegion> {
        match place_of(text) {
            Ok(at) => Ok(Self(REGIONS[at].0)),
            Err(_) => Err(NotARegion(text.to_owned())),
        }
    }
}

impl Serialize for Region {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// A partition: a set of Regions with identities of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Partition {
    /// The commercial Regions.
    Aws,
    /// Mainland China.
    China,
    /// US GovCloud.
    GovCloud,
}

impl Partition {
    /// Its name in ARNs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::GovCloud => "aws-us-gov",
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An account and a Region: where a call runs and where regional resources live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The account.
    pub account: crate::AccountId,
    /// The Region.
    pub region: Region,
}

impl Place {
    /// The place of `account` in `region`.
    pub const fn new(account: crate::AccountId, region: Region) -> Self {
        Self { account, region }
    }

    /// An ARN of this place: `arn:{partition}:{service}:{region}:{account}:{resource}`.
    pub fn arn(self, service: &str, resource: impl fmt::Display) -> crate::Arn {
        crate::Arn::from_parts(self.region.partition(), service, Some(self.region), Some(self.account), resource)
    }

    /// An ARN of this place without Region: `arn:{partition}:{service}::{account}:{resource}`.
    pub fn global_arn(self, service: &str, resource: impl fmt::Display) -> crate::Arn {
        crate::Arn::from_parts(self.region.partition(), service, None, Some(self.account), resource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_so_that_look_ups_find_every_region() {
        for region in Region::all() {
            assert_eq!(region.name().parse(), Ok(region));
        }
        assert!("us-east-9".parse::<Region>().is_err());
        let opt_in = Region::all().filter(|region| region.is_opt_in()).count();
        assert_eq!((opt_in, Region::all().count() - opt_in), (17, 17 + 2 + 2), "China and GovCloud opt in to nothing");
        assert_eq!("cn-north-1".parse::<Region>().map(|r| r.partition().name()), Ok("aws-cn"));
    }
}
