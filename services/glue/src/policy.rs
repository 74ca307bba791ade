//! The resource policy of a catalog.
//!
//! "A resource policy is attached to a catalog … Currently, only one resource policy is allowed per catalog, and its size
//! is limited to 10 KB": <https://docs.aws.amazon.com/glue/latest/dg/security_iam_resource-based-policy-examples.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use welkin_kernel::policy::{Document, DocumentKind};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Key, Operation, Place, Resource, Result, Scope, Timestamp};

use crate::catalog::{Catalog, Subject};
use crate::errors::{ConditionCheckFailureException, invalid, not_found};

/// Longest policy, in bytes.
const LONGEST: usize = 10 * 1024;

/// The policy as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Policy {
    json: String,
    created: Timestamp,
    updated: Timestamp,
}

impl Resource for Policy {
    const KIND: &'static str = "glue/policy";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        CATALOG.into_key()
    }
}

/// The key of the catalog's own policy.
const CATALOG: &str = "catalog";

impl Policy {
    /// What changes when the policy does.
    fn hash(&self) -> String {
        STANDARD.encode(&Sha256::digest(self.json.as_bytes())[..16])
    }
}

async fn find(cx: &mut Cx, place: Place) -> Result<Option<Policy>> {
    cx.get::<Policy>(place, CATALOG).await
}

/// The policy of a catalog as JSON, if it has one.
pub(crate) async fn json(cx: &mut Cx, place: Place) -> Result<Option<String>> {
    Ok(find(cx, place).await?.map(|policy| policy.json))
}

// UNVERIFIED: the wording.
fn no_policy() -> welkin_kernel::Error {
    not_found("Policy not found")
}

/// Holds a policy against the rules: the language's, its length, and that its resources are of this catalog.
fn check(json: &str, place: Place) -> Result<()> {
    // UNVERIFIED: the wordings.
    if json.len() > LONGEST {
        return Err(invalid(format!("The policy is longer than {LONGEST} bytes.")));
    }
    Document::parse(json, DocumentKind::Resource)
        .map_err(|error| invalid(format!("Invalid resource policy: {}", error.to_string().replace('\n', " "))))?;
    let policy: Value = serde_json::from_str(json).map_err(|_| invalid("Invalid resource policy."))?;
    let prefix = place.arn("glue", "");
    for resource in one_or_many(&policy["Statement"]).iter().flat_map(|statement| one_or_many(&statement["Resource"])) {
        // "All resource ARNs must match arn:aws:glue:%s:%s:(\*|[a-zA-Z\*]+\/?.*) (where the first %s is the region and
        // the second %s is the account-id)".
        let rest = resource.as_str().and_then(|arn| arn.strip_prefix(prefix.as_str()));
        if !rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '*')) {
            return Err(invalid(format!("Invalid resource in the policy: {resource}")));
        }
    }
    Ok(())
}

fn one_or_many(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        one => std::slice::from_ref(one),
    }
}

/// Whose policy is meant: the catalog's own, or one of a resource, which only other services set.
fn is_of_catalog(cx: &Cx, arn: Option<&str>) -> bool {
    arn.is_none_or(|arn| arn == cx.here().arn("glue", "catalog").as_str())
}

/// Sets the policy of the catalog.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_PutResourcePolicy.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutResourcePolicy {
    policy_in_json: String,
    resource_arn: Option<String>,
    policy_hash_condition: Option<String>,
    policy_exists_condition: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutResourcePolicyResponse {
    policy_hash: String,
}

impl Operation for PutResourcePolicy {
    const NAME: &'static str = "PutResourcePolicy";
    type Output = PutResourcePolicyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Catalog::of(cx, None)?.access(cx, Self::NAME, Subject::Catalog).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<PutResourcePolicyResponse> {
        let here = cx.here();
        if !is_of_catalog(cx, self.resource_arn.as_deref()) {
            // "Do not use. For internal use only."
            return Err(invalid("Policies of single resources cannot be set."));
        }
        check(&self.policy_in_json, here)?;
        let present = find(cx, here).await?;
        let condition_holds = match self.policy_exists_condition.as_deref() {
            Some("MUST_EXIST") => present.is_some(),
            Some("NOT_EXIST") => present.is_none(),
            _ => true,
        };
        let hash = present.as_ref().map(Policy::hash);
        if !condition_holds || !matches_condition(self.policy_hash_condition.as_ref(), hash.as_ref()) {
            return Err(ConditionCheckFailureException.into());
        }
        let now = cx.now();
        let created = present.map_or(now, |present| present.created);
        let policy = Policy { json: self.policy_in_json.clone(), created, updated: now };
        cx.put(here, &policy).await?;
        Ok(PutResourcePolicyResponse { policy_hash: policy.hash() })
    }
}

fn matches_condition(condition: Option<&String>, hash: Option<&String>) -> bool {
    condition.is_none() || condition == hash
}

/// Shows the policy of the catalog.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetResourcePolicy.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetResourcePolicy {
    resource_arn: Option<String>,
}

/// A policy as the API shows it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ShownPolicy {
    policy_in_json: String,
    policy_hash: String,
    create_time: Timestamp,
    update_time: Timestamp,
}

impl ShownPolicy {
    fn of(policy: Policy) -> Self {
        Self {
            policy_hash: policy.hash(),
            policy_in_json: policy.json,
            create_time: policy.created.whole_secs(),
            update_time: policy.updated.whole_secs(),
        }
    }
}

impl Operation for GetResourcePolicy {
    const NAME: &'static str = "GetResourcePolicy";
    type Output = ShownPolicy;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Catalog::of(cx, None)?.access(cx, Self::NAME, Subject::Catalog).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ShownPolicy> {
        let here = cx.here();
        if !is_of_catalog(cx, self.resource_arn.as_deref()) {
            return Err(no_policy());
        }
        find(cx, here).await?.map(ShownPolicy::of).ok_or_else(no_policy)
    }
}

/// Removes the policy of the catalog.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteResourcePolicy.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteResourcePolicy {
    policy_hash_condition: Option<String>,
    resource_arn: Option<String>,
}

impl Operation for DeleteResourcePolicy {
    const NAME: &'static str = "DeleteResourcePolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Catalog::of(cx, None)?.access(cx, Self::NAME, Subject::Catalog).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let here = cx.here();
        if !is_of_catalog(cx, self.resource_arn.as_deref()) {
            return Err(no_policy());
        }
        let present = find(cx, here).await?.ok_or_else(no_policy)?;
        if !matches_condition(self.policy_hash_condition.as_ref(), Some(&present.hash())) {
            return Err(ConditionCheckFailureException.into());
        }
        cx.discard::<Policy>(here, CATALOG)?;
        Ok(Empty {})
    }
}

/// Lists the policies of the catalog: its own is the only one, as nothing shares resources by AWS RAM.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetResourcePolicies.html>
#[derive(Deserialize)]
pub(crate) struct GetResourcePolicies {}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetResourcePoliciesResponse {
    get_resource_policies_response_list: Vec<ShownPolicy>,
}

impl Operation for GetResourcePolicies {
    const NAME: &'static str = "GetResourcePolicies";
    type Output = GetResourcePoliciesResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Catalog::of(cx, None)?.access(cx, Self::NAME, Subject::Catalog).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetResourcePoliciesResponse> {
        let found = find(cx, cx.here()).await?;
        let get_resource_policies_response_list = found.into_iter().map(ShownPolicy::of).collect();
        Ok(GetResourcePoliciesResponse { get_resource_policies_response_list })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn resources_are_of_the_catalog() {
        let place = Place::new("111122223333".parse().expect("an account"), "eu-west-1".parse().expect("a Region"));
        let policy = |resource: &Value| {
            json!({ "Version": "2012-10-17", "Statement": {
                "Effect": "Allow", "Principal": { "AWS": "444455556666" }, "Action": "glue:*", "Resource": resource,
            } })
            .to_string()
        };
        let arn = |rest: &str| format!("arn:aws:glue:eu-west-1:111122223333:{rest}");
        for resource in [json!(arn("*")), json!([arn("catalog"), arn("database/db"), arn("table/db/*")])] {
            assert!(check(&policy(&resource), place).is_ok(), "{resource}");
        }
        for resource in [
            json!("*"),
            json!("arn:aws:glue:eu-west-1:444455556666:*"),
            json!("arn:aws:glue:us-east-1:111122223333:*"),
            json!([arn("*"), "arn:aws:s3:::bucket"]),
        ] {
            assert!(check(&policy(&resource), place).is_err(), "{resource}");
        }
        assert!(check("{", place).is_err());
    }
}
