//! Objects.

pub(crate) mod access;
pub(crate) mod acl;
pub(crate) mod attributes;
pub(crate) mod blob;
pub(crate) mod copy;
pub(crate) mod delete;
pub(crate) mod encryption;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod lock;
pub(crate) mod put;
pub(crate) mod restore;
pub(crate) mod settings;
pub(crate) mod tagging;
pub(crate) mod tiering;
pub(crate) mod version;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::bucket::replication::progress::{Progress, Status};
use crate::checksum::Checksum;
use crate::content::Piece;
use crate::encryption::Protection;
use crate::errors::{InvalidArgument, KeyTooLongError};
use settings::Settings;

/// Longest key in bytes.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>
const LONGEST_KEY: usize = 1024;

/// An object: the current version of its key.
///
/// Rows of a bucket lie in the owner's account and the bucket's Region, in the order of the bytes of their
/// keys, and hold current versions only, so that reading and listing touch nothing else. Noncurrent ones and
/// delete markers have a kind of their own: [`version::Version`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Object {
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// `None` is the null version, the only one of a bucket without versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    /// The place among the versions of the key; zero where the bucket never had versions when it was written.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) stamp: i64,
    /// Without quotes.
    pub(crate) etag: String,
    pub(crate) size: u64,
    pub(crate) modified: Timestamp,
    pub(crate) checksum: Checksum,
    pub(crate) settings: Settings,
    pub(crate) protection: Protection,
    pub(crate) content: Content,
    /// `None` if no rule ever replicated it, and it is no replica.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) replication: Option<Progress>,
}

/// Where the bytes of an object are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Content {
    /// There are none.
    Empty,
    /// In one piece.
    Whole(Piece),
    /// In the parts of an upload, which its [`Manifest`] lists.
    Parts {
        /// Id of the upload.
        upload: String,
        /// Number of parts.
        count: u32,
    },
}

/// The parts of an object that was uploaded in parts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) bucket: String,
    pub(crate) upload: String,
    pub(crate) parts: Vec<ManifestPart>,
}

/// A part of an object: its number, its content and its checksum in the object's algorithm.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ManifestPart(pub(crate) u32, pub(crate) Option<Piece>, pub(crate) String);

impl ManifestPart {
    pub(crate) fn size(&self) -> u64 {
        self.1.as_ref().map_or(0, |piece| piece.size)
    }
}

impl Resource for Object {
    const KIND: &'static str = "s3/object";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (&self.bucket, self.key.as_bytes()).into_key()
    }
}

impl Resource for Manifest {
    const KIND: &'static str = "s3/manifest";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (&self.bucket, &self.upload).into_key()
    }
}

impl Object {
    /// The object of a key.
    pub(crate) async fn find(cx: &mut Cx, place: Place, bucket: &str, key: &str) -> Result<Option<Self>> {
        cx.get(place, (bucket, key.as_bytes())).await
    }

    /// The place among the versions of the key, in microseconds.
    pub(crate) fn stamp(&self) -> i64 {
        if self.stamp == 0 { self.modified.micros() } else { self.stamp }
    }

    /// The entity tag as headers and listings have it.
    pub(crate) fn quoted_etag(&self) -> String {
        quoted(&self.etag)
    }

    /// The parts of the object, if it was uploaded in parts.
    pub(crate) async fn manifest(&self, cx: &mut Cx, place: Place) -> Result<Option<Manifest>> {
        let Content::Parts { upload, .. } = &self.content else { return Ok(None) };
        match cx.get::<Manifest>(place, (&self.bucket, upload)).await? {
            Some(manifest) => Ok(Some(manifest)),
            None => Err(welkin_kernel::Error::internal(format_args!("object {} has lost its manifest", self.key))),
        }
    }

    /// Whether it is still to be brought to some other bucket.
    pub(crate) fn awaits_replication(&self) -> bool {
        self.replication.as_ref().is_some_and(|progress| progress.status() == Status::Pending)
    }

    /// Its storage class, unless it is the standard one, which headers do not name.
    pub(crate) fn special_class(&self) -> Option<String> {
        let class = &self.settings.storage_class;
        (class != settings::STANDARD).then(|| class.clone())
    }
}

fn is_zero(stamp: &i64) -> bool {
    *stamp == 0
}

/// An entity tag in quotes.
pub(crate) fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

/// Refuses keys that no object may have.
pub(crate) fn check_key(key: &str) -> Result<()> {
    if key.len() > LONGEST_KEY {
        let error = welkin_kernel::Error::from(KeyTooLongError);
        return Err(error.with("Size", key.len().to_string()).with("MaxSizeAllowed", LONGEST_KEY.to_string()));
    }
    if key.is_empty() {
        return Err(InvalidArgument::because("Object key must not be empty"));
    }
    Ok(())
}
