//! Making a report.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use welkin_kernel::model::actions;
use welkin_kernel::{Access, AccountId, Call, Cx, Operation, Page, Result};
use welkin_policy::{Document, DocumentKind};

use super::{Last, Report, Service};
use crate::directory::home;
use crate::errors::InvalidInputException;
use crate::usage::LastUse;
use crate::{access, granted};

/// Levels of an organization below its root, and one more.
const DEEPEST: usize = 8;

/// Makes a report on the services that control policies permit an organization's root, unit or account. What it asks
/// of Organizations it asks with the caller's rights.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateOrganizationsAccessReport.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GenerateOrganizationsAccessReport {
    entity_path: String,
    organizations_policy_id: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GenerateOrganizationsAccessReportResponse {
    job_id: String,
}

impl Operation for GenerateOrganizationsAccessReport {
    const NAME: &'static str = "GenerateOrganizationsAccessReport";
    type Output = GenerateOrganizationsAccessReportResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let report = cx.here().global_arn("iam", format_args!("access-report/{}", self.entity_path));
        let access = access::to(cx, "iam:GenerateOrganizationsAccessReport")?.on(report);
        Ok(match &self.organizations_policy_id {
            Some(policy) => access.key("iam:OrganizationsPolicyId", policy),
            None => access,
        })
    }

    async fn run(&self, cx: &mut Cx) -> Result<GenerateOrganizationsAccessReportResponse> {
        let ids = self.ids(cx).await?;
        let mut levels = Vec::with_capacity(ids.len());
        for id in &ids {
            levels.push(control_policies(cx, id).await?);
        }
        if let Some(policy) = &self.organizations_policy_id {
            // The policy in question alone, in place of all at its level.
            levels = vec![vec![document(cx, policy).await?]];
        }
        let accounts = accounts(cx, &ids, &self.entity_path).await?;
        let mut services: Vec<Service> = actions::prefixes()
            .filter(|service| levels.iter().all(|level| level.iter().any(|scp| granted::grants(scp, service))))
            .map(|namespace| Service { namespace: namespace.to_owned(), last: None, accounts: 0 })
            .collect();
        for (account, path) in accounts {
            add_uses(cx, &mut services, account, &path).await?;
        }
        let report = Report { id: cx.chance().uuid(), made: cx.now(), services };
        cx.put(cx.here(), &report).await?;
        Ok(GenerateOrganizationsAccessReportResponse { job_id: report.id })
    }
}

impl GenerateOrganizationsAccessReport {
    /// Ids on the path, the root first, if it is one of the caller's organization.
    async fn ids(&self, cx: &mut Cx) -> Result<Vec<String>> {
        // UNVERIFIED: AWS's code and wording; a report of AWS's fails later, by its status.
        let invalid = || InvalidInputException::because(format!("The entity path {} is not valid.", self.entity_path));
        let membership = cx.membership(cx.account()).await?.ok_or_else(invalid)?;
        let mut ids = self.entity_path.trim_end_matches('/').split('/').map(str::to_owned);
        if ids.next().as_ref() != Some(&membership.organization) || !membership.management {
            return Err(invalid());
        }
        let ids: Vec<String> = ids.collect();
        for pair in ids.windows(2) {
            let [parent, child] = pair else { continue };
            let parents: Parents = ask(cx, "ListParents", &ChildId { child_id: child }).await?;
            if parents.parents.first().map(|found| &found.id) != Some(parent) {
                return Err(invalid());
            }
        }
        Ok(ids)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ChildId<'a> {
    child_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ChildrenOf<'a> {
    parent_id: &'a str,
    child_type: &'static str,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PoliciesOf<'a> {
    target_id: &'a str,
    filter: &'static str,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyId<'a> {
    policy_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Id {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parents {
    parents: Vec<Id>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Children {
    children: Vec<Id>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policies {
    policies: Vec<Id>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    policy: Content,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    content: String,
}

async fn ask<T: serde::de::DeserializeOwned>(
    cx: &mut Cx,
    operation: &'static str,
    input: &(impl Serialize + Sync),
) -> Result<T> {
    cx.call(Call::to("organizations", operation).input(input)).await?.output()
}

/// The service control policies that are attached to a root, unit or account.
async fn control_policies(cx: &mut Cx, id: &str) -> Result<Vec<Arc<Document>>> {
    let (mut documents, mut next_token) = (Vec::new(), None);
    loop {
        let input = PoliciesOf { target_id: id, filter: "SERVICE_CONTROL_POLICY", next_token };
        let page: Policies = ask(cx, "ListPoliciesForTarget", &input).await?;
        for policy in page.policies {
            documents.push(document(cx, &policy.id).await?);
        }
        next_token = page.next_token;
        if next_token.is_none() {
            return Ok(documents);
        }
    }
}

async fn document(cx: &mut Cx, policy: &str) -> Result<Arc<Document>> {
    let described: Described = ask(cx, "DescribePolicy", &PolicyId { policy_id: policy }).await?;
    let parsed = Document::parse(&described.policy.content, DocumentKind::Scp);
    parsed.map(Arc::new).map_err(|_| InvalidInputException::because(format!("{policy} is no service control policy.")))
}

/// The accounts of an entity with their paths.
async fn accounts(cx: &mut Cx, ids: &[String], path: &str) -> Result<Vec<(AccountId, String)>> {
    let path = path.trim_end_matches('/').to_owned();
    let Some(id) = ids.last() else { return Ok(Vec::new()) };
    if let Ok(account) = id.parse() {
        return Ok(vec![(account, path)]);
    }
    let (mut found, mut open) = (Vec::new(), vec![(id.clone(), path, 0)]);
    while let Some((id, path, depth)) = open.pop() {
        for child in children(cx, &id, "ACCOUNT").await? {
            found.extend(child.parse().ok().map(|account| (account, format!("{path}/{child}"))));
        }
        if depth < DEEPEST {
            let units = children(cx, &id, "ORGANIZATIONAL_UNIT").await?.into_iter();
            open.extend(units.map(|unit| (unit.clone(), format!("{path}/{unit}"), depth + 1)));
        }
    }
    Ok(found)
}

async fn children(cx: &mut Cx, parent_id: &str, child_type: &'static str) -> Result<Vec<String>> {
    let (mut ids, mut next_token) = (Vec::new(), None);
    loop {
        let page: Children = ask(cx, "ListChildren", &ChildrenOf { parent_id, child_type, next_token }).await?;
        ids.extend(page.children.into_iter().map(|child| child.id));
        next_token = page.next_token;
        if next_token.is_none() {
            return Ok(ids);
        }
    }
}

/// Adds what an account used.
async fn add_uses(cx: &mut Cx, services: &mut [Service], account: AccountId, path: &str) -> Result<()> {
    let mut last = BTreeMap::<String, LastUse>::new();
    for used in cx.list::<LastUse>(home(account), (), Page::ALL).await? {
        let kept = last.get(&used.service).is_some_and(|other| other.at >= used.at);
        if !kept {
            last.insert(used.service.clone(), used);
        }
    }
    for service in services {
        let Some(used) = last.get(&service.namespace) else { continue };
        service.accounts += 1;
        if service.last.as_ref().is_none_or(|last| last.at < used.at) {
            let region = used.region.name().to_owned();
            service.last = Some(Last { at: used.at, region, path: path.to_owned() });
        }
    }
    Ok(())
}
