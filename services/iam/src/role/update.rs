//! Changing a role.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{Role, RoleView};
use crate::entity::{Entity, named};
use crate::{access, account};

/// Gives a role another description or longest session.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateRole {
    role_name: String,
    description: Option<String>,
    max_session_duration: Option<u32>,
}

impl Operation for UpdateRole {
    const NAME: &'static str = "UpdateRole";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<Role>(cx, "iam:UpdateRole", &self.role_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut role = named::<Role>(cx, &self.role_name).await?;
        // The description of a role that is linked to a service may be edited, nothing else:
        // <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-service-linked-role.html>.
        if self.max_session_duration.is_some() {
            role.hold_modifiable()?;
        }
        if self.description.is_some() {
            role.description.clone_from(&self.description);
        }
        if let Some(seconds) = self.max_session_duration {
            role.max_session = seconds;
        }
        cx.put(cx.here(), &role).await?;
        account::changed(cx).await?;
        Ok(Empty {})
    }
}

/// Gives a role another description; `UpdateRole` has taken its place.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateRoleDescription {
    role_name: String,
    description: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateRoleDescriptionResponse {
    role: RoleView,
}

impl Operation for UpdateRoleDescription {
    const NAME: &'static str = "UpdateRoleDescription";
    type Output = UpdateRoleDescriptionResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<Role>(cx, "iam:UpdateRoleDescription", &self.role_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<UpdateRoleDescriptionResponse> {
        let mut role = named::<Role>(cx, &self.role_name).await?;
        role.description = Some(self.description.clone());
        cx.put(cx.here(), &role).await?;
        account::changed(cx).await?;
        Ok(UpdateRoleDescriptionResponse { role: RoleView::whole(cx, &role).await? })
    }
}
