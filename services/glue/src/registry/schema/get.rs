//! Finding schemas.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Operation, Page, Place, Result};

use super::{Compatibility, Schema, SchemaId, no_schema};
use crate::page;
use crate::registry::definition::DataFormat;
use crate::registry::{PAGE, RegistryId, shown_time};

/// Shows a schema.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetSchema.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetSchema {
    schema_id: SchemaId,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetSchemaResponse {
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
    created_time: Option<String>,
    updated_time: Option<String>,
}

impl Operation for GetSchema {
    const NAME: &'static str = "GetSchema";
    type Output = GetSchemaResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.schema_id.address(cx)?.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetSchemaResponse> {
        let address = self.schema_id.address(cx)?;
        let schema = address.find(cx).await?.ok_or_else(no_schema)?;
        Ok(GetSchemaResponse {
            registry_arn: address.registry.arn().to_string(),
            schema_arn: address.arn().to_string(),
            schema_status: schema.status().to_owned(),
            created_time: shown_time(schema.created),
            updated_time: shown_time(schema.updated),
            registry_name: schema.registry,
            schema_name: schema.name,
            description: schema.description,
            data_format: schema.format,
            compatibility: schema.compatibility,
            schema_checkpoint: schema.checkpoint,
            latest_schema_version: schema.latest,
            next_schema_version: schema.next,
        })
    }
}

/// Lists schemas of a registry, or of all of them. "Schemas in Deleting status will not be included in the results."
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_ListSchemas.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSchemas {
    registry_id: Option<RegistryId>,
    max_results: Option<u32>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSchemasResponse {
    schemas: Vec<SchemaListItem>,
    next_token: Option<String>,
}

/// <https://docs.aws.amazon.com/glue/latest/webapi/API_SchemaListItem.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SchemaListItem {
    registry_name: String,
    schema_name: String,
    schema_arn: String,
    description: Option<String>,
    schema_status: String,
    created_time: Option<String>,
    updated_time: Option<String>,
}

impl SchemaListItem {
    fn of(schema: Schema, place: Place) -> Self {
        Self {
            schema_arn: schema.address(place).arn().to_string(),
            schema_status: schema.status().to_owned(),
            created_time: shown_time(schema.created),
            updated_time: shown_time(schema.updated),
            registry_name: schema.registry,
            schema_name: schema.name,
            description: schema.description,
        }
    }
}

impl ListSchemas {
    /// A page of all schemas after one, or of a registry's.
    async fn page(&self, cx: &mut Cx, after: Option<&(String, String)>) -> Result<(Place, Vec<Schema>)> {
        let key = after.map(|(registry, name)| (registry, name).into_key());
        let page = Page::of(page::SIZE, key.as_ref());
        match &self.registry_id {
            Some(id) => {
                let address = id.address(cx)?;
                address.online(cx).await?;
                Ok((address.place, cx.list::<Schema>(address.place, &address.name, page).await?))
            }
            None => Ok((cx.here(), cx.list::<Schema>(cx.here(), (), page).await?)),
        }
    }
}

impl Operation for ListSchemas {
    const NAME: &'static str = "ListSchemas";
    type Output = ListSchemasResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        match &self.registry_id {
            Some(id) => id.address(cx)?.access(cx, Self::NAME).await,
            None => Ok(Access::to("glue:ListSchemas")),
        }
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListSchemasResponse> {
        let size = page::size(self.max_results, PAGE);
        let mut after = page::read_token::<(String, String)>(self.next_token.as_deref())?;
        let mut schemas = Vec::new();
        loop {
            let (place, found) = self.page(cx, after.as_ref()).await?;
            let whole = found.len() == page::SIZE;
            for schema in found {
                if schemas.len() == size {
                    return Ok(ListSchemasResponse { schemas, next_token: Some(page::token(&after)?) });
                }
                after = Some((schema.registry.clone(), schema.name.clone()));
                if !schema.deleting {
                    schemas.push(SchemaListItem::of(schema, place));
                }
            }
            if !whole {
                return Ok(ListSchemasResponse { schemas, next_token: None });
            }
        }
    }
}
