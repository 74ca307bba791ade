//! What a request says of a list: a canned one, grants in headers, or a body.

use welkin_kernel::{Access, Cx, Error, Result};

use super::canned::Canned;
use super::headers::Headers;
use super::xml::Policy;
use super::{Acl, MOST_GRANTS, User, writer};
use crate::bucket::Bucket;
use crate::bucket::ownership::Ownership;
use crate::errors::{
    AccessControlListNotSupported, AccessDenied, InvalidRequest, MalformedACLError, UnexpectedContent, invalid_argument,
};

/// What a request says of a list.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Given<'a> {
    /// `x-amz-acl`.
    pub(crate) canned: Option<&'a str>,
    /// `x-amz-grant-…`.
    pub(crate) headers: Headers<'a>,
    /// The body.
    pub(crate) body: Option<&'a Policy>,
}

/// Who owns a new object, and its list.
#[derive(Debug, Default)]
pub(crate) struct Owned {
    /// `None` is the bucket's owner.
    pub(crate) owner: Option<User>,
    /// `None` grants nothing to others.
    pub(crate) acl: Option<Acl>,
}

impl Given<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.canned.is_none() && self.headers.is_empty() && self.body.is_none()
    }

    /// Whether it is nothing, or hands an object to the owner of its bucket.
    pub(crate) fn is_for_bucket_owner(&self) -> bool {
        self.headers.is_empty() && self.canned.is_none_or(|canned| canned == "bucket-owner-full-control")
    }

    /// Adds the condition keys: `s3:x-amz-acl` and `s3:x-amz-grant-…`.
    pub(crate) fn keys(&self, access: Access) -> Access {
        let access = self.canned.into_iter().fold(access, |access, canned| access.key("s3:x-amz-acl", canned));
        self.headers.given().fold(access, |access, (name, value)| access.key(format!("s3:{name}"), value))
    }

    fn canned(&self) -> Result<Option<Canned>> {
        let Some(name) = self.canned else { return Ok(None) };
        // UNVERIFIED: the message, which is empty in what is quoted of AWS.
        let canned = Canned::by_name(name).ok_or_else(|| invalid_argument("", "x-amz-acl", name))?;
        Ok(Some(canned))
    }

    /// The list, read by `expand` if it is a canned one; `None` if the request says nothing.
    fn read(&self, owner: User, expand: impl Fn(Canned) -> Option<Acl>) -> Result<Option<Acl>> {
        if self.body.is_some() && (self.canned.is_some() || !self.headers.is_empty()) {
            return Err(UnexpectedContent.into());
        }
        let acl = match (self.canned()?, self.body) {
            (Some(_), _) if !self.headers.is_empty() => {
                return Err(InvalidRequest::because("Specifying both Canned ACLs and Header Grants is not allowed"));
            }
            (Some(canned), _) => {
                let name = self.canned.unwrap_or_default();
                expand(canned).ok_or_else(|| invalid_argument("", "x-amz-acl", name))?
            }
            (None, Some(policy)) => policy.read(owner)?,
            (None, None) if self.headers.is_empty() => return Ok(None),
            (None, None) => Acl(self.headers.grants()?),
        };
        // The schema of lists, which AWS publishes, has so many grants.
        if acl.0.len() > MOST_GRANTS {
            return Err(MalformedACLError.into());
        }
        Ok(Some(acl))
    }

    /// The list of a bucket.
    ///
    /// # Errors
    /// For what is no list.
    pub(crate) fn of_bucket(&self, owner: User) -> Result<Option<Acl>> {
        self.read(owner, |canned| Some(canned.of_bucket(owner)))
    }

    /// The list of an object that is there.
    ///
    /// # Errors
    /// For what is no list; `AccessControlListNotSupported` where there are none
    pub(crate) fn of_object(&self, bucket: &Bucket, owner: User) -> Result<Option<Acl>> {
        let bucket_owner = User::Account(bucket.owner);
        let acl = self.read(owner, |canned| canned.of_object(owner, bucket_owner))?;
        if !bucket.takes_lists() {
            // UNVERIFIED: `private` is documented as refused; clients that send it as their default are served.
            let canned = self.canned.is_none_or(|canned| ["private", "bucket-owner-full-control"].contains(&canned));
            return match canned && acl.is_none_or(|acl| acl == Acl::private(bucket_owner)) {
                true => Ok(None),
                false => Err(AccessControlListNotSupported.into()),
            };
        }
        Ok(acl)
    }

    /// Who owns the object that the caller writes, and its list.
    ///
    /// # Errors
    /// As [`of_object`](Self::of_object); `AccessDenied` if public lists are blocked
    pub(crate) fn of_new_object(&self, cx: &Cx, bucket: &Bucket, key: &str) -> Result<Owned> {
        let owner = match bucket.ownership() {
            Ownership::BucketOwnerEnforced => None,
            Ownership::BucketOwnerPreferred if self.canned == Some("bucket-owner-full-control") => None,
            Ownership::BucketOwnerPreferred | Ownership::ObjectWriter => writer(cx, bucket),
        };
        let named = owner.unwrap_or(User::Account(bucket.owner));
        let acl = self.of_object(bucket, named)?;
        hold_unblocked(cx, bucket, acl.as_ref(), "s3:PutObject", &bucket.object_arn(key))?;
        Ok(Owned { owner, acl: acl.filter(|acl| *acl != Acl::private(named)) })
    }
}

/// Refuses a public list where Block Public Access blocks them.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html>
pub(crate) fn hold_unblocked(cx: &Cx, bucket: &Bucket, acl: Option<&Acl>, action: &str, arn: &str) -> Result<()> {
    if bucket.blocked.block_public_acls && acl.is_some_and(Acl::is_public) {
        return Err(blocked_by(cx, bucket, action, arn, "ACLs", "BlockPublicAcls"));
    }
    Ok(())
}

/// The denial of what Block Public Access forbids.
pub(crate) fn blocked_by(cx: &Cx, bucket: &Bucket, action: &str, arn: &str, what: &str, setting: &str) -> Error {
    let who = cx.principal().arn(bucket.region.partition()).map_or_else(|| "anonymous".to_owned(), String::from);
    AccessDenied::because(format!(
        "User: {who} is not authorized to perform: {action} on resource: \"{arn}\" because public {what} are prevented \
         by the {setting} setting in S3 Block Public Access."
    ))
}
