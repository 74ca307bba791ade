//! S3 Intelligent-Tiering: objects that nobody reads move to cheaper tiers; where their bucket says so, to archives.
//!
//! The tiers in which objects can be read at once are not stored: they follow from when the object was last read.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-overview.html>

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Result, Timestamp};

use super::access::Existing;
use super::{Object, version};
use crate::bucket::Bucket;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The storage class.
pub(crate) const CLASS: &str = "INTELLIGENT_TIERING";

/// Objects of fewer bytes stay where they are.
const SMALLEST: u64 = 128 * 1024;

/// The header that tells of an object in an archive tier.
const ARCHIVE_STATUS: HeaderName = HeaderName::from_static("x-amz-archive-status");

/// A tier whose objects are read only after they were restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Archive {
    Access,
    DeepAccess,
}

/// What is known of an object of the class since it was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tiering {
    /// When it was read last, to the day; `None` if it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accessed: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    archive: Option<Archive>,
    /// When it leaves the archive, if somebody has it restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ready: Option<Timestamp>,
}

impl Archive {
    /// The tier of this name.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        [Self::Access, Self::DeepAccess].into_iter().find(|archive| archive.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Access => "ARCHIVE_ACCESS",
            Self::DeepAccess => "DEEP_ARCHIVE_ACCESS",
        }
    }

    /// The storage class whose restorations take as long.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Access => "GLACIER",
            Self::DeepAccess => "DEEP_ARCHIVE",
        }
    }
}

impl Object {
    /// The archive tier that it is in.
    pub(crate) fn archive(&self, now: Timestamp) -> Option<Archive> {
        let tiering = self.settings.tiering.filter(|_| self.settings.storage_class == CLASS)?;
        tiering.archive.filter(|_| tiering.ready.is_none_or(|ready| now < ready))
    }

    /// When it leaves its archive tier, if somebody has it restored and that is not done.
    pub(super) fn leaves_archive(&self, now: Timestamp) -> Option<Timestamp> {
        self.archive(now).and(self.settings.tiering?.ready)
    }

    /// Whether a restoration from an archive tier was to be done at a time.
    pub(super) fn left_archive(&self, at: Timestamp) -> bool {
        self.settings.tiering.is_some_and(|tiering| tiering.ready == Some(at))
    }

    /// Since when nobody has read it.
    pub(crate) fn unread_since(&self) -> Timestamp {
        let tiering = self.settings.tiering.unwrap_or_default();
        [tiering.accessed, tiering.ready].into_iter().flatten().fold(self.modified, Timestamp::max)
    }

    /// Whether it moves between tiers at all.
    pub(crate) fn is_tiered(&self) -> bool {
        self.settings.storage_class == CLASS && self.size >= SMALLEST
    }

    /// The tier that it is in, as inventories have it.
    pub(crate) fn tier(&self, now: Timestamp) -> &'static str {
        let unread = now.since(self.unread_since());
        match self.archive(now) {
            Some(Archive::Access) => "ARCHIVE",
            Some(Archive::DeepAccess) => "DEEP_ARCHIVE",
            None if !self.is_tiered() || unread < 30 * DAY => "FREQUENT",
            None if unread < 90 * DAY => "INFREQUENT",
            None => "ARCHIVE_INSTANT_ACCESS",
        }
    }

    /// Puts it into an archive tier.
    pub(crate) fn put_into(&mut self, archive: Archive) {
        let tiering = self.settings.tiering.get_or_insert_default();
        (tiering.archive, tiering.ready) = (Some(archive), None);
    }

    /// Has it leave its archive tier.
    pub(super) fn wake(&mut self, ready: Timestamp) {
        self.settings.tiering.get_or_insert_default().ready = Some(ready);
    }
}

/// Notes that an object is read, at most once a day.
pub(crate) async fn touch(cx: &mut Cx, bucket: &Bucket, object: &Object, current: bool) -> Result<()> {
    let now = cx.now();
    if !object.is_tiered() || now.since(object.unread_since()) < DAY {
        return Ok(());
    }
    let mut object = object.clone();
    object.settings.tiering = Some(Tiering { accessed: Some(now), archive: None, ready: None });
    version::update(cx, bucket, object, current).await
}

/// Tells in a header in which archive tier an object is.
pub(crate) fn tell(cx: &mut Cx, existing: &Existing) {
    if let Some(archive) = existing.object.archive(cx.now()) {
        cx.reply_header(ARCHIVE_STATUS, HeaderValue::from_static(archive.name()));
    }
}
