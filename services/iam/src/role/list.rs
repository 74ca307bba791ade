//! Listing roles.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{Role, RoleView};
use crate::page::Wanted;
use crate::{access, entity};

/// Lists the roles of the account, by name.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRoles {
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRolesResponse {
    roles: Vec<RoleView>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListRoles {
    const NAME: &'static str = "ListRoles";
    type Output = ListRolesResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let path = self.path_prefix.as_deref().unwrap_or("/");
        Ok(access::to(cx, "iam:ListRoles")?.on(cx.here().global_arn("iam", format_args!("role{path}"))))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListRolesResponse> {
        let place = cx.here();
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let page = Wanted { marker: self.marker.as_deref(), max_items: self.max_items }
            .rows::<Role>(
                cx,
                place,
                (),
                |role| role.head.name.clone(),
                entity::key,
                |role| role.head.path.starts_with(prefix),
            )
            .await?;
        let mut roles = Vec::with_capacity(page.items.len());
        for role in &page.items {
            roles.push(RoleView::brief(role, &role.trust.current(cx).await?, place));
        }
        Ok(ListRolesResponse { roles, is_truncated: page.is_truncated(), marker: page.marker })
    }
}
