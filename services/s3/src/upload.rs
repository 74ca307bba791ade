//! Uploads in parts.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html>

pub(crate) mod abort;
pub(crate) mod complete;
pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod list_parts;
pub(crate) mod part;
pub(crate) mod part_copy;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, IntoKey, Key, Page, Place, Resource, Result, Scope, Timestamp};

use crate::acl::User;
use crate::acl::policy::granting;
use crate::bucket::Bucket;
use crate::checksum::{Algorithm, Kind};
use crate::content::{Piece, Received};
use crate::encryption::{CustomerKey, Protection, bucket_key, data_key};
use crate::errors::no_such_upload;
use crate::object::list::page::Keyed;
use crate::object::settings::Settings;
use crate::object::{access, blob, check_key};

/// An upload in progress. All parts lie at rest under its one data key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Upload {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) id: String,
    pub(crate) initiated: Timestamp,
    /// Who began it: the ARN of a user or session, or the canonical user id of a root user's account.
    pub(crate) initiator: String,
    pub(crate) settings: Settings,
    pub(crate) protection: Protection,
    /// Whether the client chose the checksum; if not, it is one that S3 computes by itself.
    pub(crate) chosen: bool,
    #[serde(with = "crate::checksum")]
    pub(crate) algorithm: Algorithm,
    pub(crate) kind: Kind,
}

/// A part of an upload in progress.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) bucket: String,
    pub(crate) upload: String,
    pub(crate) number: u32,
    pub(crate) etag: String,
    pub(crate) modified: Timestamp,
    /// In the upload's algorithm.
    pub(crate) checksum: String,
    /// `None` if it has no bytes.
    pub(crate) piece: Option<Piece>,
}

impl Resource for Upload {
    const KIND: &'static str = "s3/upload";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (&self.bucket, self.key.as_bytes(), &self.id).into_key()
    }
}

impl Keyed for Upload {
    fn text(&self) -> &str {
        &self.key
    }
}

impl Resource for Part {
    const KIND: &'static str = "s3/part";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (&self.bucket, &self.upload, self.number).into_key()
    }
}

impl Part {
    pub(crate) fn size(&self) -> u64 {
        self.piece.as_ref().map_or(0, |piece| piece.size)
    }
}

impl Upload {
    /// An upload in progress.
    ///
    /// # Errors
    /// `NoSuchUpload`
    pub(crate) async fn find(cx: &mut Cx, bucket: &Bucket, key: &str, id: &str) -> Result<Self> {
        match cx.get::<Self>(bucket.place(), (&bucket.name, key.as_bytes(), id)).await? {
            Some(upload) => Ok(upload),
            None => Err(no_such_upload(id)),
        }
    }

    /// The canonical user that began it.
    fn initiator(&self) -> Option<User> {
        let by_arn = || self.initiator.parse::<Arn>().ok()?.account().map(User::Account);
        User::by_id(&self.initiator).or_else(by_arn)
    }

    /// All parts, by number.
    pub(crate) async fn parts(&self, cx: &mut Cx, place: Place) -> Result<Vec<Part>> {
        cx.list::<Part>(place, (&self.bucket, &self.id), Page::ALL).await
    }

    /// Stores a part in place of the one with its number, if there is one.
    pub(crate) async fn put_part(&self, cx: &mut Cx, place: Place, number: u32, received: Received) -> Result<Part> {
        let before = cx.get::<Part>(place, (&self.bucket, &self.id, number)).await?;
        blob::free_pieces(cx, place, before.and_then(|part| part.piece).into_iter()).await?;
        let part = Part {
            bucket: self.bucket.clone(),
            upload: self.id.clone(),
            number,
            etag: received.etag,
            modified: cx.now().whole_secs(),
            checksum: received.checksum,
            piece: received.piece,
        };
        cx.put(place, &part).await?;
        Ok(part)
    }

    /// Forgets the upload and its parts, whose bytes are freed but for those that are kept.
    pub(crate) async fn close(&self, cx: &mut Cx, place: Place, dropped: Vec<Part>) -> Result<()> {
        blob::free_pieces(cx, place, dropped.into_iter().filter_map(|part| part.piece)).await?;
        cx.delete_all::<Part>(place, (&self.bucket, &self.id))?;
        cx.delete::<Self>(place, (&self.bucket, self.key.as_bytes(), &self.id)).await?;
        Ok(())
    }
}

/// What it takes to go on with an upload.
pub(crate) async fn to_continue(cx: &mut Cx, bucket: &str, key: &str) -> Result<Access> {
    check_key(key)?;
    let bucket = Bucket::open_charged(cx, bucket).await?;
    let access = bucket.object_access(cx, "s3:PutObject", key);
    access::writing(cx, &bucket, key, access).await
}

/// What it takes to see the parts of an upload, or to give it up: the bucket's owner and the initiator's account may.
///
/// Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions>
pub(crate) async fn to_manage(cx: &mut Cx, action: &'static str, bucket: &str, key: &str, id: &str) -> Result<Access> {
    check_key(key)?;
    let bucket = Bucket::open_charged(cx, bucket).await?;
    let access = bucket.object_access(cx, action, key);
    let upload = cx.get::<Upload>(bucket.place(), (&bucket.name, key.as_bytes(), id)).await?;
    let initiator = upload.and_then(|upload| upload.initiator()).filter(|user| *user != User::Account(bucket.owner));
    Ok(access.acl(initiator.map(|user| granting(user, &[action]))))
}

/// The data key of an upload for one of its parts, with the bucket-level key that was decrypted on the way.
/// To be called in a stage.
pub(crate) async fn unlock(
    cx: &mut Cx,
    bucket: &Bucket,
    upload: &Upload,
    customer: Option<&CustomerKey>,
    kept: Option<bucket_key::BucketKey>,
) -> Result<data_key::OldKey> {
    data_key::open(cx, bucket, &upload.key, &upload.protection, customer, kept).await
}

/// The number of a part.
///
/// # Errors
/// `InvalidArgument`
pub(crate) fn part_number(number: i64) -> Result<u32> {
    match u32::try_from(number) {
        Ok(number @ 1..=10_000) => Ok(number),
        _ => Err(crate::errors::invalid_argument(
            "Part number must be an integer between 1 and 10000, inclusive",
            "partNumber",
            number.to_string(),
        )),
    }
}

/// Ends all uploads of a bucket that is deleted.
pub(crate) async fn abort_all(cx: &mut Cx, bucket: &Bucket) -> Result<()> {
    let place = bucket.place();
    for upload in cx.list::<Upload>(place, (&bucket.name,), Page::ALL).await? {
        let parts = upload.parts(cx, place).await?;
        upload.close(cx, place, parts).await?;
    }
    Ok(())
}
