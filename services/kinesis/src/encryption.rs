//! Server-side encryption of records, by data keys from KMS.
//!
//! As in AWS, whoever puts records needs `kms:GenerateDataKey`, and whoever gets them `kms:Decrypt`; a data key is used
//! for five minutes. References: <https://docs.aws.amazon.com/streams/latest/dev/server-side-encryption.html>,
//! <https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html>

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use welkin_kernel::{Call, Cx, Error, IntoKey, Key, Page, Resource, Result, Scope, Sealer, Timestamp};

use crate::errors::{
    KMSAccessDeniedException, KMSDisabledException, KMSInvalidStateException, KMSNotFoundException,
    KMSThrottlingException, invalid,
};
use crate::stream::{Address, Stream};

/// How long a data key is used.
const LIFE: Duration = Duration::from_secs(300);

/// Context of the seals.
const CONTEXT: &str = "kinesis records";

/// The records of a block as they lie in the store.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Sealed {
    /// As they are.
    Plain(Bytes),
    /// By a data key from KMS.
    Kms {
        /// The data key, encrypted by KMS.
        data_key: Bytes,
        /// The records, encrypted by the data key.
        records: Bytes,
    },
}

impl Sealed {
    pub(crate) fn is_by_kms(&self) -> bool {
        matches!(self, Self::Kms { .. })
    }
}

/// A data key that a principal may use without asking KMS again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DataKey {
    stream: u64,
    principal: String,
    /// What tells the principal's keys apart: a digest of the encrypted key, or nothing for the one to put with.
    digest: Vec<u8>,
    kms_key: String,
    encrypted: Bytes,
    /// The key, sealed by Welkin's root key.
    sealed: Bytes,
    since: Timestamp,
}

impl Resource for DataKey {
    const KIND: &'static str = "kinesis/data-key";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.stream, &self.principal, self.digest.as_slice()).into_key()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GenerateDataKey<'a> {
    key_id: &'a str,
    key_spec: &'static str,
    encryption_context: BTreeMap<&'static str, String>,
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
    encryption_context: BTreeMap<&'static str, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypted {
    plaintext: Bytes,
}

/// Encrypts the records of a block as the stream has it.
///
/// # Errors
/// Those of KMS, under their names in Kinesis.
pub(crate) async fn seal(cx: &mut Cx, address: &Address, stream: &Stream, records: Vec<u8>) -> Result<Sealed> {
    let Some(kms_key) = &stream.kms_key else { return Ok(Sealed::Plain(records.into())) };
    let (data_key, key) = key_to_put_with(cx, address, stream, kms_key).await?;
    let records = Sealer::new(&key).seal(cx.chance(), CONTEXT, &records)?.into();
    Ok(Sealed::Kms { data_key, records })
}

/// Decrypts the records of a block for the caller.
///
/// # Errors
/// Those of KMS, under their names in Kinesis.
pub(crate) async fn open(cx: &mut Cx, address: &Address, stream: &Stream, sealed: Sealed) -> Result<Bytes> {
    match sealed {
        Sealed::Plain(records) => Ok(records),
        Sealed::Kms { data_key, records } => {
            let key = key_to_get_with(cx, address, stream, &data_key).await?;
            let opened = Sealer::new(&key).open(CONTEXT, &records);
            opened.map(Bytes::from).ok_or_else(|| Error::internal("a stored block does not decrypt"))
        }
    }
}

/// Has KMS make a data key, to show that the caller may use the key and that it works.
///
/// # Errors
/// Those of KMS, under their names in Kinesis.
pub(crate) async fn prove(cx: &mut Cx, address: &Address, kms_key: &str) -> Result<()> {
    generate(cx, address, kms_key).await.map(drop)
}

async fn generate(cx: &mut Cx, address: &Address, kms_key: &str) -> Result<GeneratedDataKey> {
    let input = GenerateDataKey { key_id: kms_key, key_spec: "AES_256", encryption_context: context(address) };
    let call = Call::to("kms", "GenerateDataKey").input(&input).at(address.place);
    cx.call(call).await.map_err(translate)?.output()
}

async fn key_to_put_with(cx: &mut Cx, address: &Address, stream: &Stream, kms_key: &str) -> Result<(Bytes, [u8; 32])> {
    let principal = principal(cx);
    let known = cx.get::<DataKey>(address.place, (stream.id, &principal, &[][..])).await?;
    if let Some(known) = known.filter(|known| known.kms_key == kms_key && known.is_fresh(cx)) {
        return Ok((known.encrypted.clone(), known.open(cx)?));
    }
    let made = generate(cx, address, kms_key).await?;
    let key = array(&made.plaintext)?;
    DataKey::keep(cx, address, stream, (Vec::new(), kms_key), &made.ciphertext_blob, &key).await?;
    Ok((made.ciphertext_blob, key))
}

async fn key_to_get_with(cx: &mut Cx, address: &Address, stream: &Stream, encrypted: &Bytes) -> Result<[u8; 32]> {
    let digest = Sha256::digest(encrypted).to_vec();
    let principal = principal(cx);
    let known = cx.get::<DataKey>(address.place, (stream.id, &principal, digest.as_slice())).await?;
    if let Some(known) = known.filter(|known| known.is_fresh(cx)) {
        return known.open(cx);
    }
    let input = Decrypt { ciphertext_blob: encrypted, encryption_context: context(address) };
    let call = Call::to("kms", "Decrypt").input(&input).at(address.place);
    let decrypted: Decrypted = cx.call(call).await.map_err(translate)?.output()?;
    let key = array(&decrypted.plaintext)?;
    DataKey::keep(cx, address, stream, (digest, ""), encrypted, &key).await?;
    Ok(key)
}

fn array(key: &[u8]) -> Result<[u8; 32]> {
    key.try_into().map_err(|_| Error::internal("a data key is not of 32 bytes"))
}

fn context(address: &Address) -> BTreeMap<&'static str, String> {
    BTreeMap::from([("aws:kinesis:arn", address.arn().to_string())])
}

/// Who uses a data key: principals do not share them.
fn principal(cx: &Cx) -> String {
    let principal = cx.principal();
    principal.arn(cx.region().partition()).map_or_else(|| format!("{principal:?}"), String::from)
}

impl DataKey {
    fn is_fresh(&self, cx: &Cx) -> bool {
        (self.since..self.since.plus(LIFE)).contains(&cx.now())
    }

    fn open(&self, cx: &Cx) -> Result<[u8; 32]> {
        let key = cx.sealer().open(CONTEXT, &self.sealed).and_then(|key| key.try_into().ok());
        key.ok_or_else(|| Error::internal("a stored data key does not open"))
    }

    async fn keep(
        cx: &mut Cx,
        address: &Address,
        stream: &Stream,
        (digest, kms_key): (Vec<u8>, &str),
        encrypted: &Bytes,
        key: &[u8; 32],
    ) -> Result<()> {
        let data_key = Self {
            stream: stream.id,
            principal: principal(cx),
            digest,
            kms_key: kms_key.to_owned(),
            encrypted: encrypted.clone(),
            sealed: cx.sealer().seal(cx.chance(), CONTEXT, key)?.into(),
            since: cx.now(),
        };
        // Those that hold no more go when a new one comes.
        for old in cx.list::<Self>(address.place, (stream.id, &data_key.principal), Page::ALL).await? {
            if !old.is_fresh(cx) {
                cx.discard::<Self>(address.place, old.key())?;
            }
        }
        cx.put(address.place, &data_key).await
    }
}

/// An error of KMS under its name in Kinesis.
fn translate(error: Error) -> Error {
    let Some(answer) = error.answer() else { return error };
    let message = answer.message.clone();
    match answer.code.as_ref() {
        "AccessDeniedException" => KMSAccessDeniedException::because(message),
        "DisabledException" => KMSDisabledException::because(message),
        "NotFoundException" => KMSNotFoundException::because(message),
        "KMSInvalidStateException" => KMSInvalidStateException::because(message),
        "InvalidKeyUsageException" => invalid(message),
        "ThrottlingException" => KMSThrottlingException::because(message),
        _ => error,
    }
}
