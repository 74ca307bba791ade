//! The algorithms that operations name.

use aws_lc_rs::digest;

use crate::names::names;

names! {
    /// How to encrypt.
    #[derive(Default)]
    pub(crate) enum EncryptionAlgorithm {
        #[default]
        SymmetricDefault = "SYMMETRIC_DEFAULT",
        OaepSha1 = "RSAES_OAEP_SHA_1",
        OaepSha256 = "RSAES_OAEP_SHA_256",
        /// No key of Welkin has it.
        Sm2 = "SM2PKE",
    }
}

names! {
    /// How to sign.
    pub(crate) enum SigningAlgorithm {
        PssSha256 = "RSASSA_PSS_SHA_256",
        PssSha384 = "RSASSA_PSS_SHA_384",
        PssSha512 = "RSASSA_PSS_SHA_512",
        Pkcs1Sha256 = "RSASSA_PKCS1_V1_5_SHA_256",
        Pkcs1Sha384 = "RSASSA_PKCS1_V1_5_SHA_384",
        Pkcs1Sha512 = "RSASSA_PKCS1_V1_5_SHA_512",
        EcdsaSha256 = "ECDSA_SHA_256",
        EcdsaSha384 = "ECDSA_SHA_384",
        EcdsaSha512 = "ECDSA_SHA_512",
        Ed25519 = "ED25519_SHA_512",
        Ed25519Ph = "ED25519_PH_SHA_512",
        MlDsa = "ML_DSA_SHAKE_256",
        /// No key of Welkin has it.
        Sm2 = "SM2DSA",
    }
}

names! {
    /// How to make and check MACs.
    pub(crate) enum MacAlgorithm {
        HmacSha224 = "HMAC_SHA_224",
        HmacSha256 = "HMAC_SHA_256",
        HmacSha384 = "HMAC_SHA_384",
        HmacSha512 = "HMAC_SHA_512",
    }
}

names! {
    /// How to agree on a secret.
    pub(crate) enum KeyAgreementAlgorithm {
        Ecdh = "ECDH",
    }
}

names! {
    /// How to encapsulate a secret.
    pub(crate) enum EncapsulationAlgorithm {
        MlKem = "ML_KEM",
    }
}

impl SigningAlgorithm {
    /// The hash of a message that is signed in its place, where the caller may give it: `MessageType` `DIGEST`.
    pub(crate) fn digest(self) -> Option<&'static digest::Algorithm> {
        match self {
            Self::PssSha256 | Self::Pkcs1Sha256 | Self::EcdsaSha256 => Some(&digest::SHA256),
            Self::PssSha384 | Self::Pkcs1Sha384 | Self::EcdsaSha384 => Some(&digest::SHA384),
            Self::PssSha512 | Self::Pkcs1Sha512 | Self::EcdsaSha512 | Self::Ed25519Ph => Some(&digest::SHA512),
            Self::Ed25519 | Self::MlDsa | Self::Sm2 => None,
        }
    }
}
