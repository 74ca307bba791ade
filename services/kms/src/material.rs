//! Key material: sealed at rest, opened only to be used.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, IntoKey, Place, Resource, Result, Scope, Timestamp};

use crate::key::Key;
use crate::names::names;
use crate::secret::Secret;

/// Material of a key. A key that was rotated has several; the old ones decrypt.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Material {
    pub(crate) key_id: String,
    /// 64 hexadecimal digits.
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    /// How it came to be; `None` for the first.
    pub(crate) rotation: Option<RotationType>,
    /// Sealed by the root key, for this key and id alone. Of a key pair it is the private key, as PKCS #8.
    sealed: bytes::Bytes,
}

names! {
    /// How material came to replace an older one.
    pub(crate) enum RotationType {
        Automatic = "AUTOMATIC",
        OnDemand = "ON_DEMAND",
    }
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

/// Draws the material of a symmetric key.
pub(crate) fn draw(cx: &Cx, length: usize) -> Secret {
    let mut plain = Secret::new(vec![0; length]);
    cx.chance().fill(&mut plain);
    plain
}

/// Stores material under a fresh id, which it returns.
pub(crate) async fn create(
    cx: &mut Cx,
    place: Place,
    key_id: &str,
    plain: &Secret,
    rotation: Option<RotationType>,
) -> Result<String> {
    let id = cx.chance().hex(64);
    let sealed = cx.sealer().seal(cx.chance(), &seal_context(place, key_id, &id), plain)?;
    let material =
        Material { key_id: key_id.to_owned(), id: id.clone(), created: cx.now(), rotation, sealed: sealed.into() };
    cx.put(place, &material).await?;
    Ok(id)
}

/// Opens material; `None` if the key has none of that id.
///
/// # Errors
/// A fault of Welkin's: the root key is another one.
pub(crate) async fn open(cx: &mut Cx, place: Place, key_id: &str, id: &str) -> Result<Option<Secret>> {
    let Some(material) = cx.get::<Material>(place, (key_id, id)).await? else { return Ok(None) };
    match cx.sealer().open(&seal_context(place, key_id, id), &material.sealed) {
        Some(plain) => Ok(Some(Secret::new(plain))),
        None => Err(Error::internal(format_args!("the material of key {key_id} was sealed by another root key"))),
    }
}

/// Opens the material that the key encrypts and signs with.
pub(crate) async fn current(cx: &mut Cx, key: &Key) -> Result<Secret> {
    let missing = || Error::internal(format_args!("key {} has no material", key.id));
    open(cx, key.place, &key.id, key.current_material()?).await?.ok_or_else(missing)
}

/// Destroys all material of a key.
pub(crate) fn delete_all(cx: &mut Cx, place: Place, key_id: &str) -> Result<()> {
    cx.delete_all::<Material>(place, (key_id,))
}
