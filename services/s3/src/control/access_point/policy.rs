//! Policies of access points.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html>

use serde::{Deserialize, Serialize};
use serde_json::Value;
use welkin_kernel::policy::{Document, DocumentKind};
use welkin_kernel::{Access, AccountId, Cx, Empty, Operation, Result};

use super::{AccessPoint, Address};
use crate::bucket::Bucket;
use crate::bucket::policy::{is_object_action, statements, texts};
use crate::bucket::public;
use crate::bucket::public_access_block::PublicAccessBlock;
use crate::control::account_block;
use crate::control::errors::{AccessDenied, MalformedPolicy, NoSuchAccessPointPolicy};

/// Longest policy in bytes.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-restrictions-limitations-naming-rules.html>
const LONGEST: usize = 20 * 1024;

/// A policy and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PointPolicy {
    /// As it was put.
    pub(crate) json: String,
    /// Whether it would grant access to the public.
    pub(crate) public: bool,
}

impl PointPolicy {
    /// Reads a policy for the access point with this ARN.
    ///
    /// # Errors
    /// `MalformedPolicy`
    pub(crate) fn parse(json: &str, arn: &str) -> Result<Self> {
        if json.len() > LONGEST {
            return Err(MalformedPolicy::because("Policy exceeds the maximum allowed document size."));
        }
        if !json.trim_start().starts_with('{') {
            return Err(MalformedPolicy.into());
        }
        Document::parse(json, DocumentKind::Resource).map_err(|faults| MalformedPolicy::because(faults.message()))?;
        let Ok(value) = serde_json::from_str::<Value>(json) else { return Err(MalformedPolicy.into()) };
        for statement in statements(&value) {
            check(statement, arn)?;
        }
        Ok(Self { json: json.to_owned(), public: public::is_public(&value) })
    }
}

/// What an access point's policy may not say though another resource's may.
fn check(statement: &Value, arn: &str) -> Result<()> {
    let element = |name: &str, not: &str| statement.get(name).or_else(|| statement.get(not));
    let (actions, resources) = (element("Action", "NotAction"), element("Resource", "NotResource"));
    if resources.is_none() {
        return Err(MalformedPolicy::because("Missing required field Resource"));
    }
    let objects = format!("{arn}/object/");
    let names = |resource: &str| resource == arn || resource.starts_with(&objects);
    for resource in texts(resources) {
        if !names(resource) {
            return Err(MalformedPolicy::because("Policy has invalid resource").with("Detail", resource));
        }
    }
    for action in texts(actions) {
        if action != "*" && !action.to_ascii_lowercase().starts_with("s3:") {
            return Err(MalformedPolicy::because("Policy has invalid action").with("Detail", action));
        }
    }
    let exact = statement.get("Action").is_some() && statement.get("Resource").is_some();
    let applies = |action: &str| {
        action.contains(['*', '?'])
            || texts(resources).any(|resource| resource.starts_with(&objects) == is_object_action(action))
    };
    if exact && !texts(actions).any(applies) {
        return Err(MalformedPolicy::because("Action does not apply to any resource(s) in statement"));
    }
    Ok(())
}

impl AccessPoint {
    /// Whether its policy is a public one: never where only a VPC reaches it.
    ///
    /// Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
    pub(crate) fn is_public(&self) -> bool {
        self.vpc.is_none() && self.policy.as_ref().is_some_and(|policy| policy.public)
    }

    /// What is blocked of it: by itself, by its account, and by its bucket if that is the same account's.
    pub(crate) async fn blocked(&self, cx: &mut Cx) -> Result<PublicAccessBlock> {
        let blocked = self.block.and(account_block::blocked(cx, self.account).await?);
        if self.bucket_owner != self.account {
            return Ok(blocked);
        }
        let here = cx.here();
        let bucket = cx.get::<Bucket>(here, (&self.bucket,)).await?;
        Ok(blocked.and(bucket.and_then(|bucket| bucket.own_block).unwrap_or_default()))
    }
}

/// Sets the policy of an access point.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutAccessPointPolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutAccessPointPolicy {
    account_id: AccountId,
    name: String,
    policy: String,
}

impl Operation for PutAccessPointPolicy {
    const NAME: &str = "PutAccessPointPolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Address::here(cx, self.account_id, &self.name).access(cx, "s3:PutAccessPointPolicy").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut point = Address::here(cx, self.account_id, &self.name).open(cx).await?;
        point.policy = Some(PointPolicy::parse(&self.policy, &point.arn())?);
        if point.is_public() && point.blocked(cx).await?.block_public_policy {
            let who = cx.principal().arn(point.region.partition()).map(String::from).unwrap_or_default();
            return Err(AccessDenied::because(format!(
                "User: {who} is not authorized to perform: s3:PutAccessPointPolicy on resource: \"{}\" because public \
                 policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
                point.arn()
            )));
        }
        point.save(cx).await?;
        Ok(Empty {})
    }
}

/// Tells the policy of an access point.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessPointPolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccessPointPolicy {
    account_id: AccountId,
    name: String,
}

/// Answer of [`GetAccessPointPolicy`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccessPointPolicyOutput {
    policy: String,
}

impl Operation for GetAccessPointPolicy {
    const NAME: &str = "GetAccessPointPolicy";
    type Output = GetAccessPointPolicyOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Address::here(cx, self.account_id, &self.name).access(cx, "s3:GetAccessPointPolicy").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetAccessPointPolicyOutput> {
        match Address::here(cx, self.account_id, &self.name).open(cx).await?.policy {
            Some(policy) => Ok(GetAccessPointPolicyOutput { policy: policy.json }),
            None => Err(NoSuchAccessPointPolicy.into()),
        }
    }
}

/// Removes the policy of an access point.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteAccessPointPolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteAccessPointPolicy {
    account_id: AccountId,
    name: String,
}

impl Operation for DeleteAccessPointPolicy {
    const NAME: &str = "DeleteAccessPointPolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Address::here(cx, self.account_id, &self.name).access(cx, "s3:DeleteAccessPointPolicy").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut point = Address::here(cx, self.account_id, &self.name).open(cx).await?;
        point.policy = None;
        point.save(cx).await?;
        Ok(Empty {})
    }
}

/// Tells whether the policy of an access point makes it public.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessPointPolicyStatus.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccessPointPolicyStatus {
    account_id: AccountId,
    name: String,
}

/// Answer of [`GetAccessPointPolicyStatus`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccessPointPolicyStatusOutput {
    policy_status: PolicyStatus,
}

/// The status.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PolicyStatus {
    pub(crate) is_public: bool,
}

impl Operation for GetAccessPointPolicyStatus {
    const NAME: &str = "GetAccessPointPolicyStatus";
    type Output = GetAccessPointPolicyStatusOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Address::here(cx, self.account_id, &self.name).access(cx, "s3:GetAccessPointPolicyStatus").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetAccessPointPolicyStatusOutput> {
        let point = Address::here(cx, self.account_id, &self.name).open(cx).await?;
        if point.policy.is_none() {
            return Err(NoSuchAccessPointPolicy.into());
        }
        Ok(GetAccessPointPolicyStatusOutput { policy_status: PolicyStatus { is_public: point.is_public() } })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const ARN: &str = "arn:aws:s3:us-east-1:111122223333:accesspoint/p";

    fn parse(action: &str, resource: &str) -> Result<PointPolicy> {
        let policy = serde_json::json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "Action": action, "Resource": resource,
        }]});
        PointPolicy::parse(&policy.to_string(), ARN)
    }

    #[test]
    fn a_policy_speaks_of_its_access_point_only() {
        let objects = format!("{ARN}/object/*");
        let variable = format!("{ARN}/object/${{aws:username}}/*");
        for (action, resource) in
            [("s3:GetObject", objects.as_str()), ("s3:GetObject", &variable), ("s3:ListBucket", ARN), ("s3:*", ARN)]
        {
            assert!(parse(action, resource).is_ok(), "{action} {resource}");
        }
        let other = ARN.replace("accesspoint/p", "accesspoint/q");
        for (action, resource, message) in [
            ("s3:GetObject", "arn:aws:s3:::bucket/*", "Policy has invalid resource"),
            ("s3:GetObject", other.as_str(), "Policy has invalid resource"),
            ("s3:GetObject", "*", "Policy has invalid resource"),
            ("sqs:SendMessage", ARN, "Policy has invalid action"),
            ("s3:GetObject", ARN, "Action does not apply to any resource(s) in statement"),
            ("s3:ListBucket", &objects, "Action does not apply to any resource(s) in statement"),
        ] {
            let error = parse(action, resource).unwrap_err();
            assert!(error.is("MalformedPolicy"), "{action} {resource}");
            assert_eq!(error.answer().unwrap().message, message, "{action} {resource}");
        }
    }
}
