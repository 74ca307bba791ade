//! Who is in a group.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Key, Operation, Page, Resource, Result, Scope};

use super::Group;
use crate::entity::{missing, named};
use crate::user::User;
use crate::{access, account, quota};

/// A user in a group, by their unique ids.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Membership {
    pub(crate) user: String,
    pub(crate) group: String,
}

impl Resource for Membership {
    const KIND: &'static str = "iam/membership";
    const SCOPE: Scope = Scope::Account;
    const INDEXES: &'static [&'static str] = &["group"];

    fn key(&self) -> Key {
        (&self.user, &self.group).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![("group", (&self.group).into_key())]
    }
}

/// Puts a user into a group; in it already is well.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddUserToGroup.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AddUserToGroup {
    group_name: String,
    user_name: String,
}

impl Operation for AddUserToGroup {
    const NAME: &'static str = "AddUserToGroup";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<Group>(cx, "iam:AddUserToGroup", &self.group_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let group = named::<Group>(cx, &self.group_name).await?.head.id;
        let user = named::<User>(cx, &self.user_name).await?.head.id;
        if cx.exists::<Membership>(cx.here(), (&user, &group)).await? {
            return Ok(Empty {});
        }
        let present = cx.list::<Membership>(cx.here(), (&user,), Page::ALL).await?.len();
        quota::hold("GroupsPerUser", present, quota::GROUPS_PER_USER)?;
        cx.put(cx.here(), &Membership { user, group }).await?;
        account::changed(cx).await?;
        Ok(Empty {})
    }
}

/// Takes a user out of a group.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveUserFromGroup.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemoveUserFromGroup {
    group_name: String,
    user_name: String,
}

impl Operation for RemoveUserFromGroup {
    const NAME: &'static str = "RemoveUserFromGroup";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<Group>(cx, "iam:RemoveUserFromGroup", &self.group_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let group = named::<Group>(cx, &self.group_name).await?.head.id;
        let user = named::<User>(cx, &self.user_name).await?.head.id;
        if cx.delete::<Membership>(cx.here(), (&user, &group)).await?.is_none() {
            // UNVERIFIED: AWS's wording for a user that exists and is not in the group.
            return Err(missing("user", &self.user_name));
        }
        account::changed(cx).await?;
        Ok(Empty {})
    }
}
