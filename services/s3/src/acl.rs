//! Access control lists of buckets and objects, and who owns objects.
//!
//! A bucket whose ownership is `BucketOwnerEnforced` has no lists: what is stored of them rests until the ownership
//! is another one again. Elsewhere a list is one more policy of the resource, which can only grant ([`policy`]).
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>

pub(crate) mod canned;
pub(crate) mod given;
pub(crate) mod headers;
pub(crate) mod policy;
pub(crate) mod xml;

use serde::{Deserialize, Serialize};
use welkin_kernel::{AccountId, Cx, Principal, canonical_user};

use crate::bucket::Bucket;

pub(crate) use given::Given;

/// Whom S3 knows by a canonical user id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum User {
    /// An account.
    Account(AccountId),
    /// Whoever comes without a signature.
    Anonymous,
    /// Amazon EC2, which reads bundles of images.
    Ec2,
}

/// The canonical user of Amazon EC2 in the canned list `aws-exec-read`, as answers of AWS show it.
const EC2: &str = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";

/// A predefined group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Group {
    /// Everyone, also without a signature.
    AllUsers,
    /// Everyone with credentials of some account.
    AuthenticatedUsers,
    /// S3 as it delivers access logs.
    LogDelivery,
}

/// Who is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Grantee {
    User(User),
    Group(Group),
}

/// What is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Permission {
    FullControl,
    Write,
    WriteAcp,
    Read,
    ReadAcp,
}

/// A grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) grantee: Grantee,
    pub(crate) permission: Permission,
}

/// The grants of a bucket or an object, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Acl(pub(crate) Vec<Grant>);

/// Grants of one list, at most.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>
pub(crate) const MOST_GRANTS: usize = 100;

impl User {
    /// The canonical user of a caller; a service owns and is granted nothing by this name.
    pub(crate) fn of(principal: &Principal) -> Option<Self> {
        match principal {
            Principal::Service(_) => None,
            principal => Some(principal.account().map_or(Self::Anonymous, Self::Account)),
        }
    }

    /// Its canonical user id.
    pub(crate) fn id(self) -> String {
        match self {
            Self::Account(account) => canonical_user::of(account),
            Self::Anonymous => canonical_user::ANONYMOUS.to_owned(),
            Self::Ec2 => EC2.to_owned(),
        }
    }

    /// Whose id it is.
    pub(crate) fn by_id(id: &str) -> Option<Self> {
        match id {
            canonical_user::ANONYMOUS => Some(Self::Anonymous),
            EC2 => Some(Self::Ec2),
            id => canonical_user::account(id).map(Self::Account),
        }
    }

    /// Its account, if it has one.
    pub(crate) fn account(self) -> Option<AccountId> {
        match self {
            Self::Account(account) => Some(account),
            Self::Anonymous | Self::Ec2 => None,
        }
    }
}

impl Group {
    const ALL: [Self; 3] = [Self::AllUsers, Self::AuthenticatedUsers, Self::LogDelivery];

    /// Its name as a grantee.
    pub(crate) fn uri(self) -> &'static str {
        match self {
            Self::AllUsers => "http://acs.amazonaws.com/groups/global/AllUsers",
            Self::AuthenticatedUsers => "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
            Self::LogDelivery => "http://acs.amazonaws.com/groups/s3/LogDelivery",
        }
    }

    /// The group of this name.
    pub(crate) fn by_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.uri() == uri)
    }

    /// Whether what it is granted is public.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
    fn is_public(self) -> bool {
        matches!(self, Self::AllUsers | Self::AuthenticatedUsers)
    }
}

impl Permission {
    const ALL: [Self; 5] = [Self::FullControl, Self::Write, Self::WriteAcp, Self::Read, Self::ReadAcp];

    /// Its name in the API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FullControl => "FULL_CONTROL",
            Self::Write => "WRITE",
            Self::WriteAcp => "WRITE_ACP",
            Self::Read => "READ",
            Self::ReadAcp => "READ_ACP",
        }
    }

    /// The permission of this name.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.name() == name)
    }
}

impl Grant {
    pub(crate) fn is_public(&self) -> bool {
        matches!(self.grantee, Grantee::Group(group) if group.is_public())
    }
}

impl Acl {
    /// The list of who grants nothing: full control for the owner.
    pub(crate) fn private(owner: User) -> Self {
        Self(vec![Grant { grantee: Grantee::User(owner), permission: Permission::FullControl }])
    }

    /// Whether it grants something to everyone, or to everyone with credentials.
    pub(crate) fn is_public(&self) -> bool {
        self.0.iter().any(Grant::is_public)
    }
}

/// The owner of an object that the caller writes where writers own: the caller's account, or the bucket's owner (`None`).
///
/// What a service writes is the bucket owner's.
// UNVERIFIED: AWS's services write with accounts of their own, and grant the bucket's owner full control.
pub(crate) fn writer(cx: &Cx, bucket: &Bucket) -> Option<User> {
    User::of(cx.principal()).filter(|writer| *writer != User::Account(bucket.owner))
}
