//! Statistics of columns of a table.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{ColumnStatistics, ColumnStatisticsErrors, FoundStatistics, delete, get, update};
use crate::lake;
use crate::table::Address;

/// Sets statistics of columns of a table.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateColumnStatisticsForTable.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateColumnStatisticsForTable {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    column_statistics_list: Vec<ColumnStatistics>,
}

impl Operation for UpdateColumnStatisticsForTable {
    const NAME: &'static str = "UpdateColumnStatisticsForTable";
    type Output = ColumnStatisticsErrors;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ColumnStatisticsErrors> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        update(cx, address.catalog.place, &table, &[], &self.column_statistics_list).await
    }
}

/// Shows statistics of columns of a table.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetColumnStatisticsForTable.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetColumnStatisticsForTable {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    column_names: Vec<String>,
}

impl Operation for GetColumnStatisticsForTable {
    const NAME: &'static str = "GetColumnStatisticsForTable";
    type Output = FoundStatistics;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<FoundStatistics> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        lake::hold_columns(cx, &address, &self.column_names).await?;
        get(cx, address.catalog.place, &table, &[], &self.column_names).await
    }
}

/// Removes the statistics of a column of a table.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteColumnStatisticsForTable.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteColumnStatisticsForTable {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    column_name: String,
}

impl Operation for DeleteColumnStatisticsForTable {
    const NAME: &'static str = "DeleteColumnStatisticsForTable";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        delete(cx, address.catalog.place, &table, &[], &self.column_name).await?;
        Ok(Empty {})
    }
}
