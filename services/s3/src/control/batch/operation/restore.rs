//! S3InitiateRestoreObject.

use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{Result, Value};

use super::value;
use crate::control::errors::InvalidRequest;

/// Has every object restored that is archived.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_S3InitiateRestoreObjectOperation.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct S3InitiateRestoreObject {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expiration_in_days: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    glacier_job_tier: Option<String>,
}

impl S3InitiateRestoreObject {
    /// # Errors
    /// `InvalidRequest`
    // UNVERIFIED: the wording.
    pub(super) fn check(&self) -> Result<()> {
        match self.expiration_in_days {
            Some(0) => Err(InvalidRequest::because("ExpirationInDays must be at least 1")),
            _ => Ok(()),
        }
    }

    /// What RestoreObject is asked for.
    // UNVERIFIED: that the tier is STANDARD where none is named.
    pub(super) fn request(&self) -> Result<Value> {
        let tier = match self.glacier_job_tier.as_deref() {
            Some("BULK") => "Bulk",
            _ => "Standard",
        };
        let mut request = json!({ "GlacierJobParameters": { "Tier": tier } });
        if let (Some(days), Some(request)) = (self.expiration_in_days, request.as_object_mut()) {
            request.insert("Days".to_owned(), days.into());
        }
        value(&request)
    }
}
