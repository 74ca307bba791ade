//! Deleting tables.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, LakeThing, Operation, Result, Schedule};

use super::{Address, Table, refuse_transaction};
use crate::catalog::{Catalog, Subject, fold};
use crate::errors::{ErrorDetail, ResourceNotReadyException};
use crate::orphan::Clear;
use crate::{event, index};

/// Deletes a table. "You no longer have access to the table versions and partitions that belong to the deleted table":
/// these are removed afterwards.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteTable.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteTable {
    catalog_id: Option<String>,
    database_name: String,
    name: String,
    transaction_id: Option<String>,
}

impl Operation for DeleteTable {
    const NAME: &'static str = "DeleteTable";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.name)?;
        address.access_unfollowed(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        refuse_transaction(self.transaction_id.as_deref(), None)?;
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.name)?;
        let address = address.in_followed_database(cx).await?;
        delete(cx, &address).await?;
        event::tables(cx, address.catalog, Self::NAME, &address.database, &[address.name]).await?;
        Ok(Empty {})
    }
}

/// Deletes a table.
///
/// # Errors
/// `EntityNotFoundException`; `ResourceNotReadyException` while an index is made: "When an index is in a CREATING state,
/// the index or its table cannot be deleted"
/// (<https://docs.aws.amazon.com/glue/latest/webapi/API_PartitionIndexDescriptor.html>).
async fn delete(cx: &mut Cx, address: &Address) -> Result<()> {
    let place = address.catalog.place;
    let table = address.table(cx).await?;
    if index::is_being_made(cx, place, &table).await? {
        return Err(ResourceNotReadyException::because("A partition index of the table is being created."));
    }
    cx.delete::<Table>(place, (table.database, table.name.as_str())).await?;
    cx.enqueue_at(place, &Clear::Table(table.id), Schedule::now()).await?;
    let thing = LakeThing::Table(address.database.clone(), address.name.clone());
    cx.lake_deleted(place, &thing).await?;
    Ok(())
}

/// Deletes tables of a database; those that cannot be are told.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_BatchDeleteTable.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchDeleteTable {
    catalog_id: Option<String>,
    database_name: String,
    tables_to_delete: Vec<String>,
    transaction_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchDeleteTableResponse {
    errors: Vec<TableError>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TableError {
    table_name: String,
    error_detail: ErrorDetail,
}

impl Operation for BatchDeleteTable {
    const NAME: &'static str = "BatchDeleteTable";
    type Output = BatchDeleteTableResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let database = fold(&self.database_name);
        let mut all = catalog.access(cx, Self::NAME, Subject::Database(&database)).await?;
        for name in &self.tables_to_delete {
            let address = Address { catalog, database: database.clone(), name: fold(name) };
            all = all.and(address.access_unfollowed(cx, Self::NAME).await?);
        }
        Ok(all)
    }

    async fn run(&self, cx: &mut Cx) -> Result<BatchDeleteTableResponse> {
        refuse_transaction(self.transaction_id.as_deref(), None)?;
        let catalog = Catalog::of(cx, self.catalog_id.as_deref())?;
        let (catalog, database) = catalog.followed(cx, &fold(&self.database_name)).await?;
        catalog.database(cx, &database).await?;
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for name in &self.tables_to_delete {
            let address = Address { catalog, database: database.clone(), name: fold(name) };
            match delete(cx, &address).await {
                Ok(()) => deleted.push(address.name),
                Err(error) => {
                    errors.push(TableError { table_name: name.clone(), error_detail: ErrorDetail::of(error)? });
                }
            }
        }
        event::tables(cx, catalog, Self::NAME, &database, &deleted).await?;
        Ok(BatchDeleteTableResponse { errors })
    }
}
