//! Keys derived from secrets, and their cache.

use crate::{
    Algorithm, Scope, Secret, ecdsa,
    hash::{into_array, sha256},
};
use aws_lc_rs::hmac;
use std::{
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, PoisonError},
};

/// A key that verifies signatures of one scope.
pub struct SigningKey(pub(crate) Material);

#[expect(clippy::large_enum_variant, reason = "SigV4a is rare, and keys are kept behind one pointer already")]
pub(crate) enum Material {
    Hmac(hmac::Key),
    Ecdsa(ecdsa::PublicKey),
}

impl SigningKey {
    /// Derives the key of version 4's HMAC scheme.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
    pub fn hmac(secret: &Secret, scope: &Scope) -> Self {
        let mut seed = Vec::with_capacity(4 + secret.expose().len());
        seed.extend_from_slice(b"AWS4");
        seed.extend_from_slice(secret.expose().as_bytes());
        let mut key = hmac::Key::new(hmac::HMAC_SHA256, &seed);
        for part in [&scope.date, &scope.region, &scope.service, &scope.terminator] {
            key = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref());
        }
        Self(Material::Hmac(key))
    }

    /// Derives the public key of SigV4a. `None` if no key follows from the secret, which has a chance of 2⁻³².
    pub fn ecdsa(access_key_id: &str, secret: &Secret) -> Option<Self> {
        ecdsa::PublicKey::derive(access_key_id, secret).map(|key| Self(Material::Ecdsa(key)))
    }

    pub(crate) fn derive(algorithm: Algorithm, access_key_id: &str, secret: &Secret, scope: &Scope) -> Option<Self> {
        match algorithm {
            Algorithm::HmacSha256 => Some(Self::hmac(secret, scope)),
            Algorithm::EcdsaP256Sha256 => Self::ecdsa(access_key_id, secret),
        }
    }

    /// HMAC-SHA-256 of `message`; `None` for keys that only verify.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<[u8; 32]> {
        match &self.0 {
            Material::Hmac(key) => Some(into_array(hmac::sign(key, message).as_ref())),
            Material::Ecdsa(_) => None,
        }
    }

    /// Whether `signature`, in hexadecimal, is the signature of `message`. Takes the same time wherever they differ.
    pub(crate) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        match &self.0 {
            Material::Hmac(key) => {
                let mut tag = [0; 32];
                // Upper-case digits are not what a signer writes.
                let lower = !signature.bytes().any(|byte| byte.is_ascii_uppercase());
                lower && hex::decode_to_slice(signature, &mut tag).is_ok() && hmac::verify(key, message, &tag).is_ok()
            }
            Material::Ecdsa(key) => hex::decode(signature).is_ok_and(|der| key.verifies(message, &der)),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

const SETS: usize = 256;
const WAYS: usize = 8;

/// Derived keys, so that a client's second request of the day costs one HMAC instead of five.
///
/// Holds at most 2,048 keys of about 1.5 KB in 256 sets, each behind its own lock, which is held for a few
/// comparisons only. In a full set the oldest key makes room. Keys enter after they verified a signature, so nobody
/// without a secret can drive others' keys out.
#[derive(Debug)]
pub struct KeyCache {
    sets: Box<[Mutex<Set>]>,
}

#[derive(Debug, Default)]
struct Set {
    entries: Vec<Entry>,
    oldest: usize,
}

#[derive(Debug)]
struct Entry {
    algorithm: Algorithm,
    access_key_id: Box<str>,
    /// A key whose secret was replaced must not be found again.
    secret_digest: [u8; 32],
    scope: Scope,
    key: Arc<SigningKey>,
}

impl Default for KeyCache {
    fn default() -> Self {
        Self { sets: (0..SETS).map(|_| Mutex::default()).collect() }
    }
}

impl KeyCache {
    /// The most keys it holds.
    pub const CAPACITY: usize = SETS * WAYS;

    /// An empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many keys it holds.
    pub fn len(&self) -> usize {
        self.sets.iter().map(|set| set.lock().unwrap_or_else(PoisonError::into_inner).entries.len()).sum()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn lookup<'a>(
        &'a self,
        algorithm: Algorithm,
        access_key_id: &'a str,
        secret: &Secret,
        scope: &'a Scope,
    ) -> Slot<'a> {
        let mut hasher = DefaultHasher::new();
        (access_key_id, scope).hash(&mut hasher);
        // INVARIANT: the remainder is below 256, which fits.
        let index = usize::try_from(hasher.finish() % SETS as u64).unwrap_or_default();
        let secret_digest = sha256(secret.expose().as_bytes());
        Slot { set: self.sets.get(index), algorithm, access_key_id, secret_digest, scope }
    }
}

/// The place of one key in the cache.
pub(crate) struct Slot<'a> {
    set: Option<&'a Mutex<Set>>,
    algorithm: Algorithm,
    access_key_id: &'a str,
    secret_digest: [u8; 32],
    scope: &'a Scope,
}

impl Slot<'_> {
    pub(crate) fn get(&self) -> Option<Arc<SigningKey>> {
        let set = self.set?.lock().unwrap_or_else(PoisonError::into_inner);
        set.entries.iter().find(|entry| self.is(entry)).map(|entry| entry.key.clone())
    }

    pub(crate) fn put(&self, key: &Arc<SigningKey>) {
        let Some(set) = self.set else { return };
        let mut guard = set.lock().unwrap_or_else(PoisonError::into_inner);
        let set = &mut *guard;
        if set.entries.iter().any(|entry| self.is(entry)) {
            return;
        }
        let entry = Entry {
            algorithm: self.algorithm,
            access_key_id: self.access_key_id.into(),
            secret_digest: self.secret_digest,
            scope: self.scope.clone(),
            key: key.clone(),
        };
        if set.entries.len() < WAYS {
            set.entries.push(entry);
        } else if let Some(oldest) = set.entries.get_mut(set.oldest) {
            *oldest = entry;
            set.oldest = (set.oldest + 1) % WAYS;
        }
    }

    fn is(&self, entry: &Entry) -> bool {
        entry.algorithm == self.algorithm
            && *entry.access_key_id == *self.access_key_id
            && entry.scope == *self.scope
            && aws_lc_rs::constant_time::verify_slices_are_equal(&entry.secret_digest, &self.secret_digest).is_ok()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn scope(region: &str) -> Scope {
        Scope {
            date: "20150830".to_owned(),
            region: region.to_owned(),
            service: "iam".to_owned(),
            terminator: "aws4_request".to_owned(),
        }
    }

    #[test]
    fn the_cache_is_bounded_and_tells_secrets_apart() {
        let cache = KeyCache::new();
        let secret = Secret::new("one");
        for n in 0..10_000 {
            let scope = scope(&n.to_string());
            let key = Arc::new(SigningKey(Material::Hmac(hmac::Key::new(hmac::HMAC_SHA256, b"k"))));
            let slot = cache.lookup(Algorithm::HmacSha256, "AKID", &secret, &scope);
            slot.put(&key);
            assert!(Arc::ptr_eq(&slot.get().unwrap(), &key));
            assert!(cache.lookup(Algorithm::HmacSha256, "AKID", &Secret::new("two"), &scope).get().is_none());
            assert!(cache.lookup(Algorithm::EcdsaP256Sha256, "AKID", &secret, &scope).get().is_none());
        }
        assert!(cache.len() <= KeyCache::CAPACITY);
        assert!(cache.len() > KeyCache::CAPACITY / 2);
    }
}
