//! Reading a role.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{Role, RoleView};
use crate::access;
use crate::entity::named;

/// Tells of a role, with its trust policy.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetRole {
    role_name: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetRoleResponse {
    role: RoleView,
}

impl Operation for GetRole {
    const NAME: &'static str = "GetRole";
    type Output = GetRoleResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<Role>(cx, "iam:GetRole", &self.role_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetRoleResponse> {
        let role = named::<Role>(cx, &self.role_name).await?;
        Ok(GetRoleResponse { role: RoleView::whole(cx, &role).await? })
    }
}
