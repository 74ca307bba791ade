//! Keys on the curves of NIST and SECG: ECDSA and ECDH. References: FIPS 186-5; SP 800-56A.

use aws_lc_rs::agreement::{
    self, ECDH_P256, ECDH_P384, ECDH_P521, ParsedPublicKey, ParsedPublicKeyFormat, PrivateKey,
    UnparsedPublicKey as UnparsedPeer,
};
use aws_lc_rs::digest::Digest;
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256K1_SHA256_ASN1, ECDSA_P256K1_SHA256_ASN1_SIGNING,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, KeyPair, UnparsedPublicKey,
};
use welkin_kernel::Result;

use super::der::{OBJECT_IDENTIFIER, SEQUENCE, element};
use super::{NotAKey, Pair, failed, wrong};
use crate::key::spec::KeySpec;
use crate::secret::Secret;

fn signing(spec: KeySpec) -> Option<(&'static EcdsaSigningAlgorithm, &'static EcdsaVerificationAlgorithm)> {
    match spec {
        KeySpec::P256 => Some((&ECDSA_P256_SHA256_ASN1_SIGNING, &ECDSA_P256_SHA256_ASN1)),
        KeySpec::P384 => Some((&ECDSA_P384_SHA384_ASN1_SIGNING, &ECDSA_P384_SHA384_ASN1)),
        KeySpec::P521 => Some((&ECDSA_P521_SHA512_ASN1_SIGNING, &ECDSA_P521_SHA512_ASN1)),
        KeySpec::P256K1 => Some((&ECDSA_P256K1_SHA256_ASN1_SIGNING, &ECDSA_P256K1_SHA256_ASN1)),
        _ => None,
    }
}

pub(super) fn generate(spec: KeySpec) -> Result<Pair> {
    let (algorithm, _) = signing(spec).ok_or_else(|| wrong(spec))?;
    pair(&EcdsaKeyPair::generate(algorithm).map_err(failed)?)
}

pub(super) fn read(spec: KeySpec, pkcs8: &[u8]) -> std::result::Result<Pair, NotAKey> {
    let (algorithm, _) = signing(spec).ok_or(NotAKey)?;
    let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8).map_err(|_| NotAKey)?;
    pair(&key).map_err(|_| NotAKey)
}

fn pair(key: &EcdsaKeyPair) -> Result<Pair> {
    let private = key.to_pkcs8v1().map_err(failed)?;
    let public: PublicKeyX509Der<'_> = key.public_key().as_der().map_err(failed)?;
    Ok(Pair { private: Secret::new(private.as_ref().to_vec()), public: public.as_ref().to_vec() })
}

pub(super) fn sign(spec: KeySpec, private: &[u8], digest: &Digest) -> Result<Vec<u8>> {
    let (algorithm, _) = signing(spec).ok_or_else(|| wrong(spec))?;
    let key = EcdsaKeyPair::from_pkcs8(algorithm, private).map_err(failed)?;
    Ok(key.sign_digest(digest).map_err(failed)?.as_ref().to_vec())
}

pub(super) fn verify(spec: KeySpec, public: &[u8], digest: &Digest, signature: &[u8]) -> Result<bool> {
    let (_, algorithm) = signing(spec).ok_or_else(|| wrong(spec))?;
    Ok(UnparsedPublicKey::new(algorithm, public).verify_digest(digest, signature).is_ok())
}

/// The secret that the private key and a peer's public key agree on: the x-coordinate of the common point.
/// `None` if the peer's is not a `SubjectPublicKeyInfo` of a point on the same curve.
///
/// # Errors
/// A fault of Welkin's: the stored key is not one, or is on a curve that has no such use.
pub(crate) fn agree(spec: KeySpec, private: &[u8], peer: &[u8]) -> Result<Option<Secret>> {
    let (algorithm, curve): (_, &[u8]) = match spec {
        KeySpec::P256 => (&ECDH_P256, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]),
        KeySpec::P384 => (&ECDH_P384, &[0x2b, 0x81, 0x04, 0x00, 0x22]),
        KeySpec::P521 => (&ECDH_P521, &[0x2b, 0x81, 0x04, 0x00, 0x23]),
        _ => return Err(wrong(spec)),
    };
    if !names_curve(peer, curve) {
        return Ok(None);
    }
    let own = PrivateKey::from_private_key_der(algorithm, private).map_err(failed)?;
    let Ok(peer) = ParsedPublicKey::try_from(UnparsedPeer::new(algorithm, peer)) else { return Ok(None) };
    if peer.format() != ParsedPublicKeyFormat::X509 {
        return Ok(None);
    }
    let secret = agreement::agree(&own, peer, (), |secret| Ok(Secret::new(secret.to_vec())));
    Ok(secret.ok())
}

/// Whether a `SubjectPublicKeyInfo` names its curve: one that spells it out may spell out another.
fn names_curve(key: &[u8], curve: &[u8]) -> bool {
    let curve = element(OBJECT_IDENTIFIER, &[curve]);
    let ec_public_key = element(OBJECT_IDENTIFIER, &[&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]]);
    let identifier = element(SEQUENCE, &[&ec_public_key, &curve]);
    let contents = match key {
        [SEQUENCE, 0x81, _, contents @ ..] => contents,
        [SEQUENCE, length, contents @ ..] if *length < 0x80 => contents,
        _ => return false,
    };
    contents.starts_with(&identifier)
}

/// The private key, as PKCS #8, of a number as vectors of tests give it: with more or fewer leading zeros.
#[cfg(test)]
pub(super) fn from_scalar(spec: KeySpec, scalar: &[u8]) -> Option<Secret> {
    use aws_lc_rs::encoding::Pkcs8V1Der;
    let (algorithm, length) = match spec {
        KeySpec::P256 => (&ECDH_P256, 32),
        KeySpec::P384 => (&ECDH_P384, 48),
        _ => (&ECDH_P521, 66),
    };
    let digits: Vec<u8> = scalar.iter().copied().skip_while(|digit| *digit == 0).collect();
    let mut padded = vec![0; length - digits.len()];
    padded.extend_from_slice(&digits);
    let key = PrivateKey::from_private_key(algorithm, &padded).ok()?;
    let pkcs8: Pkcs8V1Der<'_> = key.as_der().ok()?;
    Some(Secret::new(pkcs8.as_ref().to_vec()))
}
