//! Listing the tables of a database.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Operation, Page, Result, Timestamp};

use super::get::GetTable;
use super::pattern::Pattern;
use super::shown::ShownTable;
use super::{Table, refuse_transaction};
use crate::catalog::{Catalog, Subject, fold};
use crate::errors::{invalid, not_implemented};
use crate::{lake, page};

/// Lists the tables of a database that the caller may see, by name.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetTables.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTables {
    catalog_id: Option<String>,
    database_name: String,
    expression: Option<String>,
    next_token: Option<String>,
    max_results: Option<u32>,
    transaction_id: Option<String>,
    query_as_of_time: Option<Timestamp>,
    resource_share_type: Option<String>,
    attributes_to_get: Option<Vec<String>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTablesResponse {
    table_list: Vec<ShownTable>,
    next_token: Option<String>,
}

/// How much is shown of each table.
#[derive(Clone, Copy)]
enum Detail {
    All,
    Name,
    NameAndType,
}

impl Operation for GetTables {
    const NAME: &'static str = "GetTables";
    type Output = GetTablesResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        catalog.followed_access(cx, Self::NAME, &fold(&self.database_name)).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetTablesResponse> {
        refuse_transaction(self.transaction_id.as_deref(), self.query_as_of_time)?;
        if self.query_as_of_time.is_some() {
            return Err(not_implemented("lists of tables as of a time (QueryAsOfTime of GetTables)"));
        }
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let (detail, pattern) = (self.detail()?, Pattern::new(self.expression.as_deref())?);
        let (catalog, name) = catalog.followed(cx, &fold(&self.database_name)).await?;
        let database = catalog.database(cx, &name).await?;
        // No table is federated.
        let local = self.resource_share_type.as_deref() != Some("FEDERATED");
        let size = page::size(self.max_results, page::SIZE);
        let mut after = page::read_token::<String>(self.next_token.as_deref())?;
        let mut table_list = Vec::new();
        if !local {
            return Ok(GetTablesResponse { table_list, next_token: None });
        }
        loop {
            let key = after.as_ref().map(|name| (database.id, name).into_key());
            let found = cx.list::<Table>(catalog.place, database.id, Page::of(page::SIZE, key.as_ref())).await?;
            let whole = found.len() == page::SIZE;
            for table in found {
                if table_list.len() == size {
                    return Ok(GetTablesResponse { table_list, next_token: Some(page::token(&after)?) });
                }
                after = Some(table.name.clone());
                let subject = Subject::Table(&database.name, &table.name);
                // "Filter tables by GetTables permission":
                // https://docs.aws.amazon.com/glue/latest/dg/security_iam_id-based-policy-examples.html
                if pattern.matches(&table.name)? && catalog.permits(cx, Self::NAME, subject).await? {
                    table_list.push(match detail {
                        Detail::All => shown(cx, catalog, table).await?,
                        Detail::Name => ShownTable::brief(table, false),
                        Detail::NameAndType => ShownTable::brief(table, true),
                    });
                }
            }
            if !whole {
                return Ok(GetTablesResponse { table_list, next_token: None });
            }
        }
    }
}

/// A table, or what a link stands for if the caller may see it.
async fn shown(cx: &mut Cx, catalog: Catalog, table: Table) -> Result<ShownTable> {
    let rights = lake::rights(cx, catalog, &table.database_name, &table.name).await?;
    let Some(target) = &table.definition.target_table else {
        return Ok(ShownTable::of(table, catalog).seen_with(&rights));
    };
    let target = target.address(cx)?;
    let subject = Subject::Table(&target.database, &target.name);
    if !target.catalog.permits(cx, GetTable::NAME, subject).await? {
        return Ok(ShownTable::of(table, catalog));
    }
    let found = match target.catalog.find(cx, &target.database).await? {
        Some(_) => target.find(cx).await?,
        None => None,
    };
    let rights = lake::rights(cx, target.catalog, &target.database, &target.name).await?;
    Ok(match found {
        Some(found) => ShownTable::of(found, target.catalog).seen_with(&rights).under(table, catalog),
        None => ShownTable::of(table, catalog),
    })
}

impl GetTables {
    /// "This parameter doesn't accept an empty list. The request must include NAME."
    fn detail(&self) -> Result<Detail> {
        let Some(attributes) = self.attributes_to_get.as_deref() else { return Ok(Detail::All) };
        let has = |name: &str| attributes.iter().any(|attribute| attribute == name);
        match (has("NAME"), has("TABLE_TYPE"), attributes.len()) {
            (true, false, 1) => Ok(Detail::Name),
            (true, true, 2) => Ok(Detail::NameAndType),
            _ => Err(invalid("AttributesToGet must be NAME, or NAME and TABLE_TYPE.")),
        }
    }
}
