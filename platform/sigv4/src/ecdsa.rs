//! SigV4a: P-256 keys derived from secret access keys, and their signatures.

use crate::{Algorithm, Secret};
use aws_lc_rs::{
    agreement::{ECDH_P256, PrivateKey},
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, ParsedPublicKey},
};

/// The order of P-256 (SP 800-186, 3.2.1.3) less two: the largest candidate from which a private key follows.
const ORDER_LESS_TWO: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x4f,
];

pub(crate) struct PublicKey(ParsedPublicKey);

impl PublicKey {
    pub(crate) fn derive(access_key_id: &str, secret: &Secret) -> Option<Self> {
        let point = public_point(&private_scalar(access_key_id, secret)?)?;
        ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).ok().map(Self)
    }

    pub(crate) fn verifies(&self, message: &[u8], der: &[u8]) -> bool {
        self.0.verify_sig(message, der).is_ok()
    }
}

/// Signs `message`; the signature is in hexadecimal DER. `None` if no key follows from the secret.
pub(crate) fn sign(access_key_id: &str, secret: &Secret, message: &[u8]) -> Option<String> {
    let scalar = private_scalar(access_key_id, secret)?;
    let point = public_point(&scalar)?;
    let pair = EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_ASN1_SIGNING, &scalar, &point).ok()?;
    pair.sign(&SystemRandom::new(), message).ok().map(hex::encode)
}

fn public_point(scalar: &[u8; 32]) -> Option<Vec<u8>> {
    let key = PrivateKey::from_private_key(&ECDH_P256, scalar).ok()?;
    key.compute_public_key().ok().map(|point| point.as_ref().to_vec())
}

/// NIST SP 800-108's KDF in counter mode, tried with a further counter until the candidate is below the order.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html>
fn private_scalar(access_key_id: &str, secret: &Secret) -> Option<[u8; 32]> {
    let mut seed = Vec::with_capacity(5 + secret.expose().len());
    seed.extend_from_slice(b"AWS4A");
    seed.extend_from_slice(secret.expose().as_bytes());
    let key = hmac::Key::new(hmac::HMAC_SHA256, &seed);
    (1..=254_u8).find_map(|counter| {
        let mut input = Vec::with_capacity(64 + access_key_id.len());
        input.extend_from_slice(&1_u32.to_be_bytes());
        input.extend_from_slice(Algorithm::EcdsaP256Sha256.name().as_bytes());
        input.push(0);
        input.extend_from_slice(access_key_id.as_bytes());
        input.push(counter);
        input.extend_from_slice(&256_u32.to_be_bytes());
        let candidate = crate::hash::into_array(hmac::sign(&key, &input).as_ref());
        (candidate <= ORDER_LESS_TWO).then(|| plus_one(candidate))
    })
}

/// Adds one to a big-endian number that is not the largest.
fn plus_one(mut number: [u8; 32]) -> [u8; 32] {
    for byte in number.iter_mut().rev() {
        let (sum, carry) = byte.overflowing_add(1);
        *byte = sum;
        if !carry {
            break;
        }
    }
    number
}
