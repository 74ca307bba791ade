//! Who calls.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use crate::errors::AccessDenied;

/// Tells the caller who it is.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
#[derive(Debug, Deserialize)]
pub(crate) struct GetCallerIdentity {}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetCallerIdentityResponse {
    user_id: String,
    account: String,
    arn: String,
}

impl Operation for GetCallerIdentity {
    const NAME: &'static str = "GetCallerIdentity";
    type Output = GetCallerIdentityResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::open(
            "no permissions are required, not even against an explicit deny: \
             https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html",
        ))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetCallerIdentityResponse> {
        let principal = cx.principal();
        let arn = principal.arn(cx.region().partition());
        match (principal.user_id(), principal.account(), arn) {
            (Some(user_id), Some(account), Some(arn)) => {
                Ok(GetCallerIdentityResponse { user_id, account: account.to_string(), arn: arn.into() })
            }
            _ => Err(AccessDenied::because("The caller has no identity in an account.")),
        }
    }
}
