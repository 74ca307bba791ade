//! DeleteObject and DeleteObjects.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Error, Event, Operation, Result, Timestamp};

use super::version::{self, Found};
use super::{Object, access, check_key, lock};
use crate::bucket::Bucket;
use crate::bucket::logging::deed::Deed;
use crate::bucket::notification::event::Happening;
use crate::bucket::notification::notify;
use crate::bucket::replication;
use crate::condition::WriteConditions;
use crate::errors::{AccessDenied, MalformedXML, not_implemented};
use crate::mfa;

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
    bypass_governance_retention: Option<bool>,
    #[serde(rename = "MFA")]
    mfa: Option<String>,
    if_match: Option<String>,
    if_match_last_modified_time: Option<Timestamp>,
    if_match_size: Option<i64>,
}

/// Answer of [`DeleteObject`].
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteObjectOutput {
    /// Whether a delete marker was made, or removed.
    delete_marker: Option<bool>,
    /// Id of the delete marker that was made, or of the version that was removed.
    version_id: Option<String>,
}

/// What is to be deleted.
#[derive(Clone, Copy, Debug)]
struct Target<'a> {
    key: &'a str,
    version: Option<&'a str>,
    if_match: Option<&'a str>,
    bypass: bool,
}

impl Operation for DeleteObject {
    const NAME: &str = "DeleteObject";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = DeleteObjectOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let bucket = Bucket::open_charged(cx, &self.bucket).await?;
        self.target().access(cx, &bucket).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<DeleteObjectOutput> {
        check_conditions(self.if_match_last_modified_time, self.if_match_size)?;
        let bucket = Bucket::open(cx, &self.bucket).await?;
        if bucket.deletes_with_mfa() && self.version_id.is_some() {
            mfa::demand(cx, self.mfa.as_deref()).await?;
        }
        self.target().delete(cx, &bucket).await
    }
}

impl DeleteObject {
    fn target(&self) -> Target<'_> {
        Target {
            key: &self.key,
            version: self.version_id.as_deref(),
            if_match: self.if_match.as_deref(),
            bypass: self.bypass_governance_retention == Some(true),
        }
    }
}

fn check_conditions(time: Option<Timestamp>, size: Option<i64>) -> Result<()> {
    if time.is_some() || size.is_some() {
        return Err(not_implemented("deletion by time or size, which directory buckets have"));
    }
    Ok(())
}

impl Target<'_> {
    async fn access(self, cx: &mut Cx, bucket: &Bucket) -> Result<Access> {
        check_key(self.key)?;
        let action = access::by_version(self.version, "s3:DeleteObject", "s3:DeleteObjectVersion");
        let demand = bucket.object_access(cx, action, self.key);
        let mut access = access::versioned(access::writing(cx, bucket, self.key, demand).await?, self.version);
        if let Found::Object { object, .. } = version::find(cx, bucket, self.key, self.version).await? {
            access = access::tagged(access, &object.settings.tags);
            if self.version.is_some() {
                access = lock::bypassing(cx, bucket, &object, self.bypass, access);
            }
        }
        let Some(tag) = self.if_match else { return Ok(access) };
        let access = access.key("s3:if-match", tag);
        // Who learns whether an object is the one that it knows must be one who may read it.
        // Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html>
        Ok(if tag == "*" { access } else { access.and(bucket.object_access(cx, "s3:GetObject", self.key)) })
    }

    async fn delete(self, cx: &mut Cx, bucket: &Bucket) -> Result<DeleteObjectOutput> {
        let current = Object::find(cx, bucket.place(), &bucket.name, self.key).await?;
        // Conditions are about the current version, whichever is to be deleted.
        // UNVERIFIED: that a conditional deletion of what is not there is answered as a conditional write is.
        WriteConditions { if_match: self.if_match, if_none_match: None }.judge(self.key, current.as_ref())?;
        let Some(id) = self.version else {
            let existed = current.is_some();
            let marker = version::delete_current(cx, bucket, self.key, current).await?;
            match &marker {
                Some(marker) => {
                    replication::begin::marked(cx, bucket, marker).await?;
                    notify(cx, bucket, Happening::marked("ObjectRemoved:DeleteMarkerCreated", marker)).await?;
                }
                None if existed => {
                    notify(cx, bucket, Happening::removed("ObjectRemoved:Delete", self.key, None)).await?;
                }
                None => {}
            }
            return Ok(match marker {
                Some(marker) => DeleteObjectOutput {
                    delete_marker: Some(true),
                    version_id: bucket.shown_version(marker.version.as_deref()),
                },
                None => DeleteObjectOutput::default(),
            });
        };
        let found = version::find(cx, bucket, self.key, Some(id)).await?;
        let delete_marker = matches!(found, Found::Marker(_)).then_some(true);
        if let Found::Object { object, .. } = &found {
            object.settings.lock.check_removal(cx.now(), self.bypass)?;
        }
        let existed = !matches!(found, Found::Nothing);
        version::remove(cx, bucket, found).await?;
        if existed {
            let version = Some(id).filter(|id| *id != version::NULL);
            notify(cx, bucket, Happening::removed("ObjectRemoved:Delete", self.key, version)).await?;
        }
        Ok(DeleteObjectOutput { delete_marker, version_id: Some(id.to_owned()) })
    }
}

/// Deletes up to a thousand objects; each key is decided and answered by itself.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteObjects {
    bucket: String,
    bypass_governance_retention: Option<bool>,
    #[serde(rename = "MFA")]
    mfa: Option<String>,
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
    last_modified_time: Option<Timestamp>,
    size: Option<i64>,
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
    delete_marker: Option<bool>,
    delete_marker_version_id: Option<String>,
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
        Bucket::open_charged(cx, &self.bucket).await?;
        Ok(Access::open("each key is decided by itself, as DeleteObject would be, when the operation runs"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DeleteObjectsOutput> {
        let bucket = Bucket::open(cx, &self.bucket).await?;
        if self.delete.objects.is_empty() || self.delete.objects.len() > MOST {
            return Err(MalformedXML.into());
        }
        // A code that is missing, or is given and wrong, refuses the whole batch.
        let versions = self.delete.objects.iter().any(|object| object.version().is_some());
        if bucket.deletes_with_mfa() && (versions || self.mfa.is_some()) {
            mfa::demand(cx, self.mfa.as_deref()).await?;
        }
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for object in &self.delete.objects {
            let outcome = object.delete(cx, &bucket, self.bypass_governance_retention == Some(true)).await;
            object.log(cx, &bucket, outcome.as_ref().err()).await?;
            match outcome {
                Ok(done) => deleted.push(Deleted {
                    key: object.key.clone(),
                    version_id: object.version_id.clone(),
                    delete_marker: done.delete_marker,
                    delete_marker_version_id: done.version_id.filter(|_| done.delete_marker == Some(true)),
                }),
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
    /// Logs what became of the key, if the bucket logs.
    async fn log(&self, cx: &mut Cx, bucket: &Bucket, error: Option<&Error>) -> Result<()> {
        let answer = error.and_then(Error::answer);
        // An error without a status of its own is a denial.
        let status = answer.map_or(204, |answer| answer.status.unwrap_or(403));
        let deed = Deed {
            operation: "BATCH.DELETE.OBJECT",
            key: &self.key,
            version: self.version(),
            size: None,
            error: answer.map(|answer| answer.code.as_ref()),
            status: Some(status),
        };
        bucket.log_deed(cx, deed).await
    }

    fn version(&self) -> Option<&str> {
        self.version_id.as_deref().filter(|version| !version.is_empty())
    }

    async fn delete(&self, cx: &mut Cx, bucket: &Bucket, bypass: bool) -> Result<DeleteObjectOutput> {
        check_conditions(self.last_modified_time, self.size)?;
        let target = Target { key: &self.key, version: self.version(), if_match: self.e_tag.as_deref(), bypass };
        let access = target.access(cx, bucket).await?;
        if let Err(error) = cx.authorise(&access).await {
            // The answer to a batch names no principals or policies.
            return Err(if error.is("AccessDenied") { AccessDenied.into() } else { error });
        }
        target.delete(cx, bucket).await
    }
}
