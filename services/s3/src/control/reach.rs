//! What a request to S3 may say in place of a bucket's name: an access point, by its ARN, its alias or in the host name.

use welkin_kernel::{Access, AccountId, Arn, Cx, Error, Region, Result, Through};

use super::access_point::{self, Address, Alias};
use super::errors::{NoSuchAccessPoint, NoSuchMultiRegionAccessPoint};
use super::mrap::{self, Mrap};
use crate::bucket::Bucket;
use crate::tags::Tags;
use access_point::name::ALIAS;

/// What stands between the alias of a Multi-Region Access Point and `s3-global` in host names.
const IN_HOSTS: &str = ".accesspoint";

/// What a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Named<'a> {
    /// A bucket.
    Bucket,
    /// An access point, by its ARN or by a host name that can mean nothing else.
    Point(Address),
    /// What a host name says, which may be an access point with its account or a bucket that is called so.
    Either(Address),
    /// An access point by its alias.
    Alias(&'a str),
    /// A Multi-Region Access Point by its alias; an ARN names its account as well.
    MultiRegion(&'a str, Option<AccountId>),
}

/// Whence an access point takes requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Internet,
    Vpc,
}

/// What a bucket is reached through in a request: it takes part in every decision.
#[derive(Clone, Debug)]
pub(crate) struct Via {
    /// ARN of the access point.
    pub(super) arn: String,
    /// Its owner.
    pub(super) owner: AccountId,
    /// Its policy, as it bears on the caller.
    pub(super) policy: Option<String>,
    pub(super) origin: Origin,
    pub(super) tags: Tags,
    pub(super) is_multi_region: bool,
}

impl Via {
    /// ARN of the access point.
    pub(crate) fn arn(&self) -> &str {
        &self.arn
    }

    /// What is reached through the access point: the bucket, or an object in it.
    pub(crate) fn through(&self, key: Option<&str>) -> Through {
        Through {
            arn: key.map_or_else(|| self.arn.clone(), |key| format!("{}/object/{key}", self.arn)),
            owner: self.owner,
            policy: self.policy.clone(),
            recorded: self.arn.clone(),
            kind: if self.is_multi_region { "AWS::S3::MultiRegionAccessPoint" } else { "AWS::S3::AccessPoint" },
        }
    }

    /// Adds the condition keys of requests through the access point.
    pub(crate) fn keys(&self, access: Access) -> Access {
        let origin = match self.origin {
            Origin::Internet => "Internet",
            Origin::Vpc => "VPC",
        };
        let access = access
            .key("s3:DataAccessPointArn", &self.arn)
            .key("s3:DataAccessPointAccount", self.owner.to_string())
            .key("s3:AccessPointNetworkOrigin", origin);
        self.tags.iter().fold(access, |access, (key, value)| access.key(format!("s3:AccessPointTag/{key}"), value))
    }

    /// The owner of the access point.
    pub(crate) fn owner(&self) -> AccountId {
        self.owner
    }

    /// Whether it leads into several Regions: requests are signed for none in particular.
    pub(crate) fn is_multi_region(&self) -> bool {
        self.is_multi_region
    }
}

/// The bucket of an access point, if `name` is the name of one.
///
/// # Errors
/// `NoSuchAccessPoint`, `NoSuchMultiRegionAccessPoint`, `NoSuchBucket`, `MethodNotAllowed`, `AccessDenied`
// UNVERIFIED: that the data end points answer so for access points that are not there.
pub(crate) async fn bucket(cx: &mut Cx, name: &str) -> Result<Option<Bucket>> {
    let point = match Named::read(cx, name) {
        Named::Bucket => None,
        Named::Point(address) => {
            let unknown = || Error::from(NoSuchAccessPoint).with("AccessPointName", address.name.as_str());
            Some(address.find(cx).await?.ok_or_else(unknown)?)
        }
        Named::Either(address) => address.find(cx).await?,
        Named::Alias(alias) => {
            let here = cx.here();
            match cx.get::<Alias>(here, (alias,)).await? {
                Some(alias) => Some(alias.of.open(cx).await?),
                None => None,
            }
        }
        Named::MultiRegion(alias, account) => {
            let found = Mrap::by_alias(cx, alias).await?;
            let found = found.filter(|found| account.is_none_or(|account| account == found.account));
            let unknown = || Error::from(NoSuchMultiRegionAccessPoint).with("MultiRegionAccessPointName", alias);
            return mrap::reach::bucket(cx, found.ok_or_else(unknown)?).await.map(Some);
        }
    };
    match point {
        Some(point) => access_point::reach::bucket(cx, point).await.map(Some),
        None => Ok(None),
    }
}

impl<'a> Named<'a> {
    fn read(cx: &Cx, name: &'a str) -> Self {
        if name.starts_with("arn:") {
            return Self::by_arn(name).unwrap_or(Self::Bucket);
        }
        if name.ends_with(ALIAS) {
            return Self::Alias(name);
        }
        // Only host names say access points so: SDKs put name and account in front of the end point's name.
        let Some(host) = host(cx) else { return Self::Bucket };
        match (name.strip_suffix(IN_HOSTS), of_label(name, cx.region())) {
            (Some(alias), _) if alias.ends_with(mrap::ENDING) => Self::MultiRegion(alias, None),
            (_, Some(address)) if host.contains(".s3-accesspoint") => Self::Point(address),
            (_, Some(address)) if begins_with(host, name) => Self::Either(address),
            _ => Self::Bucket,
        }
    }

    /// What an ARN names: `arn:aws:s3:region:account:accesspoint/name`, or without a Region `…/alias.mrap`. A colon will
    /// do for the slash.
    fn by_arn(text: &'a str) -> Option<Self> {
        let arn: Arn = text.parse().ok()?;
        let name = arn.resource().strip_prefix("accesspoint")?.strip_prefix(['/', ':'])?;
        if arn.service() != "s3" || name.contains('/') {
            return None;
        }
        let account = arn.account()?;
        match arn.region() {
            Some(region) => Some(Self::Point(Address { account, region, name: name.to_owned() })),
            None if name.ends_with(mrap::ENDING) => {
                Some(Self::MultiRegion(text.get(text.len() - name.len()..)?, Some(account)))
            }
            None => None,
        }
    }
}

fn host(cx: &Cx) -> Option<&str> {
    cx.facts().headers.get(http::header::HOST)?.to_str().ok()
}

/// Whether a host name begins with this label.
fn begins_with(host: &str, label: &str) -> bool {
    host.get(..label.len()).is_some_and(|front| front.eq_ignore_ascii_case(label))
        && host.get(label.len()..).is_some_and(|rest| rest.starts_with('.'))
}

/// The access point of a label `name-account`.
fn of_label(label: &str, region: Region) -> Option<Address> {
    let (name, account) = label.rsplit_once('-')?;
    Some(Address { account: account.parse().ok()?, region, name: name.to_owned() })
}

/// Splits what names an object behind an access point, `arn:…:accesspoint/name/object/key`, into the access point and
/// the key.
pub(crate) fn split_object(arn: &str) -> Option<(&str, &str)> {
    let at = arn.find("/object/").filter(|_| arn.starts_with("arn:"))?;
    let (point, rest) = arn.split_at(at);
    rest.strip_prefix("/object/").filter(|key| !key.is_empty()).map(|key| (point, key))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn address(region: &str, name: &str) -> Address {
        let account = "111122223333".parse().unwrap();
        Address { account, region: region.parse().unwrap(), name: name.to_owned() }
    }

    #[test]
    fn access_points_are_named_by_arns_and_by_labels_of_host_names() {
        let arn = "arn:aws:s3:eu-west-1:111122223333:accesspoint";
        let point = || Some(Named::Point(address("eu-west-1", "my-point")));
        assert_eq!(Named::by_arn(&format!("{arn}/my-point")), point());
        assert_eq!(Named::by_arn(&format!("{arn}:my-point")), point());
        let account = "111122223333".parse().ok();
        let multi = "arn:aws:s3::111122223333:accesspoint/mfzwi23gnjvgw.mrap";
        assert_eq!(Named::by_arn(multi), Some(Named::MultiRegion("mfzwi23gnjvgw.mrap", account)));
        let regionless = "arn:aws:s3::111122223333:accesspoint/x";
        let deep = format!("{arn}/a/b");
        for other in ["arn:aws:s3:::bucket", "arn:aws:sqs:eu-west-1:111122223333:accesspoint/x", regionless, &deep] {
            assert_eq!(Named::by_arn(other), None, "{other}");
        }
        let here = Region::US_EAST_1;
        assert_eq!(of_label("my-point-111122223333", here), Some(address("us-east-1", "my-point")));
        for other in ["bucket", "my-bucket", "my-bucket-1111", "111122223333"] {
            assert_eq!(of_label(other, here), None, "{other}");
        }
        assert!(begins_with("My-Point-1.localhost:4566", "my-point-1") && !begins_with("my-point-12", "my-point-1"));
    }

    #[test]
    fn an_object_behind_an_access_point_is_split_from_it() {
        let point = "arn:aws:s3:eu-west-1:111122223333:accesspoint/p";
        assert_eq!(split_object(&format!("{point}/object/a/object/b")), Some((point, "a/object/b")));
        assert_eq!(split_object(point), None);
        assert_eq!(split_object(&format!("{point}/object/")), None);
        assert_eq!(split_object("bucket/object/x"), None);
    }
}
