//! Grants: a grantee has a permission for a part of a location.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-grant.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, AccountId, Cx, Empty, IntoKey, Key, Operation, Place, Resource, Result, Scope as Stored, Timestamp,
};

use super::grantee::Grantee;
use super::home;
use super::instance::{self, Instance};
use super::location::{self, Location};
use super::permission::Permission;
use super::scope::{self, Scope};
use crate::control::errors::{
    AccessGrantAlreadyExists, AccessGrantsQuotaExceededError, InvalidAccessGrant, NoSuchAccessGrantError,
};
use crate::errors::not_implemented;
use crate::tags::{self, MOST_OF_BUCKET, Tag, Tags};

/// Grants of an instance.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-limitations.html>
const MOST: u64 = 100_000;

/// The index by location.
pub(super) const BY_LOCATION: &str = "location";

/// The index by grantee.
pub(super) const BY_GRANTEE: &str = "grantee";

/// A grant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(super) id: String,
    pub(super) location: String,
    pub(super) appended: Option<String>,
    pub(super) scope: String,
    pub(super) is_object: bool,
    pub(super) grantee: Grantee,
    pub(super) permission: Permission,
    pub(super) created: Timestamp,
    pub(crate) tags: Tags,
}

impl Resource for Grant {
    const KIND: &'static str = "s3/access-grant";
    const SCOPE: Stored = Stored::Region;
    const INDEXES: &'static [&'static str] = &[BY_LOCATION, BY_GRANTEE];

    fn key(&self) -> Key {
        (&self.id,).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![(BY_LOCATION, (&self.location,).into_key()), (BY_GRANTEE, (self.grantee.identifier(),).into_key())]
    }
}

/// The ARN of a grant.
pub(crate) fn arn(place: Place, id: &str) -> String {
    format!("{}/grant/{id}", instance::arn(place))
}

impl Grant {
    /// The grant of this id.
    ///
    /// # Errors
    /// `AccessGrantsInstanceNotExistsError`, `NoSuchAccessGrantError`
    pub(crate) async fn open(cx: &mut Cx, place: Place, id: &str) -> Result<Self> {
        Instance::open(cx, place).await?;
        cx.get::<Self>(place, (id,)).await?.ok_or_else(|| NoSuchAccessGrantError.into())
    }

    /// What it is about; it was read when the grant was made.
    pub(super) fn about(&self) -> Option<Scope> {
        Scope::read(&self.scope, self.is_object)
    }
}

/// What it takes to do `action` to a grant, which need not be there.
async fn on(cx: &mut Cx, action: &'static str, account: AccountId, id: &str) -> Result<Access> {
    let place = home(cx, account);
    let access = Access::to(action).on(arn(place, id)).owned_by(account);
    Ok(match cx.get::<Grant>(place, (id,)).await? {
        Some(grant) => access.key("s3:AccessGrantScope", grant.scope).resource_tags(&grant.tags),
        None => access,
    })
}

/// What is appended to the scope of a location.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct LocationConfiguration {
    #[serde(rename = "S3SubPrefix")]
    s3_sub_prefix: Option<String>,
}

/// A grant as it is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Report {
    created_at: Timestamp,
    access_grant_id: String,
    access_grant_arn: String,
    grantee: Grantee,
    access_grants_location_id: String,
    access_grants_location_configuration: Option<LocationConfiguration>,
    permission: Permission,
    grant_scope: String,
}

impl Report {
    pub(super) fn of(place: Place, grant: Grant) -> Self {
        let appended = grant.appended.map(|appended| LocationConfiguration { s3_sub_prefix: Some(appended) });
        Self {
            created_at: grant.created,
            access_grant_arn: arn(place, &grant.id),
            access_grant_id: grant.id,
            grantee: grant.grantee,
            access_grants_location_id: grant.location,
            access_grants_location_configuration: appended,
            permission: grant.permission,
            grant_scope: grant.scope,
        }
    }
}

/// Grants a permission for a part of a location.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateAccessGrant.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateAccessGrant {
    account_id: AccountId,
    access_grants_location_id: String,
    access_grants_location_configuration: Option<LocationConfiguration>,
    grantee: Grantee,
    permission: Permission,
    application_arn: Option<String>,
    #[serde(rename = "S3PrefixType")]
    s3_prefix_type: Option<String>,
    tags: Option<Vec<Tag>>,
}

impl CreateAccessGrant {
    fn appended(&self) -> Option<&str> {
        self.access_grants_location_configuration.as_ref()?.s3_sub_prefix.as_deref()
    }

    /// The scope, if the grant may have it.
    ///
    /// # Errors
    /// `InvalidAccessGrant`
    fn scope(&self, location: &Location) -> Result<String> {
        let scope = scope::of_grant(&location.scope, self.appended());
        let read = Scope::read(&scope, self.s3_prefix_type.is_some());
        // A grant of all of S3 is not to be had.
        match read.filter(|read| read.bucket.is_some() && !(location.is_default() && self.appended().is_none())) {
            Some(_) => Ok(scope),
            None => Err(InvalidAccessGrant.into()),
        }
    }
}

impl Operation for CreateAccessGrant {
    const NAME: &str = "CreateAccessGrant";
    type Output = Report;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let tags = tags::from_list(self.tags.as_deref().unwrap_or_default(), MOST_OF_BUCKET)?;
        let (place, id) = (home(cx, self.account_id), &self.access_grants_location_id);
        let access = Access::to("s3:CreateAccessGrant").on(location::arn(place, id)).owned_by(self.account_id);
        let access = match cx.get::<Location>(place, (id,)).await? {
            Some(location) => {
                let scope = scope::of_grant(&location.scope, self.appended());
                access.key("s3:AccessGrantScope", scope).resource_tags(&location.tags)
            }
            None => access,
        };
        Ok(access.request_tags(&tags))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Report> {
        let place = home(cx, self.account_id);
        let location = Location::open(cx, place, &self.access_grants_location_id).await?;
        if self.application_arn.is_some() {
            return Err(not_implemented("ApplicationArn of CreateAccessGrant"));
        }
        self.grantee.check()?;
        let grant = Grant {
            id: cx.chance().uuid(),
            location: location.id.clone(),
            appended: self.appended().map(str::to_owned),
            scope: self.scope(&location)?,
            is_object: self.s3_prefix_type.is_some(),
            grantee: self.grantee.clone(),
            permission: self.permission,
            created: cx.now(),
            tags: tags::from_list(self.tags.as_deref().unwrap_or_default(), MOST_OF_BUCKET)?,
        };
        // UNVERIFIED: what makes a grant the same as another one.
        let is_same = |other: &Grant| {
            (&other.scope, other.permission, other.is_object) == (&grant.scope, grant.permission, grant.is_object)
        };
        let theirs = cx.find::<Grant>(place, BY_GRANTEE, (self.grantee.identifier(),), 0).await?;
        if theirs.iter().any(is_same) {
            return Err(AccessGrantAlreadyExists.into());
        }
        if cx.count::<Grant>(place, (), END).await? >= MOST {
            return Err(AccessGrantsQuotaExceededError.into());
        }
        cx.put(place, &grant).await?;
        Ok(Report::of(place, grant))
    }
}

/// After all ids.
const END: (&str,) = ("~",);

/// Tells of a grant.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessGrant.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccessGrant {
    account_id: AccountId,
    access_grant_id: String,
}

impl Operation for GetAccessGrant {
    const NAME: &str = "GetAccessGrant";
    type Output = Report;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        on(cx, "s3:GetAccessGrant", self.account_id, &self.access_grant_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Report> {
        let place = home(cx, self.account_id);
        Ok(Report::of(place, Grant::open(cx, place, &self.access_grant_id).await?))
    }
}

/// Takes a grant back.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteAccessGrant.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteAccessGrant {
    account_id: AccountId,
    access_grant_id: String,
}

impl Operation for DeleteAccessGrant {
    const NAME: &str = "DeleteAccessGrant";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        on(cx, "s3:DeleteAccessGrant", self.account_id, &self.access_grant_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let place = home(cx, self.account_id);
        let grant = Grant::open(cx, place, &self.access_grant_id).await?;
        cx.delete::<Grant>(place, (&grant.id,)).await?;
        Ok(Empty {})
    }
}
