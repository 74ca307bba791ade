//! AbortMultipartUpload.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Event, Operation, Result, Timestamp};

use super::Upload;
use crate::bucket::Bucket;
use crate::errors::not_implemented;

/// Ends an upload and frees its parts.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AbortMultipartUpload {
    bucket: String,
    key: String,
    upload_id: String,
    if_match_initiated_time: Option<Timestamp>,
}

impl Operation for AbortMultipartUpload {
    const NAME: &str = "AbortMultipartUpload";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        super::to_manage(cx, "s3:AbortMultipartUpload", &self.bucket, &self.key, &self.upload_id).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        if self.if_match_initiated_time.is_some() {
            return Err(not_implemented("abortion by time, which directory buckets have"));
        }
        let bucket = Bucket::open(cx, &self.bucket).await?;
        let upload = Upload::find(cx, &bucket, &self.key, &self.upload_id).await?;
        let parts = upload.parts(cx, bucket.place()).await?;
        upload.close(cx, bucket.place(), parts).await?;
        Ok(Empty {})
    }
}
