//! Removing a role that is linked to a service: asked for here, done by a job.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Error, IntoKey, Job, Key, Operation, Resource, Result, Schedule, Scope};

use crate::attachment::{self, Attachment};
use crate::entity::{by_id, key, named};
use crate::errors::{InvalidInputException, NoSuchEntityException};
use crate::role::Role;
use crate::{access, account};

/// How far a removal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Progress {
    InProgress,
    Succeeded,
}

/// A removal that was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Task {
    id: String,
    /// Unique id of the role.
    role: String,
    progress: Progress,
}

impl Resource for Task {
    const KIND: &'static str = "iam/role-deletion";
    const SCOPE: Scope = Scope::Account;
    const INDEXES: &'static [&'static str] = &["role"];

    fn key(&self) -> Key {
        (&self.id).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![("role", (&self.role).into_key())]
    }
}

/// Asks for the removal of a role that is linked to a service.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceLinkedRole.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteServiceLinkedRole {
    role_name: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteServiceLinkedRoleResponse {
    deletion_task_id: String,
}

impl Operation for DeleteServiceLinkedRole {
    const NAME: &'static str = "DeleteServiceLinkedRole";
    type Output = DeleteServiceLinkedRoleResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<Role>(cx, "iam:DeleteServiceLinkedRole", &self.role_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<DeleteServiceLinkedRoleResponse> {
        let role = named::<Role>(cx, &self.role_name).await?;
        if !role.is_service_linked() {
            // UNVERIFIED: AWS's wording.
            let message = format!("The role {} is not a service-linked role.", role.head.name);
            return Err(InvalidInputException::because(message));
        }
        if let Some(task) = cx.find::<Task>(cx.here(), "role", &role.head.id, 1).await?.pop() {
            return Ok(DeleteServiceLinkedRoleResponse { deletion_task_id: task.id });
        }
        let id = format!("task{}{}/{}", role.head.path, role.head.name, cx.chance().uuid());
        let task = Task { id: id.clone(), role: role.head.id, progress: Progress::InProgress };
        cx.put(cx.here(), &task).await?;
        cx.enqueue(&Deletion { task: id.clone() }, Schedule::now()).await?;
        Ok(DeleteServiceLinkedRoleResponse { deletion_task_id: id })
    }
}

/// Removes the role. No service of Welkin's keeps resources that work through one, so none is in its way.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Deletion {
    task: String,
}

impl Job for Deletion {
    const NAME: &'static str = "iam/delete-service-linked-role";
    const PRINCIPAL: &'static str = "iam.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let Some(mut task) = cx.get::<Task>(place, &self.task).await? else { return Ok(()) };
        if let Some(role) = by_id::<Role>(cx, place, &task.role).await? {
            for attachment in attachment::of(cx, place, &role.head.id).await? {
                cx.delete::<Attachment>(place, attachment.key()).await?;
            }
            cx.delete::<Role>(place, key(&role.head.name)).await?;
            account::changed_with(cx, |account| account.roles = account.roles.saturating_sub(1)).await?;
        }
        task.progress = Progress::Succeeded;
        cx.put(place, &task).await
    }
}

/// Tells how far the removal of a role is.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLinkedRoleDeletionStatus.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetServiceLinkedRoleDeletionStatus {
    deletion_task_id: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetServiceLinkedRoleDeletionStatusResponse {
    status: Progress,
}

impl GetServiceLinkedRoleDeletionStatus {
    /// Path and name of the role.
    fn role(&self) -> Result<&str> {
        let role = self.deletion_task_id.strip_prefix("task").and_then(|rest| Some(rest.rsplit_once('/')?.0));
        role.filter(|role| role.starts_with("/aws-service-role/")).ok_or_else(|| {
            // UNVERIFIED: AWS's wording.
            InvalidInputException::because(format!("{} is not a deletion task id.", self.deletion_task_id))
        })
    }
}

impl Operation for GetServiceLinkedRoleDeletionStatus {
    const NAME: &'static str = "GetServiceLinkedRoleDeletionStatus";
    type Output = GetServiceLinkedRoleDeletionStatusResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let role = cx.here().global_arn("iam", format_args!("role{}", self.role()?));
        Ok(access::to(cx, "iam:GetServiceLinkedRoleDeletionStatus")?.on(role))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetServiceLinkedRoleDeletionStatusResponse> {
        let missing = || -> Error {
            NoSuchEntityException::because(format!("Deletion task {} cannot be found.", self.deletion_task_id))
        };
        let task = cx.get::<Task>(cx.here(), &self.deletion_task_id).await?.ok_or_else(missing)?;
        Ok(GetServiceLinkedRoleDeletionStatusResponse { status: task.progress })
    }
}
