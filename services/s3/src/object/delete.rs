//! DeleteObject and DeleteObjects.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Event, Operation, Result, Timestamp};

use super::{Object, access, blob, check_key, check_version};
use crate::bucket::Bucket;
use crate::condition::WriteConditions;
use crate::errors::{AccessDenied, MalformedXML, not_implemented};

/// Keys that one request may delete.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html>
const MOST: usize = 1000;

/// Deletes an object; one that is not there is deleted already.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteObject {
    bucket: String,
    key: String,
    version_id: Option<String>,
    if_match: Option<String>,
    if_match_last_modified_time: Option<Timestamp>,
    if_match_size: Option<i64>,
}

impl Operation for DeleteObject {
    const NAME: &str = "DeleteObject";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        to_delete(cx, &bucket, &self.key, self.version_id.as_deref(), self.if_match.as_deref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        check_version(self.version_id.as_deref())?;
        if self.if_match_last_modified_time.is_some() || self.if_match_size.is_some() {
            return Err(not_implemented("deletion by time or size, which directory buckets have"));
        }
        let bucket = Bucket::open(cx, &self.bucket).await?;
        delete(cx, &bucket, &self.key, self.if_match.as_deref()).await?;
        Ok(Empty {})
    }
}

async fn to_delete(
    cx: &mut Cx,
    bucket: &Bucket,
    key: &str,
    version: Option<&str>,
    if_match: Option<&str>,
) -> Result<Access> {
    check_key(key)?;
    let action = access::by_version(version, "s3:DeleteObject", "s3:DeleteObjectVersion");
    let mut access = bucket.object_access(cx, action, key);
    if let Some(object) = Object::find(cx, bucket.place(), &bucket.name, key).await? {
        access = access::tagged(access, &object.settings.tags);
    }
    Ok(match if_match {
        Some(tag) => access.key("s3:if-match", tag),
        None => access,
    })
}

async fn delete(cx: &mut Cx, bucket: &Bucket, key: &str, if_match: Option<&str>) -> Result<()> {
    let current = Object::find(cx, bucket.place(), &bucket.name, key).await?;
    // UNVERIFIED: that a conditional deletion of what is not there is answered as a conditional write is.
    WriteConditions { if_match, if_none_match: None }.judge(key, current.as_ref())?;
    if let Some(current) = current {
        cx.delete::<Object>(bucket.place(), (&bucket.name, key.as_bytes())).await?;
        blob::free(cx, bucket.place(), &bucket.name, current.content).await?;
    }
    Ok(())
}

/// Deletes up to a thousand objects; each key is decided and answered by itself.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteObjects {
    bucket: String,
    delete: Delete,
}

/// What is to be deleted.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Delete {
    #[serde(default)]
    objects: Vec<Identifier>,
    quiet: Option<bool>,
}

/// A key.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Identifier {
    key: String,
    version_id: Option<String>,
    e_tag: Option<String>,
}

/// Answer of [`DeleteObjects`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteObjectsOutput {
    deleted: Option<Vec<Deleted>>,
    errors: Option<Vec<Failed>>,
}

/// A key that was deleted.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Deleted {
    key: String,
    version_id: Option<String>,
}

/// A key that was not.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Failed {
    key: String,
    version_id: Option<String>,
    code: String,
    message: String,
}

impl Operation for DeleteObjects {
    const NAME: &str = "DeleteObjects";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = DeleteObjectsOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Bucket::open(cx, &self.bucket).await?;
        Ok(Access::open("each key is decided by itself, as DeleteObject would be, when the operation runs"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DeleteObjectsOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        if self.delete.objects.is_empty() || self.delete.objects.len() > MOST {
            return Err(MalformedXML.into());
        }
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for object in &self.delete.objects {
            match object.delete(cx, &bucket).await {
                Ok(()) => deleted.push(Deleted { key: object.key.clone(), version_id: object.version_id.clone() }),
                Err(error) => match error.answer() {
                    Some(answer) => errors.push(Failed {
                        key: object.key.clone(),
                        version_id: object.version_id.clone(),
                        code: answer.code.clone().into_owned(),
                        message: answer.message.clone(),
                    }),
                    None => return Err(error),
                },
            }
        }
        let quiet = self.delete.quiet == Some(true);
        Ok(DeleteObjectsOutput {
            deleted: Some(deleted).filter(|deleted| !quiet && !deleted.is_empty()),
            errors: Some(errors).filter(|errors| !errors.is_empty()),
        })
    }
}

impl Identifier {
    async fn delete(&self, cx: &mut Cx, bucket: &Bucket) -> Result<()> {
        check_version(self.version_id.as_deref())?;
        let access = to_delete(cx, bucket, &self.key, self.version_id.as_deref(), self.e_tag.as_deref()).await?;
        if let Err(error) = cx.authorise(&access).await {
            // The answer to a batch names no principals or policies.
            return Err(if error.is("AccessDenied") { AccessDenied.into() } else { error });
        }
        delete(cx, bucket, &self.key, self.e_tag.as_deref()).await
    }
}
