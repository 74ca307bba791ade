//! Changing partitions.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Place, Result};

use super::{PartitionInput, find};
use crate::errors::{ErrorDetail, invalid};
use crate::event;
use crate::table::{Address, Table};

/// Replaces the definition of a partition.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_UpdatePartition.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdatePartition {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    partition_value_list: Vec<String>,
    partition_input: PartitionInput,
}

impl Operation for UpdatePartition {
    const NAME: &'static str = "UpdatePartition";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        update(cx, address.catalog.place, &table, &self.partition_value_list, &self.partition_input).await?;
        event::partitions(cx, &address, Self::NAME, &[&self.partition_value_list]).await?;
        Ok(Empty {})
    }
}

/// "The `Values` property can't be changed. If you want to change the partition key values for a partition, delete and
/// recreate the partition."
async fn update(cx: &mut Cx, place: Place, table: &Table, values: &[String], input: &PartitionInput) -> Result<()> {
    let present = find(cx, place, table, values).await?;
    if input.values.as_ref().is_some_and(|new| new.as_slice() != values) {
        // UNVERIFIED: the wording.
        return Err(invalid("The values of a partition cannot be changed."));
    }
    let changed = input.partition(table, values, present.created)?;
    cx.put(place, &changed).await
}

/// Replaces the definitions of partitions; those that cannot be are told.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_BatchUpdatePartition.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchUpdatePartition {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    partition_value_list: Vec<String>,
    partition_input: PartitionInput,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchUpdatePartitionResponse {
    errors: Vec<FailureEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FailureEntry {
    partition_value_list: Vec<String>,
    error_detail: ErrorDetail,
}

impl Operation for BatchUpdatePartition {
    const NAME: &'static str = "BatchUpdatePartition";
    type Output = BatchUpdatePartitionResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<BatchUpdatePartitionResponse> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        let (mut changed, mut errors) = (Vec::new(), Vec::new());
        for entry in &self.entries {
            let values = &entry.partition_value_list;
            match update(cx, address.catalog.place, &table, values, &entry.partition_input).await {
                Ok(()) => changed.push(values.as_slice()),
                Err(error) => {
                    let error_detail = ErrorDetail::of(error)?;
                    errors.push(FailureEntry { partition_value_list: values.clone(), error_detail });
                }
            }
        }
        event::partitions(cx, &address, Self::NAME, &changed).await?;
        Ok(BatchUpdatePartitionResponse { errors })
    }
}
