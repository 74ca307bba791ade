//! Tags of objects.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Event, Operation, Result};

use super::{access, check_version};
use crate::tags::{self, Tag, Tagging, Tags};

/// Sets the tags of an object, in place of those it had.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutObjectTagging {
    bucket: String,
    key: String,
    version_id: Option<String>,
    tagging: Tagging,
}

impl Operation for PutObjectTagging {
    const NAME: &str = "PutObjectTagging";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let tags = tags::from_list(&self.tagging.tag_set, tags::MOST_OF_OBJECT)?;
        let action =
            access::by_version(self.version_id.as_deref(), "s3:PutObjectTagging", "s3:PutObjectVersionTagging");
        Ok(access::tagging(access::to_existing(cx, action, &self.bucket, &self.key).await?, &tags))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let tags = tags::from_list(&self.tagging.tag_set, tags::MOST_OF_OBJECT)?;
        replace(cx, &self.bucket, &self.key, self.version_id.as_deref(), tags).await
    }
}

/// Tells the tags of an object.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetObjectTagging {
    bucket: String,
    key: String,
    version_id: Option<String>,
}

/// Answer of [`GetObjectTagging`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetObjectTaggingOutput {
    tag_set: Vec<Tag>,
}

impl Operation for GetObjectTagging {
    const NAME: &str = "GetObjectTagging";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = GetObjectTaggingOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let action =
            access::by_version(self.version_id.as_deref(), "s3:GetObjectTagging", "s3:GetObjectVersionTagging");
        access::to_existing(cx, action, &self.bucket, &self.key).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetObjectTaggingOutput> {
        check_version(self.version_id.as_deref())?;
        let (_, object) = access::existing(cx, &self.bucket, &self.key).await?;
        Ok(GetObjectTaggingOutput { tag_set: tags::to_list(&object.settings.tags) })
    }
}

/// Removes the tags of an object.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectTagging.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteObjectTagging {
    bucket: String,
    key: String,
    version_id: Option<String>,
}

impl Operation for DeleteObjectTagging {
    const NAME: &str = "DeleteObjectTagging";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let action =
            access::by_version(self.version_id.as_deref(), "s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging");
        access::to_existing(cx, action, &self.bucket, &self.key).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        replace(cx, &self.bucket, &self.key, self.version_id.as_deref(), Tags::new()).await
    }
}

async fn replace(cx: &mut Cx, bucket: &str, key: &str, version: Option<&str>, tags: Tags) -> Result<Empty> {
    check_version(version)?;
    let (bucket, mut object) = access::existing(cx, bucket, key).await?;
    object.settings.tags = tags;
    cx.put(bucket.place(), &object).await?;
    Ok(Empty {})
}
