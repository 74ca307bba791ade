//! Buckets by the names of their access points: what a request to S3 may say in place of a bucket's name.

use welkin_kernel::{Access, AccountId, Arn, Cx, Error, Principal, Region, Result, Through};

use super::name::ALIAS;
use super::{AccessPoint, Address, Alias};
use crate::bucket::Bucket;
use crate::control::errors::{MethodNotAllowed, NoSuchAccessPoint, NoSuchBucket};
use crate::errors::AccessDenied;
use crate::tags::Tags;

/// Operations of S3 that an access point takes.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-service-api-support.html>
const COMPATIBLE: [&str; 33] = [
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateMultipartUpload",
    "DeleteObject",
    "DeleteObjectTagging",
    "DeleteObjects",
    "GetBucketAcl",
    "GetBucketCors",
    "GetBucketLocation",
    "GetBucketNotificationConfiguration",
    "GetBucketPolicy",
    "GetObject",
    "GetObjectAcl",
    "GetObjectAttributes",
    "GetObjectLegalHold",
    "GetObjectRetention",
    "GetObjectTagging",
    "HeadBucket",
    "HeadObject",
    "ListMultipartUploads",
    "ListObjectVersions",
    "ListObjects",
    "ListObjectsV2",
    "ListParts",
    "PutObject",
    "PutObjectAcl",
    "PutObjectLegalHold",
    "PutObjectRetention",
    "PutObjectTagging",
    "RestoreObject",
    "UploadPart",
    "UploadPartCopy",
];

/// What a request names in place of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Named<'a> {
    /// A bucket.
    Bucket(&'a str),
    /// An access point, by its ARN or by a host name that can mean nothing else.
    Point(Address),
    /// What a host name says, which may be an access point with its account or a bucket that is called so.
    Either(Address, &'a str),
    /// An access point by its alias.
    Alias(&'a str),
}

/// What a bucket is reached through in a request: it takes part in every decision.
#[derive(Clone, Debug)]
pub(crate) struct Via {
    /// ARN of the access point.
    arn: String,
    /// Its owner.
    owner: AccountId,
    /// Its policy, as it bears on the caller.
    policy: Option<String>,
    network_origin: &'static str,
    tags: Tags,
    kind: &'static str,
}

impl Via {
    /// What is reached through the access point: the bucket, or an object in it.
    pub(crate) fn through(&self, key: Option<&str>) -> Through {
        Through {
            arn: key.map_or_else(|| self.arn.clone(), |key| format!("{}/object/{key}", self.arn)),
            owner: self.owner,
            policy: self.policy.clone(),
            recorded: self.arn.clone(),
            kind: self.kind,
        }
    }

    /// Adds the condition keys of requests through the access point.
    pub(crate) fn keys(&self, access: Access) -> Access {
        let access = access
            .key("s3:DataAccessPointArn", &self.arn)
            .key("s3:DataAccessPointAccount", self.owner.to_string())
            .key("s3:AccessPointNetworkOrigin", self.network_origin);
        self.tags.iter().fold(access, |access, (key, value)| access.key(format!("s3:AccessPointTag/{key}"), value))
    }

    /// The owner of the access point.
    pub(crate) fn owner(&self) -> AccountId {
        self.owner
    }
}

/// The bucket of an access point, if `name` is the name of one.
///
/// # Errors
/// `NoSuchAccessPoint`, `NoSuchBucket`, `MethodNotAllowed`, `AccessDenied`
pub(crate) async fn bucket(cx: &mut Cx, name: &str) -> Result<Option<(Bucket, Via)>> {
    let point = match Named::read(cx, name) {
        Named::Bucket(_) => return Ok(None),
        Named::Point(address) => address.find(cx).await?.ok_or_else(|| unknown(&address.name))?,
        Named::Either(address, _) => match address.find(cx).await? {
            Some(point) => point,
            None => return Ok(None),
        },
        Named::Alias(alias) => {
            let here = cx.here();
            let Some(alias) = cx.get::<Alias>(here, (alias,)).await? else { return Ok(None) };
            alias.of.open(cx).await?
        }
    };
    check_call(cx, &point)?;
    let here = cx.here();
    match cx.get::<Bucket>(here, (&point.bucket,)).await? {
        Some(bucket) if bucket.owner == point.bucket_owner => {
            let via = via(cx, point).await?;
            Ok(Some((bucket, via)))
        }
        _ => Err(Error::from(NoSuchBucket).with("BucketName", point.bucket)),
    }
}

// UNVERIFIED: that the data end points answer NoSuchAccessPoint for what is not there.
fn unknown(name: &str) -> Error {
    Error::from(NoSuchAccessPoint).with("AccessPointName", name)
}

/// What access points take: known operations, of somebody, from where they are reached.
///
/// Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-restrictions-limitations-naming-rules.html>
fn check_call(cx: &Cx, point: &AccessPoint) -> Result<()> {
    if cx.operation().is_some_and(|operation| !COMPATIBLE.contains(&operation)) {
        // UNVERIFIED: the code for operations that access points do not take.
        return Err(MethodNotAllowed.into());
    }
    // There are no VPCs here yet, so no request comes from one.
    if matches!(cx.principal(), Principal::Anonymous) || point.vpc.is_some() {
        return Err(AccessDenied.into());
    }
    Ok(())
}

async fn via(cx: &mut Cx, point: AccessPoint) -> Result<Via> {
    let restricted = point.is_public() && point.blocked(cx).await?.restrict_public_buckets;
    let at_home = match cx.principal() {
        Principal::Service(_) => true,
        principal => principal.account().is_some_and(|account| [point.account, point.bucket_owner].contains(&account)),
    };
    Ok(Via {
        arn: point.arn(),
        owner: point.account,
        network_origin: point.network_origin(),
        policy: point.policy.filter(|_| !restricted || at_home).map(|policy| policy.json),
        tags: point.tags,
        kind: "AWS::S3::AccessPoint",
    })
}

impl<'a> Named<'a> {
    fn read(cx: &Cx, name: &'a str) -> Self {
        if name.starts_with("arn:") {
            return of_arn(name).map_or(Self::Bucket(name), Self::Point);
        }
        if name.ends_with(ALIAS) {
            return Self::Alias(name);
        }
        // Only host names say access points so: SDKs put name and account in front of the end point's name.
        match (of_label(name, cx.region()), host(cx)) {
            (Some(address), Some(host)) if host.contains(".s3-accesspoint") => Self::Point(address),
            (Some(address), Some(host)) if begins_with(host, name) => Self::Either(address, name),
            _ => Self::Bucket(name),
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

/// The access point of an ARN `arn:aws:s3:region:account:accesspoint/name`; a colon will do for the slash.
fn of_arn(text: &str) -> Option<Address> {
    let arn: Arn = text.parse().ok()?;
    let name = arn.resource().strip_prefix("accesspoint")?.strip_prefix(['/', ':'])?;
    if arn.service() != "s3" || name.contains('/') {
        return None;
    }
    Some(Address { account: arn.account()?, region: arn.region()?, name: name.to_owned() })
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

    fn address(account: &str, region: &str, name: &str) -> Option<Address> {
        Some(Address { account: account.parse().unwrap(), region: region.parse().unwrap(), name: name.to_owned() })
    }

    #[test]
    fn access_points_are_named_by_arns_and_by_labels_of_host_names() {
        let arn = "arn:aws:s3:eu-west-1:111122223333:accesspoint";
        assert_eq!(of_arn(&format!("{arn}/my-point")), address("111122223333", "eu-west-1", "my-point"));
        assert_eq!(of_arn(&format!("{arn}:my-point")), address("111122223333", "eu-west-1", "my-point"));
        for other in ["arn:aws:s3:::bucket", "arn:aws:sqs:eu-west-1:111122223333:accesspoint/x", &format!("{arn}/a/b")]
        {
            assert_eq!(of_arn(other), None, "{other}");
        }
        let here = Region::US_EAST_1;
        assert_eq!(of_label("my-point-111122223333", here), address("111122223333", "us-east-1", "my-point"));
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
