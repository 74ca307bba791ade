//! Removing deleted registries and schemas, which are there as DELETING until nothing of them is left.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Job, Page, Resource, Result, Schedule};

use super::Registry;
use super::schema::Schema;
use super::version::{Definition, Version};

/// Removes a registry or schema that is being deleted, some rows at a time.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Clear {
    Registry(String),
    Schema(String, String),
}

/// Versions that one run removes.
const BATCH: usize = 50;

impl Job for Clear {
    const NAME: &'static str = "glue/clear-registry";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let more = match self {
            Self::Registry(name) => clear_registry(cx, name).await?,
            Self::Schema(registry, name) => match cx.get::<Schema>(cx.here(), (registry, name)).await? {
                Some(schema) if schema.deleting => clear_schema(cx, &schema).await?,
                _ => false,
            },
        };
        if more {
            cx.enqueue(self, Schedule::now()).await?;
        }
        Ok(())
    }
}

/// Whether more is left.
async fn clear_registry(cx: &mut Cx, name: &str) -> Result<bool> {
    let place = cx.here();
    let Some(registry) = cx.get::<Registry>(place, name).await?.filter(|registry| registry.deleting) else {
        return Ok(false);
    };
    if let Some(schema) = cx.list::<Schema>(place, name, Page::of(1, None)).await?.first() {
        clear_schema(cx, schema).await?;
        return Ok(true);
    }
    cx.delete::<Registry>(place, registry.key()).await?;
    Ok(false)
}

/// Whether more is left.
async fn clear_schema(cx: &mut Cx, schema: &Schema) -> Result<bool> {
    let place = cx.here();
    let versions = cx.list::<Version>(place, schema.id, Page::of(BATCH, None)).await?;
    for version in &versions {
        cx.discard::<Definition>(place, version.key())?;
        cx.delete::<Version>(place, version.key()).await?;
    }
    if versions.len() == BATCH {
        return Ok(true);
    }
    cx.delete::<Schema>(place, schema.key()).await?;
    Ok(false)
}
