//! CreateMultipartUpload.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Event, Operation, Result, Timestamp};

use super::Upload;
use crate::acl::User;
use crate::bucket::{Bucket, lifecycle};
use crate::checksum::{self, Algorithm, Kind};
use crate::encryption::{Shows, bucket_key, data_key};
use crate::errors::{InvalidRequest, invalid_argument};
use crate::object::{access, put};

shape! {
    /// Begins an upload in parts.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html>
    #[derive(Debug, Deserialize)]
    pub(crate) struct CreateMultipartUpload {
        bucket: String,
        key: String,
        checksum_algorithm: Option<String>,
        checksum_type: Option<String>,
        +settings,
    }
}
gives!(CreateMultipartUpload: settings);

shape! {
    /// Answer of [`CreateMultipartUpload`].
    #[derive(Debug, Default, Serialize, Deserialize)]
    pub(crate) struct CreateMultipartUploadOutput {
        bucket: String,
        key: String,
        upload_id: String,
        checksum_algorithm: Option<String>,
        checksum_type: Option<String>,
        abort_date: Option<Timestamp>,
        abort_rule_id: Option<String>,
        #[serde(rename = "SSEKMSEncryptionContext")] sse_kms_encryption_context: Option<String>,
        +encrypted,
    }
}
gives!(CreateMultipartUploadOutput: encrypted);

impl Operation for CreateMultipartUpload {
    const NAME: &str = "CreateMultipartUpload";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = CreateMultipartUploadOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let bucket = Bucket::open_charged(cx, &self.bucket).await?;
        let access = access::to_write(cx, &bucket, &self.key, &self.settings()).await?;
        Ok(access.key("s3:ObjectCreationOperation", "false"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateMultipartUploadOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        let requested = self.settings();
        let (settings, plan) = (requested.settings(cx, &bucket, &self.key)?, requested.encryption.plan(&bucket)?);
        let (algorithm, kind) = self.checksum()?;
        let level = put::level_for(cx, &bucket, &plan).await?;
        let made = cx.stage(async |cx| data_key::make(cx, &bucket, &self.key, &plan, level).await).await?;
        if let Some(level) = made.made {
            bucket_key::keep(cx, &bucket, level).await?;
        }
        let upload = Upload {
            bucket: bucket.name.clone(),
            key: self.key.clone(),
            id: new_id(cx),
            initiated: cx.now(),
            initiator: initiator(cx, &bucket),
            settings,
            protection: made.protection,
            chosen: self.checksum_algorithm.is_some(),
            algorithm,
            kind,
        };
        cx.put(bucket.place(), &upload).await?;
        let abort = lifecycle::abortion(cx, &bucket, &self.key, upload.initiated).await?;
        let mut output = CreateMultipartUploadOutput {
            bucket: bucket.name,
            key: upload.key,
            upload_id: upload.id,
            checksum_algorithm: upload.chosen.then(|| algorithm.name().to_owned()),
            checksum_type: upload.chosen.then(|| kind.name().to_owned()),
            ..CreateMultipartUploadOutput::default()
        };
        (output.abort_date, output.abort_rule_id) = abort.unzip();
        output.sse_kms_encryption_context = self.sse_kms_encryption_context.clone();
        output.show(upload.protection.shown());
        Ok(output)
    }
}

impl CreateMultipartUpload {
    /// The checksum of the object: as the request says, else CRC-64/NVME of the full object.
    fn checksum(&self) -> Result<(Algorithm, Kind)> {
        let Some(name) = &self.checksum_algorithm else {
            return match &self.checksum_type {
                None => Ok((Algorithm::Crc64Nvme, Kind::FullObject)),
                Some(_) => Err(InvalidRequest::because(
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
                )),
            };
        };
        let algorithm = checksum::named(name)?;
        let kind = match self.checksum_type.as_deref() {
            None => checksum::default_kind(algorithm),
            Some("FULL_OBJECT") => Kind::FullObject,
            Some("COMPOSITE") => Kind::Composite,
            Some(other) => return Err(invalid_argument("Invalid checksum type.", "x-amz-checksum-type", other)),
        };
        if checksum::permits(algorithm, kind) {
            return Ok((algorithm, kind));
        }
        Err(InvalidRequest::because(format!(
            "The {} checksum type cannot be used with the {} checksum algorithm.",
            kind.name(),
            algorithm.name().to_ascii_lowercase()
        )))
    }
}

/// Who begins the upload, as listings name it.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Initiator.html>
fn initiator(cx: &Cx, bucket: &Bucket) -> String {
    match User::of(cx.principal()) {
        Some(user) if cx.principal().is_root() || user == User::Anonymous => user.id(),
        _ => cx.principal().arn(bucket.region.partition()).map(String::from).unwrap_or_default(),
    }
}

fn new_id(cx: &Cx) -> String {
    cx.chance().text(86, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._")
}
