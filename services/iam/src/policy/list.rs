//! Listing managed policies.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result};

use super::{Managed, Policy, PolicyView, Usage, aws};
use crate::access;
use crate::attachment::Attachment;
use crate::page::Wanted;
use crate::role::Role;
use crate::user::User;

/// Lists managed policies: the account's, AWS's, or both.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPolicies {
    scope: Option<PolicyScope>,
    only_attached: Option<bool>,
    path_prefix: Option<String>,
    policy_usage_filter: Option<PolicyUse>,
    marker: Option<String>,
    max_items: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum PolicyScope {
    All,
    #[serde(rename = "AWS")]
    Aws,
    Local,
}

/// What a policy is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum PolicyUse {
    PermissionsPolicy,
    PermissionsBoundary,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPoliciesResponse {
    policies: Vec<PolicyView>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListPolicies {
    const NAME: &'static str = "ListPolicies";
    type Output = ListPoliciesResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let path = self.path_prefix.as_deref().unwrap_or("/");
        Ok(access::to(cx, "iam:ListPolicies")?.on(cx.here().global_arn("iam", format_args!("policy{path}"))))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListPoliciesResponse> {
        let place = cx.here();
        let scope = self.scope.unwrap_or(PolicyScope::All);
        let mut policies = Vec::new();
        if scope != PolicyScope::Aws {
            let own = cx.list::<Policy>(place, (), Page::ALL).await?;
            policies.extend(own.into_iter().map(|policy| Managed::Own(Box::new(policy))));
        }
        if scope != PolicyScope::Local {
            policies.extend(aws::all().map(Managed::Aws));
        }
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let usages = usages(cx).await?;
        let mut views = Vec::new();
        for policy in policies {
            let arn = match &policy {
                Managed::Own(policy) => policy.arn(place).into(),
                Managed::Aws(policy) => policy.arn(),
            };
            let usage = usages.get(&arn).copied().unwrap_or_default();
            let view = PolicyView::of(&policy, place, usage);
            if view.path.starts_with(prefix) && self.admits(usage) {
                views.push(PolicyView { tags: None, ..view });
            }
        }
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let page = wanted.of(views, |view| view.arn.clone())?;
        Ok(ListPoliciesResponse { is_truncated: page.is_truncated(), policies: page.items, marker: page.marker })
    }
}

impl ListPolicies {
    fn admits(&self, usage: Usage) -> bool {
        match self.policy_usage_filter {
            Some(PolicyUse::PermissionsPolicy) => usage.attached > 0,
            Some(PolicyUse::PermissionsBoundary) => usage.boundary > 0,
            None => self.only_attached != Some(true) || usage.attached + usage.boundary > 0,
        }
    }
}

/// How often each policy is used, by ARN.
async fn usages(cx: &mut Cx) -> Result<HashMap<String, Usage>> {
    let mut usages = HashMap::<String, Usage>::new();
    for attachment in cx.list::<Attachment>(cx.here(), (), Page::ALL).await? {
        usages.entry(attachment.policy_arn).or_default().attached += 1;
    }
    let users = cx.find::<User>(cx.here(), "boundary", (), 0).await?.into_iter().filter_map(|user| user.boundary);
    let roles = cx.find::<Role>(cx.here(), "boundary", (), 0).await?.into_iter().filter_map(|role| role.boundary);
    for arn in users.chain(roles) {
        usages.entry(arn).or_default().boundary += 1;
    }
    Ok(usages)
}
