//! Lifecycle rules, carried out: each midnight, all keys of a bucket in turn.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Job, Page, Result, Schedule, Timestamp};

use super::Lifecycle;
use super::rule::{Noncurrent, midnight_after};
use crate::bucket::Bucket;
use crate::bucket::logging::deed::{self, Deed};
use crate::bucket::notification::event::Happening;
use crate::bucket::notification::notify;
use crate::object::list::order;
use crate::object::list::page::Keyed;
use crate::object::list::versions::Rows;
use crate::object::version::{self, Found, Version};
use crate::upload::Upload;

/// Keys that one run looks at, and uploads.
const BATCH: usize = 100;

/// Carries out the rules of a bucket from a key on; the last run of a day enqueues the first one of the next.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    bucket: String,
    /// The last key that was looked at.
    after: Option<String>,
}

/// The next time at which rules are carried out.
pub(super) fn next_midnight(now: Timestamp) -> Timestamp {
    midnight_after(now)
}

impl Run {
    pub(super) fn of(bucket: &str) -> Self {
        Self { bucket: bucket.to_owned(), after: None }
    }

    /// The id of the job; a bucket has one.
    pub(super) fn id(bucket: &Bucket) -> String {
        format!("s3/lifecycle/{}", bucket.name)
    }
}

impl Job for Run {
    const NAME: &'static str = "s3/lifecycle";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let Some(bucket) = Bucket::open_here_for_job(cx, &self.bucket).await? else { return Ok(()) };
        let Some(lifecycle) = Lifecycle::of(cx, &bucket).await? else { return Ok(()) };
        let last = self.keys(cx, &bucket, &lifecycle).await?;
        let (next, at) = match last {
            Some(last) => (Self { bucket: bucket.name.clone(), after: Some(last) }, cx.now()),
            None => {
                uploads(cx, &bucket, &lifecycle).await?;
                (Self::of(&bucket.name), next_midnight(cx.now()))
            }
        };
        cx.enqueue(&next, Schedule::at(at).id(Self::id(&bucket))).await?;
        Ok(())
    }
}

impl Run {
    /// Looks at a batch of keys; returns the last one, if there may be more.
    async fn keys(&self, cx: &mut Cx, bucket: &Bucket, lifecycle: &Lifecycle) -> Result<Option<String>> {
        let from = self.after.as_deref().map(order::after).unwrap_or_default();
        let mut rows = Rows::between(bucket, &from, &order::end_of(b""), BATCH);
        let (mut seen, mut versions): (usize, Vec<Version>) = (0, Vec::new());
        while let Some((version, is_latest)) = rows.next(cx).await? {
            if is_latest && let Some(newest) = versions.first() {
                let key = newest.text().to_owned();
                apply(cx, bucket, lifecycle, std::mem::take(&mut versions)).await?;
                if seen >= BATCH {
                    return Ok(Some(key));
                }
            }
            seen += 1;
            versions.push(version);
        }
        apply(cx, bucket, lifecycle, versions).await?;
        Ok(None)
    }
}

/// Carries out the rules on all versions of a key, the newest first.
async fn apply(cx: &mut Cx, bucket: &Bucket, lifecycle: &Lifecycle, versions: Vec<Version>) -> Result<()> {
    let is_alone = versions.len() == 1;
    let mut newer: Option<Timestamp> = None;
    for (at, version) in versions.into_iter().enumerate() {
        let modified = version.modified();
        let since = newer.replace(modified);
        // What is still to be replicated stays as it is until then.
        if matches!(&version, Version::Object(object) if object.awaits_replication()) {
            continue;
        }
        match since {
            None => latest(cx, bucket, lifecycle, version, is_alone).await?,
            Some(since) => {
                let newer = i64::try_from(at).unwrap_or(i64::MAX).saturating_sub(1);
                noncurrent(cx, bucket, lifecycle, version, Noncurrent { since, newer }).await?;
            }
        }
    }
    Ok(())
}

/// The newest version of a key: expires, or moves.
async fn latest(cx: &mut Cx, bucket: &Bucket, lifecycle: &Lifecycle, version: Version, is_alone: bool) -> Result<()> {
    let now = cx.now();
    let object = match version {
        Version::Object(object) => *object,
        Version::Marker(marker) => {
            let due = |due: Option<Timestamp>| due.is_some_and(|due| due <= now);
            let goes = lifecycle.enabled().any(|rule| due(rule.expires_lone_marker(&marker.key, marker.modified)));
            return match goes && is_alone {
                true => remove(cx, bucket, Found::Marker(marker)).await,
                false => Ok(()),
            };
        }
    };
    if lifecycle.enabled().any(|rule| rule.expires(&object).is_some_and(|due| due <= now)) {
        let (key, size) = (object.key.clone(), Some(object.size));
        let deed = Deed { operation: "S3.EXPIRE.OBJECT", key: &key, size, ..Deed::default() };
        return match &version::delete_current(cx, bucket, &key, Some(object)).await? {
            Some(marker) => {
                let deed = Deed { operation: "S3.CREATE.DELETEMARKER", version: marker.version.as_deref(), ..deed };
                bucket.log_deed(cx, deed).await?;
                notify(cx, bucket, Happening::marked("LifecycleExpiration:DeleteMarkerCreated", marker)).await
            }
            None => {
                bucket.log_deed(cx, deed).await?;
                notify(cx, bucket, Happening::removed("LifecycleExpiration:Delete", &key, None)).await
            }
        };
    }
    let class = lifecycle.enabled().find_map(|rule| rule.moves(lifecycle, &object, now)).map(str::to_owned);
    move_to(cx, bucket, object, true, class).await
}

/// A noncurrent version: goes, or moves.
async fn noncurrent(
    cx: &mut Cx,
    bucket: &Bucket,
    lifecycle: &Lifecycle,
    version: Version,
    noncurrent: Noncurrent,
) -> Result<()> {
    let now = cx.now();
    let (key, object) = match &version {
        Version::Object(object) => (object.key.as_str(), Some(&**object)),
        Version::Marker(marker) => (marker.key.as_str(), None),
    };
    let is_locked = object.is_some_and(|object| object.settings.lock.holds(now));
    let due = |due: Option<Timestamp>| due.is_some_and(|due| due <= now);
    let goes = !is_locked && lifecycle.enabled().any(|rule| due(rule.expires_noncurrent(key, object, noncurrent)));
    match version {
        Version::Object(object) if goes => remove(cx, bucket, Found::Object { object, current: false }).await,
        Version::Marker(marker) if goes => remove(cx, bucket, Found::Marker(marker)).await,
        Version::Object(object) => {
            let class = lifecycle.enabled().find_map(|rule| rule.moves_noncurrent(lifecycle, &object, noncurrent, now));
            let class = class.map(str::to_owned);
            move_to(cx, bucket, *object, false, class).await
        }
        Version::Marker(_) => Ok(()),
    }
}

/// Removes a version for good, and tells of it.
async fn remove(cx: &mut Cx, bucket: &Bucket, found: Found) -> Result<()> {
    let (key, version, size) = match &found {
        Found::Object { object, .. } => (object.key.clone(), object.version.clone(), Some(object.size)),
        Found::Marker(marker) => (marker.key.clone(), marker.version.clone(), None),
        Found::Nothing => return Ok(()),
    };
    version::remove(cx, bucket, found).await?;
    let version = version.as_deref();
    bucket.log_deed(cx, Deed { operation: "S3.EXPIRE.OBJECT", key: &key, version, size, ..Deed::default() }).await?;
    let happening = Happening::removed("LifecycleExpiration:Delete", &key, version);
    notify(cx, bucket, happening).await
}

async fn move_to(
    cx: &mut Cx,
    bucket: &Bucket,
    mut object: crate::object::Object,
    current: bool,
    class: Option<String>,
) -> Result<()> {
    let Some(class) = class else { return Ok(()) };
    let deed = Deed { operation: deed::transition(&class), key: &object.key, ..Deed::default() };
    bucket.log_deed(cx, Deed { version: object.version.as_deref(), size: Some(object.size), ..deed }).await?;
    object.settings.storage_class = class;
    notify(cx, bucket, Happening::to("LifecycleTransition", &object)).await?;
    version::update(cx, bucket, object, current).await
}

/// Ends uploads that took too long.
async fn uploads(cx: &mut Cx, bucket: &Bucket, lifecycle: &Lifecycle) -> Result<()> {
    let (place, now) = (bucket.place(), cx.now());
    if !lifecycle.enabled().any(|rule| rule.abort_incomplete_multipart_upload.is_some()) {
        return Ok(());
    }
    let mut after = None;
    loop {
        let uploads = cx.list::<Upload>(place, (&bucket.name,), Page::of(BATCH, after.as_ref())).await?;
        let Some(last) = uploads.last() else { return Ok(()) };
        after = Some((&bucket.name, last.key.as_bytes(), &last.id).into_key());
        for upload in uploads {
            let due = lifecycle.enabled().filter_map(|rule| rule.aborts(&upload.key, upload.initiated)).min();
            if due.is_some_and(|due| due <= now) {
                let deed = Deed { operation: "S3.DELETE.UPLOAD", key: &upload.key, ..Deed::default() };
                bucket.log_deed(cx, deed).await?;
                let parts = upload.parts(cx, place).await?;
                upload.close(cx, place, parts).await?;
            }
        }
    }
}
