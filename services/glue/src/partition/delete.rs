//! Deleting partitions.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Place, Result};

use super::batch::{PartitionError, PartitionErrors};
use super::{Partition, PartitionValueList, find, key};
use crate::table::{Address, Table};
use crate::{event, statistics};

/// Deletes a partition.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_DeletePartition.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeletePartition {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    partition_values: Vec<String>,
}

impl Operation for DeletePartition {
    const NAME: &'static str = "DeletePartition";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        delete(cx, address.catalog.place, &table, &self.partition_values).await?;
        event::partitions(cx, &address, Self::NAME, &[&self.partition_values]).await?;
        Ok(Empty {})
    }
}

async fn delete(cx: &mut Cx, place: Place, table: &Table, values: &[String]) -> Result<()> {
    find(cx, place, table, values).await?;
    cx.discard::<Partition>(place, key(table.id, values))?;
    statistics::forget(cx, place, table.id, values)
}

/// Deletes partitions; those that cannot be are told.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_BatchDeletePartition.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchDeletePartition {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    partitions_to_delete: Vec<PartitionValueList>,
}

impl Operation for BatchDeletePartition {
    const NAME: &'static str = "BatchDeletePartition";
    type Output = PartitionErrors;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<PartitionErrors> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for wanted in &self.partitions_to_delete {
            match delete(cx, address.catalog.place, &table, &wanted.values).await {
                Ok(()) => deleted.push(wanted.values.as_slice()),
                Err(error) => errors.push(PartitionError::of(&wanted.values, error)?),
            }
        }
        event::partitions(cx, &address, Self::NAME, &deleted).await?;
        Ok(PartitionErrors { errors })
    }
}
