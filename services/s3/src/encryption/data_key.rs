//! Data keys: made for a new object, and had again by its readers.

use bytes::Bytes;
use welkin_kernel::{Cx, Result};

use super::bucket_key::{self, BucketKey, Opened};
use super::frame::DataKey;
use super::kms::Generated;
use super::{CustomerKey, KmsPlan, Plan, Protection, customer_key, kms};
use crate::bucket::Bucket;

/// What data keys under the root key are sealed for.
const ROOT: &str = "s3 data key";

/// What data keys of a second layer are sealed for, by the root key.
const SECOND: &str = "s3 data key of the second layer";

/// What data keys under a bucket-level key are sealed for.
const BUCKET: &str = "s3 data key under a bucket key";

/// The data key of a new object, and what of it is kept.
#[derive(Clone)]
pub(crate) struct NewKey {
    pub(crate) key: DataKey,
    pub(crate) protection: Protection,
    /// The bucket-level key that was made for it, to be kept for the next objects.
    pub(crate) made: Option<BucketKey>,
}

/// Makes a data key. It calls KMS at most once, and is to be called in a stage, so that it is done once;
/// `bucket_level` is the requester's bucket-level key, if there is one that may still be used.
pub(crate) async fn make(
    cx: &mut Cx,
    bucket: &Bucket,
    key: &str,
    plan: &Plan,
    bucket_level: Option<BucketKey>,
) -> Result<NewKey> {
    match plan {
        Plan::S3 => {
            let data_key: [u8; 32] = cx.chance().bytes();
            let sealed = Bytes::from(cx.sealer().seal(cx.chance(), ROOT, &data_key)?);
            Ok(NewKey { key: DataKey::single(data_key), protection: Protection::S3 { sealed }, made: None })
        }
        Plan::Customer(customer) => Ok(NewKey {
            key: DataKey::single(customer.data_key()),
            protection: Protection::Customer { md5: customer.md5.clone(), proof: customer.proof() },
            made: None,
        }),
        Plan::Kms(plan) if plan.bucket_key => under_bucket_key(cx, bucket, plan, bucket_level).await,
        Plan::Kms(plan) => {
            let context = kms::context(&plan.context, &bucket.object_arn(key));
            let made = kms::generate(cx, bucket.region, &plan.key_id, &context).await?;
            let outer = plan.dual.then(|| cx.chance().bytes());
            let key = DataKey { inner: made.plain, outer };
            Ok(NewKey { protection: under_kms(cx, made, plan, &key)?, key, made: None })
        }
    }
}

/// The protection of data keys of which KMS encrypted the first.
fn under_kms(cx: &Cx, made: Generated, plan: &KmsPlan, key: &DataKey) -> Result<Protection> {
    let (key_arn, ciphertext, context) = (made.key_arn, made.ciphertext, plan.context.clone());
    let Some(outer) = &key.outer else { return Ok(Protection::Kms { key_arn, ciphertext, context }) };
    let sealed = cx.sealer().seal(cx.chance(), SECOND, outer)?.into();
    Ok(Protection::Dual { key_arn, ciphertext, context, sealed })
}

async fn under_bucket_key(
    cx: &mut Cx,
    bucket: &Bucket,
    plan: &KmsPlan,
    bucket_level: Option<BucketKey>,
) -> Result<NewKey> {
    let (opened, made) = match bucket_level {
        Some(kept) => (kept.open(cx)?, None),
        None => {
            let context = kms::context(&plan.context, &bucket.arn());
            let generated = kms::generate(cx, bucket.region, &plan.key_id, &context).await?;
            let made = BucketKey::made(cx, bucket, plan, &generated)?;
            (Opened { key: generated.plain, key_arn: generated.key_arn, ciphertext: generated.ciphertext }, Some(made))
        }
    };
    let key: [u8; 32] = cx.chance().bytes();
    let protection = sealed_under(cx, opened, plan, &key)?;
    Ok(NewKey { key: DataKey::single(key), protection, made })
}

/// A data key, sealed by a bucket-level key.
fn sealed_under(cx: &Cx, level: Opened, plan: &KmsPlan, data_key: &[u8; 32]) -> Result<Protection> {
    let sealed = bucket_key::sealer(&level.key).seal(cx.chance(), BUCKET, data_key)?;
    Ok(Protection::BucketKey {
        key_arn: level.key_arn,
        ciphertext: level.ciphertext,
        context: plan.context.clone(),
        sealed: sealed.into(),
    })
}

/// Wraps the data key of an object for its replica, for which KMS must let the requester encrypt. It is to be called
/// in a stage; `bucket_level` is as for [`make`].
pub(crate) async fn wrap(
    cx: &mut Cx,
    bucket: &Bucket,
    key: &str,
    plan: &KmsPlan,
    bucket_level: Option<BucketKey>,
    data_key: DataKey,
) -> Result<NewKey> {
    if !plan.bucket_key {
        let context = kms::context(&plan.context, &bucket.object_arn(key));
        let made = kms::encrypt(cx, bucket.region, &plan.key_id, &data_key.inner, &context).await?;
        return Ok(NewKey { protection: under_kms(cx, made, plan, &data_key)?, key: data_key, made: None });
    }
    let (level, made) = match bucket_level {
        Some(kept) => (kept.open(cx)?, None),
        None => {
            let (fresh, context) = (cx.chance().bytes(), kms::context(&plan.context, &bucket.arn()));
            let made = kms::encrypt(cx, bucket.region, &plan.key_id, &fresh, &context).await?;
            // Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html>:
            // a bucket-level key is verified before it is used, so the role must be able to decrypt it.
            let verified = kms::decrypt(cx, bucket.region, &made.key_arn, &made.ciphertext, &context).await?;
            let kept = BucketKey::made(cx, bucket, plan, &made)?;
            (Opened { key: verified, key_arn: made.key_arn, ciphertext: made.ciphertext }, Some(kept))
        }
    };
    let protection = sealed_under(cx, level, plan, &data_key.inner)?;
    Ok(NewKey { key: data_key, protection, made })
}

/// The data key of an object that is there.
#[derive(Clone)]
pub(crate) struct OldKey {
    pub(crate) key: DataKey,
    /// The bucket-level key that was decrypted for it, to be kept for the next reads.
    pub(crate) decrypted: Option<BucketKey>,
}

/// The requester's bucket-level key that opens an object, if it needs one and may still be used.
pub(crate) async fn kept(cx: &mut Cx, bucket: &Bucket, protection: &Protection) -> Result<Option<BucketKey>> {
    match protection {
        Protection::BucketKey { ciphertext, .. } => bucket_key::kept_for_reading(cx, bucket, ciphertext).await,
        _ => Ok(None),
    }
}

/// The data key of an object, for a requester with the rights that its protection demands; `kept` is what
/// [`kept`] answered. It calls KMS at most once.
///
/// # Errors
/// KMS's refusal as S3 tells it, or a customer key that is missing or another one.
pub(crate) async fn open(
    cx: &mut Cx,
    bucket: &Bucket,
    key: &str,
    protection: &Protection,
    customer: Option<&CustomerKey>,
    kept: Option<BucketKey>,
) -> Result<OldKey> {
    check_customer(protection, customer)?;
    let key = match (protection, customer) {
        (Protection::S3 { sealed }, _) => opened(cx.sealer().open(ROOT, sealed))?,
        (Protection::Customer { proof, .. }, Some(customer)) => customer.open(proof)?,
        (Protection::Customer { .. }, None) => return Err(customer_key::missing()),
        (Protection::Kms { key_arn, ciphertext, context }, _) => {
            let context = kms::context(context, &bucket.object_arn(key));
            kms::decrypt(cx, bucket.region, key_arn, ciphertext, &context).await?
        }
        (Protection::BucketKey { key_arn, ciphertext, context, sealed }, _) => {
            let (level, decrypted) = match kept {
                Some(kept) => (kept, None),
                None => {
                    let level = bucket_key::decrypt(cx, bucket, key_arn, ciphertext, context).await?;
                    (level.clone(), Some(level))
                }
            };
            let level = level.open(cx)?.key;
            let key = opened(bucket_key::sealer(&level).open(BUCKET, sealed))?;
            return Ok(OldKey { key: DataKey::single(key), decrypted });
        }
        (Protection::Dual { key_arn, ciphertext, context, sealed }, _) => {
            let context = kms::context(context, &bucket.object_arn(key));
            let inner = kms::decrypt(cx, bucket.region, key_arn, ciphertext, &context).await?;
            let key = DataKey { inner, outer: Some(opened(cx.sealer().open(SECOND, sealed))?) };
            return Ok(OldKey { key, decrypted: None });
        }
    };
    Ok(OldKey { key: DataKey::single(key), decrypted: None })
}

/// Refuses a customer key where there is none to bring, and its lack where there is; checks that it is the right one.
pub(crate) fn check_customer(protection: &Protection, customer: Option<&CustomerKey>) -> Result<()> {
    match (protection, customer) {
        (Protection::Customer { .. }, None) => Err(customer_key::missing()),
        (Protection::Customer { proof, .. }, Some(customer)) => customer.open(proof).map(drop),
        (_, Some(_)) => Err(customer_key::needless()),
        (_, None) => Ok(()),
    }
}

fn opened(plain: Option<Vec<u8>>) -> Result<[u8; 32]> {
    plain
        .and_then(|plain| plain.try_into().ok())
        .ok_or_else(|| welkin_kernel::Error::internal("the data key of an object cannot be opened"))
}
