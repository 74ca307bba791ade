//! The tree of root, organizational units and accounts.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, Operation, Result};

use crate::account::Account;
use crate::errors::{ChildNotFoundException, ParentNotFoundException};
use crate::organization::{self, Organization, target};
use crate::page::page;
use crate::policy::Target;
use crate::unit::{self, Unit};

/// Ids from the root down to `id`, which must be in the tree or nothing comes.
pub(crate) async fn line(cx: &mut Cx, organization: &Organization, id: &str) -> Result<Vec<String>> {
    let mut line = vec![id.to_owned()];
    let mut at = id.to_owned();
    while at != organization.root {
        let parent = parent(cx, organization, &at).await?;
        // A tree is as deep as units may be nested; a longer way up would be a circle.
        let Some(parent) = parent.filter(|_| line.len() <= unit::DEPTH + 1) else { return Ok(Vec::new()) };
        line.push(parent.clone());
        at = parent;
    }
    line.reverse();
    Ok(line)
}

/// Path of the ids of a line: `o-…/r-…/ou-…/`.
pub(crate) fn path(organization: &Organization, line: &[String]) -> String {
    line.iter().fold(format!("{}/", organization.id), |path, id| format!("{path}{id}/"))
}

/// Id of the parent of an OU or account.
pub(crate) async fn parent(cx: &mut Cx, organization: &Organization, id: &str) -> Result<Option<String>> {
    let place = organization.place();
    Ok(match (target(id), id.parse::<AccountId>()) {
        (Some(Target::OrganizationalUnit), _) => cx.get::<Unit>(place, id).await?.map(|unit| unit.parent),
        (Some(Target::Account), Ok(account)) => cx.get::<Account>(place, account).await?.map(|account| account.parent),
        _ => None,
    })
}

/// Whether there is such a root, OU or account.
pub(crate) async fn exists(cx: &mut Cx, organization: &Organization, id: &str) -> Result<bool> {
    Ok(id == organization.root || parent(cx, organization, id).await?.is_some())
}

/// Whether there is such a root or OU.
pub(crate) async fn is_parent(cx: &mut Cx, organization: &Organization, id: &str) -> Result<bool> {
    Ok(target(id) != Some(Target::Account) && exists(cx, organization, id).await?)
}

/// Accounts directly under a root or OU.
pub(crate) async fn accounts(cx: &mut Cx, organization: &Organization, parent: &str) -> Result<Vec<Account>> {
    cx.find::<Account>(organization.place(), "parent", parent, 0).await
}

/// OUs directly under a root or OU.
pub(crate) async fn units(cx: &mut Cx, organization: &Organization, parent: &str) -> Result<Vec<Unit>> {
    cx.find::<Unit>(organization.place(), "parent", parent, 0).await
}

/// ARN of a root, OU or account.
pub(crate) fn arn(organization: &Organization, id: &str) -> welkin_kernel::Arn {
    match target(id) {
        Some(Target::Root) => organization.arn("root", id),
        Some(Target::OrganizationalUnit) => organization.arn("ou", id),
        Some(Target::Account) | None => organization.arn("account", id),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum ChildType {
    #[serde(rename = "ACCOUNT")]
    Account,
    #[serde(rename = "ORGANIZATIONAL_UNIT")]
    OrganizationalUnit,
}

/// Lists the OUs or the accounts under a root or OU.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListChildren.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListChildren {
    parent_id: String,
    child_type: ChildType,
    next_token: Option<String>,
    max_results: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListChildrenResponse {
    children: Vec<Child>,
    next_token: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Child {
    id: String,
    #[serde(rename = "Type")]
    kind: ChildType,
}

impl Operation for ListChildren {
    const NAME: &'static str = "ListChildren";
    type Output = ListChildrenResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        organization::delegable_on(cx, "organizations:ListChildren", |org| arn(org, &self.parent_id)).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListChildrenResponse> {
        let organization = organization::readable(cx).await?;
        if !is_parent(cx, &organization, &self.parent_id).await? {
            return Err(ParentNotFoundException.into());
        }
        let ids: Vec<String> = match self.child_type {
            ChildType::Account => accounts(cx, &organization, &self.parent_id)
                .await?
                .iter()
                .map(|account| account.id.to_string())
                .collect(),
            ChildType::OrganizationalUnit => {
                units(cx, &organization, &self.parent_id).await?.into_iter().map(|unit| unit.id).collect()
            }
        };
        let children = ids.into_iter().map(|id| Child { id, kind: self.child_type }).collect();
        let (children, next_token) =
            page(children, self.next_token.as_ref(), self.max_results, |child| child.id.clone())?;
        Ok(ListChildrenResponse { children, next_token })
    }
}

/// Tells the root or OU that an OU or account is directly under.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListParents.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListParents {
    child_id: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListParentsResponse {
    parents: Vec<Parent>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parent {
    id: String,
    #[serde(rename = "Type")]
    kind: ParentType,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum ParentType {
    #[serde(rename = "ROOT")]
    Root,
    #[serde(rename = "ORGANIZATIONAL_UNIT")]
    OrganizationalUnit,
}

impl Operation for ListParents {
    const NAME: &'static str = "ListParents";
    type Output = ListParentsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        organization::delegable_on(cx, "organizations:ListParents", |org| arn(org, &self.child_id)).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListParentsResponse> {
        let organization = organization::readable(cx).await?;
        let Some(id) = parent(cx, &organization, &self.child_id).await? else {
            return Err(ChildNotFoundException.into());
        };
        let kind = if id == organization.root { ParentType::Root } else { ParentType::OrganizationalUnit };
        Ok(ListParentsResponse { parents: vec![Parent { id, kind }] })
    }
}
