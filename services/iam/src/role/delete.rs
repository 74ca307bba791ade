//! Removing a role.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::Role;
use crate::entity::{Entity, key, named};
use crate::errors::DeleteConflictException;
use crate::{access, account, attachment, inline_policy, instance_profile, usage};

/// Removes a role that has no policies any more. Its sessions lose their rights at once.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteRole {
    role_name: String,
}

impl Operation for DeleteRole {
    const NAME: &'static str = "DeleteRole";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<Role>(cx, "iam:DeleteRole", &self.role_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let role = named::<Role>(cx, &self.role_name).await?;
        role.hold_modifiable()?;
        let conflict =
            |what| Err(DeleteConflictException::because(format!("Cannot delete entity, must {what} first.")));
        if inline_policy::any(cx, &role.head.id).await? {
            return conflict("delete policies");
        }
        if attachment::any(cx, &role.head.id).await? {
            return conflict("detach all policies");
        }
        if instance_profile::any(cx, &role.head.id).await? {
            return conflict("remove roles from instance profile");
        }
        usage::forget(cx, &role.head.id)?;
        cx.delete::<Role>(cx.here(), key(&self.role_name)).await?;
        account::changed_with(cx, |account| account.roles = account.roles.saturating_sub(1)).await?;
        Ok(Empty {})
    }
}
