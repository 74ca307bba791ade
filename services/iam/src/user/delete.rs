//! Removing a user.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Page, Result};

use super::User;
use crate::access_key::AccessKey;
use crate::entity::{key, named};
use crate::errors::DeleteConflictException;
use crate::group::Membership;
use crate::{
    access, account, attachment, inline_policy, login_profile, mfa, service_credential, signing_certificate,
    ssh_public_key, usage,
};

/// Removes a user that has nothing attached any more.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteUser {
    user_name: String,
}

impl Operation for DeleteUser {
    const NAME: &'static str = "DeleteUser";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<User>(cx, "iam:DeleteUser", &self.user_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let id = named::<User>(cx, &self.user_name).await?.head.id;
        // UNVERIFIED: AWS's words for what is left, but for keys, policies, groups and the login profile.
        let conflict =
            |what| Err(DeleteConflictException::because(format!("Cannot delete entity, must {what} first.")));
        if !cx.find::<AccessKey>(cx.here(), "holder", &id, 1).await?.is_empty() {
            return conflict("delete access keys");
        }
        if login_profile::find(cx, cx.here(), &id).await?.is_some() {
            return conflict("delete login profile");
        }
        if !mfa::of_holder(cx, cx.here(), &id).await?.is_empty() {
            return conflict("delete MFA device");
        }
        if !signing_certificate::of(cx, cx.here(), &id).await?.is_empty() {
            return conflict("delete signing certificates");
        }
        if !ssh_public_key::of(cx, cx.here(), &id).await?.is_empty() {
            return conflict("delete SSH public keys");
        }
        if !service_credential::of(cx, cx.here(), &id).await?.is_empty() {
            return conflict("delete service-specific credentials");
        }
        if inline_policy::any(cx, &id).await? {
            return conflict("delete policies");
        }
        if attachment::any(cx, &id).await? {
            return conflict("detach all policies");
        }
        if !cx.list::<Membership>(cx.here(), (&id,), Page::of(1, None)).await?.is_empty() {
            return conflict("remove users from group");
        }
        usage::forget(cx, &id)?;
        cx.delete::<User>(cx.here(), key(&self.user_name)).await?;
        account::changed_with(cx, |account| account.users = account.users.saturating_sub(1)).await?;
        Ok(Empty {})
    }
}
