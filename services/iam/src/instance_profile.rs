//! Instance profiles, by which EC2 gets a role:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html>.

mod edit;
mod list;
mod membership;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::entity::{self, Head, by_id};
use crate::errors::NoSuchEntityException;
use crate::named::{Named, tagging};
use crate::role::{Role, RoleView};
use crate::tag::{self, Tag, Tags};

pub(crate) use edit::{CreateInstanceProfile, DeleteInstanceProfile};
pub(crate) use list::{GetInstanceProfile, ListInstanceProfiles, ListInstanceProfilesForRole};
pub(crate) use membership::{AddRoleToInstanceProfile, RemoveRoleFromInstanceProfile};

/// An instance profile.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct InstanceProfile {
    pub(crate) head: Head,
    /// Unique id of the role in it.
    role: Option<String>,
    tags: Tags,
}

impl Resource for InstanceProfile {
    const KIND: &'static str = "iam/instance-profile";
    const SCOPE: Scope = Scope::Account;
    const INDEXES: &'static [&'static str] = &["role"];

    fn key(&self) -> Key {
        self.head.key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        self.role.iter().map(|role| ("role", role.into_key())).collect()
    }
}

impl Named for InstanceProfile {
    const RECORDED_AS: Option<&'static str> = None;

    async fn find(cx: &mut Cx, name: &str) -> Result<Option<Self>> {
        cx.get::<Self>(cx.here(), entity::key(name)).await
    }

    fn arn(&self, place: Place) -> String {
        place.global_arn("iam", format_args!("instance-profile{}{}", self.head.path, self.head.name)).into()
    }

    fn arn_of(place: Place, name: &str) -> String {
        place.global_arn("iam", format_args!("instance-profile/{name}")).into()
    }

    fn missing(name: &str) -> Error {
        NoSuchEntityException::because(format!("Instance Profile {name} cannot be found."))
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Tags {
        &mut self.tags
    }
}

tagging!(InstanceProfile, instance_profile_name "InstanceProfileName":
    TagInstanceProfile "iam:TagInstanceProfile", UntagInstanceProfile "iam:UntagInstanceProfile",
    ListInstanceProfileTags "iam:ListInstanceProfileTags");

/// Whether a role is in any.
pub(crate) async fn any(cx: &mut Cx, role: &str) -> Result<bool> {
    Ok(!cx.find::<InstanceProfile>(cx.here(), "role", role, 1).await?.is_empty())
}

/// The profiles that a role is in, by name.
pub(crate) async fn of_role(cx: &mut Cx, role: &str) -> Result<Vec<InstanceProfile>> {
    cx.find::<InstanceProfile>(cx.here(), "role", role, 0).await
}

/// An instance profile in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InstanceProfileView {
    path: String,
    instance_profile_name: String,
    instance_profile_id: String,
    arn: String,
    create_date: Timestamp,
    roles: Vec<RoleView>,
    tags: Option<Vec<Tag>>,
}

impl InstanceProfileView {
    /// With tags, as answers about one profile show it.
    pub(crate) async fn whole(cx: &mut Cx, profile: &InstanceProfile) -> Result<Self> {
        Ok(Self { tags: tag::some(&profile.tags), ..Self::brief(cx, profile).await? })
    }

    /// Without tags, as listings show it.
    pub(crate) async fn brief(cx: &mut Cx, profile: &InstanceProfile) -> Result<Self> {
        let place = cx.here();
        let mut roles = Vec::new();
        if let Some(id) = &profile.role
            && let Some(role) = by_id::<Role>(cx, place, id).await?
        {
            roles.push(RoleView::embedded(cx, &role).await?);
        }
        Ok(Self {
            path: profile.head.path.clone(),
            instance_profile_name: profile.head.name.clone(),
            instance_profile_id: profile.head.id.clone(),
            arn: profile.arn(place),
            create_date: profile.head.created,
            roles,
            tags: None,
        })
    }
}
