//! Versions: the values of a secret, and how KMS protects them.
//!
//! Reference: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html>

pub(crate) mod batch;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod put;
pub(crate) mod stage;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Call, Cx, Error, IntoKey, Key, Place, Resource, Result, Scope, Sealer};

use crate::errors::{
    AccessDeniedException, DecryptionFailure, EncryptionFailure, ResourceExistsException, ResourceNotFoundException,
    invalid,
};
use crate::secret::{CURRENT, Secret, VersionState};

/// A value in clear.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Value {
    Text(String),
    Binary(Bytes),
}

impl Value {
    /// The value that a call brings, if it brings one.
    ///
    /// # Errors
    /// `InvalidParameterException` when it brings both.
    pub(crate) fn of(text: Option<&String>, binary: Option<&Bytes>) -> Result<Option<Self>> {
        match (text, binary) {
            (Some(_), Some(_)) => {
                Err(invalid("You can't specify both a binary secret value and a string secret value."))
            }
            (Some(text), None) => Ok(Some(Self::Text(text.clone()))),
            (None, Some(binary)) => Ok(Some(Self::Binary(binary.clone()))),
            (None, None) => Ok(None),
        }
    }
}

/// A version as it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Version {
    name: String,
    id: String,
    /// The data key, encrypted by KMS.
    data_key: Bytes,
    /// The value, encrypted by the data key.
    sealed: Bytes,
}

impl Resource for Version {
    const KIND: &'static str = "secretsmanager/version";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.name.as_str(), self.id.as_str()).into_key()
    }
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
    plaintext: Bytes,
}

/// Context of the seals.
const CONTEXT: &str = "secretsmanager value";

fn context<'a>(arn: &'a str, version: &'a str) -> BTreeMap<&'static str, &'a str> {
    BTreeMap::from([("SecretARN", arn), ("SecretVersionId", version)])
}

impl Version {
    /// Encrypts a value with the caller's own rights, and stores it as a version of a secret, in place of what the
    /// version was.
    ///
    /// # Errors
    /// `EncryptionFailure`, `AccessDeniedException`
    pub(crate) async fn write(cx: &mut Cx, place: Place, secret: &Secret, id: &str, value: &Value) -> Result<()> {
        let arn = secret.arn(place).to_string();
        let input =
            GenerateDataKey { key_id: secret.key_id(), key_spec: "AES_256", encryption_context: context(&arn, id) };
        let call = Call::to("kms", "GenerateDataKey").input(&input).at(place);
        let refused = |error| translate(error, EncryptionFailure::because);
        let made: Answer = cx.call(call).await.map_err(refused)?.output()?;
        let plain = serde_json::to_vec(value).map_err(Error::internal)?;
        let sealed = Sealer::new(&array(&made.plaintext)?).seal(cx.chance(), CONTEXT, &plain)?.into();
        let version = Self { name: secret.name.clone(), id: id.to_owned(), data_key: made.ciphertext_blob, sealed };
        cx.put(place, &version).await
    }

    /// The value of a version, decrypted with the caller's own rights.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, `DecryptionFailure`, `AccessDeniedException`
    pub(crate) async fn read(cx: &mut Cx, place: Place, secret: &Secret, id: &str) -> Result<Value> {
        let stored = cx.get::<Self>(place, (secret.name.as_str(), id)).await?;
        let stored = stored.ok_or(ResourceNotFoundException)?;
        let arn = secret.arn(place).to_string();
        let input = Decrypt { ciphertext_blob: &stored.data_key, encryption_context: context(&arn, id) };
        let call = Call::to("kms", "Decrypt").input(&input).at(place);
        let refused = |error| translate(error, DecryptionFailure::because);
        let opened: Answer = cx.call(call).await.map_err(refused)?.output()?;
        let plain = Sealer::new(&array(&opened.plaintext)?).open(CONTEXT, &stored.sealed);
        let plain = plain.ok_or_else(|| Error::internal("a stored secret does not decrypt"))?;
        serde_json::from_slice(&plain).map_err(Error::internal)
    }
}

fn array(key: &[u8]) -> Result<[u8; 32]> {
    key.try_into().map_err(|_| Error::internal("a data key is not of 32 bytes"))
}

/// An error of KMS under its name in Secrets Manager.
fn translate(error: Error, failure: impl FnOnce(String) -> Error) -> Error {
    let Some(answer) = error.answer() else { return error };
    match answer.code.as_ref() {
        "AccessDeniedException" => AccessDeniedException.into(),
        "NotImplemented" | "ThrottlingException" => error,
        _ => failure(answer.message.clone()),
    }
}

/// Adds a version to a secret and moves labels to it. The same call again changes nothing.
///
/// # Errors
/// `ResourceExistsException` when there is a version with this id and another value; those of KMS.
pub(crate) async fn add(
    cx: &mut Cx,
    place: Place,
    secret: &mut Secret,
    id: &str,
    value: &Value,
    stages: &[String],
) -> Result<()> {
    if secret.version(id).is_some() {
        if Version::read(cx, place, secret, id).await? == *value {
            return Ok(());
        }
        return Err(ResourceExistsException::because(format!(
            "You can't use ClientRequestToken {id} because that value is already in use for a version of secret {}.",
            secret.arn(place)
        )));
    }
    Version::write(cx, place, secret, id, value).await?;
    secret.versions.push(VersionState {
        id: id.to_owned(),
        created: cx.now(),
        accessed: None,
        stages: BTreeSet::new(),
        kms_key: secret.shown_key(),
    });
    // The first version is the current one, whatever labels it is to have.
    if secret.at_stage(CURRENT).is_none() {
        secret.move_stage(CURRENT, Some(id));
    }
    for stage in stages {
        secret.move_stage(stage, Some(id));
    }
    for forgotten in secret.forget_old() {
        cx.delete::<Version>(place, (secret.name.as_str(), forgotten.as_str())).await?;
    }
    secret.changed = cx.now();
    crate::secret::replicate::follow(cx, place, secret, id, value).await
}
