//! Calls of KMS, with the requester's own rights (a forward access session).
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html>

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Call, Cx, Error, Place, Principal, Region, Result};

use crate::errors::invalid_argument;

/// A data key that KMS made.
pub(crate) struct Generated {
    pub(crate) plain: [u8; 32],
    pub(crate) ciphertext: Bytes,
    pub(crate) key_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GenerateDataKey<'a> {
    key_id: &'a str,
    key_spec: &'static str,
    encryption_context: &'a BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DataKey {
    plaintext: Bytes,
    ciphertext_blob: Bytes,
    key_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypt<'a> {
    key_id: &'a str,
    ciphertext_blob: &'a Bytes,
    encryption_context: &'a BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypted {
    plaintext: Bytes,
}

/// The encryption context of something with this ARN: the requester's own and `aws:s3:arn`.
pub(crate) fn context(own: &BTreeMap<String, String>, arn: &str) -> BTreeMap<String, String> {
    let mut context = own.clone();
    context.insert("aws:s3:arn".to_owned(), arn.to_owned());
    context
}

/// Has KMS make a data key.
pub(crate) async fn generate(
    cx: &mut Cx,
    region: Region,
    key_id: &str,
    context: &BTreeMap<String, String>,
) -> Result<Generated> {
    let place = place(cx, region)?;
    let input = GenerateDataKey { key_id, key_spec: "AES_256", encryption_context: context };
    let call = Call::to("kms", "GenerateDataKey").input(&input).at(place);
    let key: DataKey = cx.call(call).await.map_err(surfaced)?.output()?;
    Ok(Generated { plain: key_of(&key.plaintext)?, ciphertext: key.ciphertext_blob, key_arn: key.key_id })
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Encrypt<'a> {
    key_id: &'a str,
    plaintext: &'a Bytes,
    encryption_context: &'a BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Encrypted {
    ciphertext_blob: Bytes,
    key_id: String,
}

/// Has KMS encrypt a data key that there is already.
pub(crate) async fn encrypt(
    cx: &mut Cx,
    region: Region,
    key_id: &str,
    plain: &[u8; 32],
    context: &BTreeMap<String, String>,
) -> Result<Generated> {
    let place = place(cx, region)?;
    let plaintext = Bytes::copy_from_slice(plain);
    let input = Encrypt { key_id, plaintext: &plaintext, encryption_context: context };
    let call = Call::to("kms", "Encrypt").input(&input).at(place);
    let key: Encrypted = cx.call(call).await.map_err(surfaced)?.output()?;
    Ok(Generated { plain: *plain, ciphertext: key.ciphertext_blob, key_arn: key.key_id })
}

/// Has KMS decrypt a data key.
pub(crate) async fn decrypt(
    cx: &mut Cx,
    region: Region,
    key_arn: &str,
    ciphertext: &Bytes,
    context: &BTreeMap<String, String>,
) -> Result<[u8; 32]> {
    let place = place(cx, region)?;
    let input = Decrypt { key_id: key_arn, ciphertext_blob: ciphertext, encryption_context: context };
    let call = Call::to("kms", "Decrypt").input(&input).at(place);
    let key: Decrypted = cx.call(call).await.map_err(surfaced)?.output()?;
    key_of(&key.plaintext)
}

/// Where the key is looked for: the requester's account, in the Region of the bucket.
fn place(cx: &Cx, region: Region) -> Result<Place> {
    match cx.principal() {
        Principal::Anonymous | Principal::Federated(_) => Err(invalid_argument(
            "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.",
            "Authorization",
            "null",
        )),
        principal => Ok(Place::new(principal.account().unwrap_or_else(|| cx.account()), region)),
    }
}

fn key_of(bytes: &[u8]) -> Result<[u8; 32]> {
    bytes.try_into().map_err(|_| Error::internal("a data key of KMS has not 32 bytes"))
}

/// An error of KMS as S3 tells it.
///
/// UNVERIFIED beyond `AccessDenied`, `KMS.NotFoundException` and `KMS.DisabledException`: the other codes
/// are assumed to be of the same form.
fn surfaced(error: Error) -> Error {
    let Some(answer) = error.answer() else { return error };
    let message = answer.message.clone();
    match answer.code.as_ref() {
        "AccessDeniedException" | "AccessDenied" => crate::errors::AccessDenied::because(message),
        "ThrottlingException" => Error::new("ThrottlingException", message).status(400),
        code if answer.status.is_some_and(|status| status >= 500) => {
            Error::new("ServiceUnavailable", format!("KMS {code}: {message}")).status(503)
        }
        code => Error::new(format!("KMS.{code}"), message).status(400),
    }
}

/// The ARN of a key that cannot be one for the bucket.
pub(crate) fn invalid_arn(what: &str) -> Error {
    Error::new("KMS.NotFoundException", format!("Invalid arn {what}")).status(400)
}
