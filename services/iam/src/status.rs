//! Whether a credential may be used.

use serde::{Deserialize, Serialize};
use welkin_kernel::Result;

use crate::errors::InvalidInputException;

/// Whether a credential may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    Active,
    Inactive,
}

impl Status {
    /// As `operation` is asked to set it.
    pub(crate) fn read(text: &str, operation: &str) -> Result<Self> {
        match text {
            "Active" => Ok(Self::Active),
            "Inactive" => Ok(Self::Inactive),
            // UNVERIFIED: the model also knows `Expired`, which no caller may ask for.
            other => Err(InvalidInputException::because(format!("Status {other} is not supported by {operation}."))),
        }
    }
}
