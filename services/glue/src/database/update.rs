//! Changing a database.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::DatabaseInput;
use crate::catalog::{Catalog, Subject, fold};
use crate::errors::invalid;

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
        catalog.access(cx, Self::NAME, Subject::Database(&fold(&self.name))).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let name = fold(&self.name);
        let mut database = catalog.database(cx, &name).await?;
        if self.database_input.folded() != name {
            // UNVERIFIED: that a database cannot be renamed, and the wording.
            return Err(invalid("Database name cannot be changed."));
        }
        database.definition = self.database_input.definition()?;
        cx.put(catalog.place, &database).await?;
        Ok(Empty {})
    }
}
