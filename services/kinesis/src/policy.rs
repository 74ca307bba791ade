//! Resource policies of streams and consumers.

use serde::{Deserialize, Serialize};
use welkin_kernel::policy::{Document, DocumentKind};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use crate::consumer::{self, ConsumerAddress};
use crate::errors::invalid;
use crate::stream::{self, Address};

/// Longest policy, in bytes.
// UNVERIFIED: the figure.
const LONGEST: usize = 20_480;

/// A stream or a consumer, by its ARN.
pub(crate) enum Target {
    Stream(Address),
    Consumer(ConsumerAddress),
}

impl Target {
    /// # Errors
    /// `InvalidArgumentException`
    pub(crate) fn of(arn: &str) -> Result<Self> {
        if arn.contains("/consumer/") {
            return ConsumerAddress::of_arn(arn).map(Self::Consumer);
        }
        Address::of_arn(arn).map(Self::Stream)
    }

    pub(crate) async fn access(&self, cx: &mut Cx, action: &'static str) -> Result<Access> {
        match self {
            Self::Stream(address) => stream::access(cx, address, action).await,
            Self::Consumer(address) => consumer::access(cx, address, action).await,
        }
    }

    async fn policy(&self, cx: &mut Cx) -> Result<Option<String>> {
        Ok(match self {
            Self::Stream(address) => address.stream(cx).await?.policy,
            Self::Consumer(address) => address.consumer(cx).await?.policy,
        })
    }

    async fn set(&self, cx: &mut Cx, policy: Option<String>) -> Result<()> {
        match self {
            Self::Stream(address) => {
                let mut stream = address.stream(cx).await?;
                stream.policy = policy;
                cx.put(address.place, &stream).await
            }
            Self::Consumer(address) => {
                let mut consumer = address.consumer(cx).await?;
                consumer.policy = policy;
                cx.put(address.stream.place, &consumer).await
            }
        }
    }
}

/// Gives a stream or consumer a policy.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutResourcePolicy.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutResourcePolicy {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
    policy: String,
}

impl Operation for PutResourcePolicy {
    const NAME: &'static str = "PutResourcePolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Target::of(&self.resource_arn)?.access(cx, "kinesis:PutResourcePolicy").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        if self.policy.len() > LONGEST {
            return Err(invalid(format!("Policy is longer than {LONGEST} bytes.")));
        }
        Document::parse(&self.policy, DocumentKind::Resource)
            .map_err(|error| invalid(format!("Policy is not valid: {error}")))?;
        Target::of(&self.resource_arn)?.set(cx, Some(self.policy.clone())).await?;
        Ok(Empty {})
    }
}

/// Tells the policy of a stream or consumer.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetResourcePolicy.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetResourcePolicy {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetResourcePolicyOutput {
    policy: String,
}

impl Operation for GetResourcePolicy {
    const NAME: &'static str = "GetResourcePolicy";
    type Output = GetResourcePolicyOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Target::of(&self.resource_arn)?.access(cx, "kinesis:GetResourcePolicy").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetResourcePolicyOutput> {
        // UNVERIFIED: that there is an empty policy where none was put.
        let policy = Target::of(&self.resource_arn)?.policy(cx).await?;
        Ok(GetResourcePolicyOutput { policy: policy.unwrap_or_else(|| "{}".to_owned()) })
    }
}

/// Takes the policy of a stream or consumer away.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeleteResourcePolicy.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteResourcePolicy {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
}

impl Operation for DeleteResourcePolicy {
    const NAME: &'static str = "DeleteResourcePolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Target::of(&self.resource_arn)?.access(cx, "kinesis:DeleteResourcePolicy").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        Target::of(&self.resource_arn)?.set(cx, None).await?;
        Ok(Empty {})
    }
}
