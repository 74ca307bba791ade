//! UpdateObjectEncryption: another key for an object that is there.
//!
//! Only its data key is wrapped anew; its bytes stay as they lie.

use std::collections::BTreeMap;

use serde::Deserialize;
use welkin_kernel::{Access, Arn, Cx, Empty, Event, Operation, Result};

use super::access::Existing;
use super::{access, version};
use crate::bucket::Bucket;
use crate::encryption::{KmsPlan, Plan, Protection, bucket_key, data_key};
use crate::errors::{AccessDenied, InvalidRequest};
use crate::object::put::level_for;

/// Has KMS guard an object under another key, or under a Bucket Key.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateObjectEncryption {
    bucket: String,
    key: String,
    version_id: Option<String>,
    object_encryption: Encryption,
}

/// The encryption that the object is to have: only SSE-KMS can be asked for.
#[derive(Debug, Deserialize)]
struct Encryption {
    #[serde(rename = "SSEKMS")]
    kms: Kms,
}

/// The key.
#[derive(Debug, Deserialize)]
struct Kms {
    #[serde(rename = "KMSKeyArn")]
    key_arn: String,
    #[serde(rename = "BucketKeyEnabled")]
    bucket_key: Option<bool>,
}

impl Operation for UpdateObjectEncryption {
    const NAME: &str = "UpdateObjectEncryption";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let version = self.version_id.as_deref();
        access::to_existing(cx, "s3:UpdateObjectEncryption", &self.bucket, &self.key, version).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let version = self.version_id.as_deref();
        let Existing { bucket, mut object, current } =
            access::existing(cx, &self.bucket, &self.key, version, "PUT").await?;
        let plan = self.plan(&bucket)?;
        check_source(&object.protection)?;
        if object.settings.lock.check_removal(cx.now(), false).is_err() {
            return Err(AccessDenied::because(
                "The encryption type for the specified object can't be updated because that object is protected by S3 \
                 Object Lock.",
            ));
        }
        // The data key that an earlier run wrapped is not that of an object that was written since.
        cx.about(&object.content);
        let kept = data_key::kept(cx, &bucket, &object.protection).await?;
        let level = level_for(cx, &bucket, &Plan::Kms(plan.clone())).await?;
        let (old, new) = cx
            .stage(async |cx| {
                let old = data_key::open(cx, &bucket, &self.key, &object.protection, None, kept).await?;
                let new = data_key::wrap(cx, &bucket, &self.key, &plan, level, old.key.clone()).await?;
                Ok((old, new))
            })
            .await?;
        for level in old.decrypted.into_iter().chain(new.made) {
            bucket_key::keep(cx, &bucket, level).await?;
        }
        object.protection = new.protection;
        version::update(cx, &bucket, object, current).await?;
        Ok(Empty {})
    }
}

impl UpdateObjectEncryption {
    /// How the object is to be encrypted: under a key of the bucket's own account, named in full.
    fn plan(&self, bucket: &Bucket) -> Result<KmsPlan> {
        let kms = &self.object_encryption.kms;
        let arn = kms.key_arn.parse::<Arn>().ok();
        let Some(arn) = arn.filter(|arn| arn.service() == "kms" && arn.resource().starts_with("key/")) else {
            return Err(InvalidRequest::because(
                "Requests that modify an object's encryption type to SSE-KMS require a valid Amazon Web Services KMS \
                 key Amazon Resource Name (ARN). Confirm that you have a correctly formatted KMS key ARN in your \
                 request, and then try again.",
            ));
        };
        if arn.account() != Some(bucket.owner) {
            return Err(AccessDenied::because(
                "The Amazon Web Services KMS key in the request must be owned by the same account as the bucket. \
                 Modify the request to specify a KMS key from the same account, and then try again.",
            ));
        }
        crate::encryption::check_key_id(&kms.key_arn, bucket.region)?;
        let bucket_key = kms.bucket_key == Some(true);
        Ok(KmsPlan { key_id: kms.key_arn.clone(), bucket_key, dual: false, context: BTreeMap::new() })
    }
}

fn check_source(protection: &Protection) -> Result<()> {
    match protection {
        Protection::S3 { .. } | Protection::Kms { .. } | Protection::BucketKey { .. } => Ok(()),
        Protection::Dual { .. } | Protection::Customer { .. } => Err(InvalidRequest::because(
            "The UpdateObjectEncryption operation doesn't support source objects with the encryption type DSSE-KMS or \
             SSE-C. Only source objects encrypted with SSE-S3 or SSE-KMS are supported.",
        )),
    }
}
