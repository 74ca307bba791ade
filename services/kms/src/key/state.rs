//! States of keys, and what can be done in which.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Error, Result, Timestamp};

use super::{Key, Origin};
use crate::errors::{DisabledException, KMSInvalidStateException, UnsupportedOperationException};

/// Whether a key can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum KeyState {
    Enabled,
    Disabled,
    /// To be deleted at this time.
    PendingDeletion(Timestamp),
    /// Some of its material is not there: it was never imported, it expired, or it was deleted.
    PendingImport,
    /// To be deleted so many days after the last of its replicas.
    PendingReplicaDeletion(u32),
}

/// What goes on with a multi-Region key for a moment, beside its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Transition {
    /// A replica that has just been made.
    Creating,
    /// The old or new primary key of a change of the primary Region.
    Updating,
}

/// A transition and its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Passing {
    pub(crate) transition: Transition,
    pub(crate) until: Timestamp,
}

impl KeyState {
    fn name(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingDeletion(_) => "PendingDeletion",
            Self::PendingImport => "PendingImport",
            Self::PendingReplicaDeletion(_) => "PendingReplicaDeletion",
        }
    }
}

impl Key {
    /// The name of its state: `KeyState`.
    pub(crate) fn state_name(&self, now: Timestamp) -> &'static str {
        match self.passing(now) {
            Some(Transition::Creating) => "Creating",
            Some(Transition::Updating) => "Updating",
            None => self.state.name(),
        }
    }

    fn passing(&self, now: Timestamp) -> Option<Transition> {
        self.passing.filter(|passing| now < passing.until).map(|passing| passing.transition)
    }

    /// The error that it is in a state in which this cannot be done.
    pub(crate) fn is(&self, what: &str) -> Error {
        KMSInvalidStateException::because(format!("{} is {what}.", self.arn()))
    }

    /// Refuses a key that is to be deleted.
    pub(crate) fn not_pending_deletion(&self) -> Result<()> {
        match self.state {
            KeyState::PendingDeletion(_) => Err(self.is("pending deletion")),
            // UNVERIFIED: the wording.
            KeyState::PendingReplicaDeletion(_) => Err(self.is("pending replica deletion")),
            KeyState::Enabled | KeyState::Disabled | KeyState::PendingImport => Ok(()),
        }
    }

    /// Refuses a key that cannot be used: for cryptography, and for what else needs an enabled key.
    pub(crate) fn usable(&self, now: Timestamp) -> Result<()> {
        self.not_pending_deletion()?;
        match self.state {
            KeyState::Disabled => Err(DisabledException::because(format!("{} is disabled.", self.arn()))),
            KeyState::PendingImport => Err(self.is("pending import")),
            _ if self.passing(now) == Some(Transition::Creating) => Err(self.is("creating")),
            _ => Ok(()),
        }
    }

    /// Refuses a key that is being created, or whose primary Region is being changed: for what would get in the way.
    pub(crate) fn settled(&self, now: Timestamp) -> Result<()> {
        match self.passing(now) {
            Some(Transition::Creating) => Err(self.is("creating")),
            Some(Transition::Updating) => Err(self.is("updating")),
            None => Ok(()),
        }
    }

    /// Refuses a key whose material comes from elsewhere than the operation is about.
    pub(crate) fn has_origin(&self, origin: Origin) -> Result<()> {
        if self.origin == origin {
            return Ok(());
        }
        Err(UnsupportedOperationException::because(format!(
            "{} origin is {} which is not valid for this operation.",
            self.arn(),
            self.origin.name()
        )))
    }
}
