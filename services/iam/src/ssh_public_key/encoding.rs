//! The two encodings of RSA public keys: that of SSH (RFC 4253, section 6.6), and PEM (RFC 5280, RFC 8017).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use welkin_kernel::Result;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::errors::{InvalidPublicKeyException, UnrecognizedPublicKeyEncodingException};
use crate::pem;

const SSH_RSA: &str = "ssh-rsa";

/// Shortest key, in bits.
const SHORTEST: usize = 2_048;

/// `AlgorithmIdentifier` of RSA keys.
const ALGORITHM: [u8; 15] = [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// An RSA public key. Its numbers are big-endian and without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RsaPublicKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl RsaPublicKey {
    /// Reads a key in either encoding.
    pub(super) fn read(text: &str) -> Result<Self> {
        let text = text.trim();
        // UNVERIFIED: AWS's wordings.
        let key = if text.starts_with("-----BEGIN") {
            of_pem(text)
                .ok_or_else(|| InvalidPublicKeyException::because("The public key is not an RSA key in PEM."))?
        } else if let Some(rest) = text.strip_prefix(SSH_RSA) {
            of_ssh(rest).ok_or_else(|| InvalidPublicKeyException::because("The public key is not an ssh-rsa key."))?
        } else {
            return Err(UnrecognizedPublicKeyEncodingException::because(
                "The public key must be encoded in ssh-rsa format or PEM format.",
            ));
        };
        if key.bits() < SHORTEST {
            return Err(InvalidPublicKeyException::because(format!(
                "The public key must be at least {SHORTEST} bits long."
            )));
        }
        Ok(key)
    }

    fn bits(&self) -> usize {
        self.modulus.first().map_or(0, |first| self.modulus.len() * 8 - first.leading_zeros() as usize)
    }

    /// The key as SSH sends it.
    pub(super) fn blob(&self) -> Vec<u8> {
        let mut blob = Vec::new();
        for field in [SSH_RSA.as_bytes(), &signed(&self.exponent), &signed(&self.modulus)] {
            // INVARIANT: a key has less than 4 GB, since its text has at most 16 kB.
            blob.extend(u32::try_from(field.len()).unwrap_or(0).to_be_bytes());
            blob.extend(field);
        }
        blob
    }

    /// As one line of SSH.
    pub(super) fn ssh(&self) -> String {
        format!("{SSH_RSA} {}", BASE64.encode(self.blob()))
    }

    /// As PEM.
    pub(super) fn pem(&self) -> String {
        let numbers = element(0x30, &[integer(&self.modulus), integer(&self.exponent)].concat());
        let bits = element(0x03, &[vec![0], numbers].concat());
        pem::encode("PUBLIC KEY", &element(0x30, &[ALGORITHM.to_vec(), bits].concat()))
    }
}

fn of_pem(text: &str) -> Option<RsaPublicKey> {
    let mut blocks = pem::blocks(text)?;
    let (block, true) = (blocks.pop()?, blocks.is_empty()) else { return None };
    let info = match block.label.as_str() {
        "PUBLIC KEY" => block.der,
        "RSA PUBLIC KEY" => {
            let bits = element(0x03, &[vec![0], block.der].concat());
            element(0x30, &[ALGORITHM.to_vec(), bits].concat())
        }
        _ => return None,
    };
    let (rest, info) = SubjectPublicKeyInfo::from_der(&info).ok()?;
    match info.parsed().ok()? {
        PublicKey::RSA(key) if rest.is_empty() => of_numbers(key.modulus, key.exponent),
        _ => None,
    }
}

fn of_ssh(text: &str) -> Option<RsaPublicKey> {
    // A comment may follow.
    let blob = BASE64.decode(text.split_whitespace().next()?).ok()?;
    let mut rest = blob.as_slice();
    let mut field = || {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (field, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        rest = after;
        Some(field)
    };
    let (kind, exponent, modulus) = (field()?, field()?, field()?);
    if kind != SSH_RSA.as_bytes() || !rest.is_empty() {
        return None;
    }
    of_numbers(modulus, exponent)
}

fn of_numbers(modulus: &[u8], exponent: &[u8]) -> Option<RsaPublicKey> {
    let number = |bytes: &[u8]| {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        bytes.get(zeros..).filter(|bytes| !bytes.is_empty()).map(<[u8]>::to_vec)
    };
    Some(RsaPublicKey { modulus: number(modulus)?, exponent: number(exponent)? })
}

/// A number with a zero before it where its first bit would mean that it is negative.
fn signed(number: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(number.len() + 1);
    if number.first().is_some_and(|first| first & 0x80 != 0) {
        bytes.push(0);
    }
    bytes.extend(number);
    bytes
}

fn integer(number: &[u8]) -> Vec<u8> {
    element(0x02, &signed(number))
}

/// An element of DER: tag, length, contents.
fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len().to_be_bytes();
    let zeros = length.iter().take_while(|byte| **byte == 0).count();
    let length = length.get(zeros..).unwrap_or_default();
    let mut bytes = vec![tag];
    match (contents.len(), u8::try_from(contents.len())) {
        (..128, Ok(short)) => bytes.push(short),
        // INVARIANT: the length has at most eight bytes.
        _ => {
            bytes.push(0x80 | u8::try_from(length.len()).unwrap_or(0));
            bytes.extend(length);
        }
    }
    bytes.extend(contents);
    bytes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn key() -> RsaPublicKey {
        RsaPublicKey { modulus: (0..=255).map(|byte: u8| byte | 0x81).collect(), exponent: vec![1, 0, 1] }
    }

    #[test]
    fn both_encodings_are_read_again() {
        let key = key();
        assert_eq!(RsaPublicKey::read(&key.ssh()).unwrap(), key);
        assert_eq!(RsaPublicKey::read(&format!("{} ada@example.com\n", key.ssh())).unwrap(), key);
        assert_eq!(RsaPublicKey::read(&key.pem()).unwrap(), key);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let short = RsaPublicKey { modulus: vec![0xff; 128], exponent: vec![3] };
        for (text, code) in [
            ("ssh-ed25519 AAAA".to_owned(), "UnrecognizedPublicKeyEncodingException"),
            ("ssh-rsa AAAA".to_owned(), "InvalidPublicKeyException"),
            ("ssh-rsa !".to_owned(), "InvalidPublicKeyException"),
            (short.ssh(), "InvalidPublicKeyException"),
            (key().pem().replace("PUBLIC", "PRIVATE"), "InvalidPublicKeyException"),
            (format!("{}x", key().pem()), "InvalidPublicKeyException"),
        ] {
            assert!(RsaPublicKey::read(&text).unwrap_err().is(code), "{text}");
        }
    }
}
