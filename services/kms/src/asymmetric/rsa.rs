//! RSA: OAEP, PKCS #1 v1.5 and PSS. Reference: RFC 8017.

use aws_lc_rs::digest::Digest;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{
    KeyPair, KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256,
    RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaParameters, RsaSignatureEncoding, UnparsedPublicKey,
};
use welkin_kernel::{Error, Result};

use super::{NotAKey, Pair, failed};
use crate::algorithm::{EncryptionAlgorithm, SigningAlgorithm};
use crate::key::spec::KeySpec;
use crate::secret::Secret;

fn size(spec: KeySpec) -> Option<KeySize> {
    match spec {
        KeySpec::Rsa2048 => Some(KeySize::Rsa2048),
        KeySpec::Rsa3072 => Some(KeySize::Rsa3072),
        KeySpec::Rsa4096 => Some(KeySize::Rsa4096),
        _ => None,
    }
}

/// Makes a key pair, which takes up to seconds.
///
/// # Errors
/// A fault of Welkin's: the spec is not one of RSA, or AWS-LC failed.
pub(crate) fn generate(spec: KeySpec) -> Result<Pair> {
    let size = size(spec).ok_or_else(|| super::wrong(spec))?;
    pair(&KeyPair::generate(size).map_err(failed)?)
}

pub(super) fn read(spec: KeySpec, pkcs8: &[u8]) -> std::result::Result<Pair, NotAKey> {
    let key = KeyPair::from_pkcs8(pkcs8).map_err(|_| NotAKey)?;
    let right = size(spec).is_some_and(|size| size.len() == key.public_modulus_len());
    if right { pair(&key).map_err(|_| NotAKey) } else { Err(NotAKey) }
}

fn pair(key: &KeyPair) -> Result<Pair> {
    let private: Pkcs8V1Der<'_> = key.as_der().map_err(failed)?;
    let public: PublicKeyX509Der<'_> = key.public_key().as_der().map_err(failed)?;
    Ok(Pair { private: Secret::new(private.as_ref().to_vec()), public: public.as_ref().to_vec() })
}

/// How an algorithm signs, and how its signatures are verified.
fn signing(algorithm: SigningAlgorithm) -> Result<(&'static RsaSignatureEncoding, &'static RsaParameters)> {
    Ok(match algorithm {
        SigningAlgorithm::PssSha256 => (&RSA_PSS_SHA256, &RSA_PSS_2048_8192_SHA256),
        SigningAlgorithm::PssSha384 => (&RSA_PSS_SHA384, &RSA_PSS_2048_8192_SHA384),
        SigningAlgorithm::PssSha512 => (&RSA_PSS_SHA512, &RSA_PSS_2048_8192_SHA512),
        SigningAlgorithm::Pkcs1Sha256 => (&RSA_PKCS1_SHA256, &RSA_PKCS1_2048_8192_SHA256),
        SigningAlgorithm::Pkcs1Sha384 => (&RSA_PKCS1_SHA384, &RSA_PKCS1_2048_8192_SHA384),
        SigningAlgorithm::Pkcs1Sha512 => (&RSA_PKCS1_SHA512, &RSA_PKCS1_2048_8192_SHA512),
        other => return Err(Error::internal(format_args!("{} is not of RSA", other.name()))),
    })
}

pub(super) fn sign(private: &[u8], algorithm: SigningAlgorithm, digest: &Digest) -> Result<Vec<u8>> {
    let (encoding, _) = signing(algorithm)?;
    let key = KeyPair::from_pkcs8(private).map_err(failed)?;
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign_digest(encoding, digest, &mut signature).map_err(failed)?;
    Ok(signature)
}

pub(super) fn verify(public: &[u8], algorithm: SigningAlgorithm, digest: &Digest, signature: &[u8]) -> Result<bool> {
    let (_, parameters) = signing(algorithm)?;
    Ok(UnparsedPublicKey::new(parameters, public).verify_digest(digest, signature).is_ok())
}

fn oaep(algorithm: EncryptionAlgorithm) -> Result<&'static OaepAlgorithm> {
    match algorithm {
        EncryptionAlgorithm::OaepSha1 => Ok(&OAEP_SHA1_MGF1SHA1),
        EncryptionAlgorithm::OaepSha256 => Ok(&OAEP_SHA256_MGF1SHA256),
        other => Err(Error::internal(format_args!("{} is not of RSA", other.name()))),
    }
}

/// Encrypts `plain` for the owner of the private key of `public`; says how long it could be if it is too long.
///
/// # Errors
/// A fault of Welkin's: the stored key is not one.
pub(crate) fn encrypt(
    public: &[u8],
    algorithm: EncryptionAlgorithm,
    plain: &[u8],
) -> Result<std::result::Result<Vec<u8>, usize>> {
    let oaep = oaep(algorithm)?;
    let key =
        PublicEncryptingKey::from_der(public).and_then(|key| OaepPublicEncryptingKey::new(key).map_err(Into::into));
    let key = key.map_err(failed)?;
    let most = key.max_plaintext_size(oaep);
    if plain.len() > most {
        return Ok(Err(most));
    }
    let mut ciphertext = vec![0; key.ciphertext_size()];
    let length = key.encrypt(oaep, plain, &mut ciphertext, None).map_err(failed)?.len();
    ciphertext.truncate(length);
    Ok(Ok(ciphertext))
}

/// Decrypts `ciphertext`; `None` if it is not one for this key and algorithm.
///
/// # Errors
/// A fault of Welkin's: the stored key is not one.
pub(crate) fn decrypt(private: &[u8], algorithm: EncryptionAlgorithm, ciphertext: &[u8]) -> Result<Option<Secret>> {
    let oaep = oaep(algorithm)?;
    let key = PrivateDecryptingKey::from_pkcs8(private);
    let key = key.and_then(|key| OaepPrivateDecryptingKey::new(key).map_err(Into::into)).map_err(failed)?;
    let mut plain = Secret::new(vec![0; key.min_output_size()]);
    let length = match key.decrypt(oaep, ciphertext, &mut plain, None) {
        Ok(plain) => plain.len(),
        Err(_) => return Ok(None),
    };
    plain.truncate(length);
    Ok(Some(plain))
}

/// Length of the modulus in bytes: that of a ciphertext.
///
/// # Errors
/// A fault of Welkin's: the stored key is not one.
pub(crate) fn modulus_len(private: &[u8]) -> Result<usize> {
    Ok(PrivateDecryptingKey::from_pkcs8(private).map_err(failed)?.key_size_bytes())
}
