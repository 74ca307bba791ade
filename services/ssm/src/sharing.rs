//! Policies by which an account lets others read its advanced parameters.
//!
//! Reference: <https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-shared-parameters.html>

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use welkin_kernel::policy::{Document, DocumentKind};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use crate::errors::{
    MalformedResourcePolicyDocumentException, ResourceNotFoundException, ResourcePolicyConflictException,
    ResourcePolicyInvalidParameterException, ResourcePolicyNotFoundException,
};
use crate::name::Address;
use crate::parameter::{Parameter, Tier, access};

/// The policy of a parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Sharing {
    id: String,
    policy: String,
}

impl Sharing {
    pub(crate) fn policy(&self) -> &str {
        &self.policy
    }

    fn hash(&self) -> String {
        hex::encode(Sha256::digest(&self.policy))
    }

    fn is(&self, id: &str, hash: &str) -> bool {
        self.id == id && self.hash() == hash
    }
}

/// The parameter that an ARN names, of the caller's account.
fn address(cx: &Cx, arn: &str) -> Result<Address> {
    let address = Address::read(cx, arn).ok().filter(|address| arn.starts_with("arn:") && address.place == cx.here());
    address
        .ok_or_else(|| ResourcePolicyInvalidParameterException::because("ResourceArn is not the ARN of a parameter."))
}

async fn found(cx: &mut Cx, address: &Address) -> Result<Parameter> {
    address.find(cx).await?.ok_or_else(|| ResourceNotFoundException.into())
}

/// Gives a parameter a policy, or another one.
///
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutResourcePolicy.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutResourcePolicy {
    resource_arn: String,
    policy: String,
    policy_id: Option<String>,
    policy_hash: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutResourcePolicyResponse {
    policy_id: String,
    policy_hash: String,
}

impl Operation for PutResourcePolicy {
    const NAME: &'static str = "PutResourcePolicy";
    type Output = PutResourcePolicyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = address(cx, &self.resource_arn)?;
        access(cx, &address, "ssm:PutResourcePolicy").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<PutResourcePolicyResponse> {
        let address = address(cx, &self.resource_arn)?;
        let mut parameter = found(cx, &address).await?;
        if parameter.latest.tier != Tier::Advanced {
            return Err(ResourcePolicyInvalidParameterException::because(
                "Only parameters of the advanced tier can be shared.",
            ));
        }
        Document::parse(&self.policy, DocumentKind::Resource)
            .map_err(|error| MalformedResourcePolicyDocumentException::because(error.to_string()))?;
        let id = match (&parameter.sharing, &self.policy_id, &self.policy_hash) {
            (None, None, None) => cx.chance().uuid(),
            (Some(sharing), Some(id), Some(hash)) if sharing.is(id, hash) => sharing.id.clone(),
            (None, ..) => return Err(ResourcePolicyNotFoundException.into()),
            (Some(_), ..) => return Err(ResourcePolicyConflictException.into()),
        };
        let sharing = Sharing { id, policy: self.policy.clone() };
        let response = PutResourcePolicyResponse { policy_id: sharing.id.clone(), policy_hash: sharing.hash() };
        parameter.sharing = Some(sharing);
        cx.put(address.place, &parameter).await?;
        Ok(response)
    }
}

/// Tells the policy of a parameter.
///
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetResourcePolicies.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetResourcePolicies {
    resource_arn: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetResourcePoliciesResponse {
    policies: Vec<ShownPolicy>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ShownPolicy {
    policy_id: String,
    policy_hash: String,
    policy: String,
}

impl Operation for GetResourcePolicies {
    const NAME: &'static str = "GetResourcePolicies";
    type Output = GetResourcePoliciesResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = address(cx, &self.resource_arn)?;
        access(cx, &address, "ssm:GetResourcePolicies").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetResourcePoliciesResponse> {
        let address = address(cx, &self.resource_arn)?;
        let sharing = found(cx, &address).await?.sharing;
        let shown = |sharing: Sharing| ShownPolicy {
            policy_hash: sharing.hash(),
            policy_id: sharing.id,
            policy: sharing.policy,
        };
        Ok(GetResourcePoliciesResponse { policies: sharing.map(shown).into_iter().collect() })
    }
}

/// Takes the policy from a parameter.
///
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteResourcePolicy.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteResourcePolicy {
    resource_arn: String,
    policy_id: String,
    policy_hash: String,
}

impl Operation for DeleteResourcePolicy {
    const NAME: &'static str = "DeleteResourcePolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = address(cx, &self.resource_arn)?;
        access(cx, &address, "ssm:DeleteResourcePolicy").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = address(cx, &self.resource_arn)?;
        let mut parameter = found(cx, &address).await?;
        match &parameter.sharing {
            None => return Err(ResourcePolicyNotFoundException.into()),
            Some(sharing) if sharing.id != self.policy_id => return Err(ResourcePolicyNotFoundException.into()),
            Some(sharing) if sharing.hash() != self.policy_hash => return Err(ResourcePolicyConflictException.into()),
            Some(_) => parameter.sharing = None,
        }
        cx.put(address.place, &parameter).await?;
        Ok(Empty {})
    }
}
