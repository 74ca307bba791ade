//! Which policies let an entity use which services.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use crate::access;
use crate::entity::Kind;
use crate::errors::InvalidInputException;
use crate::granted::{self, Granting};
use crate::page::Wanted;

/// Lists the policies that let a user, group or role use services. Boundaries and the organization's policies are not
/// asked.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPoliciesGrantingServiceAccess.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPoliciesGrantingServiceAccess {
    marker: Option<String>,
    arn: String,
    service_namespaces: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPoliciesGrantingServiceAccessResponse {
    policies_granting_service_access: Vec<Entry>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    service_namespace: String,
    policies: Vec<PolicyEntry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyEntry {
    policy_name: String,
    policy_type: PolicyType,
    policy_arn: Option<String>,
    entity_type: Option<String>,
    entity_name: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum PolicyType {
    Inline,
    Managed,
}

/// As answers call it.
pub(crate) fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "USER",
        Kind::Group => "GROUP",
        Kind::Role => "ROLE",
    }
}

impl PolicyEntry {
    /// Of inline policies it says on whom they are.
    fn of(granting: &Granting) -> Self {
        let inline = granting.arn.is_none();
        Self {
            policy_name: granting.name.clone(),
            policy_type: if inline { PolicyType::Inline } else { PolicyType::Managed },
            policy_arn: granting.arn.clone(),
            entity_type: inline.then(|| kind_name(granting.on.kind).to_owned()),
            entity_name: inline.then(|| granting.on.head.name.clone()),
        }
    }
}

impl Operation for ListPoliciesGrantingServiceAccess {
    const NAME: &'static str = "ListPoliciesGrantingServiceAccess";
    type Output = ListPoliciesGrantingServiceAccessResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(access::to(cx, "iam:ListPoliciesGrantingServiceAccess")?.on(&self.arn).owned_by(cx.account()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListPoliciesGrantingServiceAccessResponse> {
        let Some(entity) = granted::by_arn(cx, &self.arn).await? else {
            return Err(InvalidInputException::because(format!("ARN {} is not valid.", self.arn)));
        };
        let policies = granted::policies(cx, &entity).await?;
        let mut entries = Vec::with_capacity(self.service_namespaces.len());
        for service in &self.service_namespaces {
            if welkin_kernel::model::actions::service(service).is_none() {
                // UNVERIFIED: AWS's wording.
                let message = format!("The service namespace {service} is not valid.");
                return Err(InvalidInputException::because(message));
            }
            let granting = policies.iter().filter(|policy| granted::grants(&policy.document, service));
            let policies = granting.map(PolicyEntry::of).collect();
            entries.push(Entry { service_namespace: service.clone(), policies });
        }
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: None };
        let page = wanted.of(entries, |entry| entry.service_namespace.clone())?;
        Ok(ListPoliciesGrantingServiceAccessResponse {
            is_truncated: page.is_truncated(),
            policies_granting_service_access: page.items,
            marker: page.marker,
        })
    }
}
