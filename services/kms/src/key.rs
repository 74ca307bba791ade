//! Keys.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#kms_keys>

pub(crate) mod create;
pub(crate) mod deletion;
pub(crate) mod describe;
pub(crate) mod description;
pub(crate) mod enable;
pub(crate) mod list;
pub(crate) mod managed;
pub(crate) mod metadata;
pub(crate) mod spec;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, IntoKey, Place, Resource, Result, Scope, Timestamp};

use crate::errors::{DisabledException, InvalidKeyUsageException, KMSInvalidStateException};
use crate::rotation::Rotation;
use spec::KeySpec;

/// A KMS key, without its material.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) place: Place,
    pub(crate) created: Timestamp,
    pub(crate) description: String,
    pub(crate) spec: KeySpec,
    pub(crate) state: KeyState,
    pub(crate) manager: KeyManager,
    pub(crate) policy: String,
    pub(crate) tags: BTreeMap<String, String>,
    /// Names of its aliases, so that `kms:ResourceAliases` costs no look-up.
    pub(crate) aliases: BTreeSet<String>,
    /// Number of its grants, so that a key without any costs no look-up.
    pub(crate) grants: u32,
    /// Id of the material that encrypts.
    pub(crate) material: String,
    /// Automatic rotation.
    pub(crate) rotation: Option<Rotation>,
}

/// Whether a key can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum KeyState {
    Enabled,
    Disabled,
    /// To be deleted at this time.
    PendingDeletion(Timestamp),
}

/// Who manages a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum KeyManager {
    #[serde(rename = "AWS")]
    Aws,
    #[serde(rename = "CUSTOMER")]
    Customer,
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

    /// Refuses a key that is pending deletion.
    pub(crate) fn not_pending_deletion(&self) -> Result<()> {
        match self.state {
            KeyState::PendingDeletion(_) => {
                Err(KMSInvalidStateException::because(format!("{} is pending deletion.", self.arn())))
            }
            KeyState::Enabled | KeyState::Disabled => Ok(()),
        }
    }

    /// Refuses a key that is not enabled.
    pub(crate) fn enabled(&self) -> Result<()> {
        self.not_pending_deletion()?;
        match self.state {
            KeyState::Disabled => Err(DisabledException::because(format!("{} is disabled.", self.arn()))),
            KeyState::Enabled | KeyState::PendingDeletion(_) => Ok(()),
        }
    }

    /// Refuses a key that is not enabled, or not for encryption.
    pub(crate) fn can_encrypt(&self, operation: &str) -> Result<()> {
        self.enabled()?;
        if self.spec == KeySpec::SymmetricDefault { Ok(()) } else { Err(self.wrong_usage(operation)) }
    }

    /// The error for an operation that the key is not made for.
    pub(crate) fn wrong_usage(&self, operation: &str) -> welkin_kernel::Error {
        InvalidKeyUsageException::because(format!(
            "{} key usage is {} which is not valid for {operation}.",
            self.arn(),
            self.spec.usage()
        ))
    }
}
