//! Service control and resource control policies:
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies.html>.

mod attach;
mod edit;
mod list;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Cx, Error, IntoKey, Key, NamedPolicy, Page, Resource, Result, Scope};
use welkin_policy::{Document, DocumentKind};

use crate::account::Account;
use crate::errors::{MalformedPolicyDocumentException, PolicyNotFoundException, constraint};
use crate::organization::Organization;
use crate::unit::Unit;

pub(crate) use attach::{AttachPolicy, DetachPolicy};
pub(crate) use edit::{CreatePolicy, DeletePolicy, DescribePolicy, UpdatePolicy};
pub(crate) use list::{ListPolicies, ListPoliciesForTarget, ListTargetsForPolicy};

/// The types of policies that Welkin enforces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum PolicyType {
    #[serde(rename = "SERVICE_CONTROL_POLICY")]
    ServiceControl,
    #[serde(rename = "RESOURCE_CONTROL_POLICY")]
    ResourceControl,
}

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
    /// A type by its name in the API. Types that Welkin does not enforce are refused by name.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        match text {
            "SERVICE_CONTROL_POLICY" => Ok(Self::ServiceControl),
            "RESOURCE_CONTROL_POLICY" => Ok(Self::ResourceControl),
            other => {
                let message = format!("Welkin does not implement organization policies of type {other} yet.");
                Err(Error::new("NotImplemented", message).status(501))
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::ServiceControl => "SERVICE_CONTROL_POLICY",
            Self::ResourceControl => "RESOURCE_CONTROL_POLICY",
        }
    }

    fn document(self) -> DocumentKind {
        match self {
            Self::ServiceControl => DocumentKind::Scp,
            Self::ResourceControl => DocumentKind::Rcp,
        }
    }

    /// The policy of AWS's that permits everything, and is attached everywhere when the type is enabled.
    fn default_policy(self) -> Policy {
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
        };
        Policy {
            id: id.to_owned(),
            name: name.to_owned(),
            description: "Allows access to every operation".to_owned(),
            kind: self,
            content: content.to_owned(),
        }
    }
}

/// Id of the resource control policy that cannot be detached.
const RCP_FULL_ACCESS: &str = "p-RCPFullAWSAccess";

/// Characters of a policy at most, and policies of a type on one target at most.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
const SIZE: usize = 5_120;
const ON_TARGET: usize = 5;

/// A policy of an organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub(crate) id: String,
    name: String,
    description: String,
    kind: PolicyType,
    content: String,
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
        self.id == self.kind.default_policy().id
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

    fn compile(&self) -> Result<Arc<Document>> {
        Document::parse(&self.content, self.kind.document())
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
    for kind in [PolicyType::ServiceControl, PolicyType::ResourceControl] {
        let policy = kind.default_policy();
        if policy.id == id {
            return Ok(Some(policy));
        }
    }
    cx.get::<Policy>(organization.place(), id).await
}

/// The policy with this id, which must exist.
async fn named(cx: &mut Cx, organization: &Organization, id: &str) -> Result<Policy> {
    find(cx, organization, id).await?.ok_or_else(|| PolicyNotFoundException.into())
}

/// Checks the content of a policy.
fn check(kind: PolicyType, content: &str) -> Result<()> {
    if content.chars().count() > SIZE {
        return Err(constraint("POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the maximum policy size."));
    }
    match Document::parse(content, kind.document()) {
        Ok(_) => Ok(()),
        Err(_) => Err(MalformedPolicyDocumentException.into()),
    }
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
    let mut policies = Vec::new();
    for attachment in on_target(cx, organization, kind, target).await? {
        if let Some(policy) = find(cx, organization, &attachment.policy).await? {
            policies.push(NamedPolicy { id: policy.arn(organization).into(), document: policy.compile()? });
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
    let attachment = Attachment { target: target.to_owned(), kind, policy: kind.default_policy().id };
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
        for kind in [PolicyType::ServiceControl, PolicyType::ResourceControl] {
            check(kind, &kind.default_policy().content).unwrap();
            assert_eq!(PolicyType::parse(kind.name()).unwrap(), kind);
        }
        assert!(PolicyType::parse("TAG_POLICY").unwrap_err().is("NotImplemented"));
    }

    #[test]
    fn a_policy_of_another_type_or_too_long_is_refused() {
        let rcp = PolicyType::ResourceControl.default_policy().content;
        assert!(check(PolicyType::ServiceControl, &rcp).unwrap_err().is("MalformedPolicyDocumentException"));
        let long = " ".repeat(SIZE + 1);
        assert!(check(PolicyType::ServiceControl, &long).unwrap_err().is("ConstraintViolationException"));
    }
}
