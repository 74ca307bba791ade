//! Managed policies, the account's own and AWS's:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html>.

mod aws;
mod create;
mod delete;
mod detail;
mod entities;
mod get;
mod list;
mod tags;
mod version;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Arn, Cx, Key, Place, Resource, Result, Scope, Timestamp};
use welkin_policy::{Document, DocumentKind};

use crate::errors::{InvalidInputException, NoSuchEntityException, PolicyNotAttachableException};
use crate::tag::{self, Tag, Tags};
use crate::{access, entity};

pub(crate) use create::CreatePolicy;
pub(crate) use delete::DeletePolicy;
pub(crate) use detail::{PolicyDetail, count_versions, own_arns, used_arns_of_aws};
pub(crate) use entities::ListEntitiesForPolicy;
pub(crate) use get::GetPolicy;
pub(crate) use list::ListPolicies;
pub(crate) use tags::{ListPolicyTags, TagPolicy, UntagPolicy};
pub(crate) use version::{
    CreatePolicyVersion, DeletePolicyVersion, GetPolicyVersion, ListPolicyVersions, SetDefaultPolicyVersion,
};
use version::{PolicyVersion, VersionId};

/// A managed policy of the account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Policy {
    id: String,
    name: String,
    path: String,
    description: Option<String>,
    created: Timestamp,
    updated: Timestamp,
    default_version: VersionId,
    /// Number of the version that was made last; numbers are never given twice.
    last_version: VersionId,
    tags: Tags,
}

impl Resource for Policy {
    const KIND: &'static str = "iam/policy";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        entity::key(&self.name)
    }
}

impl Policy {
    fn arn(&self, place: Place) -> Arn {
        place.global_arn("iam", format_args!("policy{}{}", self.path, self.name))
    }
}

/// A managed policy as an ARN names it.
#[derive(Clone, Debug)]
enum Managed {
    Own(Box<Policy>),
    Aws(aws::AwsPolicy),
}

/// ARN of AWS's policy of this name for roles that are linked to services.
pub(crate) fn service_role_policy_arn(name: &str) -> String {
    format!("arn:aws:iam::aws:policy/aws-service-role/{name}")
}

/// Whether AWS has a policy of this name for roles that are linked to services.
#[cfg(test)]
pub(crate) fn is_service_role_policy(name: &str) -> bool {
    aws::find(&service_role_policy_arn(name)).is_some()
}

/// Name of the policy with this ARN.
pub(crate) fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// Path of the policy with this ARN, `/` or `/…/`.
pub(crate) fn path_of(arn: &str) -> &str {
    match (arn.find('/'), arn.rfind('/')) {
        (Some(first), Some(last)) => arn.get(first..=last).unwrap_or("/"),
        _ => "/",
    }
}

fn parse(arn: &str) -> Result<Arn> {
    match arn.parse::<Arn>() {
        Ok(parsed) if parsed.service() == "iam" && parsed.resource().starts_with("policy/") => Ok(parsed),
        _ => Err(InvalidInputException::because(format!("ARN {arn} is not valid."))),
    }
}

/// The policy with this ARN, as `account` sees it: its own and AWS's.
async fn find(cx: &mut Cx, account: AccountId, arn: &str) -> Result<Option<Managed>> {
    let parsed = parse(arn)?;
    if parsed.account().is_none() {
        return Ok(aws::find(arn).map(Managed::Aws));
    }
    if parsed.account() != Some(account) {
        return Ok(None);
    }
    let place = Place::new(account, cx.region());
    let policy = cx.get::<Policy>(place, entity::key(name_of(arn))).await?;
    Ok(policy.filter(|policy| policy.arn(place) == parsed).map(|policy| Managed::Own(Box::new(policy))))
}

fn missing(arn: &str) -> welkin_kernel::Error {
    NoSuchEntityException::because(format!("Policy {arn} was not found."))
}

/// The policy with this ARN, which must exist.
async fn known(cx: &mut Cx, arn: &str) -> Result<Managed> {
    find(cx, cx.account(), arn).await?.ok_or_else(|| missing(arn))
}

/// The account's own policy with this ARN, which must exist.
async fn own(cx: &mut Cx, arn: &str) -> Result<Policy> {
    match known(cx, arn).await? {
        Managed::Own(policy) => Ok(*policy),
        // UNVERIFIED: AWS's wording. The documented error is AccessDenied, since AWS owns the policy.
        Managed::Aws(_) => Err(InvalidInputException::because("Cannot update an AWS managed policy.")),
    }
}

/// Makes sure that the policy exists and may be attached.
pub(crate) async fn attachable(cx: &mut Cx, arn: &str) -> Result<()> {
    match find(cx, cx.account(), arn).await? {
        Some(Managed::Aws(policy)) if !policy.attachable() => {
            Err(PolicyNotAttachableException::because("Cannot attach a Service Role Policy to a Customer Role."))
        }
        Some(_) => Ok(()),
        None => Err(NoSuchEntityException::because(format!("Policy {arn} does not exist or is not attachable."))),
    }
}

/// The compiled default version of a policy; `None` if there is no such policy.
pub(crate) async fn compiled(cx: &mut Cx, account: AccountId, arn: &str) -> Result<Option<Arc<Document>>> {
    match find(cx, account, arn).await {
        Ok(Some(Managed::Aws(policy))) => policy.compiled().map(Some),
        Ok(Some(Managed::Own(policy))) => {
            let place = Place::new(account, cx.region());
            let version = cx.get::<PolicyVersion>(place, (&policy.id, policy.default_version.0)).await?;
            match version {
                Some(version) => compile(arn, version.document()).map(Some),
                None => Ok(None),
            }
        }
        Ok(None) => Ok(None),
        Err(error) if error.answer().is_some() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The compiled default version of a policy that must exist.
pub(crate) async fn known_compiled(cx: &mut Cx, arn: &str) -> Result<Arc<Document>> {
    compiled(cx, cx.account(), arn).await?.ok_or_else(|| missing(arn))
}

/// Compiles a stored identity policy. One that does not parse is a fault, never a policy that permits.
pub(crate) fn compile(id: &str, json: &str) -> Result<Arc<Document>> {
    Document::parse(json, DocumentKind::Identity)
        .map(Arc::new)
        .map_err(|why| welkin_kernel::Error::internal(format_args!("the stored policy {id} does not parse: {why}")))
}

/// Demands `action` on a policy.
async fn demand(cx: &mut Cx, action: &'static str, arn: &str) -> Result<Access> {
    let access = access::to(cx, action)?.on(parse(arn)?);
    Ok(match find(cx, cx.account(), arn).await? {
        Some(Managed::Own(policy)) => access::tagged(access, &policy.tags),
        Some(Managed::Aws(_)) | None => access,
    }
    // AWS's own policies are everybody's to read.
    .owned_by(cx.account()))
}

/// A policy in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyView {
    policy_name: String,
    policy_id: Option<String>,
    arn: String,
    path: String,
    default_version_id: VersionId,
    attachment_count: u32,
    permissions_boundary_usage_count: u32,
    is_attachable: bool,
    description: Option<String>,
    create_date: Timestamp,
    update_date: Timestamp,
    tags: Option<Vec<Tag>>,
}

/// How often a policy is used.
#[derive(Clone, Copy, Debug, Default)]
struct Usage {
    attached: u32,
    boundary: u32,
}

impl PolicyView {
    fn of(policy: &Managed, place: Place, usage: Usage) -> Self {
        match policy {
            Managed::Own(policy) => Self {
                policy_name: policy.name.clone(),
                policy_id: Some(policy.id.clone()),
                arn: policy.arn(place).into(),
                path: policy.path.clone(),
                default_version_id: policy.default_version,
                attachment_count: usage.attached,
                permissions_boundary_usage_count: usage.boundary,
                is_attachable: true,
                description: policy.description.clone(),
                create_date: policy.created,
                update_date: policy.updated,
                tags: tag::some(&policy.tags),
            },
            Managed::Aws(policy) => Self {
                policy_name: policy.name().to_owned(),
                // AWS's ids of its policies are not in the data that Welkin has.
                policy_id: None,
                arn: policy.arn(),
                path: policy.path().to_owned(),
                default_version_id: policy.version(),
                attachment_count: usage.attached,
                permissions_boundary_usage_count: usage.boundary,
                is_attachable: policy.attachable(),
                description: None,
                create_date: policy.created(),
                update_date: policy.updated(),
                tags: None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_tells_path_and_name() {
        for (arn, path, name) in [
            ("arn:aws:iam::111122223333:policy/p", "/", "p"),
            (
                "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
                "/service-role/",
                "AWSLambdaBasicExecutionRole",
            ),
        ] {
            assert_eq!((path_of(arn), name_of(arn)), (path, name));
        }
        assert!(parse("arn:aws:iam::111122223333:role/p").is_err());
    }
}
