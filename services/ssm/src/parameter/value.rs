//! Values, and how KMS protects those of secure strings.
//!
//! Reference: <https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html>

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Call, Cx, Error, Place, Result, Sealer};

use super::{Kind, Tier};
use crate::errors::{AccessDeniedException, InvalidKeyId};

/// A value as it lies in the store.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Value {
    Plain(String),
    /// Encrypted by KMS itself, as the values of standard parameters are.
    Encrypted(Bytes),
    /// Encrypted by a data key, which KMS has encrypted, as the values of advanced parameters are.
    Enveloped {
        data_key: Bytes,
        body: Bytes,
    },
}

/// The key of those who name none.
pub(crate) const MANAGED_KEY: &str = "alias/aws/ssm";

/// What the encryption context has.
const PARAMETER: &str = "PARAMETER_ARN";

/// Context of the seals.
const CONTEXT: &str = "ssm parameter";

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Encrypt<'a> {
    key_id: &'a str,
    plaintext: Bytes,
    encryption_context: BTreeMap<&'static str, &'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GenerateDataKey<'a> {
    key_id: &'a str,
    key_spec: &'static str,
    encryption_context: BTreeMap<&'static str, &'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypt<'a> {
    ciphertext_blob: &'a Bytes,
    encryption_context: BTreeMap<&'static str, &'a str>,
}

/// What KMS answers; each operation a part of it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    ciphertext_blob: Bytes,
    #[serde(default)]
    plaintext: Bytes,
}

impl Value {
    /// The value of a new version, encrypted with the caller's own rights if it is to be.
    ///
    /// # Errors
    /// `InvalidKeyId`, `AccessDeniedException`
    pub(crate) async fn seal(cx: &mut Cx, arn: &Arn, kind: Kind, tier: Tier, key_id: &str, text: &str) -> Result<Self> {
        if kind != Kind::SecureString {
            return Ok(Self::Plain(text.to_owned()));
        }
        let encryption_context = BTreeMap::from([(PARAMETER, arn.as_str())]);
        if tier == Tier::Standard {
            let plaintext = Bytes::copy_from_slice(text.as_bytes());
            let input = Encrypt { key_id, plaintext, encryption_context };
            return Ok(Self::Encrypted(ask(cx, Call::to("kms", "Encrypt").input(&input)).await?.ciphertext_blob));
        }
        let input = GenerateDataKey { key_id, key_spec: "AES_256", encryption_context };
        let made = ask(cx, Call::to("kms", "GenerateDataKey").input(&input)).await?;
        let body = Sealer::new(&key(&made.plaintext)?).seal(cx.chance(), CONTEXT, text.as_bytes())?;
        Ok(Self::Enveloped { data_key: made.ciphertext_blob, body: body.into() })
    }

    /// The value in clear, decrypted with the caller's own rights.
    ///
    /// # Errors
    /// `InvalidKeyId`, `AccessDeniedException`
    pub(crate) async fn open(&self, cx: &mut Cx, place: Place, arn: &Arn) -> Result<String> {
        let (ciphertext_blob, body) = match self {
            Self::Plain(text) => return Ok(text.clone()),
            Self::Encrypted(blob) => (blob, None),
            Self::Enveloped { data_key, body } => (data_key, Some(body)),
        };
        let input = Decrypt { ciphertext_blob, encryption_context: BTreeMap::from([(PARAMETER, arn.as_str())]) };
        let plain = ask(cx, Call::to("kms", "Decrypt").input(&input).at(place)).await?.plaintext;
        let broken = || Error::internal("a stored value does not decrypt");
        let plain = match body {
            None => plain.to_vec(),
            Some(body) => Sealer::new(&key(&plain)?).open(CONTEXT, body).ok_or_else(broken)?,
        };
        String::from_utf8(plain).map_err(|_| broken())
    }

    /// The value as it is shown to those who do not ask for decryption.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Encrypted(blob) => STANDARD.encode(blob),
            Self::Enveloped { body, .. } => STANDARD.encode(body),
        }
    }
}

fn key(plain: &[u8]) -> Result<[u8; 32]> {
    plain.try_into().map_err(|_| Error::internal("a data key is not of 32 bytes"))
}

async fn ask(cx: &mut Cx, call: Call) -> Result<Answer> {
    cx.call(call).await.map_err(translate)?.output()
}

/// An error of KMS under its name in Systems Manager.
fn translate(error: Error) -> Error {
    let Some(answer) = error.answer() else { return error };
    let message = answer.message.clone();
    match answer.code.as_ref() {
        "AccessDeniedException" => AccessDeniedException::because(message),
        "NotImplemented" | "ThrottlingException" => error,
        code => InvalidKeyId::because(format!("{message} ({code})")),
    }
}
