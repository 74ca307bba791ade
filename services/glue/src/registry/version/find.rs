//! Finding a version.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{Choice, Status, VersionNumber, by_hash, no_version, parse};
use crate::registry::definition::DataFormat;
use crate::registry::schema::SchemaId;
use crate::registry::shown_time;

/// Shows a version with its definition.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetSchemaVersion.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetSchemaVersion {
    schema_id: Option<SchemaId>,
    schema_version_id: Option<String>,
    schema_version_number: Option<VersionNumber>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetSchemaVersionResponse {
    schema_version_id: String,
    schema_definition: String,
    data_format: DataFormat,
    schema_arn: String,
    version_number: u64,
    status: Status,
    created_time: Option<String>,
}

impl GetSchemaVersion {
    fn choice(&self) -> Choice<'_> {
        Choice {
            id: self.schema_version_id.as_deref(),
            schema: self.schema_id.as_ref(),
            number: self.schema_version_number.as_ref(),
        }
    }
}

impl Operation for GetSchemaVersion {
    const NAME: &'static str = "GetSchemaVersion";
    type Output = GetSchemaVersionResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.choice().access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetSchemaVersionResponse> {
        let (place, schema, version) = self.choice().find(cx).await?;
        Ok(GetSchemaVersionResponse {
            schema_definition: version.text(cx, place).await?,
            data_format: schema.format,
            schema_arn: schema.address(place).arn().to_string(),
            version_number: version.number,
            status: version.status,
            created_time: shown_time(version.created),
            schema_version_id: version.id,
        })
    }
}

/// Finds the version of a schema that defines the same: "The schema definition is sent to the Schema Registry,
/// canonicalized, and hashed."
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetSchemaByDefinition.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetSchemaByDefinition {
    schema_id: SchemaId,
    schema_definition: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetSchemaByDefinitionResponse {
    schema_version_id: String,
    schema_arn: String,
    data_format: DataFormat,
    status: Status,
    created_time: Option<String>,
}

impl Operation for GetSchemaByDefinition {
    const NAME: &'static str = "GetSchemaByDefinition";
    type Output = GetSchemaByDefinitionResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.schema_id.address(cx)?.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetSchemaByDefinitionResponse> {
        let address = self.schema_id.address(cx)?;
        let schema = address.online(cx).await?;
        let hash = parse(schema.format, &self.schema_definition)?.hash();
        let version = by_hash(cx, address.registry.place, &schema, &hash).await?.ok_or_else(no_version)?;
        Ok(GetSchemaByDefinitionResponse {
            schema_version_id: version.id,
            schema_arn: address.arn().to_string(),
            data_format: schema.format,
            status: version.status,
            created_time: shown_time(version.created),
        })
    }
}
