//! Statistics of columns of a partition.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{ColumnStatistics, ColumnStatisticsErrors, FoundStatistics, delete, get, update};
use crate::table::Address;
use crate::{lake, partition};

/// Sets statistics of columns of a partition.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateColumnStatisticsForPartition.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateColumnStatisticsForPartition {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    partition_values: Vec<String>,
    column_statistics_list: Vec<ColumnStatistics>,
}

impl Operation for UpdateColumnStatisticsForPartition {
    const NAME: &'static str = "UpdateColumnStatisticsForPartition";
    type Output = ColumnStatisticsErrors;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ColumnStatisticsErrors> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        partition::find(cx, address.catalog.place, &table, &self.partition_values).await?;
        update(cx, address.catalog.place, &table, &self.partition_values, &self.column_statistics_list).await
    }
}

/// Shows statistics of columns of a partition.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetColumnStatisticsForPartition.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetColumnStatisticsForPartition {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    partition_values: Vec<String>,
    column_names: Vec<String>,
}

impl Operation for GetColumnStatisticsForPartition {
    const NAME: &'static str = "GetColumnStatisticsForPartition";
    type Output = FoundStatistics;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<FoundStatistics> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        partition::find(cx, address.catalog.place, &table, &self.partition_values).await?;
        lake::hold_columns(cx, &address, &self.column_names).await?;
        get(cx, address.catalog.place, &table, &self.partition_values, &self.column_names).await
    }
}

/// Removes the statistics of a column of a partition.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteColumnStatisticsForPartition.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteColumnStatisticsForPartition {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    partition_values: Vec<String>,
    column_name: String,
}

impl Operation for DeleteColumnStatisticsForPartition {
    const NAME: &'static str = "DeleteColumnStatisticsForPartition";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        partition::find(cx, address.catalog.place, &table, &self.partition_values).await?;
        delete(cx, address.catalog.place, &table, &self.partition_values, &self.column_name).await?;
        Ok(Empty {})
    }
}
