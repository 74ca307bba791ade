//! Passwords: what the account demands of them, and how they are kept.
//!
//! A password is kept as its PBKDF2-HMAC-SHA-256, and that is sealed: who has the store but not the root key cannot even
//! guess. All passwords of one user share a salt, so that one derivation compares a new one with all former ones.

use std::num::NonZeroU32;

use aws_lc_rs::{constant_time, pbkdf2};
use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, Result};

/// Fewer than OWASP asks for where hashes lie open, as these are sealed too, and a call must not hold others up for long.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(100_000).unwrap();

/// Length of hash and salt in bytes.
const LENGTH: usize = 32;

/// Former passwords that are remembered: the most that a password policy can ask for.
const REMEMBERED: usize = 24;

/// The present password of somebody and former ones.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Passwords {
    salt: [u8; LENGTH],
    /// Hashes, sealed, the present one first.
    hashes: Vec<Vec<u8>>,
}

/// A password as it is compared.
#[derive(Clone)]
pub(crate) struct Hash([u8; LENGTH]);

impl Passwords {
    /// None yet.
    pub(crate) fn new(cx: &Cx) -> Self {
        Self { salt: cx.chance().bytes(), hashes: Vec::new() }
    }

    /// The hash of a password of theirs. It takes a while: it is derived once for a call, however often that is run.
    pub(crate) fn hash(&self, cx: &mut Cx, password: &str) -> Hash {
        let salt = self.salt;
        let (salt, hash) = cx.once(|_| (salt, derive(&salt, password)));
        // A call that is run again may find another salt.
        if salt == self.salt { hash } else { derive(&self.salt, password) }
    }

    /// Whether it is the present one.
    pub(crate) fn is_present(&self, cx: &Cx, hash: &Hash) -> Result<bool> {
        self.is_among(cx, hash, 1)
    }

    /// Whether it is among the last `count`, the present one counted.
    pub(crate) fn is_among(&self, cx: &Cx, hash: &Hash, count: usize) -> Result<bool> {
        for sealed in self.hashes.iter().take(count) {
            let plain = cx.sealer().open(CONTEXT, sealed);
            let plain = plain.ok_or_else(|| Error::internal("a password was sealed by another root key"))?;
            if constant_time::verify_slices_are_equal(&plain, &hash.0).is_ok() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Makes it the present one.
    pub(crate) fn set(&mut self, cx: &Cx, hash: &Hash) -> Result<()> {
        self.hashes.insert(0, cx.sealer().seal(cx.chance(), CONTEXT, &hash.0)?);
        self.hashes.truncate(REMEMBERED);
        Ok(())
    }
}

const CONTEXT: &str = "iam password";

fn derive(salt: &[u8], password: &str) -> Hash {
    let mut hash = [0; LENGTH];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ITERATIONS, salt, password.as_bytes(), &mut hash);
    Hash(hash)
}
