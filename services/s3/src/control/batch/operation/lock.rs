//! S3PutObjectLegalHold and S3PutObjectRetention.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Map, Result, Timestamp};

use super::value;
use crate::errors::not_implemented;

/// Holds every object, or lets it go.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_S3SetObjectLegalHoldOperation.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct S3PutObjectLegalHold {
    pub(super) legal_hold: S3ObjectLockLegalHold,
}

/// The hold.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct S3ObjectLockLegalHold {
    status: String,
}

/// Sets until when every object is retained.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_S3SetObjectRetentionOperation.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct S3PutObjectRetention {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bypass_governance_retention: Option<bool>,
    retention: S3Retention,
}

/// The retention; an empty one removes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct S3Retention {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retain_until_date: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event_hold: Option<String>,
}

impl S3PutObjectRetention {
    /// # Errors
    /// `NotImplemented` for event holds
    pub(super) fn check(&self) -> Result<()> {
        match self.retention.event_hold {
            Some(_) => Err(not_implemented("EventHold of S3PutObjectRetention jobs")),
            None => Ok(()),
        }
    }

    /// Says it in the input of PutObjectRetention.
    pub(super) fn add_to(&self, input: &mut Map) -> Result<()> {
        if let Some(bypass) = self.bypass_governance_retention {
            input.insert("BypassGovernanceRetention", bypass);
        }
        input.insert("Retention", value(&self.retention)?);
        Ok(())
    }
}
