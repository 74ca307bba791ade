//! Bucket policies.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html>

use serde::{Deserialize, Serialize};
use serde_json::Value;
use welkin_kernel::policy::{Document, DocumentKind};
use welkin_kernel::{Access, Cx, Empty, Error, Operation, Result};

use super::{Bucket, is_of, public};
use crate::acl::given::blocked_by;
use crate::errors::{MalformedPolicy, NoSuchBucketPolicy};

/// Longest policy in bytes.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html>
const LONGEST: usize = 20 * 1024;

/// A policy and what is known of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BucketPolicy {
    /// As it was put.
    pub(crate) json: String,
    /// Whether it grants access to the public.
    pub(crate) public: bool,
}

impl BucketPolicy {
    /// Reads a policy for a bucket.
    ///
    /// # Errors
    /// `MalformedPolicy`
    fn parse(json: &str, bucket: &str) -> Result<Self> {
        if json.len() > LONGEST {
            return Err(MalformedPolicy::because("Policy exceeds the maximum allowed document size."));
        }
        if !json.trim_start().starts_with('{') {
            return Err(MalformedPolicy.into());
        }
        Document::parse(json, DocumentKind::Resource).map_err(|faults| MalformedPolicy::because(faults.message()))?;
        let value: Value = serde_json::from_str(json).map_err(|_| Error::from(MalformedPolicy))?;
        for statement in statements(&value) {
            check(statement, bucket)?;
        }
        Ok(Self { json: json.to_owned(), public: public::is_public(&value) })
    }
}

/// The statements of a policy that is known to be one.
pub(crate) fn statements(policy: &Value) -> &[Value] {
    match policy.get("Statement") {
        Some(Value::Array(list)) => list,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}

/// The texts of an element: one, or a list.
pub(crate) fn texts(element: Option<&Value>) -> impl Iterator<Item = &str> {
    let list = match element {
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    list.iter().filter_map(Value::as_str)
}

/// What a bucket's policy may not say though another resource's may.
fn check(statement: &Value, bucket: &str) -> Result<()> {
    let element = |name: &str, not: &str| statement.get(name).or_else(|| statement.get(not)).cloned();
    let (actions, resources) = (element("Action", "NotAction"), element("Resource", "NotResource"));
    if resources.is_none() {
        return Err(MalformedPolicy::because("Missing required field Resource"));
    }
    for resource in texts(resources.as_ref()) {
        if resource != "*" && !names(bucket, resource) {
            return Err(MalformedPolicy::because("Policy has invalid resource").with("Detail", resource));
        }
    }
    for action in texts(actions.as_ref()) {
        if action != "*" && !action.to_ascii_lowercase().starts_with("s3:") {
            return Err(MalformedPolicy::because("Policy has invalid action").with("Detail", action));
        }
    }
    let exact = statement.get("Action").is_some() && statement.get("Resource").is_some();
    if exact && !texts(actions.as_ref()).any(|action| applies(bucket, action, resources.as_ref())) {
        return Err(MalformedPolicy::because("Action does not apply to any resource(s) in statement"));
    }
    Ok(())
}

/// Whether a resource of a policy is the bucket or lies in it; it may have wildcards and variables.
fn names(bucket: &str, resource: &str) -> bool {
    if is_of(bucket, resource) {
        return true;
    }
    let Some(pattern) = resource.splitn(6, ':').nth(5) else { return false };
    let pattern = pattern.split('/').next().unwrap_or_default();
    resource.starts_with("arn:")
        && pattern.contains(['*', '?', '$'])
        && welkin_kernel::policy::matches_action(pattern, bucket)
}

/// Whether an action can be done to one of the resources: bucket actions need the bucket, object actions an object.
fn applies(bucket: &str, action: &str, resources: Option<&Value>) -> bool {
    if action.contains(['*', '?']) {
        return true;
    }
    let to_object = is_object_action(action);
    texts(resources).any(|resource| {
        let open =
            resource == "*" || resource.splitn(6, ':').nth(5).is_some_and(|r| r.contains('*') && !r.contains('/'));
        open || match to_object {
            true => resource.contains('/'),
            false => resource.ends_with(&format!(":{bucket}")) || !resource.contains('/'),
        }
    })
}

/// Whether an action is done to objects, by the service authorisation reference.
pub(crate) fn is_object_action(action: &str) -> bool {
    let name = action.get(3..).unwrap_or_default().to_ascii_lowercase();
    let bucket = name.contains("bucket")
        || name.starts_with("list") && name != "listmultipartuploadparts"
        || name.contains("configuration") && !name.contains("object");
    !bucket
        && (name.contains("object")
            || name.contains("multipart")
            || name == "replicatedelete"
            || name == "replicatetags")
}

/// Sets the policy of a bucket.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutBucketPolicy {
    bucket: String,
    policy: String,
}

impl Operation for PutBucketPolicy {
    const NAME: &str = "PutBucketPolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, &self.bucket, "s3:PutBucketPolicy").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut bucket = Bucket::open(cx, &self.bucket).await?;
        bucket.check_same_account(cx)?;
        let policy = BucketPolicy::parse(&self.policy, &self.bucket)?;
        if policy.public && bucket.blocked.block_public_policy {
            let arn = bucket.arn();
            return Err(blocked_by(cx, &bucket, "s3:PutBucketPolicy", &arn, "policies", "BlockPublicPolicy"));
        }
        bucket.policy = Some(policy);
        bucket.save(cx).await?;
        cx.reply_status(204);
        Ok(Empty {})
    }
}

/// Tells the policy of a bucket.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketPolicy {
    bucket: String,
}

/// Answer of [`GetBucketPolicy`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketPolicyOutput {
    policy: String,
}

impl Operation for GetBucketPolicy {
    const NAME: &str = "GetBucketPolicy";
    type Output = GetBucketPolicyOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, &self.bucket, "s3:GetBucketPolicy").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetBucketPolicyOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        bucket.check_same_account(cx)?;
        Ok(GetBucketPolicyOutput { policy: existing(bucket)?.json })
    }
}

/// Removes the policy of a bucket.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteBucketPolicy {
    bucket: String,
}

impl Operation for DeleteBucketPolicy {
    const NAME: &str = "DeleteBucketPolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, &self.bucket, "s3:DeleteBucketPolicy").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut bucket = Bucket::open(cx, &self.bucket).await?;
        bucket.check_same_account(cx)?;
        bucket.policy = None;
        bucket.save(cx).await?;
        Ok(Empty {})
    }
}

/// Tells whether the policy of a bucket makes it public.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicyStatus.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketPolicyStatus {
    bucket: String,
}

/// Answer of [`GetBucketPolicyStatus`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetBucketPolicyStatusOutput {
    policy_status: PolicyStatus,
}

/// The status.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyStatus {
    is_public: bool,
}

impl Operation for GetBucketPolicyStatus {
    const NAME: &str = "GetBucketPolicyStatus";
    type Output = GetBucketPolicyStatusOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Bucket::open(cx, &self.bucket).await?.access(cx, "s3:GetBucketPolicyStatus"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetBucketPolicyStatusOutput> {
        let is_public = existing(Bucket::open(cx, &self.bucket).await?)?.public;
        Ok(GetBucketPolicyStatusOutput { policy_status: PolicyStatus { is_public } })
    }
}

/// The owner's root user may always mend a policy, whatever the policy says.
async fn access(cx: &mut Cx, bucket: &str, action: &'static str) -> Result<Access> {
    let bucket = Bucket::open(cx, bucket).await?;
    let access = bucket.access(cx, action);
    let is_owner = cx.principal().is_root() && cx.principal().account() == Some(bucket.owner);
    Ok(if is_owner { access.policy(None) } else { access })
}

fn existing(bucket: Bucket) -> Result<BucketPolicy> {
    match bucket.policy {
        Some(policy) => Ok(policy),
        None => Err(Error::from(NoSuchBucketPolicy).with("BucketName", bucket.name)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parse(statement: Value) -> Result<BucketPolicy> {
        let policy = serde_json::json!({ "Version": "2012-10-17", "Statement": [statement] });
        BucketPolicy::parse(&policy.to_string(), "my-bucket")
    }

    fn statement(action: &str, resource: &str) -> Value {
        serde_json::json!({
            "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "Action": action, "Resource": resource,
        })
    }

    #[test]
    fn a_policy_speaks_of_its_bucket_only() {
        for (action, resource) in [
            ("s3:GetObject", "arn:aws:s3:::my-bucket/*"),
            ("s3:GetObject", "arn:aws:s3:::my-bucket/a/${aws:username}/*"),
            ("s3:ListBucket", "arn:aws:s3:::my-bucket"),
            ("s3:*", "arn:aws:s3:::my-bucket"),
            ("s3:GetObject", "arn:aws:s3:::my-*"),
            ("s3:GetObject", "*"),
        ] {
            assert!(parse(statement(action, resource)).is_ok(), "{action} {resource}");
        }
        for (action, resource, message) in [
            ("s3:GetObject", "arn:aws:s3:::other/*", "Policy has invalid resource"),
            ("s3:GetObject", "arn:aws:s3:::my-bucket2/*", "Policy has invalid resource"),
            ("sqs:SendMessage", "arn:aws:s3:::my-bucket", "Policy has invalid action"),
            ("s3:GetObject", "arn:aws:s3:::my-bucket", "Action does not apply to any resource(s) in statement"),
            ("s3:ListBucket", "arn:aws:s3:::my-bucket/*", "Action does not apply to any resource(s) in statement"),
        ] {
            let error = parse(statement(action, resource)).unwrap_err();
            assert!(error.is("MalformedPolicy"), "{action} {resource}");
            assert_eq!(error.answer().unwrap().message, message, "{action} {resource}");
        }
    }

    #[test]
    fn what_is_no_policy_is_malformed() {
        for text in ["", "[]", "{", "{}", "\"x\"", "{\"Version\":\"2012-10-17\",\"Statement\":[{}]}"] {
            assert!(BucketPolicy::parse(text, "b").unwrap_err().is("MalformedPolicy"), "{text}");
        }
        let long = format!("{{{}}}", " ".repeat(LONGEST));
        assert!(BucketPolicy::parse(&long, "b").unwrap_err().is("MalformedPolicy"));
    }
}
