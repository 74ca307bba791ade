//! Changing a table.

use serde::Deserialize;
use serde::de::IgnoredAny;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{Address, TableInput, TableVersion, refuse_transaction};
use crate::errors::{ConcurrentModificationException, ResourceNumberLimitExceededException, invalid, not_implemented};
use crate::{event, lake};

/// Versions of a table at most.
///
/// Source: <https://docs.aws.amazon.com/general/latest/gr/glue.html>
const MOST: u64 = 100_000;

/// Replaces the definition of a table. "By default, UpdateTable always creates an archived version of the table before
/// updating it. However, if skipArchive is set to true, UpdateTable does not create the archived version."
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateTable.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateTable {
    catalog_id: Option<String>,
    database_name: String,
    name: Option<String>,
    table_input: Option<TableInput>,
    skip_archive: Option<bool>,
    transaction_id: Option<String>,
    version_id: Option<String>,
    view_update_action: Option<String>,
    update_open_table_format_input: Option<IgnoredAny>,
}

impl UpdateTable {
    fn input(&self) -> Result<&TableInput> {
        if self.update_open_table_format_input.is_some() {
            return Err(not_implemented("tables of open formats (UpdateOpenTableFormatInput)"));
        }
        if self.view_update_action.is_some() {
            return Err(not_implemented("views of several dialects (ViewUpdateAction)"));
        }
        // UNVERIFIED: the wording; and that a table cannot be renamed.
        let input = self.table_input.as_ref().ok_or_else(|| invalid("TableInput is required."))?;
        match &self.name {
            Some(name) if !name.eq_ignore_ascii_case(&input.name) => Err(invalid("Name differs from TableInput.")),
            _ => Ok(input),
        }
    }

    fn address(&self, cx: &Cx) -> Result<Address> {
        Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.input()?.name)
    }
}

impl Operation for UpdateTable {
    const NAME: &'static str = "UpdateTable";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = self.address(cx)?;
        let access = address.access(cx, Self::NAME).await?;
        let target = address.followed(cx).await?;
        let location = self.input()?.location();
        let before = match target.catalog.find(cx, &target.database).await? {
            Some(_) => target.find(cx).await?,
            None => None,
        };
        match before {
            Some(table) if table.definition.location() == location => Ok(access),
            _ => Ok(access.lake(lake::location(target.catalog.place, location))),
        }
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        refuse_transaction(self.transaction_id.as_deref(), None)?;
        let input = self.input()?;
        let address = self.address(cx)?.followed(cx).await?;
        let place = address.catalog.place;
        if input.target_table.is_some() {
            // UNVERIFIED: the wording.
            return Err(invalid("A table cannot become a resource link."));
        }
        let definition = input.resolve(cx).await?;
        let mut table = address.table(cx).await?;
        // Source of the wording: https://github.com/apache/iceberg/issues/8636
        if self.version_id.as_ref().is_some_and(|version| *version != table.version.to_string()) {
            let message = "Update table failed due to concurrent modifications.";
            return Err(ConcurrentModificationException::because(message));
        }
        if self.skip_archive != Some(true) {
            let many = table.version >= MOST;
            if many && cx.count::<TableVersion>(place, (table.id, 0_u64), (table.id, u64::MAX)).await? >= MOST {
                let message = "Number of table versions exceeds the limit.";
                return Err(ResourceNumberLimitExceededException::because(message));
            }
            cx.insert(place, &TableVersion(table.clone()))?;
        }
        table.version += 1;
        table.updated = cx.now();
        // Through a link, the table keeps its name.
        table.definition = TableInput { name: table.definition.name, ..definition };
        cx.put(place, &table).await?;
        event::table(cx, &address, Self::NAME).await?;
        Ok(Empty {})
    }
}
