//! Key policies.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::policy::{
    Attached, Document, DocumentKind, Identity, Issuer, MapContext, Policies, PrincipalFacts, Request, ResourceRule,
    evaluate,
};
use welkin_kernel::{Access, Cx, Empty, Limit, Operation, Partition, Place, Principal, Result, SessionOf};

use crate::access::{Demand, lockout_check};
use crate::errors::{LimitExceededException, MalformedPolicyDocumentException, NotFoundException};
use crate::key::managed::ManagingService;
use crate::{key_id, quota};

/// The one name that a key policy can have.
const DEFAULT_NAME: &str = "default";

/// Longest key policy in bytes.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html>
const LONGEST: usize = 32 * 1024;

/// The policy of a key that is made without one: the account decides by its identity policies.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>
pub(crate) fn default_policy(place: Place) -> String {
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "{}"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}}"#,
        place.global_arn("iam", "root")
    )
}

/// The policy of an AWS managed key: everyone in the account, but only through the service.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html> and the policies
/// that services document for their keys.
pub(crate) fn managed(place: Place, service: &ManagingService) -> String {
    let ManagingService { alias, via, title, .. } = service;
    let Place { account, region } = place;
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "auto-{alias}-2",
  "Statement" : [ {{
    "Sid" : "Allow access through {title} for all principals in the account that are authorized to use {title}",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "*"
    }},
    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey" ],
    "Resource" : "*",
    "Condition" : {{
      "StringEquals" : {{
        "kms:CallerAccount" : "{account}",
        "kms:ViaService" : "{via}.{region}.amazonaws.com"
      }}
    }}
  }}, {{
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "{}"
    }},
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant" ],
    "Resource" : "*"
  }} ]
}}"#,
        place.global_arn("iam", "root")
    )
}

/// Refuses what is not a key policy, or would lock the caller out.
pub(crate) fn check(cx: &Cx, json: &str, bypass_lockout_check: bool) -> Result<()> {
    if json.len() > LONGEST {
        // UNVERIFIED: the wording.
        return Err(LimitExceededException::because(format!("The key policy exceeds the limit of {LONGEST} bytes.")));
    }
    let document = Document::parse(json, DocumentKind::Resource)
        .map_err(|diagnostics| MalformedPolicyDocumentException::because(diagnostics.to_string()))?;
    let facts = facts(cx.principal(), cx.region().partition());
    if bypass_lockout_check || facts.is_none_or(|facts| keeps_its_keeper(cx, &document, &facts)) {
        return Ok(());
    }
    Err(MalformedPolicyDocumentException::because(
        "The new key policy will not allow you to update the key policy in the future.",
    ))
}

/// Whether the policy lets the caller put a policy again, directly or by what the account permits.
fn keeps_its_keeper(cx: &Cx, document: &Document, facts: &PrincipalFacts) -> bool {
    let everything = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let Ok(everything) = Document::parse(everything, DocumentKind::Identity) else { return false };
    let account = cx.account().to_string();
    let request = Request {
        principal: facts,
        action: "kms:PutKeyPolicy",
        resource: "*",
        alias: None,
        resource_account: Some(&account),
        context: &MapContext::new().with("kms:CallerAccount", account.as_str()),
    };
    let policies = Policies {
        identity: &[Attached { id: "everything", kind: DocumentKind::Identity, document: &everything }],
        resource: Some(Attached { id: "key policy", kind: DocumentKind::Resource, document }),
        resource_rule: ResourceRule::KeyPolicy,
        ..Policies::default()
    };
    evaluate(&request, &policies).is_allowed()
}

/// The caller as policies see it; `None` for services and nobody, whom no policy locks out.
fn facts(principal: &Principal, partition: Partition) -> Option<PrincipalFacts> {
    let account = principal.account()?;
    let arn = principal.arn(partition).map(String::from)?;
    let iam = |resource: String| format!("arn:{partition}:iam::{account}:{resource}");
    let identity = match principal {
        Principal::Anonymous | Principal::Federated(_) | Principal::Service(_) => return None,
        Principal::Root { .. } => Identity::Root { arn },
        Principal::User(user) => Identity::User { arn, id: user.id.clone() },
        Principal::Session(session) => match &session.of {
            SessionOf::Root => Identity::Root { arn },
            SessionOf::User(user) => Identity::User { arn, id: user.id.clone() },
            SessionOf::Role { role, .. } => Identity::RoleSession {
                role_arn: iam(role.resource()),
                role_id: role.id.clone(),
                session_arn: arn,
                service_linked: false,
                federated_provider: session.provider.clone(),
            },
            SessionOf::Federated { by, .. } => Identity::FederatedUser {
                arn,
                issuer: match by {
                    Some(user) => Issuer::User { arn: iam(user.resource()), id: user.id.clone() },
                    None => Issuer::Root,
                },
            },
        },
    };
    Some(PrincipalFacts { account: Some(account.to_string()), canonical_user: None, identity })
}

fn check_name(name: Option<&str>) -> Result<()> {
    match name {
        None | Some(DEFAULT_NAME) => Ok(()),
        // UNVERIFIED: the wording.
        Some(name) => Err(NotFoundException::because(format!("No such policy exists: {name}"))),
    }
}

/// Replaces the policy of a key. <https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutKeyPolicy {
    key_id: String,
    policy_name: Option<String>,
    policy: String,
    bypass_policy_lockout_safety_check: Option<bool>,
}

impl Operation for PutKeyPolicy {
    const NAME: &'static str = "PutKeyPolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        let access = Demand::of("PutKeyPolicy", &target).by_the_owner().access(cx).await?;
        Ok(lockout_check(access, self.bypass_policy_lockout_safety_check))
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms PutKeyPolicy", 15))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        check_name(self.policy_name.as_deref())?;
        // In every state: <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html#key-state-table>
        let mut key = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        check(cx, &self.policy, self.bypass_policy_lockout_safety_check.unwrap_or_default())?;
        key.policy.clone_from(&self.policy);
        cx.put(key.place, &key).await?;
        Ok(Empty {})
    }
}

/// Shows the policy of a key. <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetKeyPolicy {
    key_id: String,
    policy_name: Option<String>,
}

/// The policy.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetKeyPolicyResponse {
    policy: String,
    policy_name: String,
}

impl Operation for GetKeyPolicy {
    const NAME: &'static str = "GetKeyPolicy";
    type Output = GetKeyPolicyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        Demand::of("GetKeyPolicy", &target).by_the_owner().access(cx).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms GetKeyPolicy", 1000))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetKeyPolicyResponse> {
        check_name(self.policy_name.as_deref())?;
        let key = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        Ok(GetKeyPolicyResponse { policy: key.policy, policy_name: DEFAULT_NAME.to_owned() })
    }
}

/// Lists the names of a key's policies: there is one.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListKeyPolicies {
    key_id: String,
}

/// The names.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListKeyPoliciesResponse {
    policy_names: Vec<String>,
    truncated: bool,
}

impl Operation for ListKeyPolicies {
    const NAME: &'static str = "ListKeyPolicies";
    type Output = ListKeyPoliciesResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        Demand::of("ListKeyPolicies", &target).by_the_owner().access(cx).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms ListKeyPolicies", 100))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListKeyPoliciesResponse> {
        key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        Ok(ListKeyPoliciesResponse { policy_names: vec![DEFAULT_NAME.to_owned()], truncated: false })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use welkin_kernel::{AccountId, Region};

    use super::*;

    #[test]
    fn the_policies_that_welkin_writes_are_policies() {
        let place = Place::new(AccountId::new(111_122_223_333).unwrap(), Region::US_EAST_1);
        let service = ManagingService::named("s3").unwrap();
        for json in [default_policy(place), managed(place, service)] {
            Document::parse(&json, DocumentKind::Resource).unwrap();
        }
        assert!(managed(place, service).contains(r#""kms:ViaService" : "s3.us-east-1.amazonaws.com""#));
    }
}
