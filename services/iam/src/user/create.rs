//! Making a user.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{User, UserView};
use crate::entity::{Head, find};
use crate::errors::EntityAlreadyExistsException;
use crate::tag::Tag;
use crate::{access, account, boundary, quota, tag};

/// Makes a user without credentials and rights.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateUser {
    path: Option<String>,
    user_name: String,
    permissions_boundary: Option<String>,
    tags: Option<Vec<Tag>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateUserResponse {
    user: UserView,
}

impl Operation for CreateUser {
    const NAME: &'static str = "CreateUser";
    type Output = CreateUserResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let path = self.path.as_deref().unwrap_or("/");
        let access = access::to(cx, "iam:CreateUser")?
            .on(cx.here().global_arn("iam", format_args!("user{path}{}", self.user_name)))
            .request_tags(&tag::read(self.tags.as_ref())?);
        Ok(access::with_boundary(access, self.permissions_boundary.as_ref()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateUserResponse> {
        if find::<User>(cx, &self.user_name).await?.is_some() {
            let message = format!("User with name {} already exists.", self.user_name);
            return Err(EntityAlreadyExistsException::because(message));
        }
        quota::hold("UsersPerAccount", account::read(cx).await?.users as usize, quota::USERS)?;
        if let Some(arn) = &self.permissions_boundary {
            boundary::check(cx, arn).await?;
        }
        let user = User {
            head: Head::new(cx, "AIDA", &self.user_name, self.path.as_deref()),
            boundary: self.permissions_boundary.clone(),
            tags: tag::read(self.tags.as_ref())?,
        };
        cx.put(cx.here(), &user).await?;
        account::changed_with(cx, |account| account.users += 1).await?;
        Ok(CreateUserResponse { user: UserView::whole(&user, cx.here()) })
    }
}
