//! Creating a registry.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{Address, Registry};
use crate::errors::{AlreadyExistsException, ResourceNumberLimitExceededException};
use crate::tags;

/// Registries of an account in a Region at most.
///
/// Source: <https://docs.aws.amazon.com/glue/latest/dg/schema-registry-quotas.html>
const MOST: u64 = 100;

/// Creates a registry.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CreateRegistry.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateRegistry {
    registry_name: String,
    description: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateRegistryResponse {
    registry_arn: String,
    registry_name: String,
    description: Option<String>,
    tags: BTreeMap<String, String>,
}

impl CreateRegistry {
    fn address(&self, cx: &Cx) -> Address {
        Address { place: cx.here(), name: self.registry_name.clone() }
    }
}

impl Operation for CreateRegistry {
    const NAME: &'static str = "CreateRegistry";
    type Output = CreateRegistryResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = self.address(cx);
        let create = Access::to("glue:CreateRegistry").on(address.arn()).request_tags(&self.tags);
        let create = create.recorded_as("AWS::Glue::Registry");
        if self.tags.is_empty() {
            return Ok(create);
        }
        Ok(create.and(Access::to("glue:TagResource").on(address.arn()).request_tags(&self.tags)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateRegistryResponse> {
        let address = self.address(cx);
        tags::check(&self.tags)?;
        if address.find(cx).await?.is_some() {
            // UNVERIFIED: the wording.
            let message = format!("Registry already exists. RegistryName: {}", self.registry_name);
            return Err(AlreadyExistsException::because(message));
        }
        let registry = add(cx, &address, self.description.clone(), self.tags.clone()).await?;
        Ok(CreateRegistryResponse {
            registry_arn: address.arn().to_string(),
            registry_name: registry.name,
            description: registry.description,
            tags: registry.tags,
        })
    }
}

/// Keeps a new registry.
///
/// # Errors
/// `ResourceNumberLimitExceededException`
pub(crate) async fn add(
    cx: &mut Cx,
    address: &Address,
    description: Option<String>,
    tags: BTreeMap<String, String>,
) -> Result<Registry> {
    if cx.count::<Registry>(address.place, "", "\u{10ffff}").await? >= MOST {
        // UNVERIFIED: the wording.
        let message = "More registries cannot be created. The maximum limit has been reached.";
        return Err(ResourceNumberLimitExceededException::because(message));
    }
    let now = cx.now();
    let name = address.name.clone();
    let registry = Registry { name, description, created: now, updated: now, deleting: false, tags };
    cx.put(address.place, &registry).await?;
    Ok(registry)
}
