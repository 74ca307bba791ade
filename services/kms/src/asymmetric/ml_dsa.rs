//! ML-DSA. Reference: FIPS 204; keys are encoded as in RFC 9881.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{
    KeyPair, ML_DSA_44, ML_DSA_44_SIGNING, ML_DSA_65, ML_DSA_65_SIGNING, ML_DSA_87, ML_DSA_87_SIGNING, PqdsaKeyPair,
    PqdsaSigningAlgorithm, PqdsaVerificationAlgorithm, UnparsedPublicKey,
};
use ml_dsa::{MlDsa44, MlDsa65, MlDsa87, MlDsaParams, Seed, Signature, SigningKey, VerifyingKey};
use welkin_kernel::{Error, Result};

use super::{Message, NotAKey, Pair, failed, wrong};
use crate::key::spec::KeySpec;
use crate::secret::Secret;

const SEED_LEN: usize = 32;

fn algorithms(spec: KeySpec) -> Option<(&'static PqdsaSigningAlgorithm, &'static PqdsaVerificationAlgorithm)> {
    match spec {
        KeySpec::MlDsa44 => Some((&ML_DSA_44_SIGNING, &ML_DSA_44)),
        KeySpec::MlDsa65 => Some((&ML_DSA_65_SIGNING, &ML_DSA_65)),
        KeySpec::MlDsa87 => Some((&ML_DSA_87_SIGNING, &ML_DSA_87)),
        _ => None,
    }
}

pub(super) fn from_seed(spec: KeySpec, seed: &[u8; SEED_LEN]) -> Result<Pair> {
    let (algorithm, _) = algorithms(spec).ok_or_else(|| wrong(spec))?;
    pair(&PqdsaKeyPair::from_seed(algorithm, seed).map_err(failed)?)
}

pub(super) fn read(spec: KeySpec, pkcs8: &[u8]) -> std::result::Result<Pair, NotAKey> {
    let (algorithm, _) = algorithms(spec).ok_or(NotAKey)?;
    let key = PqdsaKeyPair::from_pkcs8(algorithm, pkcs8).map_err(|_| NotAKey)?;
    // What was expanded already has no seed, and so no canonical form.
    pair(&key).map_err(|_| NotAKey)
}

fn pair(key: &PqdsaKeyPair) -> Result<Pair> {
    let private = key.to_pkcs8v1().map_err(failed)?;
    let public: PublicKeyX509Der<'_> = key.public_key().as_der().map_err(failed)?;
    Ok(Pair { private: Secret::new(private.as_ref().to_vec()), public: public.as_ref().to_vec() })
}

pub(super) fn sign(spec: KeySpec, private: &[u8], message: Message<'_>) -> Result<Vec<u8>> {
    let (algorithm, _) = algorithms(spec).ok_or_else(|| wrong(spec))?;
    match message {
        Message::Raw(message) => {
            let key = PqdsaKeyPair::from_pkcs8(algorithm, private).map_err(failed)?;
            let mut signature = vec![0; algorithm.signature_len()];
            key.sign(message, &mut signature).map_err(failed)?;
            Ok(signature)
        }
        Message::ExternalMu(mu) => match spec {
            KeySpec::MlDsa44 => sign_mu::<MlDsa44>(private, mu),
            KeySpec::MlDsa65 => sign_mu::<MlDsa65>(private, mu),
            _ => sign_mu::<MlDsa87>(private, mu),
        },
        Message::Digest(_) => Err(Error::internal("ML-DSA signs no digests")),
    }
}

fn sign_mu<P: MlDsaParams>(private: &[u8], mu: &[u8; 64]) -> Result<Vec<u8>> {
    // The seed is the end of the form that `pair` writes.
    let seed = private.last_chunk::<SEED_LEN>().ok_or_else(|| failed(()))?;
    let key = SigningKey::<P>::from_seed(&Seed::from(*seed));
    Ok(key.expanded_key().sign_mu_deterministic(&(*mu).into()).encode().to_vec())
}

pub(super) fn verify(spec: KeySpec, public: &[u8], message: Message<'_>, signature: &[u8]) -> Result<bool> {
    let (_, algorithm) = algorithms(spec).ok_or_else(|| wrong(spec))?;
    match message {
        Message::Raw(message) => Ok(UnparsedPublicKey::new(algorithm, public).verify(message, signature).is_ok()),
        Message::ExternalMu(mu) => match spec {
            KeySpec::MlDsa44 => verify_mu::<MlDsa44>(public, mu, signature),
            KeySpec::MlDsa65 => verify_mu::<MlDsa65>(public, mu, signature),
            _ => verify_mu::<MlDsa87>(public, mu, signature),
        },
        Message::Digest(_) => Err(Error::internal("ML-DSA signs no digests")),
    }
}

fn verify_mu<P: MlDsaParams>(public: &[u8], mu: &[u8; 64], signature: &[u8]) -> Result<bool> {
    let mut encoded = ml_dsa::EncodedVerifyingKey::<P>::default();
    // The key itself is the end of a `SubjectPublicKeyInfo`.
    let start = public.len().checked_sub(encoded.len()).ok_or_else(|| failed(()))?;
    encoded.copy_from_slice(&public[start..]);
    let Ok(signature) = Signature::<P>::try_from(signature) else { return Ok(false) };
    Ok(VerifyingKey::<P>::decode(&encoded).verify_mu(&(*mu).into(), &signature))
}
