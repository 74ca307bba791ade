//! Server-side encryption of message bodies: by a key of SQS, or by data keys from KMS.
//!
//! As in AWS, the body is encrypted, and neither attributes nor metadata are; a message stays as it was stored when
//! the queue's setting changes or it moves to another queue. References:
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html>,
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html>

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use welkin_kernel::{Arn, Call, Cx, Error, IntoKey, Key, Place, Resource, Result, Scope, Sealer, Timestamp};

use crate::errors::{KmsAccessDenied, KmsDisabled, KmsInvalidKeyUsage, KmsInvalidState, KmsNotFound, KmsThrottled};
use crate::queue::Queue;

/// A body as it lies in the store.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Sealed {
    /// As it is: the queue has no encryption.
    Plain(String),
    /// By a key of SQS.
    Sqs(Bytes),
    /// By a data key from KMS.
    Kms {
        /// The data key, encrypted by KMS.
        data_key: Bytes,
        /// The queue in whose name it was encrypted.
        queue: Arn,
        /// The body, encrypted by the data key.
        body: Bytes,
    },
}

/// Context of the seals.
const CONTEXT: &str = "sqs message body";

/// A data key that a principal may use without asking KMS again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DataKey {
    queue: u64,
    principal: String,
    /// What tells the principal's keys apart: a digest of the encrypted key, or nothing for the one to send with.
    digest: Vec<u8>,
    /// `KmsMasterKeyId` of the queue when the key was made.
    kms_key: String,
    encrypted: Bytes,
    /// The key, sealed by Welkin's root key.
    sealed: Bytes,
    since: Timestamp,
}

impl Resource for DataKey {
    const KIND: &'static str = "sqs/data-key";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.queue, &self.principal, self.digest.as_slice()).into_key()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GenerateDataKey<'a> {
    key_id: &'a str,
    key_spec: &'static str,
    encryption_context: BTreeMap<&'static str, &'a str>,
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
    encryption_context: BTreeMap<&'static str, &'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypted {
    plaintext: Bytes,
}

/// Encrypts a body as the queue has it.
///
/// # Errors
/// Those of KMS, under their names in SQS.
pub(crate) async fn seal(cx: &mut Cx, place: Place, queue: &Queue, body: &str) -> Result<Sealed> {
    if let Some(kms_key) = &queue.attributes.kms_key {
        let (data_key, key) = key_to_send_with(cx, place, queue, kms_key).await?;
        let body = Sealer::new(&key).seal(cx.chance(), CONTEXT, body.as_bytes())?.into();
        return Ok(Sealed::Kms { data_key, queue: queue.arn(place), body });
    }
    if queue.attributes.sqs_managed_sse {
        return Ok(Sealed::Sqs(cx.sealer().seal(cx.chance(), CONTEXT, body.as_bytes())?.into()));
    }
    Ok(Sealed::Plain(body.to_owned()))
}

/// Decrypts a body for the caller.
///
/// # Errors
/// Those of KMS, under their names in SQS.
pub(crate) async fn open(cx: &mut Cx, place: Place, queue: &Queue, sealed: Sealed) -> Result<String> {
    let broken = || Error::internal("a stored message does not decrypt");
    let plain = match sealed {
        Sealed::Plain(body) => return Ok(body),
        Sealed::Sqs(body) => cx.sealer().open(CONTEXT, &body),
        Sealed::Kms { data_key, queue: origin, body } => {
            let key = key_to_receive_with(cx, place, queue, &data_key, &origin).await?;
            Sealer::new(&key).open(CONTEXT, &body)
        }
    };
    String::from_utf8(plain.ok_or_else(broken)?).map_err(|_| broken())
}

/// The data key with which the caller sends now: the last one, while it may be reused.
async fn key_to_send_with(cx: &mut Cx, place: Place, queue: &Queue, kms_key: &str) -> Result<(Bytes, [u8; 32])> {
    let principal = principal(cx);
    let known = cx.get::<DataKey>(place, (queue.contents.queue, &principal, &[][..])).await?;
    if let Some(known) = known.filter(|known| known.kms_key == kms_key && known.may_be_reused(cx, queue)) {
        return Ok((known.encrypted.clone(), known.open(cx)?));
    }
    let arn = queue.arn(place);
    let input = GenerateDataKey { key_id: kms_key, key_spec: "AES_256", encryption_context: context(&arn) };
    let call = Call::to("kms", "GenerateDataKey").input(&input).at(place);
    let made: GeneratedDataKey = cx.call(call).await.map_err(translate)?.output()?;
    // As SQS does, the sender proves at once that the message can be read again.
    let key = decrypt(cx, place, &made.ciphertext_blob, &arn).await?;
    if made.plaintext != key.as_slice() {
        return Err(Error::internal("KMS decrypted a data key to another one"));
    }
    DataKey::keep(cx, place, queue, Vec::new(), &made.ciphertext_blob, &key).await?;
    Ok((made.ciphertext_blob, key))
}

/// A data key that came with a message.
async fn key_to_receive_with(
    cx: &mut Cx,
    place: Place,
    queue: &Queue,
    encrypted: &Bytes,
    origin: &Arn,
) -> Result<[u8; 32]> {
    let digest = Sha256::digest(encrypted).to_vec();
    let principal = principal(cx);
    let known = cx.get::<DataKey>(place, (queue.contents.queue, &principal, digest.as_slice())).await?;
    if let Some(known) = known.filter(|known| known.may_be_reused(cx, queue)) {
        return known.open(cx);
    }
    let key = decrypt(cx, place, encrypted, origin).await?;
    DataKey::keep(cx, place, queue, digest, encrypted, &key).await?;
    Ok(key)
}

async fn decrypt(cx: &mut Cx, place: Place, encrypted: &Bytes, queue: &Arn) -> Result<[u8; 32]> {
    let input = Decrypt { ciphertext_blob: encrypted, encryption_context: context(queue) };
    let call = Call::to("kms", "Decrypt").input(&input).at(place);
    let decrypted: Decrypted = cx.call(call).await.map_err(translate)?.output()?;
    decrypted.plaintext.as_ref().try_into().map_err(|_| Error::internal("a data key is not of 32 bytes"))
}

fn context(queue: &Arn) -> BTreeMap<&'static str, &str> {
    BTreeMap::from([("aws:sqs:arn", queue.as_str())])
}

/// Who uses a data key: principals do not share them.
fn principal(cx: &Cx) -> String {
    let principal = cx.principal();
    principal.arn(cx.region().partition()).map_or_else(|| format!("{principal:?}"), String::from)
}

impl DataKey {
    /// When it may no longer be used without asking KMS.
    pub(crate) fn expires(&self, queue: &Queue) -> Timestamp {
        self.since.plus(Duration::from_secs(queue.attributes.data_key_reuse.into()))
    }

    fn may_be_reused(&self, cx: &Cx, queue: &Queue) -> bool {
        (self.since..self.expires(queue)).contains(&cx.now())
    }

    fn open(&self, cx: &Cx) -> Result<[u8; 32]> {
        let key = cx.sealer().open(CONTEXT, &self.sealed).and_then(|key| key.try_into().ok());
        key.ok_or_else(|| Error::internal("a stored data key does not open"))
    }

    async fn keep(
        cx: &mut Cx,
        place: Place,
        queue: &Queue,
        digest: Vec<u8>,
        encrypted: &Bytes,
        key: &[u8; 32],
    ) -> Result<()> {
        let data_key = Self {
            queue: queue.contents.queue,
            principal: principal(cx),
            digest,
            kms_key: queue.attributes.kms_key.clone().unwrap_or_default(),
            encrypted: encrypted.clone(),
            sealed: cx.sealer().seal(cx.chance(), CONTEXT, key)?.into(),
            since: cx.now(),
        };
        crate::expiry::look_after(cx, place, queue, data_key.expires(queue)).await?;
        cx.put(place, &data_key).await
    }
}

/// An error of KMS under its name in SQS.
fn translate(error: Error) -> Error {
    let Some(answer) = error.answer() else { return error };
    let message = answer.message.clone();
    match answer.code.as_ref() {
        "AccessDeniedException" => KmsAccessDenied::because(message),
        "DisabledException" => KmsDisabled::because(message),
        "NotFoundException" => KmsNotFound::because(message),
        "KMSInvalidStateException" => KmsInvalidState::because(message),
        "InvalidKeyUsageException" => KmsInvalidKeyUsage::because(message),
        "ThrottlingException" => KmsThrottled::because(message),
        _ => error,
    }
}
