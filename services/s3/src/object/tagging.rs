//! Tags of objects.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Event, Operation, Result};

use super::access::Existing;
use super::{access, version};
use crate::bucket::notification::event::Happening;
use crate::bucket::notification::notify;
use crate::bucket::replication::{self, replicate::What};
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

/// Answer of [`PutObjectTagging`] and [`DeleteObjectTagging`]: the version whose tags they are.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tagged {
    version_id: Option<String>,
}

impl Operation for PutObjectTagging {
    const NAME: &str = "PutObjectTagging";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = Tagged;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let tags = tags::from_list(&self.tagging.tag_set, tags::MOST_OF_OBJECT)?;
        let action =
            access::by_version(self.version_id.as_deref(), "s3:PutObjectTagging", "s3:PutObjectVersionTagging");
        Ok(access::tagging(
            access::to_existing(cx, action, &self.bucket, &self.key, self.version_id.as_deref()).await?,
            &tags,
        ))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Tagged> {
        let tags = tags::from_list(&self.tagging.tag_set, tags::MOST_OF_OBJECT)?;
        replace(cx, &self.bucket, &self.key, self.version_id.as_deref(), tags, "PUT").await
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
    version_id: Option<String>,
    tag_set: Vec<Tag>,
}

impl Operation for GetObjectTagging {
    const NAME: &str = "GetObjectTagging";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = GetObjectTaggingOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let action =
            access::by_version(self.version_id.as_deref(), "s3:GetObjectTagging", "s3:GetObjectVersionTagging");
        access::to_existing(cx, action, &self.bucket, &self.key, self.version_id.as_deref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetObjectTaggingOutput> {
        let existing = access::existing(cx, &self.bucket, &self.key, self.version_id.as_deref(), "GET").await?;
        Ok(GetObjectTaggingOutput {
            version_id: existing.shown_version(),
            tag_set: tags::to_list(&existing.object.settings.tags),
        })
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
    type Output = Tagged;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let action =
            access::by_version(self.version_id.as_deref(), "s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging");
        access::to_existing(cx, action, &self.bucket, &self.key, self.version_id.as_deref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Tagged> {
        replace(cx, &self.bucket, &self.key, self.version_id.as_deref(), Tags::new(), "DELETE").await
    }
}

async fn replace(
    cx: &mut Cx,
    bucket: &str,
    key: &str,
    version: Option<&str>,
    tags: Tags,
    method: &'static str,
) -> Result<Tagged> {
    let existing = access::existing(cx, bucket, key, version, method).await?;
    let version_id = existing.shown_version();
    let Existing { bucket, mut object, current } = existing;
    object.settings.tags = tags;
    replication::begin::changed(cx, &bucket, &mut object, What::Tagging).await?;
    let name = if method == "PUT" { "ObjectTagging:Put" } else { "ObjectTagging:Delete" };
    notify(cx, &bucket, Happening::to(name, &object)).await?;
    version::update(cx, &bucket, object, current).await?;
    Ok(Tagged { version_id })
}
