//! Key material: sealed at rest, opened only to be used.

use aws_lc_rs::hmac;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, IntoKey, Page, Place, Resource, Result, Scope, Timestamp};

use crate::key::Key;
use crate::names::names;
use crate::secret::Secret;

/// Material of a key. A key that was rotated has several; the old ones decrypt.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Material {
    pub(crate) key_id: String,
    /// 64 hexadecimal digits.
    pub(crate) id: String,
    /// When it became the current one.
    pub(crate) created: Timestamp,
    /// How it became that; `None` for the first.
    pub(crate) rotation: Option<RotationType>,
    /// Sealed by the root key, for this key and id alone. Of a key pair it is the private key, as PKCS #8.
    /// `None` where it was not imported, has expired, or was deleted: it is known which material it has to be.
    sealed: Option<Bytes>,
    /// What is said of it if it comes from outside.
    #[serde(default)]
    pub(crate) imported: Option<Imported>,
}

/// Imported material.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Imported {
    pub(crate) description: Option<String>,
    /// When it expires; `None` means never.
    pub(crate) valid_to: Option<Timestamp>,
    /// It waits for a rotation to become the current one, and is not bound to the key until then.
    pub(crate) pending: bool,
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

impl Material {
    /// Material that is not there.
    pub(crate) fn empty(cx: &Cx, key_id: &str, id: &str, imported: Option<Imported>) -> Self {
        let (key_id, id) = (key_id.to_owned(), id.to_owned());
        Self { key_id, id, created: cx.now(), rotation: None, sealed: None, imported }
    }

    /// Puts it there, for the key at `place`.
    pub(crate) fn fill(&mut self, cx: &Cx, place: Place, plain: &Secret) -> Result<()> {
        let context = seal_context(place, &self.key_id, &self.id);
        self.sealed = Some(cx.sealer().seal(cx.chance(), &context, plain)?.into());
        Ok(())
    }

    /// Takes it away, and with it its expiration.
    pub(crate) fn clear(&mut self) {
        self.sealed = None;
        if let Some(imported) = &mut self.imported {
            imported.valid_to = None;
        }
    }

    /// Binds material to the key that waited for a rotation on demand.
    pub(crate) fn bind(&mut self, now: Timestamp) {
        (self.created, self.rotation) = (now, Some(RotationType::OnDemand));
        if let Some(imported) = &mut self.imported {
            imported.pending = false;
        }
    }

    /// Whether it is there.
    pub(crate) fn is_there(&self) -> bool {
        self.sealed.is_some()
    }

    /// Whether it waits for a rotation.
    pub(crate) fn is_pending(&self) -> bool {
        self.imported.as_ref().is_some_and(|imported| imported.pending)
    }

    /// Opens it; `None` if it is not there.
    ///
    /// # Errors
    /// A fault of Welkin's: the root key is another one.
    pub(crate) fn open(&self, cx: &Cx, place: Place) -> Result<Option<Secret>> {
        let Some(sealed) = &self.sealed else { return Ok(None) };
        match cx.sealer().open(&seal_context(place, &self.key_id, &self.id), sealed) {
            Some(plain) => Ok(Some(Secret::new(plain))),
            None => {
                let message = format_args!("the material of key {} was sealed by another root key", self.key_id);
                Err(Error::internal(message))
            }
        }
    }
}

/// Draws the material of a symmetric key.
pub(crate) fn draw(cx: &Cx, length: usize) -> Secret {
    let mut plain = Secret::new(vec![0; length]);
    cx.chance().fill(&mut plain);
    plain
}

/// The id of imported material: of the key and the material alone, so that it is known again.
///
/// Source: ImportKeyMaterial, `KeyMaterialId`.
pub(crate) fn id_of(key_id: &str, plain: &Secret) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, plain);
    hex::encode(hmac::sign(&key, format!("welkin kms material id v1 {key_id}").as_bytes()))
}

/// Opens the material of that id; `None` if the key has none, or it is not there.
///
/// # Errors
/// A fault of Welkin's: the root key is another one.
pub(crate) async fn open(cx: &mut Cx, place: Place, key_id: &str, id: &str) -> Result<Option<Secret>> {
    match cx.get::<Material>(place, (key_id, id)).await? {
        Some(material) => material.open(cx, place),
        None => Ok(None),
    }
}

/// Opens the material that the key encrypts and signs with.
pub(crate) async fn current(cx: &mut Cx, key: &Key) -> Result<Secret> {
    let missing = || Error::internal(format_args!("key {} has no material", key.id));
    open(cx, key.place, &key.id, key.current_material()?).await?.ok_or_else(missing)
}

/// All materials of a key.
pub(crate) async fn all(cx: &mut Cx, key: &Key) -> Result<Vec<Material>> {
    cx.list::<Material>(key.place, (&key.id,), Page::ALL).await
}

/// Destroys all material of a key.
pub(crate) fn delete_all(cx: &mut Cx, place: Place, key_id: &str) -> Result<()> {
    cx.delete_all::<Material>(place, (key_id,))
}
