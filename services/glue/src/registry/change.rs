//! Changing and deleting a registry.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Schedule};

use super::RegistryId;
use super::clear::Clear;

/// Changes what a registry says of itself.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateRegistry.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateRegistry {
    registry_id: RegistryId,
    description: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateRegistryResponse {
    registry_name: String,
    registry_arn: String,
}

impl Operation for UpdateRegistry {
    const NAME: &'static str = "UpdateRegistry";
    type Output = UpdateRegistryResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.registry_id.address(cx)?.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<UpdateRegistryResponse> {
        let address = self.registry_id.address(cx)?;
        let mut registry = address.online(cx).await?;
        registry.description = Some(self.description.clone());
        registry.updated = cx.now();
        cx.put(address.place, &registry).await?;
        Ok(UpdateRegistryResponse { registry_arn: address.arn().to_string(), registry_name: address.name })
    }
}

/// Deletes a registry with all that it holds. "To get the status of the delete operation, you can call the GetRegistry
/// API after the asynchronous call."
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteRegistry.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteRegistry {
    registry_id: RegistryId,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteRegistryResponse {
    registry_name: String,
    registry_arn: String,
    status: String,
}

impl Operation for DeleteRegistry {
    const NAME: &'static str = "DeleteRegistry";
    type Output = DeleteRegistryResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.registry_id.address(cx)?.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<DeleteRegistryResponse> {
        let address = self.registry_id.address(cx)?;
        let mut registry = address.online(cx).await?;
        registry.deleting = true;
        registry.updated = cx.now();
        cx.put(address.place, &registry).await?;
        cx.enqueue_at(address.place, &Clear::Registry(address.name.clone()), Schedule::now()).await?;
        Ok(DeleteRegistryResponse {
            registry_arn: address.arn().to_string(),
            status: registry.status().to_owned(),
            registry_name: address.name,
        })
    }
}
