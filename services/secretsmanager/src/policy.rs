//! Resource policies of secrets.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use welkin_kernel::policy::{Document, DocumentKind};
use welkin_kernel::{Access, Cx, Operation, Result};

use crate::errors::{MalformedPolicyDocumentException, PublicPolicyException};
use crate::secret::{SecretId, replicate};

/// Condition keys that name who may come, so that a statement for everyone is not for everyone.
///
/// Source: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html>
// UNVERIFIED: the list; it is that of S3's block of public access.
const NARROWING: [&str; 12] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:sourceowner",
];

/// Whether a policy lets anybody in.
fn is_public(policy: &Json) -> bool {
    let statements = match &policy["Statement"] {
        Json::Array(statements) => statements.iter().collect(),
        one => vec![one],
    };
    statements.into_iter().any(|statement| {
        statement["Effect"] == "Allow" && is_for_everyone(statement) && !is_narrowed(&statement["Condition"])
    })
}

fn is_for_everyone(statement: &Json) -> bool {
    let is_star = |value: &Json| match value {
        Json::Array(values) => values.iter().any(|value| value == "*"),
        value => value == "*",
    };
    !statement["NotPrincipal"].is_null() || is_star(&statement["Principal"]) || is_star(&statement["Principal"]["AWS"])
}

/// Whether a condition must hold whose key says who comes, and whose values are no wildcards.
fn is_narrowed(condition: &Json) -> bool {
    let fixed = |values: &Json| match values {
        Json::Array(values) => values.iter().all(|value| value != "*"),
        value => value != "*",
    };
    condition.as_object().into_iter().flatten().any(|(operator, keys)| {
        let positive = !operator.contains("Not") && !operator.contains("IfExists") && operator != "Null";
        positive
            && keys
                .as_object()
                .into_iter()
                .flatten()
                .any(|(key, values)| NARROWING.contains(&key.to_ascii_lowercase().as_str()) && fixed(values))
    })
}

/// The policy as JSON.
///
/// # Errors
/// `MalformedPolicyDocumentException`
fn parse(policy: &str) -> Result<Json> {
    Document::parse(policy, DocumentKind::Resource).map_err(|error| {
        MalformedPolicyDocumentException::because(format!("This resource policy is not valid: {error}"))
    })?;
    serde_json::from_str(policy).map_err(|_| MalformedPolicyDocumentException.into())
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Named {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
}

/// Gives a secret a policy.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutResourcePolicy {
    secret_id: SecretId,
    resource_policy: String,
    block_public_policy: Option<bool>,
}

impl Operation for PutResourcePolicy {
    const NAME: &'static str = "PutResourcePolicy";
    type Output = Named;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = self.secret_id.access(cx, "secretsmanager:PutResourcePolicy").await?;
        let block = self.block_public_policy.unwrap_or(false);
        Ok(access.key("secretsmanager:BlockPublicPolicy", block.to_string()))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Named> {
        let mut found = self.secret_id.found(cx).await?;
        found.secret.check_own()?;
        let policy = parse(&self.resource_policy)?;
        if self.block_public_policy.unwrap_or(false) && is_public(&policy) {
            return Err(PublicPolicyException.into());
        }
        found.secret.policy = Some(self.resource_policy.clone());
        found.store(cx).await?;
        replicate::follow_stages(cx, found.place, &found.secret).await?;
        Ok(Named { arn: found.arn(), name: found.secret.name })
    }
}

/// Tells the policy of a secret.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetResourcePolicy.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetResourcePolicy {
    secret_id: SecretId,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetResourcePolicyResponse {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    resource_policy: Option<String>,
}

impl Operation for GetResourcePolicy {
    const NAME: &'static str = "GetResourcePolicy";
    type Output = GetResourcePolicyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.secret_id.access(cx, "secretsmanager:GetResourcePolicy").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetResourcePolicyResponse> {
        let found = self.secret_id.found(cx).await?;
        found.secret.check_alive()?;
        Ok(GetResourcePolicyResponse {
            arn: found.arn(),
            resource_policy: found.secret.policy,
            name: found.secret.name,
        })
    }
}

/// Takes the policy of a secret away.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteResourcePolicy.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteResourcePolicy {
    secret_id: SecretId,
}

impl Operation for DeleteResourcePolicy {
    const NAME: &'static str = "DeleteResourcePolicy";
    type Output = Named;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.secret_id.access(cx, "secretsmanager:DeleteResourcePolicy").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Named> {
        let mut found = self.secret_id.found(cx).await?;
        found.secret.check_own()?;
        found.secret.policy = None;
        found.store(cx).await?;
        replicate::follow_stages(cx, found.place, &found.secret).await?;
        Ok(Named { arn: found.arn(), name: found.secret.name })
    }
}

/// Says whether a policy is well-formed and lets not everybody in.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ValidateResourcePolicy.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ValidateResourcePolicy {
    secret_id: Option<SecretId>,
    resource_policy: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ValidateResourcePolicyResponse {
    policy_validation_passed: bool,
    validation_errors: Vec<ValidationError>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ValidationError {
    check_name: String,
    error_message: String,
}

impl Operation for ValidateResourcePolicy {
    const NAME: &'static str = "ValidateResourcePolicy";
    type Output = ValidateResourcePolicyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        match &self.secret_id {
            Some(id) => id.access(cx, "secretsmanager:ValidateResourcePolicy").await,
            None => Ok(Access::to("secretsmanager:ValidateResourcePolicy")),
        }
    }

    async fn run(&self, cx: &mut Cx) -> Result<ValidateResourcePolicyResponse> {
        if let Some(id) = &self.secret_id {
            id.found(cx).await?;
        }
        let policy = parse(&self.resource_policy)?;
        // UNVERIFIED: the names of the checks.
        let error = is_public(&policy).then(|| ValidationError {
            check_name: "PUBLIC_POLICY".to_owned(),
            error_message: "This resource policy allows broad access to the secret.".to_owned(),
        });
        Ok(ValidateResourcePolicyResponse {
            policy_validation_passed: error.is_none(),
            validation_errors: error.into_iter().collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_for_everyone_is_public_unless_a_condition_says_who() {
        let policy = |principal: Json, condition: Json| json!({"Statement": {"Effect": "Allow", "Principal": principal, "Action": "*", "Condition": condition}});
        assert!(is_public(&policy(json!("*"), json!(null))));
        assert!(is_public(&policy(json!({"AWS": ["*"]}), json!({"StringLike": {"aws:PrincipalArn": "*"}}))));
        assert!(is_public(&policy(json!("*"), json!({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}))));
        assert!(!is_public(&policy(json!("*"), json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}))));
        assert!(!is_public(&policy(json!({"AWS": "arn:aws:iam::111122223333:root"}), json!(null))));
        assert!(!is_public(&json!({"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*"}]})));
    }
}
