//! Showing instance profiles.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{InstanceProfile, InstanceProfileView, of_role};
use crate::access;
use crate::entity::{self, named};
use crate::named::{demand, known};
use crate::page::{Paged, Wanted};
use crate::role::Role;

/// Tells of an instance profile.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetInstanceProfile.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetInstanceProfile {
    instance_profile_name: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetInstanceProfileResponse {
    instance_profile: InstanceProfileView,
}

impl Operation for GetInstanceProfile {
    const NAME: &'static str = "GetInstanceProfile";
    type Output = GetInstanceProfileResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand::<InstanceProfile>(cx, "iam:GetInstanceProfile", &self.instance_profile_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetInstanceProfileResponse> {
        let profile = known::<InstanceProfile>(cx, &self.instance_profile_name).await?;
        Ok(GetInstanceProfileResponse { instance_profile: InstanceProfileView::whole(cx, &profile).await? })
    }
}

/// A page of instance profiles.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InstanceProfiles {
    instance_profiles: Vec<InstanceProfileView>,
    is_truncated: bool,
    marker: Option<String>,
}

impl InstanceProfiles {
    async fn of(cx: &mut Cx, page: Paged<InstanceProfile>) -> Result<Self> {
        let mut instance_profiles = Vec::with_capacity(page.items.len());
        for profile in &page.items {
            instance_profiles.push(InstanceProfileView::brief(cx, profile).await?);
        }
        Ok(Self { is_truncated: page.is_truncated(), instance_profiles, marker: page.marker })
    }
}

/// Lists the instance profiles of the account, by name.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfiles.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInstanceProfiles {
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<u32>,
}

impl Operation for ListInstanceProfiles {
    const NAME: &'static str = "ListInstanceProfiles";
    type Output = InstanceProfiles;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let path = self.path_prefix.as_deref().unwrap_or("/");
        let prefix = cx.here().global_arn("iam", format_args!("instance-profile{path}"));
        Ok(access::to(cx, "iam:ListInstanceProfiles")?.on(prefix))
    }

    async fn run(&self, cx: &mut Cx) -> Result<InstanceProfiles> {
        let place = cx.here();
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let name = |profile: &InstanceProfile| profile.head.name.clone();
        let under = |profile: &InstanceProfile| profile.head.path.starts_with(prefix);
        let page = wanted.rows::<InstanceProfile>(cx, place, (), name, entity::key, under).await?;
        InstanceProfiles::of(cx, page).await
    }
}

/// Lists the instance profiles that a role is in.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfilesForRole.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInstanceProfilesForRole {
    role_name: String,
    marker: Option<String>,
    max_items: Option<u32>,
}

impl Operation for ListInstanceProfilesForRole {
    const NAME: &'static str = "ListInstanceProfilesForRole";
    type Output = InstanceProfiles;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<Role>(cx, "iam:ListInstanceProfilesForRole", &self.role_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<InstanceProfiles> {
        let role = named::<Role>(cx, &self.role_name).await?;
        let profiles = of_role(cx, &role.head.id).await?;
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let page = wanted.of(profiles, |profile| profile.head.name.clone())?;
        InstanceProfiles::of(cx, page).await
    }
}
