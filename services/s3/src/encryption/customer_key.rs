//! SSE-C: the client brings the key with every request; Welkin keeps a proof of it, never the key.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html>

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use md5::{Digest as _, Md5};
use welkin_kernel::{Error, Result};

use crate::errors::{AccessDenied, InvalidRequest, invalid_argument};

/// The headers of a request that bring a key.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CustomerKeyHeaders<'a> {
    pub(crate) algorithm: Option<&'a str>,
    pub(crate) key: Option<&'a str>,
    pub(crate) md5: Option<&'a str>,
}

/// A key that a request brought.
#[derive(Clone)]
pub(crate) struct CustomerKey {
    key: [u8; 32],
    /// MD5 of the key in base64, as answers show it.
    pub(crate) md5: String,
}

impl CustomerKeyHeaders<'_> {
    /// The key, if the request brings one.
    ///
    /// # Errors
    /// `InvalidArgument` for headers that are incomplete or wrong.
    pub(crate) fn key(&self) -> Result<Option<CustomerKey>> {
        const PREFIX: &str = "x-amz-server-side-encryption-customer";
        let (algorithm, key, md5) = match (self.algorithm, self.key, self.md5) {
            (None, None, None) => return Ok(None),
            (Some(algorithm), Some(key), Some(md5)) => (algorithm, key, md5),
            (None, ..) => {
                return Err(invalid_argument(
                    "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.",
                    &format!("{PREFIX}-algorithm"),
                    "null",
                ));
            }
            (_, None, _) => {
                return Err(invalid_argument(
                    "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.",
                    &format!("{PREFIX}-key"),
                    "null",
                ));
            }
            (.., None) => {
                return Err(invalid_argument(
                    "Requests specifying Server Side Encryption with Customer provided keys must provide the client calculated MD5 of the secret key.",
                    &format!("{PREFIX}-key-MD5"),
                    "null",
                ));
            }
        };
        if algorithm != super::AES256 {
            return Err(Error::from(crate::errors::InvalidEncryptionAlgorithmError));
        }
        let bytes = BASE64.decode(key).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let Some(key) = bytes else {
            return Err(invalid_argument(
                "The secret key was invalid for the specified algorithm.",
                &format!("{PREFIX}-key"),
                "",
            ));
        };
        if BASE64.encode(Md5::digest(key)) != md5 {
            return Err(invalid_argument(
                "The calculated MD5 hash of the key did not match the hash that was provided.",
                &format!("{PREFIX}-key-MD5"),
                md5,
            ));
        }
        Ok(Some(CustomerKey { key, md5: md5.to_owned() }))
    }
}

impl CustomerKey {
    /// The data key that an object under this key has.
    pub(crate) fn data_key(&self) -> [u8; 32] {
        self.derived(b"welkin s3 customer key: data")
    }

    /// What is kept so that another key is refused.
    pub(crate) fn proof(&self) -> Bytes {
        Bytes::copy_from_slice(&self.derived(b"welkin s3 customer key: proof"))
    }

    fn derived(&self, label: &[u8]) -> [u8; 32] {
        let mut derived = [0; 32];
        derived.copy_from_slice(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.key), label).as_ref());
        derived
    }

    /// The data key of an object, if this is its key.
    pub(crate) fn open(&self, proof: &[u8]) -> Result<[u8; 32]> {
        if self.proof().as_ref() == proof {
            return Ok(self.data_key());
        }
        Err(AccessDenied.into())
    }
}

/// The object has a key of its own, which the request must bring.
pub(crate) fn missing() -> Error {
    InvalidRequest::because(
        "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.",
    )
}

/// The object has no key of its own, but the request brings one.
pub(crate) fn needless() -> Error {
    InvalidRequest::because("The encryption parameters are not applicable to this object.")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_key_is_checked_against_its_digest() {
        let (key, md5) = (BASE64.encode([1; 32]), BASE64.encode(Md5::digest([1; 32])));
        let headers = CustomerKeyHeaders { algorithm: Some("AES256"), key: Some(&key), md5: Some(&md5) };
        let good = headers.key().unwrap().unwrap();
        assert_eq!(good.open(&good.proof()).unwrap(), good.data_key());
        assert_ne!(good.proof(), good.data_key().as_slice());
        let (short, other) = (BASE64.encode([1; 31]), BASE64.encode([0; 16]));
        for wrong in [
            CustomerKeyHeaders { algorithm: None, ..headers },
            CustomerKeyHeaders { key: None, ..headers },
            CustomerKeyHeaders { md5: None, ..headers },
            CustomerKeyHeaders { key: Some(&short), ..headers },
            CustomerKeyHeaders { md5: Some(&other), ..headers },
        ] {
            assert!(wrong.key().is_err_and(|e| e.is("InvalidArgument")), "{wrong:?}");
        }
        let wrong = CustomerKeyHeaders { algorithm: Some("DES"), ..headers };
        assert!(wrong.key().is_err_and(|e| e.is("InvalidEncryptionAlgorithmError")));
        assert!(CustomerKeyHeaders::default().key().unwrap().is_none());
    }
}
