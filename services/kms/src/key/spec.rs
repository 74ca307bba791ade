//! What a key is made of and for.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html>

use welkin_kernel::Result;

use crate::algorithm::{
    EncapsulationAlgorithm, EncryptionAlgorithm, KeyAgreementAlgorithm, MacAlgorithm, SigningAlgorithm,
};
use crate::errors::{UnsupportedOperationException, ValidationException};
use crate::names::names;

names! {
    /// The key specs that Welkin makes keys of.
    pub(crate) enum KeySpec {
        SymmetricDefault = "SYMMETRIC_DEFAULT",
        Hmac224 = "HMAC_224",
        Hmac256 = "HMAC_256",
        Hmac384 = "HMAC_384",
        Hmac512 = "HMAC_512",
        Rsa2048 = "RSA_2048",
        Rsa3072 = "RSA_3072",
        Rsa4096 = "RSA_4096",
        P256 = "ECC_NIST_P256",
        P384 = "ECC_NIST_P384",
        P521 = "ECC_NIST_P521",
        P256K1 = "ECC_SECG_P256K1",
        Ed25519 = "ECC_NIST_EDWARDS25519",
        MlDsa44 = "ML_DSA_44",
        MlDsa65 = "ML_DSA_65",
        MlDsa87 = "ML_DSA_87",
        MlKem512 = "ML_KEM_512",
        MlKem768 = "ML_KEM_768",
        MlKem1024 = "ML_KEM_1024",
    }
}

names! {
    /// What a key is for. It never changes.
    pub(crate) enum KeyUsage {
        EncryptDecrypt = "ENCRYPT_DECRYPT",
        SignVerify = "SIGN_VERIFY",
        GenerateVerifyMac = "GENERATE_VERIFY_MAC",
        KeyAgreement = "KEY_AGREEMENT",
        EncapsulateDecapsulate = "ENCAPSULATE_DECAPSULATE",
    }
}

/// The sort of a key, by which it is used and throttled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// AES-256 and HMAC keys.
    Symmetric,
    Rsa,
    /// Keys on curves of NIST and SECG, and Ed25519.
    Ecc,
    MlDsa,
    MlKem,
}

impl KeySpec {
    /// The spec and usage for these parameters of `CreateKey`.
    pub(crate) fn choose(spec: Option<&str>, usage: Option<KeyUsage>) -> Result<(Self, KeyUsage)> {
        let name = spec.unwrap_or("SYMMETRIC_DEFAULT");
        let chosen = Self::named(name)?;
        match usage {
            None if chosen == Self::SymmetricDefault => Ok((chosen, KeyUsage::EncryptDecrypt)),
            None => Err(ValidationException::because(
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
            )),
            Some(usage) if chosen.usages().contains(&usage) => Ok((chosen, usage)),
            // UNVERIFIED: the wording.
            Some(usage) => Err(ValidationException::because(format!(
                "KeyUsage {} is not compatible with KeySpec {name}",
                usage.name()
            ))),
        }
    }

    /// The spec of this name.
    ///
    /// # Errors
    /// `UnsupportedOperationException`: it is SM2, which AWS has in the China Regions only, and Welkin nowhere.
    pub(crate) fn named(name: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|spec| spec.name() == name).ok_or_else(|| {
            UnsupportedOperationException::because(format!("Welkin does not implement KeySpec {name} of KMS."))
        })
    }

    /// What keys of it can be for; the first of them, unless it was said.
    pub(crate) fn usages(self) -> &'static [KeyUsage] {
        match self {
            Self::SymmetricDefault => &[KeyUsage::EncryptDecrypt],
            Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512 => &[KeyUsage::GenerateVerifyMac],
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[KeyUsage::EncryptDecrypt, KeyUsage::SignVerify],
            Self::P256 | Self::P384 | Self::P521 => &[KeyUsage::SignVerify, KeyUsage::KeyAgreement],
            Self::P256K1 | Self::Ed25519 | Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => &[KeyUsage::SignVerify],
            Self::MlKem512 | Self::MlKem768 | Self::MlKem1024 => &[KeyUsage::EncapsulateDecapsulate],
        }
    }

    /// Its sort.
    pub(crate) fn family(self) -> Family {
        match self {
            Self::SymmetricDefault | Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512 => Family::Symmetric,
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => Family::Rsa,
            Self::P256 | Self::P384 | Self::P521 | Self::P256K1 | Self::Ed25519 => Family::Ecc,
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => Family::MlDsa,
            Self::MlKem512 | Self::MlKem768 | Self::MlKem1024 => Family::MlKem,
        }
    }

    /// Whether a key of it is a pair of a public and a private one.
    pub(crate) fn is_asymmetric(self) -> bool {
        self.family() != Family::Symmetric
    }

    /// Length in bytes of the material of a symmetric key.
    pub(crate) fn secret_len(self) -> Option<usize> {
        match self {
            Self::SymmetricDefault | Self::Hmac256 => Some(32),
            Self::Hmac224 => Some(28),
            Self::Hmac384 => Some(48),
            Self::Hmac512 => Some(64),
            _ => None,
        }
    }

    /// How keys of it encrypt, if that is what they are for.
    pub(crate) fn encryption_algorithms(self) -> &'static [EncryptionAlgorithm] {
        match self.family() {
            Family::Rsa => &[EncryptionAlgorithm::OaepSha1, EncryptionAlgorithm::OaepSha256],
            Family::Symmetric if self == Self::SymmetricDefault => &[EncryptionAlgorithm::SymmetricDefault],
            _ => &[],
        }
    }

    /// How keys of it sign, if that is what they are for.
    pub(crate) fn signing_algorithms(self) -> &'static [SigningAlgorithm] {
        match self {
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[
                SigningAlgorithm::Pkcs1Sha256,
                SigningAlgorithm::Pkcs1Sha384,
                SigningAlgorithm::Pkcs1Sha512,
                SigningAlgorithm::PssSha256,
                SigningAlgorithm::PssSha384,
                SigningAlgorithm::PssSha512,
            ],
            Self::P256 | Self::P256K1 => &[SigningAlgorithm::EcdsaSha256],
            Self::P384 => &[SigningAlgorithm::EcdsaSha384],
            Self::P521 => &[SigningAlgorithm::EcdsaSha512],
            Self::Ed25519 => &[SigningAlgorithm::Ed25519, SigningAlgorithm::Ed25519Ph],
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => &[SigningAlgorithm::MlDsa],
            _ => &[],
        }
    }

    /// How keys of it make MACs.
    pub(crate) fn mac_algorithms(self) -> &'static [MacAlgorithm] {
        match self {
            Self::Hmac224 => &[MacAlgorithm::HmacSha224],
            Self::Hmac256 => &[MacAlgorithm::HmacSha256],
            Self::Hmac384 => &[MacAlgorithm::HmacSha384],
            Self::Hmac512 => &[MacAlgorithm::HmacSha512],
            _ => &[],
        }
    }

    /// How keys of it agree on secrets, if that is what they are for.
    pub(crate) fn key_agreement_algorithms(self) -> &'static [KeyAgreementAlgorithm] {
        if self.usages().contains(&KeyUsage::KeyAgreement) { &[KeyAgreementAlgorithm::Ecdh] } else { &[] }
    }

    /// How keys of it encapsulate secrets.
    pub(crate) fn encapsulation_algorithms(self) -> &'static [EncapsulationAlgorithm] {
        if self.family() == Family::MlKem { &[EncapsulationAlgorithm::MlKem] } else { &[] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spec_and_usage_must_fit() {
        let symmetric = (KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt);
        assert_eq!(KeySpec::choose(None, None).ok(), Some(symmetric));
        assert_eq!(KeySpec::choose(Some("SYMMETRIC_DEFAULT"), Some(KeyUsage::EncryptDecrypt)).ok(), Some(symmetric));
        for spec in KeySpec::ALL {
            for usage in KeyUsage::ALL {
                let chosen = KeySpec::choose(Some(spec.name()), Some(*usage));
                if spec.usages().contains(usage) {
                    assert_eq!(chosen.ok(), Some((*spec, *usage)));
                } else {
                    assert!(chosen.is_err_and(|e| e.is("ValidationException")), "{spec:?} {usage:?}");
                }
            }
            if *spec != KeySpec::SymmetricDefault {
                assert!(
                    KeySpec::choose(Some(spec.name()), None).is_err_and(|e| e.is("ValidationException")),
                    "{spec:?}"
                );
            }
        }
        let sm2 = KeySpec::choose(Some("SM2"), Some(KeyUsage::SignVerify));
        assert!(sm2.is_err_and(|e| e.is("UnsupportedOperationException")));
    }

    #[test]
    fn every_usage_of_a_spec_has_an_algorithm() {
        for spec in KeySpec::ALL {
            for usage in spec.usages() {
                let none = match usage {
                    KeyUsage::EncryptDecrypt => spec.encryption_algorithms().is_empty(),
                    KeyUsage::SignVerify => spec.signing_algorithms().is_empty(),
                    KeyUsage::GenerateVerifyMac => spec.mac_algorithms().is_empty(),
                    KeyUsage::KeyAgreement => spec.key_agreement_algorithms().is_empty(),
                    KeyUsage::EncapsulateDecapsulate => spec.encapsulation_algorithms().is_empty(),
                };
                assert!(!none, "{spec:?} {usage:?}");
            }
        }
    }
}
