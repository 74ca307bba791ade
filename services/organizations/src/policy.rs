//! The policies of an organization:
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies.html>.

mod attach;
mod content;
mod edit;
mod effective;
mod kind;
mod list;
mod merge;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Cx, Error, IntoKey, Key, NamedPolicy, Page, Resource, Result, Scope, Timestamp};
use welkin_policy::{Document, DocumentKind};

use crate::account::Account;
use crate::errors::PolicyNotFoundException;
use crate::organization::Organization;
use crate::unit::Unit;

pub(crate) use attach::{AttachPolicy, DetachPolicy};
pub(crate) use edit::{CreatePolicy, DeletePolicy, DescribePolicy, UpdatePolicy, demand};
pub(crate) use effective::{
    DescribeEffectivePolicy, ListAccountsWithInvalidEffectivePolicy, ListEffectivePolicyValidationErrors,
    blocks_public_s3, tag_rules,
};
use kind::Content;
pub(crate) use kind::PolicyType;
pub(crate) use list::{ListPolicies, ListPoliciesForTarget, ListTargetsForPolicy};

/// What a policy is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Target {
    #[serde(rename = "ROOT")]
    Root,
    #[serde(rename = "ORGANIZATIONAL_UNIT")]
    OrganizationalUnit,
    #[serde(rename = "ACCOUNT")]
    Account,
}

impl PolicyType {
    /// The policy of AWS's that permits everything, and is attached everywhere when the type is enabled.
    fn default_policy(self) -> Option<Policy> {
        let (id, name, content) = match self {
            Self::ServiceControl => (
                "p-FullAWSAccess",
                "FullAWSAccess",
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
            ),
            Self::ResourceControl => (
                RCP_FULL_ACCESS,
                "RCPFullAWSAccess",
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#,
            ),
            _ => return None,
        };
        Some(Policy {
            id: id.to_owned(),
            name: name.to_owned(),
            description: "Allows access to every operation".to_owned(),
            kind: self,
            content: content.to_owned(),
            updated: None,
        })
    }
}

/// Id of the resource control policy that cannot be detached.
const RCP_FULL_ACCESS: &str = "p-RCPFullAWSAccess";

/// A policy of an organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub(crate) id: String,
    name: String,
    description: String,
    kind: PolicyType,
    content: String,
    /// When it was made or changed.
    #[serde(default)]
    updated: Option<Timestamp>,
}

impl Resource for Policy {
    const KIND: &'static str = "organizations/policy";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        (&self.id).into_key()
    }
}

impl Policy {
    fn is_aws_managed(&self) -> bool {
        self.kind.default_policy().is_some_and(|policy| policy.id == self.id)
    }

    fn arn(&self, organization: &Organization) -> Arn {
        let kind = self.kind.name().to_ascii_lowercase();
        let place = organization.place();
        if self.is_aws_managed() {
            let text = format!("arn:{}:organizations::aws:policy/{kind}/{}", place.region.partition(), self.id);
            if let Ok(arn) = text.parse() {
                return arn;
            }
        }
        place.global_arn("organizations", format_args!("policy/{}/{kind}/{}", organization.id, self.id))
    }

    fn compile(&self, kind: DocumentKind) -> Result<Arc<Document>> {
        Document::parse(&self.content, kind)
            .map(Arc::new)
            .map_err(|why| Error::internal(format_args!("the stored policy {} does not parse: {why}", self.id)))
    }
}

/// A policy attached to a root, OU or account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Attachment {
    target: String,
    kind: PolicyType,
    policy: String,
    /// When it was attached.
    #[serde(default)]
    since: Option<Timestamp>,
}

impl Resource for Attachment {
    const KIND: &'static str = "organizations/attachment";
    const SCOPE: Scope = Scope::Account;
    const INDEXES: &'static [&'static str] = &["policy"];

    fn key(&self) -> Key {
        (&self.target, self.kind.name(), &self.policy).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![("policy", (&self.policy).into_key())]
    }
}

/// The policy with this id, AWS's own included.
async fn find(cx: &mut Cx, organization: &Organization, id: &str) -> Result<Option<Policy>> {
    let mut defaults = PolicyType::OF_STATEMENTS.into_iter().filter_map(PolicyType::default_policy);
    if let Some(policy) = defaults.find(|policy| policy.id == id) {
        return Ok(Some(policy));
    }
    cx.get::<Policy>(organization.place(), id).await
}

/// The policy with this id, which must exist.
async fn named(cx: &mut Cx, organization: &Organization, id: &str) -> Result<Policy> {
    find(cx, organization, id).await?.ok_or_else(|| PolicyNotFoundException.into())
}

/// Attachments of a type on a target.
async fn on_target(
    cx: &mut Cx,
    organization: &Organization,
    kind: PolicyType,
    target: &str,
) -> Result<Vec<Attachment>> {
    cx.list::<Attachment>(organization.place(), (target, kind.name()), Page::ALL).await
}

/// The policies of a type that bind at a target, compiled.
pub(crate) async fn in_force(
    cx: &mut Cx,
    organization: &Organization,
    kind: PolicyType,
    target: &str,
) -> Result<Vec<NamedPolicy>> {
    let Content::Statements(document) = kind.facts().content else { return Ok(Vec::new()) };
    let mut policies = Vec::new();
    for attachment in on_target(cx, organization, kind, target).await? {
        if let Some(policy) = find(cx, organization, &attachment.policy).await? {
            policies.push(NamedPolicy { id: policy.arn(organization).into(), document: policy.compile(document)? });
        }
    }
    Ok(policies)
}

/// Attaches to a new OU or account what every target has from the beginning.
pub(crate) async fn attach_defaults(cx: &mut Cx, organization: &Organization, target: &str) -> Result<()> {
    for kind in organization.enabled.iter().copied() {
        attach_default(cx, organization, kind, target).await?;
    }
    Ok(())
}

async fn attach_default(cx: &mut Cx, organization: &Organization, kind: PolicyType, target: &str) -> Result<()> {
    let Some(policy) = kind.default_policy() else { return Ok(()) };
    let attachment = Attachment { target: target.to_owned(), kind, policy: policy.id, since: Some(cx.now()) };
    cx.put(organization.place(), &attachment).await
}

/// Attaches the policy that permits everything to the root, every OU and every account.
pub(crate) async fn attach_default_everywhere(
    cx: &mut Cx,
    organization: &Organization,
    kind: PolicyType,
) -> Result<()> {
    let place = organization.place();
    let mut targets = vec![organization.root.clone()];
    targets.extend(cx.list::<Unit>(place, (), Page::ALL).await?.into_iter().map(|unit| unit.id));
    targets.extend(cx.list::<Account>(place, (), Page::ALL).await?.iter().map(|account| account.id.to_string()));
    for target in targets {
        attach_default(cx, organization, kind, &target).await?;
    }
    Ok(())
}

/// Detaches all policies of a type.
pub(crate) async fn detach_everywhere(cx: &mut Cx, organization: &Organization, kind: PolicyType) -> Result<()> {
    for attachment in cx.list::<Attachment>(organization.place(), (), Page::ALL).await? {
        if attachment.kind == kind {
            cx.delete::<Attachment>(organization.place(), attachment.key()).await?;
        }
    }
    Ok(())
}

/// Detaches all policies from a target.
pub(crate) async fn detach_all_from(cx: &mut Cx, organization: &Organization, target: &str) -> Result<()> {
    for attachment in cx.list::<Attachment>(organization.place(), (target,), Page::ALL).await? {
        cx.delete::<Attachment>(organization.place(), attachment.key()).await?;
    }
    Ok(())
}

/// A policy in listings.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicySummary {
    id: String,
    arn: Arn,
    name: String,
    description: String,
    #[serde(rename = "Type")]
    kind: PolicyType,
    aws_managed: bool,
}

/// A policy in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyView {
    policy_summary: PolicySummary,
    content: String,
}

impl PolicySummary {
    fn of(organization: &Organization, policy: &Policy) -> Self {
        Self {
            id: policy.id.clone(),
            arn: policy.arn(organization),
            name: policy.name.clone(),
            description: policy.description.clone(),
            kind: policy.kind,
            aws_managed: policy.is_aws_managed(),
        }
    }
}

impl PolicyView {
    fn of(organization: &Organization, policy: &Policy) -> Self {
        Self { policy_summary: PolicySummary::of(organization, policy), content: policy.content.clone() }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_policies_of_aws_fit_their_types() {
        for kind in PolicyType::OF_STATEMENTS {
            let Content::Statements(document) = kind.facts().content else { panic!("{kind:?}") };
            kind.default_policy().unwrap().compile(document).unwrap();
        }
    }
}
