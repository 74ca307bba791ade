//! Versions: their ids and order, and how they take one another's place.
//!
//! | what | where |
//! | --- | --- |
//! | the current version of a key, unless it is a delete marker | the [`Object`] row of the key |
//! | noncurrent versions, and delete markers | [`Version`] rows of the key, newest first |
//!
//! The [`Object`] row, if there is one, is newer than all [`Version`] rows of its key. Reading and listing what
//! is current therefore touch one row a key, whether the bucket keeps versions or not.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html>

use base64::Engine as _;
use base64::alphabet::Alphabet;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::NO_PAD;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Chance, Cx, Error, IntoKey, Key, Page, Resource, Result, Scope, Timestamp};

use super::list::order;
use super::list::page::Keyed;
use super::{Object, blob};
use crate::acl::{self, User};
use crate::bucket::Bucket;
use crate::bucket::replication;
use crate::bucket::versioning::Versioning;
use crate::errors::{MethodNotAllowed, NoSuchVersion, invalid_argument, no_such_key};

/// What the version without an id is called.
pub(crate) const NULL: &str = "null";

/// The header that says that a delete marker was met.
const DELETE_MARKER: &str = "x-amz-delete-marker";

/// The header that names a version.
const VERSION_ID: &str = "x-amz-version-id";

/// The index that finds the null version among the others, by bucket and key.
const NULLS: &str = "null";

/// A version that is not current, or a delete marker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Version {
    /// A noncurrent version.
    Object(Box<Object>),
    /// A delete marker, current or not.
    Marker(Marker),
}

/// A delete marker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Marker {
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// `None` is the null version.
    pub(crate) version: Option<String>,
    pub(crate) stamp: i64,
    pub(crate) modified: Timestamp,
    /// Who deleted the object, where writers own; `None` is the bucket's owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<User>,
}

impl Resource for Version {
    const KIND: &'static str = "s3/version";
    const SCOPE: Scope = Scope::Region;
    const INDEXES: &'static [&'static str] = &[NULLS];

    fn key(&self) -> Key {
        row(self.bucket(), self.text(), self.stamp())
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        match self.id() {
            Some(_) => Vec::new(),
            None => vec![(NULLS, (self.bucket(), self.text().as_bytes()).into_key())],
        }
    }
}

impl Keyed for Version {
    fn text(&self) -> &str {
        match self {
            Self::Object(object) => &object.key,
            Self::Marker(marker) => &marker.key,
        }
    }
}

impl Version {
    fn bucket(&self) -> &str {
        match self {
            Self::Object(object) => &object.bucket,
            Self::Marker(marker) => &marker.bucket,
        }
    }

    /// Its id; `None` is the null version.
    pub(crate) fn id(&self) -> Option<&str> {
        match self {
            Self::Object(object) => object.version.as_deref(),
            Self::Marker(marker) => marker.version.as_deref(),
        }
    }

    /// Its place in the order of the versions of its key.
    pub(crate) fn stamp(&self) -> i64 {
        match self {
            Self::Object(object) => object.stamp(),
            Self::Marker(marker) => marker.stamp,
        }
    }

    /// Gives it another place in that order.
    fn move_to(&mut self, stamp: i64) {
        match self {
            Self::Object(object) => object.stamp = stamp,
            Self::Marker(marker) => marker.stamp = stamp,
        }
    }

    /// Its owner.
    pub(crate) fn owner(&self, bucket: &Bucket) -> User {
        match self {
            Self::Object(object) => object.settings.owner(bucket),
            Self::Marker(marker) => {
                marker.owner.filter(|_| bucket.takes_lists()).unwrap_or(User::Account(bucket.owner))
            }
        }
    }

    /// When it came.
    pub(crate) fn modified(&self) -> Timestamp {
        match self {
            Self::Object(object) => object.modified,
            Self::Marker(marker) => marker.modified,
        }
    }
}

/// The key of a [`Version`]: the newest of a key comes first.
pub(crate) fn row(bucket: &str, key: &str, stamp: i64) -> Key {
    (bucket, key.as_bytes(), stamp.saturating_neg()).into_key()
}

/// What a key, and perhaps the id of a version, stand for.
pub(crate) enum Found {
    /// An object.
    Object {
        object: Box<Object>,
        /// Whether it is the current version.
        current: bool,
    },
    /// A delete marker.
    Marker(Marker),
    /// Nothing.
    Nothing,
}

impl Found {
    fn of(version: Version) -> Self {
        match version {
            Version::Object(object) => Self::Object { object, current: false },
            Version::Marker(marker) => Self::Marker(marker),
        }
    }

    /// Whether a version was found, or is missed for another reason than that it is not there.
    pub(crate) fn is_there(&self, requested: Option<&str>) -> bool {
        match self {
            Self::Object { .. } => true,
            Self::Marker(_) => requested.is_some(),
            Self::Nothing => false,
        }
    }

    /// The object, and whether it is the current version.
    ///
    /// # Errors
    /// `NoSuchKey`, `NoSuchVersion`; `MethodNotAllowed` if the request names a delete marker.
    pub(crate) fn object(self, key: &str, requested: Option<&str>, method: &'static str) -> Result<(Object, bool)> {
        match (self, requested) {
            (Self::Object { object, current }, _) => Ok((*object, current)),
            (Self::Marker(marker), Some(_)) => Err(Error::from(MethodNotAllowed)
                .with("Method", method)
                .with("ResourceType", "DeleteMarker")
                .header("allow", "DELETE")
                .header("last-modified", marker.modified.to_http_date())
                .header(DELETE_MARKER, "true")
                .header(VERSION_ID, shown(marker.version.as_deref()))),
            (Self::Marker(marker), None) => {
                Err(no_such_key(key).header(DELETE_MARKER, "true").header(VERSION_ID, shown(marker.version.as_deref())))
            }
            (Self::Nothing, Some(version)) => Err(no_such_version(key, version)),
            (Self::Nothing, None) => Err(no_such_key(key)),
        }
    }
}

/// There is no such version.
fn no_such_version(key: &str, version: &str) -> Error {
    Error::from(NoSuchVersion).with("Key", key).with("VersionId", version)
}

/// Finds what a request means: the current version of a key, or the one that it names.
///
/// # Errors
/// `InvalidArgument` if the id is none.
pub(crate) async fn find(cx: &mut Cx, bucket: &Bucket, key: &str, requested: Option<&str>) -> Result<Found> {
    let place = bucket.place();
    let stamp = requested.filter(|id| *id != NULL).map(stamp_of).transpose()?;
    let current = Object::find(cx, place, &bucket.name, key).await?;
    let is_meant = |object: &Object| requested.is_none_or(|id| shown(object.version.as_deref()) == id);
    match current {
        Some(object) if is_meant(&object) => return Ok(Found::Object { object: Box::new(object), current: true }),
        _ if bucket.versioning.is_none() => return Ok(Found::Nothing),
        _ => {}
    }
    let found = match (requested, stamp) {
        (Some(id), Some(stamp)) => by_id(cx, bucket, key, id, stamp).await?,
        (Some(_), None) => null(cx, bucket, key).await?,
        (None, _) => newest(cx, bucket, key).await?,
    };
    Ok(found.map_or(Found::Nothing, Found::of))
}

/// The [`Version`] with an id that holds `stamp`: in its place, unless another version had that place already when
/// it came as a replica.
async fn by_id(cx: &mut Cx, bucket: &Bucket, key: &str, id: &str, stamp: i64) -> Result<Option<Version>> {
    let place = bucket.place();
    let is_meant = |version: &Version| version.id() == Some(id);
    if let Some(version) = cx.get::<Version>(place, row(&bucket.name, key, stamp)).await?
        && is_meant(&version)
    {
        return Ok(Some(version));
    }
    let (from, to) = (row(&bucket.name, key, stamp.saturating_add(CROWD)), row(&bucket.name, key, stamp));
    Ok(cx.between::<Version>(place, &from, &to, 0, false).await?.into_iter().find(is_meant))
}

/// How far from the place that its id says a replica may be, in microseconds.
const CROWD: i64 = 16;

/// The newest [`Version`] of a key.
async fn newest(cx: &mut Cx, bucket: &Bucket, key: &str) -> Result<Option<Version>> {
    let rows = cx.list::<Version>(bucket.place(), (&bucket.name, key.as_bytes()), Page::of(1, None)).await?;
    Ok(rows.into_iter().next())
}

/// The null version of a key, if it is a [`Version`].
async fn null(cx: &mut Cx, bucket: &Bucket, key: &str) -> Result<Option<Version>> {
    let found = cx.find::<Version>(bucket.place(), NULLS, (&bucket.name, key.as_bytes()), 1).await?;
    Ok(found.into_iter().next())
}

/// Stores an object as the current version of its key, in place of `current`, which becomes noncurrent or goes,
/// as the bucket's versioning says. The object gets its version here.
pub(crate) async fn store(cx: &mut Cx, bucket: &Bucket, current: Option<Object>, object: &mut Object) -> Result<()> {
    if let Some(versioning) = bucket.versioning {
        object.stamp = next_stamp(cx, bucket, &object.key, current.as_ref()).await?;
        object.version = new_id(cx.chance(), versioning, object.stamp);
        replication::begin::written(cx, bucket, object).await?;
    }
    if let (Some(object_lock), None) = (&bucket.object_lock, object.settings.lock.retention) {
        object.settings.lock.retention = object_lock.retention(cx.now());
    }
    displace(cx, bucket, &object.key, current).await?;
    cx.put(bucket.place(), object).await
}

/// Stores a replica, whose id says its place among the versions of its key: it is current only if none is newer.
/// The bucket keeps versions, and does not have this one yet.
pub(crate) async fn store_replica(cx: &mut Cx, bucket: &Bucket, mut replica: Version) -> Result<()> {
    let (place, key) = (bucket.place(), replica.text().to_owned());
    let current = Object::find(cx, place, &bucket.name, &key).await?;
    let newest = match &current {
        Some(object) => Some(object.stamp()),
        None => newest(cx, bucket, &key).await?.map(|version| version.stamp()),
    };
    replica.move_to(free_stamp(cx, bucket, &key, current.as_ref(), replica.stamp()).await?);
    if newest.is_some_and(|newest| newest > replica.stamp()) {
        return cx.insert(place, &replica);
    }
    if let Some(current) = current {
        cx.discard::<Object>(place, (&bucket.name, key.as_bytes()))?;
        cx.insert(place, &Version::Object(Box::new(current)))?;
    }
    match replica {
        Version::Object(object) => cx.put(place, &*object).await,
        Version::Marker(_) => cx.insert(place, &replica),
    }
}

/// The first place from `stamp` on that no version of the key has.
async fn free_stamp(cx: &mut Cx, bucket: &Bucket, key: &str, current: Option<&Object>, stamp: i64) -> Result<i64> {
    for stamp in (0..CROWD).map(|offset| stamp.saturating_add(offset)) {
        let is_current = current.is_some_and(|object| object.stamp() == stamp);
        if !is_current && !cx.exists::<Version>(bucket.place(), row(&bucket.name, key, stamp)).await? {
            return Ok(stamp);
        }
    }
    Err(Error::internal("too many versions of a key came in the same microsecond"))
}

/// Deletes what is current: for good, or under a delete marker, as the bucket's versioning says.
pub(crate) async fn delete_current(
    cx: &mut Cx,
    bucket: &Bucket,
    key: &str,
    current: Option<Object>,
) -> Result<Option<Marker>> {
    if current.is_some() {
        cx.discard::<Object>(bucket.place(), (&bucket.name, key.as_bytes()))?;
    }
    let Some(versioning) = bucket.versioning else {
        displace(cx, bucket, key, current).await?;
        return Ok(None);
    };
    let stamp = next_stamp(cx, bucket, key, current.as_ref()).await?;
    displace(cx, bucket, key, current).await?;
    let marker = Marker {
        bucket: bucket.name.clone(),
        key: key.to_owned(),
        version: new_id(cx.chance(), versioning, stamp),
        stamp,
        modified: cx.now().whole_secs(),
        owner: acl::writer(cx, bucket).filter(|_| bucket.takes_lists()),
    };
    cx.insert(bucket.place(), &Version::Marker(marker.clone()))?;
    Ok(Some(marker))
}

/// Makes room for a new version of a key. While versioning is suspended, that is the null version, which
/// takes the place of the one there is, current or not.
async fn displace(cx: &mut Cx, bucket: &Bucket, key: &str, current: Option<Object>) -> Result<()> {
    let is_kept = |object: &Object| match bucket.versioning {
        None => false,
        Some(Versioning::Enabled) => true,
        Some(Versioning::Suspended) => object.version.is_some(),
    };
    let had_null = current.as_ref().is_some_and(|object| object.version.is_none());
    match current {
        Some(current) if is_kept(&current) => cx.insert(bucket.place(), &Version::Object(Box::new(current)))?,
        Some(current) => blob::free(cx, bucket.place(), &bucket.name, current.content).await?,
        None => {}
    }
    if bucket.versioning == Some(Versioning::Suspended)
        && !had_null
        && let Some(null) = null(cx, bucket, key).await?
    {
        drop_row(cx, bucket, null).await?;
    }
    Ok(())
}

/// Removes a version for good. If it was the current one, the newest of the others takes its place.
pub(crate) async fn remove(cx: &mut Cx, bucket: &Bucket, found: Found) -> Result<()> {
    let place = bucket.place();
    let key = match found {
        Found::Nothing => return Ok(()),
        Found::Object { object, current: true } => {
            cx.discard::<Object>(place, (&bucket.name, object.key.as_bytes()))?;
            blob::free(cx, place, &bucket.name, object.content).await?;
            object.key
        }
        Found::Object { object, current: false } => return drop_row(cx, bucket, Version::Object(object)).await,
        Found::Marker(marker) => {
            let key = marker.key.clone();
            drop_row(cx, bucket, Version::Marker(marker)).await?;
            key
        }
    };
    promote(cx, bucket, &key).await
}

/// Makes the newest version of a key current, if it is an object and there is no current one.
async fn promote(cx: &mut Cx, bucket: &Bucket, key: &str) -> Result<()> {
    let place = bucket.place();
    if bucket.versioning.is_none() || cx.exists::<Object>(place, (&bucket.name, key.as_bytes())).await? {
        return Ok(());
    }
    if let Some(Version::Object(object)) = newest(cx, bucket, key).await? {
        cx.delete::<Version>(place, row(&bucket.name, key, object.stamp())).await?;
        cx.put(place, &*object).await?;
    }
    Ok(())
}

async fn drop_row(cx: &mut Cx, bucket: &Bucket, version: Version) -> Result<()> {
    let place = bucket.place();
    cx.delete::<Version>(place, version.key()).await?;
    match version {
        Version::Object(object) => blob::free(cx, place, &bucket.name, object.content).await,
        Version::Marker(_) => Ok(()),
    }
}

/// Stores what was changed of an object that keeps its place.
pub(crate) async fn update(cx: &mut Cx, bucket: &Bucket, object: Object, current: bool) -> Result<()> {
    if current {
        cx.put(bucket.place(), &object).await
    } else {
        cx.put(bucket.place(), &Version::Object(Box::new(object))).await
    }
}

/// The stamp of the next version: the time, but later than that of every other one, whatever the clock does.
async fn next_stamp(cx: &mut Cx, bucket: &Bucket, key: &str, current: Option<&Object>) -> Result<i64> {
    let newest = match current {
        Some(object) => Some(object.stamp()),
        None => newest(cx, bucket, key).await?.map(|version| version.stamp()),
    };
    let now = cx.now().micros();
    Ok(newest.map_or(now, |newest| now.max(newest.saturating_add(1))))
}

/// Ids are letters that no command line or URL takes for something else.
fn letters() -> Option<GeneralPurpose> {
    let alphabet = Alphabet::new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._").ok()?;
    Some(GeneralPurpose::new(&alphabet, NO_PAD))
}

fn new_id(chance: &Chance, versioning: Versioning, stamp: i64) -> Option<String> {
    match versioning {
        Versioning::Enabled => id_of(stamp, chance.bytes()),
        Versioning::Suspended => None,
    }
}

/// The id of a version: random, but for its stamp, which is hidden in it and finds the version.
fn id_of(stamp: i64, random: [u8; 16]) -> Option<String> {
    let mask = random.first_chunk::<8>().copied().unwrap_or_default();
    let hidden = (u64::from_be_bytes(mask) ^ u64::from_be_bytes(stamp.to_be_bytes())).to_be_bytes();
    Some(letters()?.encode([&random[..], &hidden[..]].concat()))
}

/// The stamp in the id of a version.
///
/// # Errors
/// `InvalidArgument`
pub(crate) fn stamp_of(id: &str) -> Result<i64> {
    let bytes = letters().and_then(|letters| letters.decode(id).ok()).filter(|bytes| bytes.len() == 24);
    let parts = bytes.as_deref().and_then(|bytes| Some((bytes.first_chunk::<8>()?, bytes.last_chunk::<8>()?)));
    match parts {
        Some((mask, hidden)) => Ok((u64::from_be_bytes(*mask) ^ u64::from_be_bytes(*hidden)).cast_signed()),
        None => Err(invalid_argument("Invalid version id specified", "versionId", id)),
    }
}

/// The id of a version as the API has it.
pub(crate) fn shown(version: Option<&str>) -> String {
    version.unwrap_or(NULL).to_owned()
}

/// The first place after all versions of a key, in the order of listings.
pub(crate) fn after_key(bucket: &str, key: &str) -> Key {
    (bucket, &order::after(key)[..]).into_key()
}

/// The stamp of the version that a listing goes on after.
///
/// # Errors
/// `InvalidArgument`
pub(crate) async fn stamp_of_marker(cx: &mut Cx, bucket: &Bucket, key: &str, id: &str) -> Result<i64> {
    let of_id = if id == NULL { i64::MAX } else { stamp_of(id)? };
    Ok(match find(cx, bucket, key, Some(id)).await? {
        Found::Object { object, .. } => object.stamp(),
        Found::Marker(marker) => marker.stamp,
        Found::Nothing => of_id,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_id_hides_its_stamp() {
        for stamp in [0, 1, 1_700_000_000_000_000, i64::MAX] {
            let id = id_of(stamp, [0xa5; 16]).unwrap();
            assert_eq!((id.len(), stamp_of(&id).unwrap()), (32, stamp), "{id}");
        }
        assert_ne!(id_of(7, [1; 16]), id_of(7, [2; 16]));
        for wrong in ["", "x", "null", "a-b", &"A".repeat(33), &"A".repeat(31)] {
            assert!(stamp_of(wrong).unwrap_err().is("InvalidArgument"), "{wrong}");
        }
    }

    #[test]
    fn the_newest_version_of_a_key_comes_first() {
        assert!(row("b", "k", 2) < row("b", "k", 1));
        assert!(row("b", "k", 1) < after_key("b", "k"));
        assert!(row("b", "k\0", 9) >= after_key("b", "k"));
    }
}
