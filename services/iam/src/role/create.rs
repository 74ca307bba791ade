//! Making a role.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{Role, RoleView, TrustPolicy, USUAL_SESSION};
use crate::entity::{Head, find};
use crate::errors::{EntityAlreadyExistsException, ValidationError};
use crate::tag::Tag;
use crate::{access, account, boundary, quota, tag};

/// Makes a role that those whom its trust policy names may assume.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateRole {
    path: Option<String>,
    role_name: String,
    assume_role_policy_document: String,
    description: Option<String>,
    max_session_duration: Option<u32>,
    permissions_boundary: Option<String>,
    tags: Option<Vec<Tag>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateRoleResponse {
    role: RoleView,
}

impl Operation for CreateRole {
    const NAME: &'static str = "CreateRole";
    type Output = CreateRoleResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let path = self.path.as_deref().unwrap_or("/");
        let access = access::to(cx, "iam:CreateRole")?
            .on(cx.here().global_arn("iam", format_args!("role{path}{}", self.role_name)))
            .request_tags(&tag::read(self.tags.as_ref())?);
        Ok(access::with_boundary(access, self.permissions_boundary.as_ref()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateRoleResponse> {
        if find::<Role>(cx, &self.role_name).await?.is_some() {
            let message = format!("Role with name {} already exists.", self.role_name);
            return Err(EntityAlreadyExistsException::because(message));
        }
        if self.path.as_deref().is_some_and(|path| path.starts_with("/aws-service-role/")) {
            return Err(ValidationError::because(
                "A role in the path /aws-service-role/ is made with CreateServiceLinkedRole only.",
            ));
        }
        quota::hold("RolesPerAccount", account::read(cx).await?.roles as usize, quota::ROLES)?;
        let trust = TrustPolicy::read(cx, &self.assume_role_policy_document).await?;
        if let Some(arn) = &self.permissions_boundary {
            boundary::check(cx, arn).await?;
        }
        let role = Role {
            head: Head::new(cx, "AROA", &self.role_name, self.path.as_deref()),
            description: self.description.clone(),
            trust,
            max_session: self.max_session_duration.unwrap_or(USUAL_SESSION),
            boundary: self.permissions_boundary.clone(),
            tags: tag::read(self.tags.as_ref())?,
        };
        cx.put(cx.here(), &role).await?;
        account::changed_with(cx, |account| account.roles += 1).await?;
        Ok(CreateRoleResponse { role: RoleView::whole(cx, &role).await? })
    }
}
