//! Deleting a database.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, LakeThing, Operation, Result, Schedule};

use super::Database;
use crate::catalog::{Catalog, Subject, fold};
use crate::event;
use crate::orphan::Clear;

/// Deletes a database. "You no longer have access to the tables … and the user-defined functions in the deleted
/// database": these are removed afterwards.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteDatabase.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteDatabase {
    catalog_id: Option<String>,
    name: String,
}

impl Operation for DeleteDatabase {
    const NAME: &'static str = "DeleteDatabase";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let name = fold(&self.name);
        // Whatever is in it goes too: the service authorisation reference requires tables and functions.
        let tables = catalog.access(cx, Self::NAME, Subject::Table(&name, "*")).await?;
        let functions = catalog.access(cx, Self::NAME, Subject::Function(&name, "*")).await?;
        Ok(tables.and(functions).and(catalog.access(cx, Self::NAME, Subject::Database(&name)).await?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let database = catalog.database(cx, &fold(&self.name)).await?;
        cx.delete::<Database>(catalog.place, &database.name).await?;
        cx.enqueue_at(catalog.place, &Clear::Database(database.id), Schedule::now()).await?;
        event::database(cx, catalog, Self::NAME, &database.name).await?;
        cx.lake_deleted(catalog.place, &LakeThing::Database(database.name)).await?;
        Ok(Empty {})
    }
}
