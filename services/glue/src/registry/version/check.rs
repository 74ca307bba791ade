//! Looking whether a definition is valid.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use crate::registry::definition::{DataFormat, Parsed};

/// Looks whether a definition is valid.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CheckSchemaVersionValidity.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CheckSchemaVersionValidity {
    data_format: DataFormat,
    schema_definition: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CheckSchemaVersionValidityResponse {
    valid: bool,
    error: Option<String>,
}

/// Characters of a message at most.
const LONGEST: usize = 5000;

impl Operation for CheckSchemaVersionValidity {
    const NAME: &'static str = "CheckSchemaVersionValidity";
    type Output = CheckSchemaVersionValidityResponse;

    async fn access(&self, _cx: &mut Cx) -> Result<Access> {
        Ok(Access::to("glue:CheckSchemaVersionValidity"))
    }

    async fn run(&self, _cx: &mut Cx) -> Result<CheckSchemaVersionValidityResponse> {
        Ok(match Parsed::read(self.data_format, &self.schema_definition)? {
            Ok(_) => CheckSchemaVersionValidityResponse { valid: true, error: None },
            Err(fault) => {
                let error = Some(fault.to_string().chars().take(LONGEST).collect());
                CheckSchemaVersionValidityResponse { valid: false, error }
            }
        })
    }
}
