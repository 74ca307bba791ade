//! A table as engines see it that filter by themselves what is read of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, LakePermission, LakeRights, Operation, Result};

use super::Address;
use super::shown::ShownTable;
use crate::errors::{AccessDeniedException, PermissionTypeMismatchException};
use crate::lake;

/// Engines that filter what they read.
const ENGINES: [&str; 1] = ["athena.amazonaws.com"];

/// Shows all of a table to an engine, and tells it what the caller may read of it. Other engines than Welkin's own cannot
/// be trusted to filter yet.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetUnfilteredTableMetadata.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetUnfilteredTableMetadata {
    catalog_id: String,
    database_name: String,
    name: String,
    supported_permission_types: Vec<String>,
}

/// In which rows a column may be read.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_ColumnRowFilter.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ColumnRowFilter {
    column_name: String,
    row_filter_expression: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetUnfilteredTableMetadataResponse {
    table: ShownTable,
    authorized_columns: Vec<String>,
    is_registered_with_lake_formation: bool,
    cell_filters: Vec<ColumnRowFilter>,
    resource_arn: String,
}

/// The rows in which a column may be read.
fn filter(rights: &LakeRights, column: &str) -> ColumnRowFilter {
    let with =
        rights.cells.iter().filter(|cells| cells.columns.as_ref().is_none_or(|columns| columns.contains(column)));
    let rows: Option<BTreeSet<&str>> = with.map(|cells| cells.rows.as_deref()).collect();
    let expression = match rows {
        Some(rows) if !rows.is_empty() => rows.iter().map(|row| format!("({row})")).collect::<Vec<_>>().join(" OR "),
        _ => "TRUE".to_owned(),
    };
    ColumnRowFilter { column_name: column.to_owned(), row_filter_expression: expression }
}

impl Operation for GetUnfilteredTableMetadata {
    const NAME: &'static str = "GetUnfilteredTableMetadata";
    type Output = GetUnfilteredTableMetadataResponse;

    // UNVERIFIED: that permission to see the table is what is needed, besides being an engine.
    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, Some(&self.catalog_id), &self.database_name, &self.name)?;
        address.access(cx, super::get::GetTable::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetUnfilteredTableMetadataResponse> {
        if !cx.caller().via.last().is_some_and(|via| ENGINES.contains(via)) {
            return Err(AccessDeniedException.into());
        }
        let address = Address::of(cx, Some(&self.catalog_id), &self.database_name, &self.name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        let rights = lake::rights(cx, address.catalog, &address.database, &address.name).await?;
        if !rights.has(&[LakePermission::Select]) {
            let message = format!("Insufficient Lake Formation permission(s): Required Select on {}", address.name);
            return Err(AccessDeniedException::because(message));
        }
        let knows = |kind: &str| self.supported_permission_types.iter().any(|own| own == kind);
        let by_cell = rights.cells.iter().any(|cells| cells.rows.is_some());
        if !rights.reads_all() && !knows("CELL_FILTER_PERMISSION") && (by_cell || !knows("COLUMN_PERMISSION")) {
            return Err(PermissionTypeMismatchException.into());
        }
        let columns = table.definition.columns().map(|column| column.name.to_lowercase());
        let authorized_columns: Vec<String> = columns.filter(|column| rights.reads(column)).collect();
        let cell_filters = match by_cell {
            true => authorized_columns.iter().map(|column| filter(&rights, column)).collect(),
            false => Vec::new(),
        };
        let arn = format!("table/{}/{}", address.database, address.name);
        Ok(GetUnfilteredTableMetadataResponse {
            authorized_columns,
            is_registered_with_lake_formation: rights.registered,
            cell_filters,
            resource_arn: address.catalog.place.arn("glue", arn).as_str().to_owned(),
            table: ShownTable::of(table, address.catalog),
        })
    }
}
