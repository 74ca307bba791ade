//! S3 Bucket Keys: bucket-level keys, kept for a while, that save calls of KMS.
//!
//! A bucket-level key is made by KMS for one requester, bucket and KMS key, and seals the data keys of
//! the requester's objects while it lives. Who reads an object has KMS decrypt the bucket-level key once,
//! and may open other objects under it until that lapses. So each requester's right to the KMS key is
//! asked again after [`LIFETIME`], on the kernel's clock.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html>

use std::collections::BTreeMap;
use std::time::Duration;

use aws_lc_rs::digest;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Arn, Cx, Error, IntoKey, Job, Key, Place, Principal, Resource, Result, Schedule, Scope, Sealer, SessionOf,
    Timestamp,
};

use super::KmsPlan;
use super::kms::{self, Generated};
use crate::bucket::Bucket;

/// How long a bucket-level key is used before KMS is asked again.
///
/// UNVERIFIED: AWS says "a limited time period"; five minutes is an assumption.
const LIFETIME: Duration = Duration::from_secs(300);

/// What bucket-level keys are sealed for in the store.
const CONTEXT: &str = "s3 bucket key";

/// A bucket-level key in the hands of one requester.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BucketKey {
    bucket: String,
    requester: String,
    /// `new` and a digest of what it is made for, for the key that seals new objects; a digest of the
    /// ciphertext for one that opens objects.
    purpose: String,
    key_arn: String,
    ciphertext: Bytes,
    sealed: Bytes,
    expires: Timestamp,
}

impl Resource for BucketKey {
    const KIND: &'static str = "s3/bucket-key";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (&self.bucket, &self.requester, &self.purpose).into_key()
    }
}

/// A bucket-level key that can be used.
pub(crate) struct Opened {
    pub(crate) key: [u8; 32],
    pub(crate) key_arn: String,
    pub(crate) ciphertext: Bytes,
}

impl BucketKey {
    /// A key that KMS has just made.
    pub(crate) fn made(cx: &Cx, bucket: &Bucket, plan: &KmsPlan, generated: &Generated) -> Result<Self> {
        Ok(Self {
            bucket: bucket.name.clone(),
            requester: requester(cx),
            purpose: for_new(plan),
            key_arn: generated.key_arn.clone(),
            ciphertext: generated.ciphertext.clone(),
            sealed: cx.sealer().seal(cx.chance(), CONTEXT, &generated.plain)?.into(),
            expires: cx.after(LIFETIME),
        })
    }

    pub(crate) fn open(&self, cx: &Cx) -> Result<Opened> {
        let key = cx.sealer().open(CONTEXT, &self.sealed).and_then(|key| key.try_into().ok());
        let key = key.ok_or_else(|| Error::internal("a bucket-level key cannot be opened"))?;
        Ok(Opened { key, key_arn: self.key_arn.clone(), ciphertext: self.ciphertext.clone() })
    }
}

/// The requester's key for new objects, if it may still be used.
pub(crate) async fn kept(cx: &mut Cx, bucket: &Bucket, plan: &KmsPlan) -> Result<Option<BucketKey>> {
    get(cx, bucket, &for_new(plan)).await
}

async fn get(cx: &mut Cx, bucket: &Bucket, purpose: &str) -> Result<Option<BucketKey>> {
    let requester = requester(cx);
    let now = cx.now();
    let kept = cx.get::<BucketKey>(bucket.place(), (&bucket.name, &requester, purpose)).await?;
    Ok(kept.filter(|key| key.expires > now))
}

/// Keeps a key that KMS made or decrypted: for the requester's next new objects, and to open those under it.
pub(crate) async fn keep(cx: &mut Cx, bucket: &Bucket, key: BucketKey) -> Result<()> {
    let reading = for_reading(&key.ciphertext);
    if key.purpose != reading {
        put(cx, bucket, BucketKey { purpose: reading, ..key.clone() }).await?;
    }
    put(cx, bucket, key).await
}

async fn put(cx: &mut Cx, bucket: &Bucket, key: BucketKey) -> Result<()> {
    let expiry = Expire { bucket: key.bucket.clone(), requester: key.requester.clone(), purpose: key.purpose.clone() };
    let id = format!("{}/{}/{}/{}", Expire::NAME, expiry.bucket, expiry.requester, expiry.purpose);
    cx.put(bucket.place(), &key).await?;
    cx.enqueue_at(bucket.place(), &expiry, Schedule::at(key.expires).id(id)).await.map(drop)
}

/// The requester's key that opens objects under this ciphertext, if it may still be used.
pub(crate) async fn kept_for_reading(cx: &mut Cx, bucket: &Bucket, ciphertext: &[u8]) -> Result<Option<BucketKey>> {
    get(cx, bucket, &for_reading(ciphertext)).await
}

/// Has KMS decrypt a bucket-level key. What it answers is to be kept with [`keep`].
pub(crate) async fn decrypt(
    cx: &mut Cx,
    bucket: &Bucket,
    key_arn: &str,
    ciphertext: &Bytes,
    context: &BTreeMap<String, String>,
) -> Result<BucketKey> {
    let context = kms::context(context, &bucket.arn());
    let key = kms::decrypt(cx, bucket.region, key_arn, ciphertext, &context).await?;
    Ok(BucketKey {
        bucket: bucket.name.clone(),
        requester: requester(cx),
        purpose: for_reading(ciphertext),
        key_arn: key_arn.to_owned(),
        ciphertext: ciphertext.clone(),
        sealed: cx.sealer().seal(cx.chance(), CONTEXT, &key)?.into(),
        expires: cx.after(LIFETIME),
    })
}

/// What seals data keys under a bucket-level key.
pub(crate) fn sealer(bucket_level: &[u8; 32]) -> Sealer {
    Sealer::new(bucket_level)
}

/// The purpose of a key that seals new objects: requesters with another KMS key or context have another.
fn for_new(plan: &KmsPlan) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for text in [&plan.key_id].into_iter().chain(plan.context.iter().flat_map(|(key, value)| [key, value])) {
        context.update(text.as_bytes());
        context.update(&[0]);
    }
    format!("new {}", hex::encode(&context.finish().as_ref()[..16]))
}

/// The purpose of a key that opens objects.
fn for_reading(ciphertext: &[u8]) -> String {
    hex::encode(&digest::digest(&digest::SHA256, ciphertext).as_ref()[..16])
}

/// Whom a bucket-level key is shared by: calls of one role or user, of one account, with the same scoping policies.
fn requester(cx: &Cx) -> String {
    let principal = cx.principal();
    let account = principal.account().map_or_else(String::new, |account| account.to_string());
    let who = match principal {
        Principal::Session(session) => {
            let of = match &session.of {
                SessionOf::Role { role, .. } => role.id.clone(),
                SessionOf::Federated { name, .. } => format!("federated {name}"),
                SessionOf::User(user) => user.id.clone(),
                SessionOf::Root => "root".to_owned(),
            };
            let inline = session.policies.iter().map(String::as_str);
            let scope: Vec<&str> = inline.chain(session.policy_arns.iter().map(Arn::as_str)).collect();
            if scope.is_empty() { of } else { format!("{of} {}", for_reading(scope.join("\n").as_bytes())) }
        }
        Principal::User(user) => user.id.clone(),
        Principal::Service(service) => service.name.clone(),
        Principal::Root { .. } => "root".to_owned(),
        Principal::Anonymous | Principal::Federated(_) => "anonymous".to_owned(),
    };
    format!("{account} {who}")
}

/// Forgets a bucket-level key that has lapsed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Expire {
    bucket: String,
    requester: String,
    purpose: String,
}

impl Job for Expire {
    const NAME: &'static str = "s3/expire-bucket-key";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let (place, now) = (cx.here(), cx.now());
        let key = (&self.bucket, &self.requester, &self.purpose);
        match cx.get::<BucketKey>(place, key).await? {
            Some(kept) if kept.expires <= now => cx.delete::<BucketKey>(place, key).await.map(drop),
            _ => Ok(()),
        }
    }
}

/// Forgets all keys of a bucket that is deleted.
pub(crate) fn forget(cx: &mut Cx, place: Place, bucket: &str) -> Result<()> {
    cx.delete_all::<BucketKey>(place, (bucket,))
}
