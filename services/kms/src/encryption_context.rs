//! The encryption context: pairs that are authenticated with the ciphertext, and shown in records.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html>

use std::collections::BTreeMap;

use serde::Deserialize;
use welkin_kernel::{Access, Result};

use crate::errors::ValidationException;

/// An encryption context. Its order does not matter, its case does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct EncryptionContext(pub(crate) BTreeMap<String, String>);

/// Longest encryption context, in characters of its JSON.
///
/// Source: Encrypt, "EncryptionContext"; the developer guide's page above: 8,192 characters.
const LONGEST: usize = 8192;

impl EncryptionContext {
    /// Refuses one that is too long.
    pub(crate) fn check(&self) -> Result<()> {
        // Quotes, colons and commas: six characters a pair at most.
        let length: usize = self.0.iter().map(|(k, v)| k.chars().count() + v.chars().count() + 6).sum();
        if length > LONGEST {
            // UNVERIFIED: the wording.
            return Err(ValidationException::because(format!(
                "The encryption context exceeds the limit of {LONGEST} characters."
            )));
        }
        Ok(())
    }

    /// Appends its canonical form: the pairs in the order of their keys, each with its length first, so that
    /// no two contexts have the same bytes.
    pub(crate) fn canonical(&self, bytes: &mut Vec<u8>) {
        for text in self.0.iter().flat_map(|(key, value)| [key, value]) {
            bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
    }

    /// The condition keys `kms:EncryptionContext:…` and `kms:EncryptionContextKeys`.
    pub(crate) fn keys(&self, mut access: Access) -> Access {
        if self.0.is_empty() {
            return access;
        }
        for (key, value) in &self.0 {
            access = access.key(format!("kms:EncryptionContext:{key}"), value);
        }
        access.keys("kms:EncryptionContextKeys", self.0.keys().cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(pairs: &[(&str, &str)]) -> Vec<u8> {
        let context = EncryptionContext(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect());
        let mut bytes = Vec::new();
        context.canonical(&mut bytes);
        bytes
    }

    #[test]
    fn order_does_not_matter_and_bounds_do() {
        assert_eq!(bytes(&[("a", "1"), ("b", "2")]), bytes(&[("b", "2"), ("a", "1")]));
        assert_ne!(bytes(&[("a", "1b")]), bytes(&[("a1", "b")]));
        assert_ne!(bytes(&[("a", "1"), ("b", "2")]), bytes(&[("a", "1b2")]));
        assert_ne!(bytes(&[("A", "1")]), bytes(&[("a", "1")]));
    }

    #[test]
    fn one_that_is_too_long_is_refused() {
        let context = EncryptionContext([("k".to_owned(), "v".repeat(9000))].into());
        assert!(context.check().is_err_and(|e| e.is("ValidationException")));
    }
}
