//! `GenerateRandom`.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Limit, Operation, Result};

use crate::errors::{NotImplemented, ValidationException};
use crate::quota;
use crate::recipient::{Recipient, refuse_recipient};

/// Makes random bytes. <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GenerateRandom {
    number_of_bytes: Option<usize>,
    custom_key_store_id: Option<String>,
    recipient: Option<Recipient>,
}

/// The bytes.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GenerateRandomResponse {
    plaintext: Bytes,
}

impl Operation for GenerateRandom {
    const NAME: &'static str = "GenerateRandom";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = GenerateRandomResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("kms:GenerateRandom"))
    }

    fn limit(&self, cx: &Cx) -> Option<Limit> {
        Some(quota::symmetric(cx))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GenerateRandomResponse> {
        refuse_recipient(self.recipient.as_ref())?;
        if self.custom_key_store_id.is_some() {
            return Err(NotImplemented::because("Welkin does not implement KMS custom key stores yet."));
        }
        // UNVERIFIED: the wording.
        let length = self.number_of_bytes.ok_or_else(|| ValidationException::because("NumberOfBytes is required."))?;
        let mut bytes = vec![0; length];
        cx.chance().fill(&mut bytes);
        Ok(GenerateRandomResponse { plaintext: bytes.into() })
    }
}
