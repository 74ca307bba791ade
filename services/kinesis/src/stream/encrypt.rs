//! `StartStreamEncryption` and `StopStreamEncryption`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{Address, Carry, Change, Status};
use crate::encryption;
use crate::errors::invalid;

/// Encrypts records that come from now on by a key of KMS.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StartStreamEncryption.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartStreamEncryption {
    stream_name: Option<String>,
    encryption_type: String,
    key_id: String,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
}

impl Operation for StartStreamEncryption {
    const NAME: &'static str = "StartStreamEncryption";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        super::access(cx, &address, "kinesis:StartStreamEncryption").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        check_type(&self.encryption_type)?;
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        let mut stream = address.idle(cx).await?;
        // A key that does not work is refused at once.
        encryption::prove(cx, &address, &self.key_id).await?;
        stream.kms_key = Some(self.key_id.clone());
        Carry::begin(cx, &address, stream, Status::Updating, Change::Settle).await?;
        Ok(Empty {})
    }
}

/// Encrypts records that come from now on no more.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StopStreamEncryption.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StopStreamEncryption {
    stream_name: Option<String>,
    encryption_type: String,
    key_id: String,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
}

impl Operation for StopStreamEncryption {
    const NAME: &'static str = "StopStreamEncryption";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        super::access(cx, &address, "kinesis:StopStreamEncryption").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        check_type(&self.encryption_type)?;
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        let mut stream = address.idle(cx).await?;
        if stream.kms_key.as_deref() != Some(self.key_id.as_str()) {
            // UNVERIFIED: the wording.
            return Err(invalid(format!(
                "Stream {} under account {} is not encrypted with the key {}.",
                address.name, address.place.account, self.key_id
            )));
        }
        stream.kms_key = None;
        Carry::begin(cx, &address, stream, Status::Updating, Change::Settle).await?;
        Ok(Empty {})
    }
}

fn check_type(encryption_type: &str) -> Result<()> {
    // UNVERIFIED: the wording.
    if encryption_type == "KMS" { Ok(()) } else { Err(invalid("EncryptionType must be KMS.")) }
}
