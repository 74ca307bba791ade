//! Canned lists.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl>

use super::{Acl, Grant, Grantee, Group, Permission, User};

/// A canned list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Canned {
    Private,
    PublicRead,
    PublicReadWrite,
    AuthenticatedRead,
    AwsExecRead,
    BucketOwnerRead,
    BucketOwnerFullControl,
    LogDeliveryWrite,
}

impl Canned {
    const ALL: [(&str, Self); 8] = [
        ("private", Self::Private),
        ("public-read", Self::PublicRead),
        ("public-read-write", Self::PublicReadWrite),
        ("authenticated-read", Self::AuthenticatedRead),
        ("aws-exec-read", Self::AwsExecRead),
        ("bucket-owner-read", Self::BucketOwnerRead),
        ("bucket-owner-full-control", Self::BucketOwnerFullControl),
        ("log-delivery-write", Self::LogDeliveryWrite),
    ];

    /// The list of this name.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, canned)| canned)
    }

    /// The list of a bucket. Those that speak of a bucket's owner beside an object's say nothing more here.
    pub(crate) fn of_bucket(self, owner: User) -> Acl {
        self.with_owner(owner, owner)
    }

    /// The list of an object; there is none for the delivery of logs.
    pub(crate) fn of_object(self, owner: User, bucket_owner: User) -> Option<Acl> {
        (self != Self::LogDeliveryWrite).then(|| self.with_owner(owner, bucket_owner))
    }

    fn with_owner(self, owner: User, bucket_owner: User) -> Acl {
        let mut acl = Acl::private(owner);
        let more = |group| move |permission| Grant { grantee: Grantee::Group(group), permission };
        let of_bucket_owner = |permission| Grant { grantee: Grantee::User(bucket_owner), permission };
        match self {
            Self::Private => {}
            Self::PublicRead => acl.0.push(more(Group::AllUsers)(Permission::Read)),
            Self::PublicReadWrite => {
                acl.0.extend([Permission::Read, Permission::Write].map(more(Group::AllUsers)));
            }
            Self::AuthenticatedRead => acl.0.push(more(Group::AuthenticatedUsers)(Permission::Read)),
            Self::AwsExecRead => {
                acl.0.push(Grant { grantee: Grantee::User(User::Ec2), permission: Permission::Read });
            }
            Self::BucketOwnerRead if owner != bucket_owner => acl.0.push(of_bucket_owner(Permission::Read)),
            Self::BucketOwnerFullControl if owner != bucket_owner => {
                acl.0.push(of_bucket_owner(Permission::FullControl));
            }
            Self::BucketOwnerRead | Self::BucketOwnerFullControl => {}
            Self::LogDeliveryWrite => {
                acl.0.extend([Permission::Write, Permission::ReadAcp].map(more(Group::LogDelivery)));
            }
        }
        acl
    }
}
