//! Showing a table.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result, Timestamp};

use super::shown::ShownTable;
use super::{Address, Table, TableVersion, refuse_transaction};
use crate::errors::{invalid, not_found, not_implemented};
use crate::lake;

/// Shows a table as it is, or as it was.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetTable.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTable {
    catalog_id: Option<String>,
    database_name: String,
    name: String,
    transaction_id: Option<String>,
    query_as_of_time: Option<Timestamp>,
    attributes_to_get: Option<Vec<String>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTableResponse {
    table: ShownTable,
}

impl GetTable {
    fn address(&self, cx: &Cx) -> Result<Address> {
        Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.name)
    }

    /// "This parameter doesn't accept an empty list", and only Iceberg's metadata are another thing than the table.
    fn check_attributes(&self) -> Result<()> {
        match self.attributes_to_get.as_deref() {
            Some([]) => Err(invalid("AttributesToGet cannot be empty.")),
            Some(attributes) if attributes.iter().any(|attribute| attribute == "LATEST_ICEBERG_METADATA") => {
                Err(not_implemented("metadata of Iceberg tables (LATEST_ICEBERG_METADATA)"))
            }
            _ => Ok(()),
        }
    }
}

impl Operation for GetTable {
    const NAME: &'static str = "GetTable";
    type Output = GetTableResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.address(cx)?.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetTableResponse> {
        self.check_attributes()?;
        refuse_transaction(self.transaction_id.as_deref(), self.query_as_of_time)?;
        let address = self.address(cx)?;
        let target = address.followed(cx).await?;
        let mut table = target.table(cx).await?;
        if let Some(time) = self.query_as_of_time {
            table = as_of(cx, &target, table, time).await?;
        }
        let rights = lake::rights(cx, target.catalog, &target.database, &target.name).await?;
        let inside = address.in_followed_database(cx).await?;
        let shown = ShownTable::of(table, target.catalog).seen_with(&rights);
        // A link has its own name.
        let link = match target.name == inside.name && target.database == inside.database {
            true => None,
            false => inside.find(cx).await?.filter(|link| link.definition.target_table.is_some()),
        };
        let table = match link {
            Some(link) => shown.under(link, inside.catalog),
            None => shown,
        };
        Ok(GetTableResponse { table })
    }
}

/// A table as it was at a time: "The time as of when to read the table contents."
// UNVERIFIED: that tables that are not governed are read so, by their archived versions.
async fn as_of(cx: &mut Cx, address: &Address, table: Table, time: Timestamp) -> Result<Table> {
    // Callers know times to the second.
    if table.updated.whole_secs() <= time {
        return Ok(table);
    }
    let newest_first = Page { reverse: true, ..Page::ALL };
    let versions = cx.list::<TableVersion>(address.catalog.place, table.id, newest_first).await?;
    let found = versions.into_iter().map(|version| version.0).find(|version| version.updated.whole_secs() <= time);
    found.ok_or_else(|| not_found(format!("Table {} not found.", address.name)))
}
