//! Keys.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#kms_keys>

pub(crate) mod count;
pub(crate) mod create;
pub(crate) mod deletion;
pub(crate) mod describe;
pub(crate) mod description;
pub(crate) mod enable;
pub(crate) mod list;
pub(crate) mod managed;
pub(crate) mod metadata;
pub(crate) mod spec;
pub(crate) mod state;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Error, IntoKey, Place, Resource, Result, Scope, Timestamp};

use crate::errors::InvalidKeyUsageException;
use crate::import::Expiration;
use crate::multi_region::MultiRegion;
use crate::names::names;
use crate::rotation::Rotation;
use spec::{KeySpec, KeyUsage};
use state::{KeyState, Passing};

/// A KMS key, without its material.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) place: Place,
    pub(crate) created: Timestamp,
    pub(crate) description: String,
    pub(crate) spec: KeySpec,
    /// `None` in rows of the time when each spec had one usage.
    #[serde(default)]
    pub(crate) usage: Option<KeyUsage>,
    #[serde(default)]
    pub(crate) origin: Origin,
    pub(crate) state: KeyState,
    pub(crate) manager: KeyManager,
    pub(crate) policy: String,
    pub(crate) tags: BTreeMap<String, String>,
    /// Names of its aliases, so that `kms:ResourceAliases` costs no look-up.
    pub(crate) aliases: BTreeSet<String>,
    /// Number of its grants, so that a key without any costs no look-up.
    pub(crate) grants: u32,
    /// Id of the material that encrypts and signs; `None` until the first was imported.
    pub(crate) material: Option<String>,
    /// The public key, as a `SubjectPublicKeyInfo`, if it has one.
    #[serde(default)]
    pub(crate) public: Option<Bytes>,
    /// Automatic rotation.
    pub(crate) rotation: Option<Rotation>,
    /// When its imported material expires, if it has some.
    #[serde(default)]
    pub(crate) expiration: Option<Expiration>,
    /// Its Regions, if it is a multi-Region key.
    #[serde(default)]
    pub(crate) multi_region: Option<MultiRegion>,
    #[serde(default)]
    pub(crate) passing: Option<Passing>,
}

names! {
    /// Who manages a key.
    pub(crate) enum KeyManager {
        Aws = "AWS",
        Customer = "CUSTOMER",
    }
}

names! {
    /// Where the material of a key comes from.
    #[derive(Default)]
    pub(crate) enum Origin {
        #[default]
        AwsKms = "AWS_KMS",
        External = "EXTERNAL",
    }
}

impl Resource for Key {
    const KIND: &'static str = "kms/key";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> welkin_kernel::Key {
        self.id.as_str().into_key()
    }
}

impl Key {
    /// Its ARN.
    pub(crate) fn arn(&self) -> Arn {
        self.place.arn("kms", format_args!("key/{}", self.id))
    }

    /// What it is for.
    pub(crate) fn usage(&self) -> KeyUsage {
        // INVARIANT: every spec has a usage.
        self.usage.or_else(|| self.spec.usages().first().copied()).unwrap_or(KeyUsage::EncryptDecrypt)
    }

    /// Id of the material that encrypts and signs.
    ///
    /// # Errors
    /// A fault of Welkin's: its state says that it has some.
    pub(crate) fn current_material(&self) -> Result<&str> {
        self.material.as_deref().ok_or_else(|| Error::internal(format_args!("key {} has no material", self.id)))
    }

    /// The public key.
    ///
    /// # Errors
    /// A fault of Welkin's: every asymmetric key with material has one.
    pub(crate) fn public(&self) -> Result<&Bytes> {
        self.public.as_ref().ok_or_else(|| Error::internal(format_args!("key {} has no public key", self.id)))
    }

    /// Refuses a key that is not for this use.
    pub(crate) fn is_for(&self, usage: KeyUsage, operation: &str) -> Result<()> {
        if self.usage() == usage { Ok(()) } else { Err(self.wrong_usage(operation)) }
    }

    /// The error for an operation that the key is not made for.
    pub(crate) fn wrong_usage(&self, operation: &str) -> Error {
        InvalidKeyUsageException::because(format!(
            "{} key usage is {} which is not valid for {operation}.",
            self.arn(),
            self.usage().name()
        ))
    }

    /// The error for an algorithm that its spec does not have.
    // UNVERIFIED: the wording.
    pub(crate) fn wrong_algorithm(&self, algorithm: &str) -> Error {
        InvalidKeyUsageException::because(format!(
            "Algorithm {algorithm} and key spec {} are incompatible.",
            self.spec.name()
        ))
    }
}
