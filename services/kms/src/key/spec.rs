//! What a key is made of and for.

use serde::{Deserialize, Serialize};
use welkin_kernel::Result;

use crate::errors::{UnsupportedOperationException, ValidationException};

/// The key specs that Welkin makes keys of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum KeySpec {
    #[serde(rename = "SYMMETRIC_DEFAULT")]
    SymmetricDefault,
    #[serde(rename = "HMAC_224")]
    Hmac224,
    #[serde(rename = "HMAC_256")]
    Hmac256,
    #[serde(rename = "HMAC_384")]
    Hmac384,
    #[serde(rename = "HMAC_512")]
    Hmac512,
}

pub(crate) const ENCRYPT_DECRYPT: &str = "ENCRYPT_DECRYPT";
pub(crate) const GENERATE_VERIFY_MAC: &str = "GENERATE_VERIFY_MAC";

impl KeySpec {
    const ALL: [Self; 5] = [Self::SymmetricDefault, Self::Hmac224, Self::Hmac256, Self::Hmac384, Self::Hmac512];

    /// The spec for these parameters of `CreateKey`.
    pub(crate) fn choose(spec: Option<&str>, usage: Option<&str>) -> Result<Self> {
        let name = spec.unwrap_or("SYMMETRIC_DEFAULT");
        let Some(chosen) = Self::ALL.into_iter().find(|spec| spec.name() == name) else {
            return Err(UnsupportedOperationException::because(format!(
                "Welkin does not make keys of KeySpec {name} yet: it makes SYMMETRIC_DEFAULT and HMAC keys."
            )));
        };
        match usage {
            Some(usage) if usage != chosen.usage() => {
                // UNVERIFIED: the wording.
                Err(ValidationException::because(format!("KeyUsage {usage} is not compatible with KeySpec {name}")))
            }
            None if chosen != Self::SymmetricDefault => Err(ValidationException::because(
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
            )),
            _ => Ok(chosen),
        }
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::SymmetricDefault => "SYMMETRIC_DEFAULT",
            Self::Hmac224 => "HMAC_224",
            Self::Hmac256 => "HMAC_256",
            Self::Hmac384 => "HMAC_384",
            Self::Hmac512 => "HMAC_512",
        }
    }

    /// What keys of it are for: `KeyUsage`.
    pub(crate) fn usage(self) -> &'static str {
        if self == Self::SymmetricDefault { ENCRYPT_DECRYPT } else { GENERATE_VERIFY_MAC }
    }

    /// Length of its material in bytes.
    ///
    /// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html>
    pub(crate) fn material_len(self) -> usize {
        match self {
            Self::SymmetricDefault | Self::Hmac256 => 32,
            Self::Hmac224 => 28,
            Self::Hmac384 => 48,
            Self::Hmac512 => 64,
        }
    }

    /// The MAC algorithm of an HMAC key.
    pub(crate) fn mac_algorithm(self) -> Option<&'static str> {
        match self {
            Self::SymmetricDefault => None,
            Self::Hmac224 => Some("HMAC_SHA_224"),
            Self::Hmac256 => Some("HMAC_SHA_256"),
            Self::Hmac384 => Some("HMAC_SHA_384"),
            Self::Hmac512 => Some("HMAC_SHA_512"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spec_and_usage_must_fit() {
        assert_eq!(KeySpec::choose(None, None).ok(), Some(KeySpec::SymmetricDefault));
        assert_eq!(KeySpec::choose(Some("HMAC_384"), Some(GENERATE_VERIFY_MAC)).ok(), Some(KeySpec::Hmac384));
        for (spec, usage, code) in [
            (Some("HMAC_256"), None, "ValidationException"),
            (None, Some(GENERATE_VERIFY_MAC), "ValidationException"),
            (Some("RSA_2048"), Some("SIGN_VERIFY"), "UnsupportedOperationException"),
        ] {
            assert!(KeySpec::choose(spec, usage).is_err_and(|e| e.is(code)), "{spec:?} {usage:?}");
        }
    }
}
