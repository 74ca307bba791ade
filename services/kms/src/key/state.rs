//! States of keys, and what can be done in which.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Error, Result, Timestamp};

use super::Key;
use crate::errors::{DisabledException, KMSInvalidStateException};

/// Whether a key can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum KeyState {
    Enabled,
    Disabled,
    /// To be deleted at this time.
    PendingDeletion(Timestamp),
}

impl KeyState {
    /// Its name: `KeyState`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingDeletion(_) => "PendingDeletion",
        }
    }
}

impl Key {
    fn is(&self, what: &str) -> Error {
        KMSInvalidStateException::because(format!("{} is {what}.", self.arn()))
    }

    /// Refuses a key that is pending deletion.
    pub(crate) fn not_pending_deletion(&self) -> Result<()> {
        match self.state {
            KeyState::PendingDeletion(_) => Err(self.is("pending deletion")),
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
}
