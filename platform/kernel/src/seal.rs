//! Sealing: secrets at rest are encrypted by a root key that is not in the store.

use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;

use crate::{Chance, Error, Result};

/// The root key. It seals key material, secrets and session tokens (AES-256-GCM, random nonces).
///
/// An import replaces it in a running Welkin.
pub struct Sealer(RwLock<Arc<Keys>>);

struct Keys {
    root: [u8; ROOT_KEY_LEN],
    key: LessSafeKey,
    derive: hmac::Key,
}

/// Length of the root key in bytes.
pub const ROOT_KEY_LEN: usize = 32;

impl Keys {
    fn new(root: &[u8; ROOT_KEY_LEN]) -> Self {
        let derive = hmac::Key::new(hmac::HMAC_SHA256, root);
        let sealing = hmac::sign(&derive, b"welkin seal v1");
        // INVARIANT: HMAC-SHA-256 gives the 32 bytes that AES-256 takes.
        let key = UnboundKey::new(&AES_256_GCM, sealing.as_ref()).expect("32 bytes are a key");
        Self { root: *root, key: LessSafeKey::new(key), derive }
    }
}

impl Sealer {
    /// A sealer with this root key.
    pub fn new(root: &[u8; ROOT_KEY_LEN]) -> Self {
        Self(RwLock::new(Arc::new(Keys::new(root))))
    }

    /// Takes another root key: what the present one sealed cannot be opened any more.
    pub(crate) fn replace(&self, root: &[u8; ROOT_KEY_LEN]) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Keys::new(root));
    }

    /// The root key: for an export, and nothing else.
    pub fn root_key(&self) -> [u8; ROOT_KEY_LEN] {
        self.keys().root
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the root key from `path`, or makes one there that only the owner may read.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is not a root key.
    pub fn load_or_create(path: &Path, chance: &Chance) -> io::Result<Self> {
        match std::fs::read(path) {
            Ok(bytes) => match <[u8; ROOT_KEY_LEN]>::try_from(bytes.as_slice()) {
                Ok(root) => Ok(Self::new(&root)),
                Err(_) => Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("{} holds {} bytes; a root key has {ROOT_KEY_LEN}", path.display(), bytes.len()),
                )),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let root: [u8; ROOT_KEY_LEN] = chance.bytes();
                write_private(path, &root)?;
                Ok(Self::new(&root))
            }
            Err(error) => Err(error),
        }
    }

    /// Seals `plain`; `context` must be the same to open it.
    pub fn seal(&self, chance: &Chance, context: &str, plain: &[u8]) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = chance.bytes();
        let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(&nonce);
        let mut body = plain.to_vec();
        self.keys()
            .key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context.as_bytes()), &mut body)
            .map_err(|_| Error::internal("sealing failed"))?;
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// Opens what [`seal`](Self::seal) sealed; `None` if it is not that.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = body.to_vec();
        let plain = self.keys().key.open_in_place(nonce, Aad::from(context.as_bytes()), &mut body).ok()?.len();
        body.truncate(plain);
        Some(body)
    }

    /// 32 bytes derived from the root key and `context`.
    pub fn derive(&self, context: &str) -> [u8; 32] {
        let mut derived = [0; 32];
        derived.copy_from_slice(hmac::sign(&self.keys().derive, context.as_bytes()).as_ref());
        derived
    }
}

#[cfg(unix)]
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(not(unix))]
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    std::fs::write(path, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_in_its_context_and_untouched() {
        let (chance, sealer) = (Chance::from_seed(1), Sealer::new(&[7; ROOT_KEY_LEN]));
        let sealed = sealer.seal(&chance, "a", b"secret").expect("sealed");
        assert_eq!(sealer.open("a", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_eq!(sealer.open("b", &sealed), None);
        for at in 0..sealed.len() {
            let mut other = sealed.clone();
            other[at] ^= 1;
            assert_eq!(sealer.open("a", &other), None);
        }
        assert_eq!(sealer.open("a", &sealed[..5]), None);
    }
}
