//! Making and removing an instance profile.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Page, Result};

use super::{InstanceProfile, InstanceProfileView};
use crate::entity::Head;
use crate::errors::{DeleteConflictException, EntityAlreadyExistsException};
use crate::named::{Named, demand, known};
use crate::tag::{self, Tag};
use crate::{access, quota};

/// Makes an instance profile without a role.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateInstanceProfile {
    instance_profile_name: String,
    path: Option<String>,
    tags: Option<Vec<Tag>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateInstanceProfileResponse {
    instance_profile: InstanceProfileView,
}

impl Operation for CreateInstanceProfile {
    const NAME: &'static str = "CreateInstanceProfile";
    type Output = CreateInstanceProfileResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let path = self.path.as_deref().unwrap_or("/");
        Ok(access::to(cx, "iam:CreateInstanceProfile")?
            .on(cx.here().global_arn("iam", format_args!("instance-profile{path}{}", self.instance_profile_name)))
            .request_tags(&tag::read(self.tags.as_ref())?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateInstanceProfileResponse> {
        let name = &self.instance_profile_name;
        if InstanceProfile::find(cx, name).await?.is_some() {
            return Err(EntityAlreadyExistsException::because(format!("Instance Profile {name} already exists.")));
        }
        let present = cx.list::<InstanceProfile>(cx.here(), (), Page::ALL).await?.len();
        quota::hold("InstanceProfilesPerAccount", present, quota::INSTANCE_PROFILES)?;
        let profile = InstanceProfile {
            head: Head::new(cx, "AIPA", name, self.path.as_deref()),
            role: None,
            tags: tag::read(self.tags.as_ref())?,
        };
        cx.put(cx.here(), &profile).await?;
        Ok(CreateInstanceProfileResponse { instance_profile: InstanceProfileView::whole(cx, &profile).await? })
    }
}

/// Removes an instance profile that has no role.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteInstanceProfile.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteInstanceProfile {
    instance_profile_name: String,
}

impl Operation for DeleteInstanceProfile {
    const NAME: &'static str = "DeleteInstanceProfile";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand::<InstanceProfile>(cx, "iam:DeleteInstanceProfile", &self.instance_profile_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let profile = known::<InstanceProfile>(cx, &self.instance_profile_name).await?;
        if profile.role.is_some() {
            return Err(DeleteConflictException::because(
                "Cannot delete entity, must remove roles from instance profile first.",
            ));
        }
        cx.delete::<InstanceProfile>(cx.here(), profile.head.key()).await?;
        Ok(Empty {})
    }
}
