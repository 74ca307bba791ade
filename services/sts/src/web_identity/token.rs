//! JSON Web Tokens as they are sent: <https://www.rfc-editor.org/rfc/rfc7519>.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};
use welkin_kernel::{Error, Result};

use crate::errors::InvalidIdentityTokenException;

/// A token whose signature is yet to be verified.
pub(super) struct Token<'a> {
    pub(super) header: Header,
    pub(super) claims: Map<String, Value>,
    /// What is signed: header and claims as they were sent.
    pub(super) signed: &'a str,
    pub(super) signature: Vec<u8>,
}

/// What the token says of its signature.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    pub(super) alg: String,
    pub(super) kid: Option<String>,
    /// Extensions that a verifier must understand: none is.
    crit: Option<Value>,
}

impl<'a> Token<'a> {
    /// Reads a signed token. One that is encrypted, or not signed, is none.
    pub(super) fn read(text: &'a str) -> Result<Self> {
        let invalid =
            || -> Error { InvalidIdentityTokenException::because("The ID Token provided is not a valid JWT.") };
        let (signed, signature) = text.rsplit_once('.').ok_or_else(invalid)?;
        let (header, claims) = signed.split_once('.').ok_or_else(invalid)?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| invalid());
        let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| invalid())?;
        if header.crit.is_some() {
            return Err(invalid());
        }
        let claims = serde_json::from_slice(&decode(claims)?).map_err(|_| invalid())?;
        Ok(Self { header, claims, signed, signature: decode(signature)? })
    }

    /// The issuer, which is a URL of HTTPS; without the scheme.
    pub(super) fn issuer(&self) -> Result<&str> {
        let issuer = self.claims.get("iss").and_then(Value::as_str).ok_or_else(|| missing("iss"))?;
        issuer.strip_prefix("https://").filter(|rest| !rest.is_empty() && rest.len() <= 255).ok_or_else(|| {
            InvalidIdentityTokenException::because("Issuer must be a valid URL that begins with https://")
        })
    }
}

/// A claim that every token has.
pub(super) fn missing(claim: &str) -> Error {
    InvalidIdentityTokenException::because(format!("Missing a required claim: {claim}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn token(header: &str, claims: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{}", part(header), part(claims), part("signature"))
    }

    #[test]
    fn what_is_no_token_is_told() {
        let fine = token(r#"{"alg":"RS256"}"#, r#"{"iss":"https://a.example/x"}"#);
        assert_eq!(Token::read(&fine).unwrap().issuer().unwrap(), "a.example/x");
        let critical = token(r#"{"alg":"RS256","crit":["x"]}"#, "{}");
        for text in ["", ".", "..", "a.b.c", "e30.e30.e30", &fine[1..], &critical, &format!("{fine}=")] {
            let error = Token::read(text).err().unwrap();
            assert!(error.is("InvalidIdentityTokenException"), "{text}");
        }
        for issuer in [r#"{}"#, r#"{"iss":1}"#, r#"{"iss":"http://a.example"}"#, r#"{"iss":"https://"}"#] {
            let text = token(r#"{"alg":"RS256"}"#, issuer);
            assert!(Token::read(&text).unwrap().issuer().is_err(), "{issuer}");
        }
    }
}
