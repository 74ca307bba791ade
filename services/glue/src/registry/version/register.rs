//! Adding a version to a schema.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Place, Result};

use super::judge::{Judge, Verdict};
use super::{Status, Version, add, by_hash, parse};
use crate::errors::invalid;
use crate::registry::schema::{Compatibility, Schema, SchemaId};

/// Adds a version to a schema. One that does not go with older ones is kept as FAILURE. "If the same schema definition
/// is already stored in Schema Registry as a version, the schema ID of the existing schema is returned to the caller."
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_RegisterSchemaVersion.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RegisterSchemaVersion {
    schema_id: SchemaId,
    schema_definition: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RegisterSchemaVersionResponse {
    schema_version_id: String,
    version_number: u64,
    status: Status,
}

impl Operation for RegisterSchemaVersion {
    const NAME: &'static str = "RegisterSchemaVersion";
    type Output = RegisterSchemaVersionResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.schema_id.address(cx)?.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<RegisterSchemaVersionResponse> {
        let address = self.schema_id.address(cx)?;
        let place = address.registry.place;
        let schema = address.online(cx).await?;
        let parsed = parse(schema.format, &self.schema_definition)?;
        let version = match by_hash(cx, place, &schema, &parsed.hash()).await? {
            Some(version) => version,
            None => self.add(cx, place, schema, parsed.hash()).await?,
        };
        Ok(RegisterSchemaVersionResponse {
            schema_version_id: version.id,
            version_number: version.number,
            status: version.status,
        })
    }
}

impl RegisterSchemaVersion {
    async fn add(&self, cx: &mut Cx, place: Place, mut schema: Schema, hash: String) -> Result<Version> {
        if schema.compatibility == Compatibility::Disabled {
            // UNVERIFIED: the wording.
            let message = "Compatibility DISABLED does not allow versioning.";
            return Err(invalid(format!("{message} SchemaName: {}", schema.name)));
        }
        let mut version = Version::new(cx, &schema, schema.next, hash, Status::Pending);
        add(cx, place, &version, &self.schema_definition).await?;
        schema.next += 1;
        cx.put(place, &schema).await?;
        if let Verdict::Told(status) = Judge::new(&version).run(cx, place, schema, &version).await? {
            version.status = status;
        }
        Ok(version)
    }
}
