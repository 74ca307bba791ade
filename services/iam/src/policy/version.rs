//! Versions of a managed policy:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html>.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Key, Operation, Page, Resource, Result, Scope, Timestamp};
use welkin_policy::DocumentKind;

use super::create::hold_size;
use super::{Managed, Policy, demand, known, own};
use crate::errors::{DeleteConflictException, LimitExceededException, NoSuchEntityException};
use crate::page::Wanted;
use crate::{account, document, quota};

/// Number of a version, `v1`, `v2` … on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct VersionId(pub(super) u32);

impl VersionId {
    /// Reads `v3`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        text.strip_prefix('v')?.parse().ok().map(Self)
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.0)
    }
}

impl Serialize for VersionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for VersionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("not the id of a version"))
    }
}

/// A version of a managed policy of the account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PolicyVersion {
    policy: String,
    id: VersionId,
    document: String,
    created: Timestamp,
}

impl Resource for PolicyVersion {
    const KIND: &'static str = "iam/policy-version";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        (&self.policy, self.id.0).into_key()
    }
}

impl PolicyVersion {
    pub(super) fn new(policy: &Policy, id: VersionId, document: &str, created: Timestamp) -> Self {
        Self { policy: policy.id.clone(), id, document: document.to_owned(), created }
    }

    pub(super) fn document(&self) -> &str {
        &self.document
    }

    /// All versions of a policy, the oldest first.
    pub(super) async fn all(cx: &mut Cx, policy: &Policy) -> Result<Vec<Self>> {
        cx.list::<Self>(cx.here(), (&policy.id,), Page::ALL).await
    }

    fn view(&self, policy: &Policy) -> VersionView {
        VersionView {
            document: None,
            version_id: self.id,
            is_default_version: self.id == policy.default_version,
            create_date: self.created,
        }
    }
}

/// A version in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VersionView {
    document: Option<String>,
    version_id: VersionId,
    is_default_version: bool,
    create_date: Timestamp,
}

impl VersionView {
    /// The default version of one of AWS's policies, with its document.
    pub(super) fn of_aws(policy: super::aws::AwsPolicy) -> Result<Self> {
        Ok(Self {
            document: Some(document::encode(&policy.document()?)),
            version_id: policy.version(),
            is_default_version: true,
            create_date: policy.updated(),
        })
    }
}

/// All versions of a policy with their documents, the newest first.
pub(super) async fn whole(cx: &mut Cx, policy: &Policy) -> Result<Vec<VersionView>> {
    let versions = PolicyVersion::all(cx, policy).await?.into_iter().rev();
    let view = |version: PolicyVersion| VersionView {
        document: Some(document::encode(&version.document)),
        ..version.view(policy)
    };
    Ok(versions.map(view).collect())
}

fn missing(arn: &str, version: &str) -> welkin_kernel::Error {
    NoSuchEntityException::because(format!("Policy {arn} version {version} does not exist or is not attachable."))
}

/// The version of a policy of the account, which must exist.
async fn version(cx: &mut Cx, policy: &Policy, arn: &str, id: &str) -> Result<PolicyVersion> {
    let found = match VersionId::parse(id) {
        Some(id) => cx.get::<PolicyVersion>(cx.here(), (&policy.id, id.0)).await?,
        None => None,
    };
    found.ok_or_else(|| missing(arn, id))
}

/// Adds a version to a managed policy and makes it the default if asked to.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreatePolicyVersion {
    policy_arn: String,
    policy_document: String,
    set_as_default: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreatePolicyVersionResponse {
    policy_version: VersionView,
}

impl Operation for CreatePolicyVersion {
    const NAME: &'static str = "CreatePolicyVersion";
    type Output = CreatePolicyVersionResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "iam:CreatePolicyVersion", &self.policy_arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreatePolicyVersionResponse> {
        let mut policy = own(cx, &self.policy_arn).await?;
        let parsed = document::parse(&self.policy_document, DocumentKind::Identity)?;
        hold_size(parsed.size())?;
        if PolicyVersion::all(cx, &policy).await?.len() >= quota::VERSIONS_PER_POLICY as usize {
            return Err(LimitExceededException::because(format!(
                "A managed policy can have up to {} versions. Before you create a new version, you must delete an \
                 existing version.",
                quota::VERSIONS_PER_POLICY
            )));
        }
        policy.last_version = VersionId(policy.last_version.0.saturating_add(1));
        policy.updated = cx.now().whole_secs();
        if self.set_as_default == Some(true) {
            policy.default_version = policy.last_version;
        }
        let version = PolicyVersion::new(&policy, policy.last_version, &self.policy_document, policy.updated);
        cx.put(cx.here(), &version).await?;
        cx.put(cx.here(), &policy).await?;
        account::changed(cx).await?;
        Ok(CreatePolicyVersionResponse { policy_version: version.view(&policy) })
    }
}

/// Shows a version of a managed policy with its document.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPolicyVersion {
    policy_arn: String,
    version_id: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPolicyVersionResponse {
    policy_version: VersionView,
}

impl Operation for GetPolicyVersion {
    const NAME: &'static str = "GetPolicyVersion";
    type Output = GetPolicyVersionResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "iam:GetPolicyVersion", &self.policy_arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetPolicyVersionResponse> {
        let policy_version = match known(cx, &self.policy_arn).await? {
            Managed::Own(policy) => {
                let version = version(cx, &policy, &self.policy_arn, &self.version_id).await?;
                VersionView { document: Some(document::encode(&version.document)), ..version.view(&policy) }
            }
            Managed::Aws(policy) if VersionId::parse(&self.version_id) == Some(policy.version()) => {
                VersionView::of_aws(policy)?
            }
            // Welkin has the default versions of AWS's policies only.
            Managed::Aws(_) => return Err(missing(&self.policy_arn, &self.version_id)),
        };
        Ok(GetPolicyVersionResponse { policy_version })
    }
}

/// Lists the versions of a managed policy, the newest first.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPolicyVersions {
    policy_arn: String,
    marker: Option<String>,
    max_items: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPolicyVersionsResponse {
    versions: Vec<VersionView>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListPolicyVersions {
    const NAME: &'static str = "ListPolicyVersions";
    type Output = ListPolicyVersionsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "iam:ListPolicyVersions", &self.policy_arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListPolicyVersionsResponse> {
        let versions = match known(cx, &self.policy_arn).await? {
            Managed::Own(policy) => {
                PolicyVersion::all(cx, &policy).await?.iter().map(|version| version.view(&policy)).collect()
            }
            Managed::Aws(policy) => vec![VersionView {
                document: None,
                version_id: policy.version(),
                is_default_version: true,
                create_date: policy.updated(),
            }],
        };
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let newest_first = |version: &VersionView| format!("{:010}", u32::MAX - version.version_id.0);
        let page = wanted.of(versions, newest_first)?;
        Ok(ListPolicyVersionsResponse { is_truncated: page.is_truncated(), versions: page.items, marker: page.marker })
    }
}

/// Makes a version of a managed policy the one in force, for everything it is attached to.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SetDefaultPolicyVersion {
    policy_arn: String,
    version_id: String,
}

impl Operation for SetDefaultPolicyVersion {
    const NAME: &'static str = "SetDefaultPolicyVersion";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "iam:SetDefaultPolicyVersion", &self.policy_arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut policy = own(cx, &self.policy_arn).await?;
        policy.default_version = version(cx, &policy, &self.policy_arn, &self.version_id).await?.id;
        policy.updated = cx.now().whole_secs();
        cx.put(cx.here(), &policy).await?;
        account::changed(cx).await?;
        Ok(Empty {})
    }
}

/// Removes a version of a managed policy that is not the default.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeletePolicyVersion {
    policy_arn: String,
    version_id: String,
}

impl Operation for DeletePolicyVersion {
    const NAME: &'static str = "DeletePolicyVersion";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "iam:DeletePolicyVersion", &self.policy_arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let policy = own(cx, &self.policy_arn).await?;
        let version = version(cx, &policy, &self.policy_arn, &self.version_id).await?;
        if version.id == policy.default_version {
            return Err(DeleteConflictException::because("Cannot delete the default version of a policy."));
        }
        cx.delete::<PolicyVersion>(cx.here(), (&policy.id, version.id.0)).await?;
        account::changed(cx).await?;
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_as_it_is_written() {
        assert_eq!(VersionId::parse(&VersionId(12).to_string()), Some(VersionId(12)));
        for text in ["", "v", "12", "v-1", "v1.x", "v99999999999"] {
            assert_eq!(VersionId::parse(text), None, "{text}");
        }
    }
}
