//! Key material: sealed at rest, opened only to be used.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, IntoKey, Place, Resource, Result, Scope, Timestamp};

/// Material of a key. A key that was rotated has several; the old ones decrypt.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Material {
    pub(crate) key_id: String,
    /// 64 hexadecimal digits.
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    /// How it came to be; `None` for the first.
    pub(crate) rotation: Option<RotationType>,
    /// Sealed by the root key, for this key and id alone.
    sealed: bytes::Bytes,
}

/// How material came to replace an older one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RotationType {
    #[serde(rename = "AUTOMATIC")]
    Automatic,
    #[serde(rename = "ON_DEMAND")]
    OnDemand,
}

impl Resource for Material {
    const KIND: &'static str = "kms/material";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> welkin_kernel::Key {
        (&self.key_id, &self.id).into_key()
    }
}

/// What the seal is bound to.
fn seal_context(place: Place, key_id: &str, id: &str) -> String {
    format!("kms material {} {} {key_id} {id}", place.account, place.region)
}

/// Makes material of `length` bytes; returns its id.
pub(crate) async fn create(
    cx: &mut Cx,
    place: Place,
    key_id: &str,
    length: usize,
    rotation: Option<RotationType>,
) -> Result<String> {
    let id = cx.chance().hex(64);
    let mut plain = vec![0; length];
    cx.chance().fill(&mut plain);
    let sealed = cx.sealer().seal(cx.chance(), &seal_context(place, key_id, &id), &plain)?;
    let material =
        Material { key_id: key_id.to_owned(), id: id.clone(), created: cx.now(), rotation, sealed: sealed.into() };
    cx.put(place, &material).await?;
    Ok(id)
}

/// Opens material; `None` if the key has none of that id.
///
/// # Errors
/// A fault of Welkin's: the root key is another one.
pub(crate) async fn open(cx: &mut Cx, place: Place, key_id: &str, id: &str) -> Result<Option<Vec<u8>>> {
    let Some(material) = cx.get::<Material>(place, (key_id, id)).await? else { return Ok(None) };
    match cx.sealer().open(&seal_context(place, key_id, id), &material.sealed) {
        Some(plain) => Ok(Some(plain)),
        None => Err(Error::internal(format_args!("the material of key {key_id} was sealed by another root key"))),
    }
}

/// Opens the material that the key encrypts with.
pub(crate) async fn current(cx: &mut Cx, key: &crate::key::Key) -> Result<Vec<u8>> {
    let missing = || Error::internal(format_args!("key {} has no material", key.id));
    open(cx, key.place, &key.id, &key.material).await?.ok_or_else(missing)
}

/// Destroys all material of a key.
pub(crate) fn delete_all(cx: &mut Cx, place: Place, key_id: &str) -> Result<()> {
    cx.delete_all::<Material>(place, (key_id,))
}
