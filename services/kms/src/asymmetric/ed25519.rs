//! Ed25519 and Ed25519ph. Reference: RFC 8032; FIPS 186-5, section 7.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use ed25519_dalek::{Digest, Sha512, Signature, SigningKey, VerifyingKey};
use welkin_kernel::{Error, Result};

use super::{Message, NotAKey, Pair, failed};
use crate::secret::Secret;

const LEN: usize = 32;

pub(super) fn from_seed(seed: &[u8; LEN]) -> Result<Pair> {
    pair(&Ed25519KeyPair::from_seed_unchecked(seed).map_err(failed)?)
}

pub(super) fn read(pkcs8: &[u8]) -> std::result::Result<Pair, NotAKey> {
    let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).map_err(|_| NotAKey)?;
    pair(&key).map_err(|_| NotAKey)
}

fn pair(key: &Ed25519KeyPair) -> Result<Pair> {
    let private = key.to_pkcs8v1().map_err(failed)?;
    let public: PublicKeyX509Der<'_> = key.public_key().as_der().map_err(failed)?;
    Ok(Pair { private: Secret::new(private.as_ref().to_vec()), public: public.as_ref().to_vec() })
}

/// The hash of a digest: KMS hashes what it is given as a digest once more, as the first step of Ed25519ph.
///
/// Source: Sign, `MessageType`: <https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html>
fn prehash(digest: &[u8]) -> Sha512 {
    Sha512::new().chain_update(digest)
}

pub(super) fn sign(private: &[u8], message: Message<'_>) -> Result<Vec<u8>> {
    match message {
        Message::Raw(message) => {
            let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(private).map_err(failed)?;
            Ok(key.try_sign(message).map_err(failed)?.as_ref().to_vec())
        }
        Message::Digest(digest) => {
            // The seed is the end of a PKCS #8 of version 1.
            let seed = private.last_chunk::<LEN>().ok_or_else(|| failed(()))?;
            let signed = SigningKey::from_bytes(seed).sign_prehashed(prehash(digest), None);
            Ok(signed.map_err(failed)?.to_bytes().to_vec())
        }
        Message::ExternalMu(_) => Err(Error::internal("only ML-DSA has an external μ")),
    }
}

pub(super) fn verify(public: &[u8], message: Message<'_>, signature: &[u8]) -> Result<bool> {
    match message {
        Message::Raw(message) => Ok(UnparsedPublicKey::new(&ED25519, public).verify(message, signature).is_ok()),
        Message::Digest(digest) => {
            let point = public.last_chunk::<LEN>().ok_or_else(|| failed(()))?;
            let key = VerifyingKey::from_bytes(point).map_err(failed)?;
            let Ok(signature) = Signature::from_slice(signature) else { return Ok(false) };
            Ok(key.verify_prehashed_strict(prehash(digest), None, &signature).is_ok())
        }
        Message::ExternalMu(_) => Err(Error::internal("only ML-DSA has an external μ")),
    }
}
