//! The chain of signatures: each chunk's builds on the one before.

use super::trimmed;
use crate::{
    Error, ErrorKind, Mismatch, Seed,
    chunk_string::{chunk_string_of_hash, trailer_string_to_sign},
    hash::into_array,
};
use aws_lc_rs::digest::{Context, SHA256};
use std::fmt;

pub(super) struct Chain {
    seed: Seed,
    expected: String,
    hash: Context,
}

impl Chain {
    pub(super) fn new(seed: Seed) -> Self {
        Self { seed, expected: String::new(), hash: Context::new(&SHA256) }
    }

    /// Starts a chunk that has this signature.
    pub(super) fn expect(&mut self, signature: String) {
        self.expected = signature;
        self.hash = Context::new(&SHA256);
    }

    pub(super) fn update(&mut self, data: &[u8]) {
        self.hash.update(data);
    }

    /// Verifies the chunk that was started last.
    pub(super) fn verify_chunk(&mut self) -> Result<(), Error> {
        let hash = std::mem::replace(&mut self.hash, Context::new(&SHA256)).finish();
        let Seed { algorithm, scope, timestamp_text, signature, .. } = &self.seed;
        let message = chunk_string_of_hash(*algorithm, timestamp_text, scope, signature, &into_array(hash.as_ref()));
        let expected = std::mem::take(&mut self.expected);
        self.verify(&message, &expected)
    }

    /// Verifies the signature of trailers.
    pub(super) fn verify_trailers(&mut self, canonical: &[u8], signature: &str) -> Result<(), Error> {
        let Seed { algorithm, scope, timestamp_text, signature: previous, .. } = &self.seed;
        let message = trailer_string_to_sign(*algorithm, timestamp_text, scope, previous, canonical);
        self.verify(&message, signature)
    }

    fn verify(&mut self, message: &[u8], signature: &str) -> Result<(), Error> {
        // The chain builds on SigV4a signatures without their padding, as in AWS's C library (aws-c-auth).
        let trimmed = trimmed(signature, self.seed.algorithm);
        if self.seed.key.verifies(message, trimmed) {
            self.seed.signature = trimmed.to_owned();
            return Ok(());
        }
        Err(ErrorKind::SignatureMismatch(Box::new(Mismatch {
            access_key_id: self.seed.access_key_id.clone(),
            signature: signature.to_owned(),
            string_to_sign: String::from_utf8_lossy(message).into_owned(),
            canonical_request: None,
        }))
        .into())
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").field("seed", &self.seed).finish_non_exhaustive()
    }
}
