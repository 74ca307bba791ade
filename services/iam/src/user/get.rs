//! Reading a user.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::{Meant, User, UserView, meant};
use crate::access;
use crate::entity::named;

/// Tells of a user: the one named, or the caller.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetUser {
    user_name: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetUserResponse {
    user: UserView,
}

impl Operation for GetUser {
    const NAME: &'static str = "GetUser";
    type Output = GetUserResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        match meant(cx, self.user_name.as_ref())? {
            Meant::User(name) => access::on::<User>(cx, "iam:GetUser", &name).await,
            Meant::Root => Ok(access::to(cx, "iam:GetUser")?.on(cx.here().global_arn("iam", "root"))),
        }
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetUserResponse> {
        let user = match meant(cx, self.user_name.as_ref())? {
            Meant::User(name) => UserView::whole(&named::<User>(cx, &name).await?, cx.here()),
            Meant::Root => root_view(cx),
        };
        Ok(GetUserResponse { user })
    }
}

/// The root user has no name and no path; its id is the account's.
pub(crate) fn root_view(cx: &Cx) -> UserView {
    UserView {
        path: None,
        user_name: None,
        user_id: cx.account().to_string(),
        arn: cx.here().global_arn("iam", "root").into(),
        // UNVERIFIED: AWS shows when the account was made. Accounts exist from the beginning here.
        create_date: Timestamp::from_secs(0),
        permissions_boundary: None,
        tags: None,
    }
}
