//! Why a call was denied.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, authorization_message};

use crate::caller;
use crate::errors::InvalidAuthorizationMessageException;

/// Reads the encoded message that came with a denial.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DecodeAuthorizationMessage {
    encoded_message: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DecodeAuthorizationMessageResponse {
    decoded_message: String,
}

impl Operation for DecodeAuthorizationMessage {
    const NAME: &'static str = "DecodeAuthorizationMessage";
    type Output = DecodeAuthorizationMessageResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        caller::hold_not_user_session(cx, "DecodeAuthorizationMessage")?;
        Ok(Access::to("sts:DecodeAuthorizationMessage"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DecodeAuthorizationMessageResponse> {
        match authorization_message::decode(cx.sealer(), &self.encoded_message) {
            Some(decoded_message) => Ok(DecodeAuthorizationMessageResponse { decoded_message }),
            None => Err(InvalidAuthorizationMessageException.into()),
        }
    }
}
