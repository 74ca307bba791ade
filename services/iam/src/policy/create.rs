//! Making a managed policy.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};
use welkin_policy::DocumentKind;

use super::version::{PolicyVersion, VersionId};
use super::{Managed, Policy, PolicyView, Usage};
use crate::errors::EntityAlreadyExistsException;
use crate::tag::Tag;
use crate::{access, account, document, entity, quota, tag};

/// Makes a managed policy with a first version.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreatePolicy {
    policy_name: String,
    path: Option<String>,
    policy_document: String,
    description: Option<String>,
    tags: Option<Vec<Tag>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreatePolicyResponse {
    policy: PolicyView,
}

impl Operation for CreatePolicy {
    const NAME: &'static str = "CreatePolicy";
    type Output = CreatePolicyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let path = self.path.as_deref().unwrap_or("/");
        let arn = cx.here().global_arn("iam", format_args!("policy{path}{}", self.policy_name));
        Ok(access::to(cx, "iam:CreatePolicy")?.on(arn).request_tags(&tag::read(self.tags.as_ref())?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreatePolicyResponse> {
        let parsed = document::parse(&self.policy_document, DocumentKind::Identity)?;
        hold_size(parsed.size())?;
        if cx.exists::<Policy>(cx.here(), entity::key(&self.policy_name)).await? {
            return Err(EntityAlreadyExistsException::because(format!(
                "A policy called {} already exists. Duplicate names are not allowed.",
                self.policy_name
            )));
        }
        quota::hold("PoliciesPerAccount", account::read(cx).await?.policies as usize, quota::POLICIES)?;
        let now = cx.now().whole_secs();
        let policy = Policy {
            id: cx.chance().unique_id("ANPA"),
            name: self.policy_name.clone(),
            path: self.path.clone().unwrap_or_else(|| "/".to_owned()),
            description: self.description.clone(),
            created: now,
            updated: now,
            default_version: VersionId(1),
            last_version: VersionId(1),
            tags: tag::read(self.tags.as_ref())?,
        };
        cx.put(cx.here(), &policy).await?;
        cx.put(cx.here(), &PolicyVersion::new(&policy, VersionId(1), &self.policy_document, now)).await?;
        account::changed_with(cx, |account| account.policies += 1).await?;
        let policy = PolicyView::of(&Managed::Own(Box::new(policy)), cx.here(), Usage::default());
        Ok(CreatePolicyResponse { policy })
    }
}

/// Refuses a document that is larger than a managed policy may be.
pub(super) fn hold_size(size: usize) -> Result<()> {
    if size <= quota::POLICY_SIZE as usize {
        return Ok(());
    }
    let message = format!("Cannot exceed quota for PolicySize: {}", quota::POLICY_SIZE);
    Err(crate::errors::LimitExceededException::because(message))
}
