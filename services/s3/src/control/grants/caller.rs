//! ListCallerAccessGrants.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, Operation, Result};

use super::grant::{self, Grant};
use super::instance::{self, Instance};
use super::permission::Permission;
use super::{MOST, access, grantee, home};
use crate::control::token;
use crate::errors::not_implemented;

/// Lists what the caller is granted.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListCallerAccessGrants.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListCallerAccessGrants {
    account_id: AccountId,
    grant_scope: Option<String>,
    next_token: Option<String>,
    max_results: Option<usize>,
    instance_scope: Option<String>,
}

/// Answer of [`ListCallerAccessGrants`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListCallerAccessGrantsOutput {
    next_token: Option<String>,
    caller_access_grants_list: Vec<Entry>,
}

/// A grant of the caller's.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    permission: Permission,
    grant_scope: String,
    access_grants_instance_arn: String,
}

/// Other instances are shared by Resource Access Manager, which is not there.
///
/// # Errors
/// `NotImplemented`
pub(super) fn check_instances(scope: Option<&str>) -> Result<()> {
    match scope {
        None | Some("SELF") => Ok(()),
        Some(_) => Err(not_implemented("ALL as InstanceScope")),
    }
}

impl Operation for ListCallerAccessGrants {
    const NAME: &str = "ListCallerAccessGrants";
    type Output = ListCallerAccessGrantsOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "s3:ListCallerAccessGrants", self.account_id, true).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Self::Output> {
        check_instances(self.instance_scope.as_deref())?;
        let place = home(cx, self.account_id);
        Instance::open(cx, place).await?;
        let most = self.max_results.unwrap_or(MOST).clamp(1, MOST);
        let after = self.next_token.as_deref().map(token::read).transpose()?;
        let begins = self.grant_scope.as_deref().unwrap_or_default();
        let begins = begins.strip_suffix('*').unwrap_or(begins);
        let mut grants = match grantee::of_caller(cx) {
            Some(arn) => cx.find::<Grant>(place, grant::BY_GRANTEE, (arn,), 0).await?,
            None => Vec::new(),
        };
        grants.retain(|grant| grant.scope.starts_with(begins) && after.as_ref().is_none_or(|after| grant.id > *after));
        grants.sort_by(|a, b| a.id.cmp(&b.id));
        let more = grants.len() > most;
        grants.truncate(most);
        let next_token = grants.last().filter(|_| more).map(|last| token::of(&last.id));
        let entries = grants.into_iter().map(|grant| Entry {
            permission: grant.permission,
            grant_scope: grant.scope,
            access_grants_instance_arn: instance::arn(place),
        });
        Ok(ListCallerAccessGrantsOutput { next_token, caller_access_grants_list: entries.collect() })
    }
}
