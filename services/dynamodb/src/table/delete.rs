//! Deleting a table.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Job, Operation, Page, Resource, Result, Schedule};

use crate::errors::{ResourceInUseException, invalid};
use crate::item::Row;
use crate::table::find::TableDescription;
use crate::table::{Status, Table, TableName};

/// Deletes a table with its items, a moment later.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteTable {
    table_name: TableName,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Deleted {
    table_description: TableDescription,
}

impl Operation for DeleteTable {
    const NAME: &'static str = "DeleteTable";
    type Output = Deleted;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(self.table_name.address(cx)?.access("dynamodb:DeleteTable"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Deleted> {
        let address = self.table_name.address(cx)?;
        let mut table = address.find(cx).await?;
        if table.status != Status::Active {
            return Err(ResourceInUseException::because(format!(
                "Attempt to change a resource which is still in use: Table is being {}: {}",
                if table.status == Status::Creating { "created" } else { "deleted" },
                table.name
            )));
        }
        if table.protected {
            return Err(invalid(
                "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
            ));
        }
        table.status = Status::Deleting;
        cx.put(address.place, &table).await?;
        let job = Clear { table: table.name.clone(), id: table.id.clone() };
        cx.enqueue_at(address.place, &job, Schedule::now()).await?;
        Ok(Deleted { table_description: TableDescription::of(&table, &address, None) })
    }
}

/// Items that one transaction removes.
const PIECE: usize = 64;

/// Removes a table that is being deleted, after its items, a piece at a time.
#[derive(Serialize, Deserialize)]
pub(crate) struct Clear {
    table: String,
    id: String,
}

impl Job for Clear {
    const NAME: &'static str = "dynamodb/clear";
    const PRINCIPAL: &'static str = "dynamodb.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let table = cx.get::<Table>(place, self.table.as_str()).await?;
        if table.is_none_or(|table| table.id != self.id) {
            return Ok(());
        }
        let rows = cx.list::<Row>(place, self.id.as_str(), Page::of(PIECE, None)).await?;
        for row in &rows {
            cx.discard::<Row>(place, row.key())?;
        }
        if rows.len() < PIECE {
            cx.delete::<Table>(place, self.table.as_str()).await?;
            return Ok(());
        }
        let rest = Self { table: self.table.clone(), id: self.id.clone() };
        cx.enqueue(&rest, Schedule::now()).await?;
        Ok(())
    }
}
