//! The ciphertext of symmetric keys: Welkin's own format.
//!
//! ```text
//! "WK" 1 | account (8) | Region (1 + n) | key id (1 + n) | material id (32) | salt (16) | nonce (12) | AES-256-GCM
//! ```
//!
//! It names its key, so `Decrypt` needs no key id. Every ciphertext has an AES key of its own, derived from
//! the key material and the salt by HKDF-SHA-256, so that random nonces are safe for any number of calls.
//! Everything before the body is authenticated, together with the encryption context.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use welkin_kernel::{AccountId, Chance, Error, Place, Region, Result};

use crate::encryption_context::EncryptionContext;
use crate::errors::InvalidCiphertextException;
use crate::secret::Secret;

const MAGIC: &[u8] = b"WK\x01";
const SALT_LEN: usize = 16;
const MATERIAL_ID_LEN: usize = 32;

/// Length of the key material in bytes.
pub(crate) const MATERIAL_LEN: usize = 32;

/// A ciphertext, taken apart.
#[derive(Debug)]
pub(crate) struct Ciphertext<'a> {
    /// Owner and Region of the key.
    pub(crate) place: Place,
    /// Id of the key.
    pub(crate) key_id: &'a str,
    /// Id of the material, 64 hexadecimal digits.
    pub(crate) material_id: String,
    header: &'a [u8],
    salt: &'a [u8],
    nonce: &'a [u8],
    body: &'a [u8],
}

/// Which key and which of its materials encrypts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Under<'a> {
    /// Owner and Region of the key.
    pub(crate) place: Place,
    /// Id of the key.
    pub(crate) key_id: &'a str,
    /// Id of the material, 64 hexadecimal digits.
    pub(crate) material_id: &'a str,
    /// The material.
    pub(crate) material: &'a [u8],
}

/// Encrypts `plain`.
///
/// # Errors
/// A fault of Welkin's: the stored key is not one.
pub(crate) fn encrypt(under: Under<'_>, context: &EncryptionContext, plain: &[u8], chance: &Chance) -> Result<Vec<u8>> {
    let region = under.place.region.name();
    let material_id = hex::decode(under.material_id).map_err(Error::internal)?;
    let mut blob = Vec::with_capacity(160 + plain.len());
    blob.extend_from_slice(MAGIC);
    blob.extend_from_slice(&under.place.account.number().to_be_bytes());
    for text in [region, under.key_id] {
        blob.push(u8::try_from(text.len()).map_err(Error::internal)?);
        blob.extend_from_slice(text.as_bytes());
    }
    blob.extend_from_slice(&material_id);
    let salt: [u8; SALT_LEN] = chance.bytes();
    let nonce: [u8; NONCE_LEN] = chance.bytes();
    blob.extend_from_slice(&salt);
    blob.extend_from_slice(&nonce);
    let aad = aad(&blob, context);
    let start = blob.len();
    blob.extend_from_slice(plain);
    let tag = cipher(under.material, &salt)?
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut blob[start..])
        .map_err(|_| Error::internal("encryption failed"))?;
    blob.extend_from_slice(tag.as_ref());
    Ok(blob)
}

impl<'a> Ciphertext<'a> {
    /// Takes a ciphertext apart.
    ///
    /// # Errors
    /// `InvalidCiphertextException`: it is not one of Welkin's.
    pub(crate) fn parse(blob: &'a [u8]) -> Result<Self> {
        Self::take_apart(blob).ok_or_else(|| InvalidCiphertextException.into())
    }

    fn take_apart(blob: &'a [u8]) -> Option<Self> {
        let rest = blob.strip_prefix(MAGIC)?;
        let (account, rest) = rest.split_at_checked(8)?;
        let account = AccountId::new(u64::from_be_bytes(account.try_into().ok()?))?;
        let (region, rest) = text(rest)?;
        let (key_id, rest) = text(rest)?;
        let (material_id, rest) = rest.split_at_checked(MATERIAL_ID_LEN)?;
        let (salt, rest) = rest.split_at_checked(SALT_LEN)?;
        let (nonce, body) = rest.split_at_checked(NONCE_LEN)?;
        let header = blob.get(..blob.len().checked_sub(body.len())?)?;
        let place = Place::new(account, region.parse::<Region>().ok()?);
        Some(Self { place, key_id, material_id: hex::encode(material_id), header, salt, nonce, body })
    }

    /// Decrypts it.
    ///
    /// # Errors
    /// `InvalidCiphertextException`: it is not authentic, or the encryption context is another one.
    pub(crate) fn decrypt(&self, material: &[u8], context: &EncryptionContext) -> Result<Secret> {
        let nonce = Nonce::try_assume_unique_for_key(self.nonce).map_err(|_| InvalidCiphertextException)?;
        let mut plain = Secret::new(self.body.to_vec());
        let length = cipher(material, self.salt)?
            .open_in_place(nonce, Aad::from(aad(self.header, context)), &mut plain)
            .map_err(|_| InvalidCiphertextException)?
            .len();
        plain.truncate(length);
        Ok(plain)
    }
}

fn text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (text, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((std::str::from_utf8(text).ok()?, rest))
}

fn aad(header: &[u8], context: &EncryptionContext) -> Vec<u8> {
    let mut aad = header.to_vec();
    context.canonical(&mut aad);
    aad
}

fn cipher(material: &[u8], salt: &[u8]) -> Result<LessSafeKey> {
    if material.len() != MATERIAL_LEN {
        return Err(Error::internal("stored key material has the wrong length"));
    }
    let extracted = Salt::new(HKDF_SHA256, salt).extract(material);
    let key = extracted.expand(&[b"welkin kms v1"], &AES_256_GCM).map_err(|_| Error::internal("derivation failed"))?;
    Ok(LessSafeKey::new(UnboundKey::from(key)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

    fn under(material: &[u8; 32]) -> Under<'_> {
        Under {
            place: Place::new(AccountId::new(111_122_223_333).unwrap(), Region::US_EAST_1),
            key_id: KEY,
            material_id: "aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11",
            material,
        }
    }

    fn context(value: &str) -> EncryptionContext {
        EncryptionContext([("aws:s3:arn".to_owned(), value.to_owned())].into())
    }

    #[test]
    fn a_ciphertext_names_its_key_and_no_two_are_the_same() {
        let chance = Chance::from_seed(1);
        let one = encrypt(under(&[7; 32]), &context("a"), b"secret", &chance).unwrap();
        let other = encrypt(under(&[7; 32]), &context("a"), b"secret", &chance).unwrap();
        assert_ne!(one, other);
        let parsed = Ciphertext::parse(&one).unwrap();
        assert_eq!((parsed.key_id, parsed.place.account.to_string().as_str()), (KEY, "111122223333"));
        assert_eq!(parsed.decrypt(&[7; 32], &context("a")).unwrap().as_slice(), b"secret");
        assert!(parsed.decrypt(&[7; 32], &context("b")).is_err_and(|e| e.is("InvalidCiphertextException")));
        assert!(parsed.decrypt(&[8; 32], &context("a")).is_err_and(|e| e.is("InvalidCiphertextException")));
    }

    #[test]
    fn every_flipped_bit_and_every_truncation_is_found() {
        let blob = encrypt(under(&[7; 32]), &context("a"), b"secret", &Chance::from_seed(2)).unwrap();
        let open = |blob: &[u8]| Ciphertext::parse(blob).and_then(|c| c.decrypt(&[7; 32], &context("a")));
        assert!(open(&blob).is_ok());
        for at in 0..blob.len() {
            let mut other = blob.clone();
            other[at] ^= 0x10;
            assert!(open(&other).is_err(), "byte {at}");
            assert!(open(&blob[..at]).is_err(), "{at} bytes");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_refused_without_a_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), magic: bool) {
            if magic && bytes.len() > 3 {
                bytes[..3].copy_from_slice(MAGIC);
            }
            let opened = Ciphertext::parse(&bytes).and_then(|c| c.decrypt(&[7; 32], &EncryptionContext::default()));
            prop_assert!(opened.is_err());
        }
    }
}
