//! RSA signatures over SHA-1, which the library for cryptography does not make any more and clients of SNS still
//! verify: PKCS #1 version 1.5, <https://www.rfc-editor.org/rfc/rfc8017#section-8.2>.
//!
//! The key is used for nothing else than these messages. The base is blinded, so that the time tells nothing of the key,
//! and the result is verified before it is given away.

use num_bigint::BigUint;
use sha1::{Digest, Sha1};
use welkin_kernel::{Chance, Error, Result};

/// What stands before the digest: the name of SHA-1 (RFC 8017, section 9.2).
const DIGEST_INFO: [u8; 15] =
    [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];

/// A private key (RFC 8017, section 3.2).
struct PrivateKey {
    modulus: BigUint,
    exponent: BigUint,
    p: BigUint,
    q: BigUint,
    dp: BigUint,
    dq: BigUint,
    coefficient: BigUint,
}

/// Signs a message with the key of this PKCS #8 document.
pub(super) fn sign_sha1(pkcs8: &[u8], message: &[u8], chance: &Chance) -> Result<Vec<u8>> {
    let key = PrivateKey::read(pkcs8).ok_or_else(|| Error::internal("a stored RSA key is malformed"))?;
    let length = key.modulus.to_bytes_be().len();
    let encoded = BigUint::from_bytes_be(&encode(message, length)?);
    let signature = key.power(&encoded, chance)?;
    if signature.modpow(&key.exponent, &key.modulus) != encoded {
        return Err(Error::internal("an RSA signature does not verify"));
    }
    let bytes = signature.to_bytes_be();
    Ok([vec![0; length.saturating_sub(bytes.len())], bytes].concat())
}

/// The digest with its padding: `00 01 FF … FF 00`, its name, the digest.
fn encode(message: &[u8], length: usize) -> Result<Vec<u8>> {
    let digest = Sha1::digest(message);
    let padding = length.checked_sub(DIGEST_INFO.len() + digest.len() + 3).filter(|padding| *padding >= 8);
    let padding = padding.ok_or_else(|| Error::internal("an RSA key is too short"))?;
    Ok([&[0, 1][..], &vec![0xff; padding], &[0], &DIGEST_INFO, &digest].concat())
}

impl PrivateKey {
    /// Reads the version, the name of the algorithm and, within an octet string, the numbers of the key.
    fn read(pkcs8: &[u8]) -> Option<Self> {
        let (document, _) = element(pkcs8, 0x30)?;
        let (_, rest) = element(document, 0x02)?;
        let (_, rest) = element(rest, 0x30)?;
        let (inner, _) = element(rest, 0x04)?;
        let (mut numbers, _) = element(inner, 0x30)?;
        let mut next = || {
            let (number, rest) = element(numbers, 0x02)?;
            numbers = rest;
            Some(BigUint::from_bytes_be(number))
        };
        let (_version, modulus, exponent, _private) = (next()?, next()?, next()?, next()?);
        Some(Self { modulus, exponent, p: next()?, q: next()?, dp: next()?, dq: next()?, coefficient: next()? })
    }

    /// The private operation, by the Chinese remainder theorem (RFC 8017, section 5.1.2).
    fn power(&self, base: &BigUint, chance: &Chance) -> Result<BigUint> {
        let (factor, undo) = loop {
            let factor = BigUint::from_bytes_be(&chance.bytes::<256>()) % &self.modulus;
            if let Some(undo) = factor.modinv(&self.modulus) {
                break (factor, undo);
            }
        };
        let blind = base * factor.modpow(&self.exponent, &self.modulus) % &self.modulus;
        let by_p = (&blind % &self.p).modpow(&self.dp, &self.p);
        let by_q = (&blind % &self.q).modpow(&self.dq, &self.q);
        let difference = (&by_p + &self.p - &by_q % &self.p) * &self.coefficient % &self.p;
        Ok((by_q + difference * &self.q) * undo % &self.modulus)
    }
}

/// The content of the DER element at the beginning, which must have this tag, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    if *first != tag {
        return None;
    }
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..0x80 => (usize::from(*length), rest),
        _ => {
            let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            (
                digits
                    .iter()
                    .try_fold(0usize, |length, digit| length.checked_mul(256)?.checked_add((*digit).into()))?,
                rest,
            )
        }
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY as SHA1, UnparsedPublicKey};

    use super::*;

    #[test]
    fn a_library_verifies_the_signatures() {
        let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
        let signature = sign_sha1(der.as_ref(), b"message", &Chance::from_seed(7)).unwrap();
        let public = UnparsedPublicKey::new(&SHA1, key.public_key());
        assert!(public.verify(b"message", &signature).is_ok());
        assert!(public.verify(b"another", &signature).is_err());
        assert!(sign_sha1(b"no key", b"message", &Chance::from_seed(7)).is_err());
    }
}
