//! ML-KEM. Reference: FIPS 203; keys are encoded as in RFC 9935, private ones as their seed.

use aws_lc_rs::kem::{Algorithm, Ciphertext, DecapsulationKey, EncapsulationKey, ML_KEM_512, ML_KEM_768, ML_KEM_1024};
use ml_kem::kem::KeyExport;
use ml_kem::{DecapsulationKey512, DecapsulationKey768, DecapsulationKey1024, Seed};
use welkin_kernel::Result;

use super::der::{BIT_STRING, CONTEXT_0, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, element};
use super::{Pair, failed, wrong};
use crate::key::spec::KeySpec;
use crate::secret::Secret;

const SEED_LEN: usize = 64;

fn algorithm(spec: KeySpec) -> Result<&'static Algorithm> {
    match spec {
        KeySpec::MlKem512 => Ok(&ML_KEM_512),
        KeySpec::MlKem768 => Ok(&ML_KEM_768),
        KeySpec::MlKem1024 => Ok(&ML_KEM_1024),
        other => Err(wrong(other)),
    }
}

/// `AlgorithmIdentifier`: 2.16.840.1.101.3.4.4.1 and the next two.
fn identifier(spec: KeySpec) -> Vec<u8> {
    let last = match spec {
        KeySpec::MlKem512 => 1,
        KeySpec::MlKem768 => 2,
        _ => 3,
    };
    let oid = element(OBJECT_IDENTIFIER, &[&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x04, last]]);
    element(SEQUENCE, &[&oid])
}

pub(super) fn from_seed(spec: KeySpec, seed: &[u8; SEED_LEN]) -> Result<Pair> {
    algorithm(spec)?;
    let identifier = identifier(spec);
    let seed_only = element(CONTEXT_0, &[seed]);
    let version = element(INTEGER, &[&[0]]);
    let private = element(SEQUENCE, &[&version, &identifier, &element(OCTET_STRING, &[&seed_only])]);
    let public = element(SEQUENCE, &[&identifier, &element(BIT_STRING, &[&[0], &expand(spec, seed).encapsulation])]);
    Ok(Pair { private: Secret::new(private), public })
}

struct Expanded {
    encapsulation: Vec<u8>,
    decapsulation: Secret,
}

/// The keys that come of a seed, as FIPS 203 has them: AWS-LC takes them in this form only.
#[expect(deprecated, reason = "the expanded form is what AWS-LC takes; what is stored is the seed")]
fn expand(spec: KeySpec, seed: &[u8; SEED_LEN]) -> Expanded {
    use ml_kem::ExpandedKeyEncoding;
    macro_rules! expand {
        ($key:ident) => {{
            let key = $key::from_seed(Seed::from(*seed));
            Expanded {
                encapsulation: key.encapsulation_key().to_bytes().to_vec(),
                decapsulation: Secret::new(key.to_expanded_bytes().to_vec()),
            }
        }};
    }
    match spec {
        KeySpec::MlKem512 => expand!(DecapsulationKey512),
        KeySpec::MlKem768 => expand!(DecapsulationKey768),
        _ => expand!(DecapsulationKey1024),
    }
}

/// Draws a secret and encapsulates it: (ciphertext, secret).
///
/// # Errors
/// A fault of Welkin's: the stored key is not one.
pub(crate) fn encapsulate(spec: KeySpec, public: &[u8]) -> Result<(Vec<u8>, Secret)> {
    let algorithm = algorithm(spec)?;
    // The key itself is the end of a `SubjectPublicKeyInfo`.
    let length = match spec {
        KeySpec::MlKem512 => 800,
        KeySpec::MlKem768 => 1184,
        _ => 1568,
    };
    let start = public.len().checked_sub(length).ok_or_else(|| failed(()))?;
    let key = EncapsulationKey::new(algorithm, &public[start..]).map_err(failed)?;
    let (ciphertext, secret) = key.encapsulate().map_err(failed)?;
    Ok((ciphertext.as_ref().to_vec(), Secret::new(secret.as_ref().to_vec())))
}

/// Recovers a secret; `None` if the ciphertext has another length than those of the spec. A ciphertext that was
/// altered gives another secret (implicit rejection).
///
/// # Errors
/// A fault of Welkin's: the stored key is not one.
pub(crate) fn decapsulate(spec: KeySpec, private: &[u8], ciphertext: &[u8]) -> Result<Option<Secret>> {
    let algorithm = algorithm(spec)?;
    let length = match spec {
        KeySpec::MlKem512 => 768,
        KeySpec::MlKem768 => 1088,
        _ => 1568,
    };
    if ciphertext.len() != length {
        return Ok(None);
    }
    // The seed is the end of the form that `from_seed` writes.
    let seed = private.last_chunk::<SEED_LEN>().ok_or_else(|| failed(()))?;
    let key = DecapsulationKey::new(algorithm, &expand(spec, seed).decapsulation).map_err(failed)?;
    let secret = key.decapsulate(Ciphertext::from(ciphertext)).map_err(failed)?;
    Ok(Some(Secret::new(secret.as_ref().to_vec())))
}
