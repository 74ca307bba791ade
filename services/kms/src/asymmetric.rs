//! Key pairs and what they do: pure functions over keys in their standard encodings.
//!
//! A private key is a PKCS #8 `PrivateKeyInfo`, a public key an X.509 `SubjectPublicKeyInfo`, both DER. The same
//! key has the same bytes, however it was written when it was imported.
//!
//! AWS-LC does the cryptography, with its own generator of random numbers where an algorithm needs some. What it
//! has no safe interface for is done by other libraries: Ed25519ph, ML-DSA over an external μ, and the expansion of
//! ML-KEM seeds.

mod der;
pub(crate) mod ecc;
mod ed25519;
mod ml_dsa;
pub(crate) mod ml_kem;
pub(crate) mod rsa;

use aws_lc_rs::digest::{self, Digest};
use welkin_kernel::{Chance, Error, Result};

use crate::algorithm::SigningAlgorithm;
use crate::key::spec::{Family, KeySpec};
use crate::secret::Secret;

/// A key pair.
#[derive(Clone)]
pub(crate) struct Pair {
    /// PKCS #8.
    pub(crate) private: Secret,
    /// `SubjectPublicKeyInfo`.
    pub(crate) public: Vec<u8>,
}

/// The bytes are no key of the spec.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotAKey;

/// What is signed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Message<'a> {
    /// A message.
    Raw(&'a [u8]),
    /// The hash of one, of the length that the algorithm's hash has.
    Digest(&'a [u8]),
    /// The representative μ of one: FIPS 204, section 6.2.
    ExternalMu(&'a [u8; 64]),
}

/// Makes a key pair. RSA pairs take up to seconds.
///
/// # Errors
/// A fault of Welkin's: the spec is one of symmetric keys, or AWS-LC failed.
pub(crate) fn generate(spec: KeySpec, chance: &Chance) -> Result<Pair> {
    match spec.family() {
        Family::Rsa => rsa::generate(spec),
        Family::Ecc if spec == KeySpec::Ed25519 => ed25519::from_seed(&chance.bytes()),
        Family::Ecc => ecc::generate(spec),
        Family::MlDsa => ml_dsa::from_seed(spec, &chance.bytes()),
        Family::MlKem => ml_kem::from_seed(spec, &chance.bytes()),
        Family::Symmetric => Err(Error::internal("a symmetric key is no pair")),
    }
}

/// The pair of a private key in PKCS #8.
///
/// # Errors
/// It is none of the spec.
pub(crate) fn read(spec: KeySpec, pkcs8: &[u8]) -> std::result::Result<Pair, NotAKey> {
    match spec.family() {
        Family::Rsa => rsa::read(spec, pkcs8),
        Family::Ecc if spec == KeySpec::Ed25519 => ed25519::read(pkcs8),
        Family::Ecc => ecc::read(spec, pkcs8),
        Family::MlDsa => ml_dsa::read(spec, pkcs8),
        Family::MlKem | Family::Symmetric => Err(NotAKey),
    }
}

/// Signs `message` by the private key.
///
/// # Errors
/// A fault of Welkin's: the stored key is not one, or the algorithm is not one of the spec.
pub(crate) fn sign(
    spec: KeySpec,
    private: &[u8],
    algorithm: SigningAlgorithm,
    message: Message<'_>,
) -> Result<Vec<u8>> {
    match spec.family() {
        Family::Rsa => rsa::sign(private, algorithm, &hashed(algorithm, message)?),
        Family::Ecc if spec == KeySpec::Ed25519 => ed25519::sign(private, message),
        Family::Ecc => ecc::sign(spec, private, &hashed(algorithm, message)?),
        Family::MlDsa => ml_dsa::sign(spec, private, message),
        Family::MlKem | Family::Symmetric => Err(wrong(spec)),
    }
}

/// Whether `signature` is one of `message` by the private key of `public`.
///
/// # Errors
/// A fault of Welkin's: the algorithm is not one of the spec.
pub(crate) fn verify(
    spec: KeySpec,
    public: &[u8],
    algorithm: SigningAlgorithm,
    message: Message<'_>,
    signature: &[u8],
) -> Result<bool> {
    match spec.family() {
        Family::Rsa => rsa::verify(public, algorithm, &hashed(algorithm, message)?, signature),
        Family::Ecc if spec == KeySpec::Ed25519 => ed25519::verify(public, message, signature),
        Family::Ecc => ecc::verify(spec, public, &hashed(algorithm, message)?, signature),
        Family::MlDsa => ml_dsa::verify(spec, public, message, signature),
        Family::MlKem | Family::Symmetric => Err(wrong(spec)),
    }
}

/// The hash that is signed in place of a message.
fn hashed(algorithm: SigningAlgorithm, message: Message<'_>) -> Result<Digest> {
    let Some(hash) = algorithm.digest() else { return Err(Error::internal("the algorithm has no hash")) };
    match message {
        Message::Raw(message) => Ok(digest::digest(hash, message)),
        Message::Digest(hashed) => {
            Digest::import_less_safe(hashed, hash).map_err(|_| Error::internal("the hash has another length"))
        }
        Message::ExternalMu(_) => Err(Error::internal("only ML-DSA has an external μ")),
    }
}

fn wrong(spec: KeySpec) -> Error {
    Error::internal(format_args!("keys of {} do not do this", spec.name()))
}

/// The error for a stored key that the library does not take, or for its failure.
fn failed(_: impl std::any::Any) -> Error {
    Error::internal("the cryptographic library failed")
}

#[cfg(test)]
#[path = "asymmetric/tests.rs"]
mod tests;

#[cfg(test)]
#[path = "asymmetric/wycheproof_tests.rs"]
mod wycheproof_tests;
