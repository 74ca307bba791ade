//! The role of an instance profile.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::InstanceProfile;
use crate::entity::{Entity, named};
use crate::errors::NoSuchEntityException;
use crate::named::{demand, known};
use crate::role::Role;
use crate::{access, quota};

/// Puts a role into an instance profile. The caller passes the role to EC2, and must be allowed to.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AddRoleToInstanceProfile {
    instance_profile_name: String,
    role_name: String,
}

impl Operation for AddRoleToInstanceProfile {
    const NAME: &'static str = "AddRoleToInstanceProfile";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let pass = access::on::<Role>(cx, "iam:PassRole", &self.role_name).await?;
        let add = demand::<InstanceProfile>(cx, "iam:AddRoleToInstanceProfile", &self.instance_profile_name).await?;
        Ok(add.and(pass.key("iam:PassedToService", "ec2.amazonaws.com")))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut profile = known::<InstanceProfile>(cx, &self.instance_profile_name).await?;
        let role = named::<Role>(cx, &self.role_name).await?;
        role.hold_modifiable()?;
        let present = usize::from(profile.role.is_some());
        quota::hold("InstanceSessionsPerInstanceProfile", present, quota::ROLES_PER_INSTANCE_PROFILE)?;
        profile.role = Some(role.head.id);
        cx.put(cx.here(), &profile).await?;
        Ok(Empty {})
    }
}

/// Takes the role out of an instance profile.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveRoleFromInstanceProfile.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemoveRoleFromInstanceProfile {
    instance_profile_name: String,
    role_name: String,
}

impl Operation for RemoveRoleFromInstanceProfile {
    const NAME: &'static str = "RemoveRoleFromInstanceProfile";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand::<InstanceProfile>(cx, "iam:RemoveRoleFromInstanceProfile", &self.instance_profile_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut profile = known::<InstanceProfile>(cx, &self.instance_profile_name).await?;
        let role = named::<Role>(cx, &self.role_name).await?;
        if profile.role.as_ref() != Some(&role.head.id) {
            // UNVERIFIED: AWS's wording.
            return Err(NoSuchEntityException::because(format!(
                "The role with name {} is not in instance profile {}.",
                self.role_name, self.instance_profile_name
            )));
        }
        profile.role = None;
        cx.put(cx.here(), &profile).await?;
        Ok(Empty {})
    }
}
