//! Server-side encryption of messages, from when they are published until they are delivered.
//!
//! The publisher's rights count: it needs `kms:GenerateDataKey*` and `kms:Decrypt` on the topic's key. References:
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html>,
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html>

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Call, Cx, Error, IntoKey, Key, Resource, Result, Scope, Sealer, Timestamp};

use crate::errors::{
    KMSAccessDeniedException, KMSDisabledException, KMSInvalidStateException, KMSNotFoundException,
    KMSThrottlingException,
};
use crate::topic::{Address, Topic};

/// How the messages of a publisher are encrypted.
pub(crate) enum Seal {
    /// Not at all.
    Open,
    /// By a data key, which is sealed itself.
    By { key: [u8; 32], sealed: Bytes },
}

/// A text on its way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Sealed {
    Plain(String),
    /// Encrypted by a data key, which Welkin's root key seals.
    Kms {
        data_key: Bytes,
        text: Bytes,
    },
}

/// Context of the seals.
const CONTEXT: &str = "sns message";

/// How long a publisher uses a data key without asking KMS again.
///
/// Source: "data key reuse period … 5 minutes":
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html>
const REUSE: Duration = Duration::from_secs(300);

/// A data key that a publisher may use without asking KMS again; the next one takes its place.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct DataKey {
    topic: u64,
    principal: String,
    /// `KmsMasterKeyId` of the topic when the key was made.
    kms_key: String,
    sealed: Bytes,
    since: Timestamp,
}

impl Resource for DataKey {
    const KIND: &'static str = "sns/data-key";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.topic, &self.principal).into_key()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GenerateDataKey<'a> {
    key_id: &'a str,
    key_spec: &'static str,
    encryption_context: BTreeMap<&'static str, &'a Arn>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GeneratedDataKey {
    ciphertext_blob: Bytes,
    plaintext: Bytes,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypt<'a> {
    ciphertext_blob: &'a Bytes,
    encryption_context: BTreeMap<&'static str, &'a Arn>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypted {
    plaintext: Bytes,
}

impl Seal {
    /// How the caller's messages to a topic are encrypted.
    ///
    /// # Errors
    /// Those of KMS, under their names in SNS.
    pub(crate) async fn of(cx: &mut Cx, address: &Address, topic: &Topic) -> Result<Self> {
        let Some(kms_key) = &topic.attributes.kms_key else { return Ok(Self::Open) };
        let principal = principal(cx);
        let now = cx.now();
        let known = cx.get::<DataKey>(address.place, (topic.id, &principal)).await?;
        let fresh =
            |known: &DataKey| known.kms_key == *kms_key && (known.since..known.since.plus(REUSE)).contains(&now);
        if let Some(known) = known.filter(fresh) {
            return Ok(Self::By { key: open_key(cx, &known.sealed)?, sealed: known.sealed });
        }
        let key = make(cx, address, kms_key).await?;
        let sealed = Bytes::from(cx.sealer().seal(cx.chance(), CONTEXT, &key)?);
        let known =
            DataKey { topic: topic.id, principal, kms_key: kms_key.clone(), sealed: sealed.clone(), since: now };
        cx.put(address.place, &known).await?;
        Ok(Self::By { key, sealed })
    }

    /// Encrypts a text.
    ///
    /// # Errors
    /// A fault of Welkin's.
    pub(crate) fn close(&self, cx: &Cx, text: &str) -> Result<Sealed> {
        match self {
            Self::Open => Ok(Sealed::Plain(text.to_owned())),
            Self::By { key, sealed } => Ok(Sealed::Kms {
                data_key: sealed.clone(),
                text: Sealer::new(key).seal(cx.chance(), CONTEXT, text.as_bytes())?.into(),
            }),
        }
    }
}

impl Sealed {
    /// Decrypts the text.
    ///
    /// # Errors
    /// A fault of Welkin's.
    pub(crate) fn open(&self, cx: &Cx) -> Result<String> {
        match self {
            Self::Plain(text) => Ok(text.clone()),
            Self::Kms { data_key, text } => {
                let plain = Sealer::new(&open_key(cx, data_key)?).open(CONTEXT, text);
                plain.and_then(|plain| String::from_utf8(plain).ok()).ok_or_else(broken)
            }
        }
    }
}

fn open_key(cx: &Cx, sealed: &Bytes) -> Result<[u8; 32]> {
    cx.sealer().open(CONTEXT, sealed).and_then(|key| key.try_into().ok()).ok_or_else(broken)
}

fn broken() -> Error {
    Error::internal("a stored message does not decrypt")
}

/// A new data key. As SNS does, the publisher proves at once that it can be decrypted.
async fn make(cx: &mut Cx, address: &Address, kms_key: &str) -> Result<[u8; 32]> {
    let arn = address.arn();
    let context = || BTreeMap::from([("aws:sns:topicArn", &arn)]);
    let input = GenerateDataKey { key_id: kms_key, key_spec: "AES_256", encryption_context: context() };
    let call = Call::to("kms", "GenerateDataKey").input(&input).at(address.place);
    let made: GeneratedDataKey = cx.call(call).await.map_err(translate)?.output()?;
    let input = Decrypt { ciphertext_blob: &made.ciphertext_blob, encryption_context: context() };
    let call = Call::to("kms", "Decrypt").input(&input).at(address.place);
    let decrypted: Decrypted = cx.call(call).await.map_err(translate)?.output()?;
    if made.plaintext != decrypted.plaintext {
        return Err(Error::internal("KMS decrypted a data key to another one"));
    }
    made.plaintext.as_ref().try_into().map_err(|_| Error::internal("a data key is not of 32 bytes"))
}

/// Who uses a data key: principals do not share them.
fn principal(cx: &Cx) -> String {
    let principal = cx.principal();
    principal.arn(cx.region().partition()).map_or_else(|| format!("{principal:?}"), String::from)
}

/// An error of KMS under its name in SNS.
fn translate(error: Error) -> Error {
    let Some(answer) = error.answer() else { return error };
    let message = answer.message.clone();
    match answer.code.as_ref() {
        "AccessDeniedException" => KMSAccessDeniedException::because(message),
        "DisabledException" => KMSDisabledException::because(message),
        "NotFoundException" => KMSNotFoundException::because(message),
        "KMSInvalidStateException" => KMSInvalidStateException::because(message),
        "ThrottlingException" => KMSThrottlingException::because(message),
        _ => error,
    }
}
