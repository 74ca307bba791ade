//! Creating a database.

use std::collections::BTreeMap;

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, LakeThing, Operation, Result};

use super::{Database, DatabaseInput};
use crate::catalog::{Catalog, Subject};
use crate::errors::{AlreadyExistsException, ResourceNumberLimitExceededException};
use crate::{event, lake, tags};

/// Databases of an account in a Region at most.
///
/// Source: <https://docs.aws.amazon.com/general/latest/gr/glue.html>
const MOST: u64 = 10_000;

/// Creates a database.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CreateDatabase.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateDatabase {
    catalog_id: Option<String>,
    database_input: DatabaseInput,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

impl Operation for CreateDatabase {
    const NAME: &'static str = "CreateDatabase";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let name = self.database_input.folded();
        let create = catalog.access(cx, Self::NAME, Subject::Database(&name)).await?.request_tags(&self.tags);
        let create = create.lake(lake::location(catalog.place, self.database_input.location()));
        if self.tags.is_empty() {
            return Ok(create);
        }
        let tag = Access::to("glue:TagResource").on(tags::database_arn(catalog, &name)).request_tags(&self.tags);
        Ok(create.and(tag))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let name = self.database_input.folded();
        let open = cx.lake_opens_tables(catalog.place).await?;
        let definition = self.database_input.definition(cx, open)?;
        tags::check(&self.tags)?;
        if catalog.find(cx, &name).await?.is_some() {
            return Err(AlreadyExistsException::because("Database already exists."));
        }
        if cx.count::<Database>(catalog.place, "", "\u{10ffff}").await? >= MOST {
            return Err(ResourceNumberLimitExceededException::because(
                "Number of databases exceeds the account limit.",
            ));
        }
        let id = u64::from_le_bytes(cx.chance().bytes());
        let created_by = cx.principal().arn(cx.region().partition()).map(String::from);
        let database = Database { name, id, created: cx.now(), definition, tags: self.tags.clone(), created_by };
        cx.put(catalog.place, &database).await?;
        event::database(cx, catalog, Self::NAME, &database.name).await?;
        cx.lake_created(catalog.place, &LakeThing::Database(database.name), None).await?;
        Ok(Empty {})
    }
}
