//! Creating partitions.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Place, Result};

use super::batch::{PartitionError, PartitionErrors};
use super::{Partition, PartitionInput, key};
use crate::errors::{AlreadyExistsException, invalid};
use crate::event;
use crate::table::{Address, Table};

/// Creates a partition.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CreatePartition.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreatePartition {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    partition_input: PartitionInput,
}

impl Operation for CreatePartition {
    const NAME: &'static str = "CreatePartition";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        create(cx, address.catalog.place, &table, &self.partition_input).await?;
        event::partitions(cx, &address, Self::NAME, &[self.partition_input.values()]).await?;
        Ok(Empty {})
    }
}

async fn create(cx: &mut Cx, place: Place, table: &Table, input: &PartitionInput) -> Result<()> {
    if input.values.is_none() {
        // UNVERIFIED: the wording.
        return Err(invalid("Partition values are required."));
    }
    let partition = input.partition(table, input.values(), cx.now())?;
    if cx.exists::<Partition>(place, key(table.id, &partition.values)).await? {
        return Err(AlreadyExistsException::because("Partition already exists."));
    }
    cx.put(place, &partition).await
}

/// Creates partitions; those that cannot be created are told.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_BatchCreatePartition.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchCreatePartition {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    partition_input_list: Vec<PartitionInput>,
}

impl Operation for BatchCreatePartition {
    const NAME: &'static str = "BatchCreatePartition";
    type Output = PartitionErrors;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<PartitionErrors> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        let (mut created, mut errors) = (Vec::new(), Vec::new());
        for input in &self.partition_input_list {
            match create(cx, address.catalog.place, &table, input).await {
                Ok(()) => created.push(input.values()),
                Err(error) => errors.push(PartitionError::of(input.values(), error)?),
            }
        }
        event::partitions(cx, &address, Self::NAME, &created).await?;
        Ok(PartitionErrors { errors })
    }
}
