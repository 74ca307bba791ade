//! Deleting a schema.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Schedule};

use super::SchemaId;
use crate::registry::clear::Clear;

/// Deletes a schema with all its versions. "To get the status of the delete operation, you can call GetSchema API after
/// the asynchronous call."
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteSchema.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteSchema {
    schema_id: SchemaId,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteSchemaResponse {
    schema_arn: String,
    schema_name: String,
    status: String,
}

impl Operation for DeleteSchema {
    const NAME: &'static str = "DeleteSchema";
    type Output = DeleteSchemaResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.schema_id.address(cx)?.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<DeleteSchemaResponse> {
        let address = self.schema_id.address(cx)?;
        let mut schema = address.online(cx).await?;
        schema.deleting = true;
        schema.updated = cx.now();
        cx.put(address.registry.place, &schema).await?;
        let job = Clear::Schema(schema.registry.clone(), schema.name.clone());
        cx.enqueue_at(address.registry.place, &job, Schedule::now()).await?;
        Ok(DeleteSchemaResponse {
            schema_arn: address.arn().to_string(),
            status: schema.status().to_owned(),
            schema_name: schema.name,
        })
    }
}
