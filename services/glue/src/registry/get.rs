//! Finding registries.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Operation, Page, Result};

use super::{Address, PAGE, Registry, RegistryId, no_registry, shown_time};
use crate::page;

/// A registry as the API shows it.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_RegistryListItem.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ShownRegistry {
    registry_name: String,
    registry_arn: String,
    description: Option<String>,
    status: String,
    created_time: Option<String>,
    updated_time: Option<String>,
}

impl ShownRegistry {
    fn of(registry: Registry, address: &Address) -> Self {
        Self {
            registry_arn: address.arn().to_string(),
            status: registry.status().to_owned(),
            created_time: shown_time(registry.created),
            updated_time: shown_time(registry.updated),
            registry_name: registry.name,
            description: registry.description,
        }
    }
}

/// Shows a registry.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetRegistry.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetRegistry {
    registry_id: RegistryId,
}

impl Operation for GetRegistry {
    const NAME: &'static str = "GetRegistry";
    type Output = ShownRegistry;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.registry_id.address(cx)?.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ShownRegistry> {
        let address = self.registry_id.address(cx)?;
        let registry = address.find(cx).await?.ok_or_else(|| no_registry(&address.name))?;
        Ok(ShownRegistry::of(registry, &address))
    }
}

/// Lists registries by name. "Registries in the Deleting status will not be included in the results."
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_ListRegistries.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRegistries {
    max_results: Option<u32>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRegistriesResponse {
    registries: Vec<ShownRegistry>,
    next_token: Option<String>,
}

impl Operation for ListRegistries {
    const NAME: &'static str = "ListRegistries";
    type Output = ListRegistriesResponse;

    async fn access(&self, _cx: &mut Cx) -> Result<Access> {
        Ok(Access::to("glue:ListRegistries"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListRegistriesResponse> {
        let place = cx.here();
        let size = page::size(self.max_results, PAGE);
        let mut after = page::read_token::<String>(self.next_token.as_deref())?;
        let key = after.as_ref().map(|name| name.into_key());
        // An account has no more of them than one listing takes.
        let found = cx.list::<Registry>(place, (), Page { after: key.as_ref(), ..Page::ALL }).await?;
        let mut registries = Vec::new();
        for registry in found.into_iter().filter(|registry| !registry.deleting) {
            if registries.len() == size {
                return Ok(ListRegistriesResponse { registries, next_token: Some(page::token(&after)?) });
            }
            after = Some(registry.name.clone());
            let address = Address { place, name: registry.name.clone() };
            registries.push(ShownRegistry::of(registry, &address));
        }
        Ok(ListRegistriesResponse { registries, next_token: None })
    }
}
