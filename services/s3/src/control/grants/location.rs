//! Locations: parts of S3 that an account registers, each with the role that reaches it.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-location.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, AccountId, Arn, Cx, Empty, IntoKey, Key, Operation, Page, Place, Resource, Result, Scope as Stored,
    Timestamp,
};

use super::grant::{self, Grant};
use super::instance::{self, Instance};
use super::scope::Scope;
use super::{PRINCIPAL, access, home};
use crate::control::errors::{
    AccessGrantsLocationAlreadyExistsError, AccessGrantsLocationNotEmptyError, AccessGrantsLocationsQuotaExceededError,
    InvalidAccessGrantsLocation, InvalidIamRole, NoSuchAccessGrantsLocationError,
};
use crate::role;
use crate::tags::{self, MOST_OF_BUCKET, Tag, Tags};

/// Locations of an instance.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-limitations.html>
const MOST: usize = 1000;

/// The id of the location that is all of S3.
const DEFAULT: &str = "default";

/// The index by scope.
const BY_SCOPE: &str = "scope";

/// A location.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Location {
    pub(super) id: String,
    pub(super) scope: String,
    pub(super) role: String,
    pub(super) created: Timestamp,
    pub(crate) tags: Tags,
}

impl Resource for Location {
    const KIND: &'static str = "s3/access-grants-location";
    const SCOPE: Stored = Stored::Region;
    const INDEXES: &'static [&'static str] = &[BY_SCOPE];

    fn key(&self) -> Key {
        (&self.id,).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![(BY_SCOPE, (&self.scope,).into_key())]
    }
}

/// The ARN of a location.
pub(crate) fn arn(place: Place, id: &str) -> String {
    format!("{}/location/{id}", instance::arn(place))
}

impl Location {
    /// The location of this id.
    ///
    /// # Errors
    /// `AccessGrantsInstanceNotExistsError`, `NoSuchAccessGrantsLocationError`
    pub(crate) async fn open(cx: &mut Cx, place: Place, id: &str) -> Result<Self> {
        Instance::open(cx, place).await?;
        cx.get::<Self>(place, (id,)).await?.ok_or_else(|| NoSuchAccessGrantsLocationError.into())
    }

    /// Whether it is all of S3.
    pub(super) fn is_default(&self) -> bool {
        self.id == DEFAULT
    }
}

/// What it takes to do `action` to a location, which need not be there.
async fn on(cx: &mut Cx, action: &'static str, account: AccountId, id: &str) -> Result<Access> {
    let place = home(cx, account);
    let access = Access::to(action).on(arn(place, id)).owned_by(account);
    Ok(match cx.get::<Location>(place, (id,)).await? {
        Some(location) => access.key("s3:AccessGrantsLocationScope", location.scope).resource_tags(&location.tags),
        None => access,
    })
}

/// Who names a role hands it to Access Grants; it must be of the instance's account.
///
/// # Errors
/// `InvalidIamRole`
fn passing(given: &str, account: AccountId) -> Result<Access> {
    let arn: Option<Arn> = given.parse().ok().filter(role::is_role);
    match arn.filter(|arn| arn.account() == Some(account)) {
        Some(arn) => Ok(Access::to("iam:PassRole").on(arn).key("iam:PassedToService", PRINCIPAL)),
        None => Err(InvalidIamRole.into()),
    }
}

/// A location as it is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Report {
    created_at: Timestamp,
    access_grants_location_id: String,
    access_grants_location_arn: String,
    location_scope: String,
    #[serde(rename = "IAMRoleArn")]
    iam_role_arn: String,
}

impl Report {
    pub(super) fn of(place: Place, location: Location) -> Self {
        Self {
            created_at: location.created,
            access_grants_location_arn: arn(place, &location.id),
            access_grants_location_id: location.id,
            location_scope: location.scope,
            iam_role_arn: location.role,
        }
    }
}

/// Registers a location.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateAccessGrantsLocation.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateAccessGrantsLocation {
    account_id: AccountId,
    location_scope: String,
    #[serde(rename = "IAMRoleArn")]
    iam_role_arn: String,
    tags: Option<Vec<Tag>>,
}

impl Operation for CreateAccessGrantsLocation {
    const NAME: &str = "CreateAccessGrantsLocation";
    type Output = Report;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let tags = tags::from_list(self.tags.as_deref().unwrap_or_default(), MOST_OF_BUCKET)?;
        let create = access(cx, "s3:CreateAccessGrantsLocation", self.account_id, false).await?;
        let create = create.key("s3:AccessGrantsLocationScope", self.location_scope.as_str()).request_tags(&tags);
        Ok(create.and(passing(&self.iam_role_arn, self.account_id)?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Report> {
        let place = home(cx, self.account_id);
        Instance::open(cx, place).await?;
        let Some(scope) = Scope::read(&self.location_scope, false) else {
            return Err(InvalidAccessGrantsLocation.into());
        };
        if !cx.find::<Location>(place, BY_SCOPE, (&self.location_scope,), 1).await?.is_empty() {
            return Err(AccessGrantsLocationAlreadyExistsError.into());
        }
        if cx.list::<Location>(place, (), Page::of(MOST, None)).await?.len() >= MOST {
            return Err(AccessGrantsLocationsQuotaExceededError.into());
        }
        let location = Location {
            id: if scope.bucket.is_none() { DEFAULT.to_owned() } else { cx.chance().uuid() },
            scope: self.location_scope.clone(),
            role: self.iam_role_arn.clone(),
            created: cx.now(),
            tags: tags::from_list(self.tags.as_deref().unwrap_or_default(), MOST_OF_BUCKET)?,
        };
        cx.put(place, &location).await?;
        Ok(Report::of(place, location))
    }
}

/// Tells of a location.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessGrantsLocation.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccessGrantsLocation {
    account_id: AccountId,
    access_grants_location_id: String,
}

impl Operation for GetAccessGrantsLocation {
    const NAME: &str = "GetAccessGrantsLocation";
    type Output = Report;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        on(cx, "s3:GetAccessGrantsLocation", self.account_id, &self.access_grants_location_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Report> {
        let place = home(cx, self.account_id);
        Ok(Report::of(place, Location::open(cx, place, &self.access_grants_location_id).await?))
    }
}

/// Gives a location another role.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_UpdateAccessGrantsLocation.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateAccessGrantsLocation {
    account_id: AccountId,
    access_grants_location_id: String,
    #[serde(rename = "IAMRoleArn")]
    iam_role_arn: String,
}

impl Operation for UpdateAccessGrantsLocation {
    const NAME: &str = "UpdateAccessGrantsLocation";
    type Output = Report;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let update = on(cx, "s3:UpdateAccessGrantsLocation", self.account_id, &self.access_grants_location_id).await?;
        Ok(update.and(passing(&self.iam_role_arn, self.account_id)?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Report> {
        let place = home(cx, self.account_id);
        let mut location = Location::open(cx, place, &self.access_grants_location_id).await?;
        location.role = self.iam_role_arn.clone();
        cx.put(place, &location).await?;
        Ok(Report::of(place, location))
    }
}

/// Deregisters a location, which must have no grants.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteAccessGrantsLocation.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteAccessGrantsLocation {
    account_id: AccountId,
    access_grants_location_id: String,
}

impl Operation for DeleteAccessGrantsLocation {
    const NAME: &str = "DeleteAccessGrantsLocation";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        on(cx, "s3:DeleteAccessGrantsLocation", self.account_id, &self.access_grants_location_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let place = home(cx, self.account_id);
        let location = Location::open(cx, place, &self.access_grants_location_id).await?;
        if !cx.find::<Grant>(place, grant::BY_LOCATION, (&location.id,), 1).await?.is_empty() {
            return Err(AccessGrantsLocationNotEmptyError.into());
        }
        cx.delete::<Location>(place, (&location.id,)).await?;
        Ok(Empty {})
    }
}
