//! Restoration of archived objects: for a time they can be read again.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html>

pub(crate) mod tell;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Event, Operation, Result, Schedule, Timestamp};

use super::access::{self, Existing};
use super::tiering::Archive;
use super::{Object, version};
use crate::bucket::lifecycle;
use crate::bucket::notification::event::Happening;
use crate::bucket::notification::notify;
use crate::errors::{InvalidArgument, InvalidObjectState, MalformedXML, RestoreAlreadyInProgress, not_implemented};
use tell::{Tell, What};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// A restoration that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Restoration {
    /// When the object can be read.
    pub(crate) ready: Timestamp,
    /// Until when.
    pub(crate) until: Timestamp,
}

/// Whether objects of a class are read only after they were restored.
fn is_archive(class: &str) -> bool {
    matches!(class, "GLACIER" | "DEEP_ARCHIVE")
}

impl Object {
    /// Whether the object is in an archive, restored or not.
    pub(crate) fn is_archived(&self) -> bool {
        is_archive(&self.settings.storage_class)
    }

    /// Whether the object is archived and not restored.
    pub(crate) fn is_cold(&self, now: Timestamp) -> bool {
        let is_restored = |restored: &Restoration| restored.ready <= now && now < restored.until;
        self.archive(now).is_some()
            || is_archive(&self.settings.storage_class) && !self.settings.restoration.as_ref().is_some_and(is_restored)
    }

    /// `x-amz-restore`, while an object is restored or about to be.
    pub(crate) fn shown_restoration(&self, now: Timestamp) -> Option<String> {
        if self.leaves_archive(now).is_some() {
            return Some("ongoing-request=\"true\"".to_owned());
        }
        let restored = self.settings.restoration.filter(|_| is_archive(&self.settings.storage_class))?;
        if now < restored.ready {
            return Some("ongoing-request=\"true\"".to_owned());
        }
        let until = restored.until.to_http_date();
        (now < restored.until).then(|| format!("ongoing-request=\"false\", expiry-date=\"{until}\""))
    }
}

/// How soon an object is restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tier {
    Expedited,
    Standard,
    Bulk,
}

impl Tier {
    fn read(name: Option<&str>) -> Result<Self> {
        match name {
            None | Some("Standard") => Ok(Self::Standard),
            Some("Expedited") => Ok(Self::Expedited),
            Some("Bulk") => Ok(Self::Bulk),
            Some(_) => Err(MalformedXML.into()),
        }
    }

    /// The longest that it usually takes.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html>
    fn takes(self, class: &str) -> Result<Duration> {
        let seconds = match (self, class) {
            (Self::Expedited, "DEEP_ARCHIVE") => {
                return Err(InvalidArgument::because(
                    "Expedited retrievals are not available for the DEEP_ARCHIVE storage class",
                ));
            }
            (Self::Expedited, _) => 5 * MINUTE,
            (Self::Standard, "DEEP_ARCHIVE") => 12 * HOUR,
            (Self::Standard, _) => 5 * HOUR,
            (Self::Bulk, "DEEP_ARCHIVE") => 48 * HOUR,
            (Self::Bulk, _) => 12 * HOUR,
        };
        Ok(Duration::from_secs(seconds))
    }
}

/// Has an archived object restored for some days.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RestoreObject {
    bucket: String,
    key: String,
    version_id: Option<String>,
    restore_request: Option<Asked>,
}

/// What is asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    days: Option<i64>,
    glacier_job_parameters: Option<Parameters>,
    #[serde(rename = "Type")]
    kind: Option<String>,
    tier: Option<String>,
}

/// How soon.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameters {
    tier: Option<String>,
}

/// Answer of [`RestoreObject`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RestoreObjectOutput {}

impl Operation for RestoreObject {
    const NAME: &str = "RestoreObject";
    const EVENT: Event = Event::Data("AWS::S3::Object");
    type Output = RestoreObjectOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::to_existing(cx, "s3:RestoreObject", &self.bucket, &self.key, self.version_id.as_deref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<RestoreObjectOutput> {
        let existing = access::existing(cx, &self.bucket, &self.key, self.version_id.as_deref(), "POST").await?;
        let asked = self.restore_request.as_ref().ok_or(MalformedXML)?;
        if asked.kind.is_some() {
            return Err(not_implemented("SELECT as a kind of restoration"));
        }
        if let Some(archive) = existing.object.archive(cx.now()) {
            return self.leave(cx, existing, asked, archive).await;
        }
        let Existing { bucket, mut object, current } = existing;
        if !is_archive(&object.settings.storage_class) {
            let message = "Restore is not allowed for the object's current storage class";
            return Err(InvalidObjectState::because(message).with("StorageClass", object.settings.storage_class));
        }
        let days = match asked.days {
            Some(days) if (1..=i64::from(i32::MAX)).contains(&days) => days,
            _ => return Err(MalformedXML.into()),
        };
        let takes = asked.tier()?.takes(&object.settings.storage_class)?;
        let now = cx.now();
        let ready = match object.settings.restoration {
            Some(restored) if now < restored.ready => return Err(RestoreAlreadyInProgress.into()),
            // What is restored already stays so for longer, or for less long.
            Some(restored) if now < restored.until => restored.ready,
            _ => now.plus(takes),
        };
        let is_new = ready > now;
        let until = lifecycle::after(ready.max(now), days);
        object.settings.restoration = Some(Restoration { ready, until });
        cx.reply_status(if is_new { 202 } else { 200 });
        if is_new {
            notify(cx, &bucket, Happening::to("ObjectRestore:Post", &object)).await?;
            let tell = Tell::of(&object, What::Completed, ready);
            cx.enqueue_at(bucket.place(), &tell, Schedule::at(ready)).await?;
        }
        let tell = Tell::of(&object, What::Deleted, until);
        cx.enqueue_at(bucket.place(), &tell, Schedule::at(until)).await?;
        version::update(cx, &bucket, object, current).await?;
        Ok(RestoreObjectOutput {})
    }
}

impl Asked {
    fn tier(&self) -> Result<Tier> {
        let parameters = self.glacier_job_parameters.as_ref();
        Tier::read(parameters.and_then(|parameters| parameters.tier.as_deref()).or(self.tier.as_deref()))
    }
}

impl RestoreObject {
    /// Has an object leave its archive tier: for good, until nobody reads it again for long.
    ///
    /// Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html>
    async fn leave(
        &self,
        cx: &mut Cx,
        existing: Existing,
        asked: &Asked,
        archive: Archive,
    ) -> Result<RestoreObjectOutput> {
        let Existing { bucket, mut object, current } = existing;
        if asked.days.is_some() {
            // UNVERIFIED: that days are refused is documented, not how.
            return Err(InvalidArgument::because("Days cannot be given for an object in an archive tier."));
        }
        if object.leaves_archive(cx.now()).is_some() {
            return Err(RestoreAlreadyInProgress.into());
        }
        let ready = cx.now().plus(asked.tier()?.takes(archive.class())?);
        object.wake(ready);
        cx.reply_status(202);
        notify(cx, &bucket, Happening::to("ObjectRestore:Post", &object)).await?;
        let tell = Tell::of(&object, What::Completed, ready);
        cx.enqueue_at(bucket.place(), &tell, Schedule::at(ready)).await?;
        version::update(cx, &bucket, object, current).await?;
        Ok(RestoreObjectOutput {})
    }
}
