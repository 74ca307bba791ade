//! Whose account an access key belongs to.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, credentials};

use crate::caller;
use crate::errors::ValidationError;

/// Tells the account of an access key, which its id holds.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccessKeyInfo {
    access_key_id: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccessKeyInfoResponse {
    account: String,
}

impl Operation for GetAccessKeyInfo {
    const NAME: &'static str = "GetAccessKeyInfo";
    type Output = GetAccessKeyInfoResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        caller::hold_not_user_session(cx, "GetAccessKeyInfo")?;
        Ok(Access::to("sts:GetAccessKeyInfo"))
    }

    async fn run(&self, _: &mut Cx) -> Result<GetAccessKeyInfoResponse> {
        // UNVERIFIED: AWS's answer to an id that is none.
        let account = credentials::account_of(&self.access_key_id)
            .ok_or_else(|| ValidationError::because(format!("{} is not a valid access key ID", self.access_key_id)))?;
        Ok(GetAccessKeyInfoResponse { account: account.to_string() })
    }
}
