//! What batches of partitions say of those that were refused.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Error, Result};

use crate::errors::ErrorDetail;

/// A partition that was refused.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_PartitionError.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PartitionError {
    partition_values: Vec<String>,
    error_detail: ErrorDetail,
}

impl PartitionError {
    /// # Errors
    /// It is not the partition's error, but the call's.
    pub(super) fn of(values: &[String], error: Error) -> Result<Self> {
        Ok(Self { partition_values: values.to_vec(), error_detail: ErrorDetail::of(error)? })
    }
}

/// The answer of a batch: what was refused.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PartitionErrors {
    pub(super) errors: Vec<PartitionError>,
}
