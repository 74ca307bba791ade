//! Renaming and moving a user.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::User;
use crate::entity::{find, key, named};
use crate::errors::EntityAlreadyExistsException;
use crate::{access, account};

/// Gives a user another name or path. Its keys, groups and policies stay with it.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateUser {
    user_name: String,
    new_path: Option<String>,
    new_user_name: Option<String>,
}

impl Operation for UpdateUser {
    const NAME: &'static str = "UpdateUser";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let mut access = access::on::<User>(cx, "iam:UpdateUser", &self.user_name).await?;
        if self.new_path.is_some() || self.new_user_name.is_some() {
            // The caller needs the right on the user as it will be, too.
            let path = match (&self.new_path, find::<User>(cx, &self.user_name).await?) {
                (Some(path), _) => path.clone(),
                (None, Some(user)) => user.head.path,
                (None, None) => "/".to_owned(),
            };
            let name = self.new_user_name.as_ref().unwrap_or(&self.user_name);
            let target = cx.here().global_arn("iam", format_args!("user{path}{name}"));
            access = access.and(access::to(cx, "iam:UpdateUser")?.on(target));
        }
        Ok(access)
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut user = named::<User>(cx, &self.user_name).await?;
        if let Some(name) = &self.new_user_name {
            let taken = find::<User>(cx, name).await?.filter(|other| other.head.id != user.head.id);
            if taken.is_some() {
                return Err(EntityAlreadyExistsException::because(format!("User with name {name} already exists.")));
            }
            cx.delete::<User>(cx.here(), key(&self.user_name)).await?;
            user.head.name.clone_from(name);
        }
        if let Some(path) = &self.new_path {
            user.head.path.clone_from(path);
        }
        cx.put(cx.here(), &user).await?;
        account::changed(cx).await?;
        Ok(Empty {})
    }
}
