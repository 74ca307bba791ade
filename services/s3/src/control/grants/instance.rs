//! Instances: an account has at most one in a Region.

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, AccountId, Cx, Empty, IntoKey, Key, Operation, Page, Place, Resource, Result, Scope, Timestamp,
};

use super::location::Location;
use super::policy::InstancePolicy;
use super::{access, home};
use crate::control::errors::{
    AccessGrantsInstanceAlreadyExists, AccessGrantsInstanceNotEmptyError, AccessGrantsInstanceNotExistsError,
};
use crate::control::of_account;
use crate::errors::not_implemented;
use crate::tags::{self, MOST_OF_BUCKET, Tag, Tags};

/// The id of every instance.
pub(super) const ID: &str = "default";

/// An instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Instance {
    pub(super) created: Timestamp,
    pub(crate) tags: Tags,
    pub(super) policy: Option<InstancePolicy>,
}

impl Resource for Instance {
    const KIND: &'static str = "s3/access-grants-instance";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        ().into_key()
    }
}

/// The ARN of the instance of an account in a Region.
pub(crate) fn arn(place: Place) -> String {
    format!("arn:{}:s3:{}:{}:access-grants/{ID}", place.region.partition(), place.region, place.account)
}

impl Instance {
    /// The instance of an account.
    ///
    /// # Errors
    /// `AccessGrantsInstanceNotExistsError`
    pub(crate) async fn open(cx: &mut Cx, place: Place) -> Result<Self> {
        cx.get::<Self>(place, ()).await?.ok_or_else(|| AccessGrantsInstanceNotExistsError.into())
    }
}

/// Makes the instance of an account in a Region.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateAccessGrantsInstance.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateAccessGrantsInstance {
    account_id: AccountId,
    identity_center_arn: Option<String>,
    tags: Option<Vec<Tag>>,
}

/// An instance as it is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Report {
    created_at: Timestamp,
    access_grants_instance_id: String,
    access_grants_instance_arn: String,
}

impl Report {
    fn of(place: Place, instance: &Instance) -> Self {
        Self {
            created_at: instance.created,
            access_grants_instance_id: ID.to_owned(),
            access_grants_instance_arn: arn(place),
        }
    }
}

impl Operation for CreateAccessGrantsInstance {
    const NAME: &str = "CreateAccessGrantsInstance";
    type Output = Report;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let tags = tags::from_list(self.tags.as_deref().unwrap_or_default(), MOST_OF_BUCKET)?;
        Ok(access(cx, "s3:CreateAccessGrantsInstance", self.account_id, false).await?.request_tags(&tags))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Report> {
        if self.identity_center_arn.is_some() {
            return Err(not_implemented("IdentityCenterArn of Access Grants instances"));
        }
        let place = home(cx, self.account_id);
        if cx.exists::<Instance>(place, ()).await? {
            return Err(AccessGrantsInstanceAlreadyExists.into());
        }
        let tags = tags::from_list(self.tags.as_deref().unwrap_or_default(), MOST_OF_BUCKET)?;
        let instance = Instance { created: cx.now(), tags, policy: None };
        cx.put(place, &instance).await?;
        Ok(Report::of(place, &instance))
    }
}

/// Tells of the instance of an account.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessGrantsInstance.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccessGrantsInstance {
    account_id: AccountId,
}

impl Operation for GetAccessGrantsInstance {
    const NAME: &str = "GetAccessGrantsInstance";
    type Output = Report;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "s3:GetAccessGrantsInstance", self.account_id, false).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Report> {
        let place = home(cx, self.account_id);
        Ok(Report::of(place, &Instance::open(cx, place).await?))
    }
}

/// Lists the instances of an account in the Region, of which there is one at most.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListAccessGrantsInstances.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAccessGrantsInstances {
    account_id: AccountId,
}

/// Answer of [`ListAccessGrantsInstances`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAccessGrantsInstancesOutput {
    access_grants_instances_list: Vec<Report>,
}

impl Operation for ListAccessGrantsInstances {
    const NAME: &str = "ListAccessGrantsInstances";
    type Output = ListAccessGrantsInstancesOutput;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(of_account("s3:ListAccessGrantsInstances", self.account_id))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Self::Output> {
        let place = home(cx, self.account_id);
        let instance = cx.get::<Instance>(place, ()).await?;
        let access_grants_instances_list = instance.iter().map(|instance| Report::of(place, instance)).collect();
        Ok(ListAccessGrantsInstancesOutput { access_grants_instances_list })
    }
}

/// Deletes the instance of an account, which must have no locations.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteAccessGrantsInstance.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteAccessGrantsInstance {
    account_id: AccountId,
}

impl Operation for DeleteAccessGrantsInstance {
    const NAME: &str = "DeleteAccessGrantsInstance";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "s3:DeleteAccessGrantsInstance", self.account_id, false).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let place = home(cx, self.account_id);
        Instance::open(cx, place).await?;
        if !cx.list::<Location>(place, (), Page::of(1, None)).await?.is_empty() {
            return Err(AccessGrantsInstanceNotEmptyError.into());
        }
        cx.discard::<Instance>(place, ())?;
        Ok(Empty {})
    }
}
