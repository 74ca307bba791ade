//! Changing a database.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::DatabaseInput;
use crate::catalog::{Catalog, fold};
use crate::errors::invalid;
use crate::lake;

/// Replaces the definition of a database.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateDatabase.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateDatabase {
    catalog_id: Option<String>,
    name: String,
    database_input: DatabaseInput,
}

impl Operation for UpdateDatabase {
    const NAME: &'static str = "UpdateDatabase";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let access = catalog.followed_access(cx, Self::NAME, &fold(&self.name)).await?;
        let (catalog, name) = catalog.followed(cx, &fold(&self.name)).await?;
        let location = self.database_input.location();
        match catalog.find(cx, &name).await? {
            Some(database) if database.location() == location => Ok(access),
            _ => Ok(access.lake(lake::location(catalog.place, location))),
        }
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let (catalog, name) = catalog.followed(cx, &fold(&self.name)).await?;
        let mut database = catalog.database(cx, &name).await?;
        if self.database_input.folded() != fold(&self.name) {
            // UNVERIFIED: that a database cannot be renamed, and the wording.
            return Err(invalid("Database name cannot be changed."));
        }
        // What tables are open to stays as it is unless it is told.
        database.definition = self.database_input.definition(cx, database.opens_tables())?;
        cx.put(catalog.place, &database).await?;
        Ok(Empty {})
    }
}
