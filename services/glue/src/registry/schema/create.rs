//! Creating a schema.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{Address, Compatibility, Schema};
use crate::errors::{AlreadyExistsException, invalid};
use crate::registry::definition::DataFormat;
use crate::registry::version::{self, Status, Version};
use crate::registry::{self, Address as RegistryAddress, DEFAULT, RegistryId};
use crate::tags;

/// Creates a schema with its first version. "When this API is called without a RegistryId, this will create an entry for
/// a default-registry … if it is not already present."
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CreateSchema.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateSchema {
    registry_id: Option<RegistryId>,
    schema_name: String,
    data_format: DataFormat,
    compatibility: Option<Compatibility>,
    description: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    schema_definition: Option<String>,
}

/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CreateSchema.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateSchemaResponse {
    registry_name: String,
    registry_arn: String,
    schema_name: String,
    schema_arn: String,
    description: Option<String>,
    data_format: DataFormat,
    compatibility: Compatibility,
    schema_checkpoint: u64,
    latest_schema_version: u64,
    next_schema_version: u64,
    schema_status: String,
    tags: BTreeMap<String, String>,
    schema_version_id: String,
    schema_version_status: Status,
}

impl CreateSchema {
    fn address(&self, cx: &Cx) -> Result<Address> {
        let registry = match &self.registry_id {
            Some(id) => id.address(cx)?,
            None => RegistryAddress::default_of(cx),
        };
        Ok(Address { registry, name: self.schema_name.clone() })
    }

    /// Makes the default registry, if it is the one and not there.
    async fn prepare_registry(&self, cx: &mut Cx, address: &Address) -> Result<()> {
        let missing = address.registry.find(cx).await?.is_none();
        if missing && address.registry.name == DEFAULT {
            registry::create::add(cx, &address.registry, None, BTreeMap::new()).await?;
        }
        address.registry.online(cx).await.map(|_| ())
    }
}

impl Operation for CreateSchema {
    const NAME: &'static str = "CreateSchema";
    type Output = CreateSchemaResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = self.address(cx)?;
        let registry = address.registry.access(cx, Self::NAME).await?.request_tags(&self.tags);
        let schema = Access::to("glue:CreateSchema").on(address.arn()).request_tags(&self.tags);
        let create = registry.and(schema.recorded_as("AWS::Glue::Schema"));
        if self.tags.is_empty() {
            return Ok(create);
        }
        Ok(create.and(Access::to("glue:TagResource").on(address.arn()).request_tags(&self.tags)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateSchemaResponse> {
        let address = self.address(cx)?;
        let place = address.registry.place;
        tags::check(&self.tags)?;
        // UNVERIFIED: that it is required though the model does not say so, and the wording.
        let text = self.schema_definition.as_deref().ok_or_else(|| invalid("SchemaDefinition has to be provided."))?;
        let parsed = version::parse(self.data_format, text)?;
        self.prepare_registry(cx, &address).await?;
        if address.find(cx).await?.is_some() {
            // UNVERIFIED: the wording.
            return Err(AlreadyExistsException::because("Schema already exists."));
        }
        let now = cx.now();
        let schema = Schema {
            registry: address.registry.name.clone(),
            name: address.name.clone(),
            id: u64::from_le_bytes(cx.chance().bytes()),
            format: self.data_format,
            // UNVERIFIED: what holds if the caller does not say.
            compatibility: self.compatibility.unwrap_or(Compatibility::None),
            checkpoint: 1,
            latest: 1,
            next: 2,
            tags: self.tags.clone(),
            deleting: false,
            description: self.description.clone(),
            created: now,
            updated: now,
        };
        cx.put(place, &schema).await?;
        let first = Version::new(cx, &schema, 1, parsed.hash(), Status::Available);
        version::add(cx, place, &first, text).await?;
        Ok(self.answer(&address, schema, first))
    }
}

impl CreateSchema {
    fn answer(&self, address: &Address, schema: Schema, first: Version) -> CreateSchemaResponse {
        CreateSchemaResponse {
            registry_arn: address.registry.arn().to_string(),
            schema_arn: address.arn().to_string(),
            schema_status: schema.status().to_owned(),
            registry_name: schema.registry,
            schema_name: schema.name,
            description: schema.description,
            data_format: schema.format,
            compatibility: schema.compatibility,
            schema_checkpoint: schema.checkpoint,
            latest_schema_version: schema.latest,
            next_schema_version: schema.next,
            tags: schema.tags,
            schema_version_id: first.id,
            schema_version_status: first.status,
        }
    }
}
