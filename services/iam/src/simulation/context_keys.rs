//! The condition keys that policies look at.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};
use welkin_policy::DocumentKind;

use super::caller::EntityArn;
use super::exclusion::Exclusions;
use super::principal::demand;
use super::source::{self, Source};
use crate::access;

/// Names of condition keys, each once.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ContextKeys {
    context_key_names: Vec<String>,
}

impl ContextKeys {
    fn of(policies: &[Source]) -> Self {
        let mut names = BTreeMap::new();
        for policy in policies {
            for key in policy.document.context_keys() {
                names.entry(key).or_insert_with(|| policy.document.written(key).to_owned());
            }
        }
        Self { context_key_names: names.into_values().collect() }
    }
}

/// Lists the condition keys that the given policies look at.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForCustomPolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetContextKeysForCustomPolicy {
    policy_input_list: Vec<String>,
}

impl Operation for GetContextKeysForCustomPolicy {
    const NAME: &'static str = "GetContextKeysForCustomPolicy";
    type Output = ContextKeys;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::to(cx, "iam:GetContextKeysForCustomPolicy")
    }

    async fn run(&self, _cx: &mut Cx) -> Result<ContextKeys> {
        let given = Source::list("PolicyInputList", Some(&self.policy_input_list), DocumentKind::Identity)?;
        Ok(ContextKeys::of(&given))
    }
}

/// Lists the condition keys that the policies of a user, group or role look at.
///
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForPrincipalPolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetContextKeysForPrincipalPolicy {
    policy_source_arn: String,
    policy_input_list: Option<Vec<String>>,
}

impl Operation for GetContextKeysForPrincipalPolicy {
    const NAME: &'static str = "GetContextKeysForPrincipalPolicy";
    type Output = ContextKeys;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand(cx, "iam:GetContextKeysForPrincipalPolicy", &self.policy_source_arn).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ContextKeys> {
        let entity = EntityArn::parse(&self.policy_source_arn)?;
        let mut policies = source::of_entity(cx, &entity, &Exclusions::default()).await?.identity;
        policies.extend(Source::list("PolicyInputList", self.policy_input_list.as_ref(), DocumentKind::Identity)?);
        Ok(ContextKeys::of(&policies))
    }
}
