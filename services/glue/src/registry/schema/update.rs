//! Changing a schema.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{Compatibility, SchemaId};
use crate::errors::invalid;
use crate::registry::version::{Status, VersionNumber, no_version};

/// Changes the description, the compatibility or the checkpoint of a schema. "The call will not validate compatibility
/// for the entire set of schema versions with the new compatibility setting."
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateSchema.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateSchema {
    schema_id: SchemaId,
    schema_version_number: Option<VersionNumber>,
    compatibility: Option<Compatibility>,
    description: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateSchemaResponse {
    schema_arn: String,
    schema_name: String,
    registry_name: String,
}

impl UpdateSchema {
    /// "If the value for Compatibility is provided, the VersionNumber (a checkpoint) is also required."
    // UNVERIFIED: the wording; and that a description alone can be changed.
    fn check(&self) -> Result<()> {
        if self.compatibility.is_some() && self.schema_version_number.is_none() {
            return Err(invalid("SchemaVersionNumber has to be provided along with Compatibility."));
        }
        if self.schema_version_number.is_none() && self.description.is_none() {
            return Err(invalid("One of SchemaVersionNumber, Compatibility or Description has to be provided."));
        }
        Ok(())
    }
}

impl Operation for UpdateSchema {
    const NAME: &'static str = "UpdateSchema";
    type Output = UpdateSchemaResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.schema_id.address(cx)?.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<UpdateSchemaResponse> {
        self.check()?;
        let address = self.schema_id.address(cx)?;
        let mut schema = address.online(cx).await?;
        if let Some(number) = &self.schema_version_number {
            let version = number.find(cx, address.registry.place, &schema).await?;
            // "The API will validate the checkpoint version number for consistency."
            if version.status != Status::Available {
                return Err(no_version());
            }
            schema.checkpoint = version.number;
        }
        schema.compatibility = self.compatibility.unwrap_or(schema.compatibility);
        if self.description.is_some() {
            schema.description.clone_from(&self.description);
        }
        schema.updated = cx.now();
        cx.put(address.registry.place, &schema).await?;
        Ok(UpdateSchemaResponse {
            schema_arn: address.arn().to_string(),
            schema_name: schema.name,
            registry_name: schema.registry,
        })
    }
}
