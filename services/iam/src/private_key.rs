//! Private keys as callers send them: PEM, not encrypted; PKCS #1, PKCS #8 or SEC 1.

use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair,
    KeyPair,
};

use crate::pem;

/// A private key.
pub(crate) enum PrivateKey {
    Rsa(Box<rsa::KeyPair>),
    EllipticCurve(Box<EcdsaKeyPair>),
}

impl PrivateKey {
    /// Reads a key; `None` if it is none, or of a kind that AWS does not take.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let blocks = pem::blocks(text)?;
        // OpenSSL writes the curve before an elliptic key.
        let [block] = blocks.iter().filter(|block| block.label != "EC PARAMETERS").collect::<Vec<_>>()[..] else {
            return None;
        };
        match block.label.as_str() {
            "RSA PRIVATE KEY" => Some(Self::Rsa(Box::new(rsa::KeyPair::from_der(&block.der).ok()?))),
            "EC PRIVATE KEY" => elliptic(&block.der),
            "PRIVATE KEY" => match rsa::KeyPair::from_pkcs8(&block.der) {
                Ok(key) => Some(Self::Rsa(Box::new(key))),
                Err(_) => elliptic(&block.der),
            },
            _ => None,
        }
    }

    /// The public key, as the bits of a certificate's `subjectPublicKey`.
    pub(crate) fn public_bits(&self) -> &[u8] {
        match self {
            Self::Rsa(key) => key.public_key().as_ref(),
            Self::EllipticCurve(key) => key.public_key().as_ref(),
        }
    }
}

fn elliptic(der: &[u8]) -> Option<PrivateKey> {
    [&ECDSA_P256_SHA256_ASN1_SIGNING, &ECDSA_P384_SHA384_ASN1_SIGNING, &ECDSA_P521_SHA512_ASN1_SIGNING]
        .into_iter()
        .find_map(|curve| EcdsaKeyPair::from_private_key_der(curve, der).ok())
        .map(|key| PrivateKey::EllipticCurve(Box::new(key)))
}
