//! Listing users.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{User, UserView};
use crate::page::Wanted;
use crate::{access, entity};

/// Lists the users of the account, by name.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListUsers {
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListUsersResponse {
    users: Vec<UserView>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListUsers {
    const NAME: &'static str = "ListUsers";
    type Output = ListUsersResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let path = self.path_prefix.as_deref().unwrap_or("/");
        Ok(access::to(cx, "iam:ListUsers")?.on(cx.here().global_arn("iam", format_args!("user{path}"))))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListUsersResponse> {
        let place = cx.here();
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let page = Wanted { marker: self.marker.as_deref(), max_items: self.max_items }
            .rows::<User>(
                cx,
                place,
                (),
                |user| user.head.name.clone(),
                entity::key,
                |user| user.head.path.starts_with(prefix),
            )
            .await?
            .map(|user| UserView::brief(&user, place));
        Ok(ListUsersResponse { is_truncated: page.is_truncated(), users: page.items, marker: page.marker })
    }
}
