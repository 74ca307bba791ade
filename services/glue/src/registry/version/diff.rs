//! What differs between two versions.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Error, Operation, Result};

use super::VersionNumber;
use crate::registry::definition::patch;
use crate::registry::schema::SchemaId;

/// Tells how to make one version's definition of the other's, "as a string in JsonPatch format".
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetSchemaVersionsDiff.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetSchemaVersionsDiff {
    schema_id: SchemaId,
    first_schema_version_number: VersionNumber,
    second_schema_version_number: VersionNumber,
    #[serde(rename = "SchemaDiffType")]
    _kind: DiffType,
}

/// "Refers to SYNTAX_DIFF, which is the currently supported diff type."
#[derive(Deserialize)]
enum DiffType {
    #[serde(rename = "SYNTAX_DIFF")]
    Syntax,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetSchemaVersionsDiffResponse {
    diff: String,
}

impl Operation for GetSchemaVersionsDiff {
    const NAME: &'static str = "GetSchemaVersionsDiff";
    type Output = GetSchemaVersionsDiffResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.schema_id.address(cx)?.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetSchemaVersionsDiffResponse> {
        let address = self.schema_id.address(cx)?;
        let place = address.registry.place;
        let schema = address.online(cx).await?;
        let mut texts = Vec::with_capacity(2);
        for number in [&self.first_schema_version_number, &self.second_schema_version_number] {
            let version = number.find(cx, place, &schema).await?;
            let text = version.text(cx, place).await?;
            texts.push(serde_json::from_str(&text).map_err(Error::internal)?);
        }
        let steps = match texts.as_slice() {
            [first, second] => patch::between(first, second),
            _ => Vec::new(),
        };
        Ok(GetSchemaVersionsDiffResponse { diff: serde_json::to_string(&steps).map_err(Error::internal)? })
    }
}
