//! GetAccessGrantsInstanceForPrefix.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, Operation, Place, Result};

use super::instance::{self, Instance};
use super::scope::Scope;
use super::{access, home};
use crate::bucket::Bucket;
use crate::control::errors::{AccessGrantsInstanceNotExistsError, InvalidRequest};

/// Tells which instance has the grants of a bucket's data: that of the bucket's owner.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessGrantsInstanceForPrefix.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccessGrantsInstanceForPrefix {
    account_id: AccountId,
    #[serde(rename = "S3Prefix")]
    s3_prefix: String,
}

/// Answer of [`GetAccessGrantsInstanceForPrefix`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccessGrantsInstanceForPrefixOutput {
    access_grants_instance_arn: String,
    access_grants_instance_id: String,
}

impl GetAccessGrantsInstanceForPrefix {
    /// Where the instance of the bucket's owner is.
    ///
    /// # Errors
    /// `InvalidRequest`, `NoSuchBucket`
    // UNVERIFIED: the errors for what is no prefix, and for buckets that are not there.
    async fn place(&self, cx: &mut Cx) -> Result<Place> {
        let scope = Scope::read(&self.s3_prefix, false).and_then(|scope| scope.bucket);
        let Some(name) = scope else { return Err(InvalidRequest::because("The S3 prefix is not valid")) };
        let owner = Bucket::open_anywhere(cx, &name).await?.owner;
        Ok(home(cx, owner))
    }
}

impl Operation for GetAccessGrantsInstanceForPrefix {
    const NAME: &str = "GetAccessGrantsInstanceForPrefix";
    type Output = GetAccessGrantsInstanceForPrefixOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        const ACTION: &str = "s3:GetAccessGrantsInstanceForPrefix";
        let own = access(cx, ACTION, self.account_id, false).await?;
        let owner = self.place(cx).await?.account;
        Ok(match owner == self.account_id {
            true => own,
            // Both accounts must permit it.
            false => own.and(access(cx, ACTION, owner, true).await?),
        })
    }

    async fn run(&self, cx: &mut Cx) -> Result<Self::Output> {
        let place = self.place(cx).await?;
        match cx.get::<Instance>(place, ()).await? {
            Some(_) => Ok(GetAccessGrantsInstanceForPrefixOutput {
                access_grants_instance_arn: instance::arn(place),
                access_grants_instance_id: instance::ID.to_owned(),
            }),
            None => Err(AccessGrantsInstanceNotExistsError.into()),
        }
    }
}
