//! What a listing tells of objects only if it is asked for.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Result, Timestamp};

use crate::errors::invalid_argument;
use crate::object::Object;

/// The header that asks for it.
const HEADER: &str = "x-amz-optional-object-attributes";

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Optional {
    /// The time, if it is to be told which objects are restored then.
    restored_at: Option<Timestamp>,
}

impl Optional {
    /// Reads the names of the attributes.
    ///
    /// # Errors
    /// `InvalidArgument`
    // UNVERIFIED: the message.
    pub(crate) fn read(names: &[String], now: Timestamp) -> Result<Self> {
        match names.iter().find(|name| *name != "RestoreStatus") {
            Some(unknown) => Err(invalid_argument("Invalid attribute name specified.", HEADER, unknown)),
            None => Ok(Self { restored_at: (!names.is_empty()).then_some(now) }),
        }
    }

    /// Whether an object is restored, if that is asked for and anybody ever asked for its restoration.
    pub(crate) fn restore_status(self, object: &Object) -> Option<RestoreStatus> {
        let now = self.restored_at?;
        let restored = object.settings.restoration.filter(|restored| object.is_archived() && now < restored.until)?;
        let is_in_progress = now < restored.ready;
        Some(RestoreStatus {
            is_restore_in_progress: is_in_progress,
            restore_expiry_date: (!is_in_progress).then_some(restored.until),
        })
    }
}

/// Whether an object is restored.
///
/// Reference: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreStatus.html>
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RestoreStatus {
    is_restore_in_progress: bool,
    restore_expiry_date: Option<Timestamp>,
}
