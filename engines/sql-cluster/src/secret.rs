//! What coordinator and workers know of each other by.

use std::fmt;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use subtle::ConstantTimeEq;

/// The shortest secret that is taken.
const SHORTEST: usize = 16;

/// A secret that coordinator and workers share.
#[derive(Clone)]
pub struct Secret(HeaderValue);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// The secret of a text: at least 16 characters, none of them beyond ASCII.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn new(text: &str) -> Result<Self, String> {
        if text.len() < SHORTEST {
            return Err(format!("it has {} characters, of at least {SHORTEST}", text.len()));
        }
        let mut value = HeaderValue::from_str(&format!("Bearer {text}"))
            .map_err(|_| "it has characters that cannot be in a header".to_owned())?;
        value.set_sensitive(true);
        Ok(Self(value))
    }

    /// Puts the secret into the headers of a request.
    pub(crate) fn put(&self, headers: &mut HeaderMap) {
        headers.insert(AUTHORIZATION, self.0.clone());
    }

    /// Whether a request brings it.
    pub(crate) fn is_in(&self, headers: &HeaderMap) -> bool {
        self.is(headers.get(AUTHORIZATION).map(HeaderValue::as_bytes))
    }

    /// Whether this is it.
    pub(crate) fn is(&self, given: Option<&[u8]>) -> bool {
        given.is_some_and(|given| given.ct_eq(self.0.as_bytes()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_secret_is_taken() {
        let (own, other) =
            (Secret::new("0123456789abcdef").expect("a secret"), Secret::new("0123456789abcdeg").expect("a secret"));
        let mut headers = HeaderMap::new();
        assert!(!own.is_in(&headers));
        other.put(&mut headers);
        assert!(!own.is_in(&headers));
        own.put(&mut headers);
        assert!(own.is_in(&headers));
        assert!(Secret::new("short").is_err());
    }
}
