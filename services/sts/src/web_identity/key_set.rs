//! The keys that an issuer publishes: <https://www.rfc-editor.org/rfc/rfc7517>.

use aws_lc_rs::signature::{
    self, EcdsaVerificationAlgorithm, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use welkin_kernel::{Error, Result};

use super::token::Token;
use crate::errors::InvalidIdentityTokenException;

/// Keys of a set at most, of each kind.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html>, prerequisites.
const MOST: usize = 200;

/// A JSON Web Key Set.
#[derive(Debug, Deserialize)]
pub(super) struct KeySet {
    keys: Vec<Key>,
}

/// A key; members of kinds that are not used are passed over.
#[derive(Debug, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// How a token can be signed.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html>, prerequisites.
#[derive(Clone, Copy)]
enum Algorithm {
    Rsa(&'static RsaParameters),
    Ecdsa { curve: &'static str, coordinate: usize, verifier: &'static EcdsaVerificationAlgorithm },
}

impl Algorithm {
    fn of(name: &str) -> Option<Self> {
        let ecdsa = |curve, coordinate, verifier| Self::Ecdsa { curve, coordinate, verifier };
        Some(match name {
            "RS256" => Self::Rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
            "RS384" => Self::Rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
            "RS512" => Self::Rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
            "ES256" => ecdsa("P-256", 32, &signature::ECDSA_P256_SHA256_FIXED),
            "ES384" => ecdsa("P-384", 48, &signature::ECDSA_P384_SHA384_FIXED),
            "ES512" => ecdsa("P-521", 66, &signature::ECDSA_P521_SHA512_FIXED),
            _ => return None,
        })
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Rsa(_) => "RSA",
            Self::Ecdsa { .. } => "EC",
        }
    }
}

/// No key of the issuer's fits.
pub(super) fn no_key() -> Error {
    InvalidIdentityTokenException::because(
        "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity \
         documentation for requirements",
    )
}

impl KeySet {
    /// Reads a key set; what is none, or has too many keys, has no key that fits.
    pub(super) fn read(json: &[u8]) -> Result<Self> {
        serde_json::from_slice::<Self>(json).ok().filter(|set| set.keys.len() <= MOST).ok_or_else(no_key)
    }

    /// Verifies the signature of a token by the key that it names.
    pub(super) fn verify(&self, token: &Token<'_>) -> Result<()> {
        let header = &token.header;
        let Some(algorithm) = Algorithm::of(&header.alg) else {
            return Err(InvalidIdentityTokenException::because(format!(
                "The algorithm {} of the token's signature is not supported.",
                header.alg.chars().take(32).collect::<String>()
            )));
        };
        let mut candidates = self.keys.iter().filter(|key| key.fits(algorithm, token)).peekable();
        candidates.peek().ok_or_else(no_key)?;
        if candidates.any(|key| key.verifies(algorithm, token).is_some()) {
            return Ok(());
        }
        // UNVERIFIED: AWS's wording.
        Err(InvalidIdentityTokenException::because("The ID Token provided has an invalid signature."))
    }
}

impl Key {
    /// Whether the key is of the kind, and the one that the token names.
    fn fits(&self, algorithm: Algorithm, token: &Token<'_>) -> bool {
        self.kty == algorithm.kind()
            && self.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
            && self.alg.as_ref().is_none_or(|alg| *alg == token.header.alg)
            && token.header.kid.as_ref().is_none_or(|kid| self.kid.as_ref() == Some(kid))
    }

    fn verifies(&self, algorithm: Algorithm, token: &Token<'_>) -> Option<()> {
        let part = |part: &Option<String>| URL_SAFE_NO_PAD.decode(part.as_ref()?.trim_end_matches('=')).ok();
        let message = token.signed.as_bytes();
        match algorithm {
            Algorithm::Rsa(parameters) => {
                let key = RsaPublicKeyComponents { n: part(&self.n)?, e: part(&self.e)? };
                key.verify(parameters, message, &token.signature).ok()
            }
            Algorithm::Ecdsa { curve, coordinate, verifier } => {
                let (x, y) = (part(&self.x)?, part(&self.y)?);
                if self.crv.as_deref() != Some(curve) || x.len() != coordinate || y.len() != coordinate {
                    return None;
                }
                let point = [&[4][..], &x, &y].concat();
                UnparsedPublicKey::new(verifier, point).verify(message, &token.signature).ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    use serde_json::json;

    fn signed(header: &serde_json::Value, pair: &EcdsaKeyPair) -> String {
        let part = |value: &[u8]| URL_SAFE_NO_PAD.encode(value);
        let signed = format!("{}.{}", part(header.to_string().as_bytes()), part(br#"{"iss":"https://i.example"}"#));
        let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", part(signature.as_ref()))
    }

    fn set(pair: &EcdsaKeyPair, more: serde_json::Value) -> KeySet {
        let point = pair.public_key().as_ref();
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut key =
            json!({ "kty": "EC", "crv": "P-256", "kid": "k", "x": part(&point[1..33]), "y": part(&point[33..]) });
        key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        KeySet::read(json!({ "keys": [{ "kty": "oct", "k": "x" }, key] }).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_token_is_verified_by_the_key_that_it_names() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let text = signed(&json!({ "alg": "ES256", "kid": "k" }), &pair);
        let token = Token::read(&text).unwrap();
        assert!(set(&pair, json!({})).verify(&token).is_ok());
        assert!(set(&pair, json!({ "use": "sig", "alg": "ES256" })).verify(&token).is_ok());
        for unfit in
            [json!({ "kid": "other" }), json!({ "use": "enc" }), json!({ "alg": "ES384" }), json!({ "kty": "RSA" })]
        {
            assert!(set(&pair, unfit).verify(&token).is_err());
        }
        let stranger = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        assert!(set(&stranger, json!({})).verify(&token).is_err());
        let nameless = signed(&json!({ "alg": "ES256" }), &pair);
        assert!(set(&pair, json!({})).verify(&Token::read(&nameless).unwrap()).is_ok());
    }

    #[test]
    fn a_token_that_nobody_signed_is_refused() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        for alg in ["none", "None", "HS256", "PS256", ""] {
            let text = signed(&json!({ "alg": alg, "kid": "k" }), &pair);
            assert!(set(&pair, json!({})).verify(&Token::read(&text).unwrap()).is_err(), "{alg}");
        }
    }
}
