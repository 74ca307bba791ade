//! Showing partitions by their values.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{Partition, PartitionValueList, ShownPartition, check_values, find, key};
use crate::lake;
use crate::table::Address;

/// Shows a partition.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartition.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPartition {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    partition_values: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPartitionResponse {
    partition: ShownPartition,
}

impl Operation for GetPartition {
    const NAME: &'static str = "GetPartition";
    type Output = GetPartitionResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetPartitionResponse> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        let partition = find(cx, address.catalog.place, &table, &self.partition_values).await?;
        let rights = lake::rights(cx, address.catalog, &address.database, &address.name).await?;
        Ok(GetPartitionResponse { partition: ShownPartition::of(partition, &address).seen_with(&rights) })
    }
}

/// Shows those of several partitions that there are.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_BatchGetPartition.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchGetPartition {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    partitions_to_get: Vec<PartitionValueList>,
}

/// `UnprocessedKeys` are those that there was no time for: here there always is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchGetPartitionResponse {
    partitions: Vec<ShownPartition>,
    unprocessed_keys: Vec<PartitionValueList>,
}

impl Operation for BatchGetPartition {
    const NAME: &'static str = "BatchGetPartition";
    type Output = BatchGetPartitionResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<BatchGetPartitionResponse> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        let rights = lake::rights(cx, address.catalog, &address.database, &address.name).await?;
        let mut partitions = Vec::new();
        for wanted in &self.partitions_to_get {
            check_values(&table, &wanted.values)?;
            let found = cx.get::<Partition>(address.catalog.place, key(table.id, &wanted.values)).await?;
            partitions.extend(found.map(|partition| ShownPartition::of(partition, &address).seen_with(&rights)));
        }
        Ok(BatchGetPartitionResponse { partitions, unprocessed_keys: Vec::new() })
    }
}
