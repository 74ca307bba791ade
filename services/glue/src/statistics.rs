//! Statistics of columns, of tables and of partitions.

mod data;
pub(crate) mod partition;
pub(crate) mod table;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Key, Place, Resource, Result, Scope};

use crate::errors::{ErrorDetail, invalid, not_found};
use crate::table::Table;

pub(crate) use data::ColumnStatistics;

/// The statistics of a column as they are stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Statistics {
    table: u64,
    /// The values of the partition; none for the table itself.
    values: Vec<String>,
    statistics: ColumnStatistics,
}

impl Resource for Statistics {
    const KIND: &'static str = "glue/column-statistics";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        key(self.table, &self.values, &self.statistics.column_name)
    }
}

/// The beginning of the keys of the statistics of a partition, or of the table itself.
fn prefix(table: u64, values: &[String]) -> Key {
    let start = (table, values.len() as u64).into_key();
    values.iter().fold(start, |key, value| (key, value).into_key())
}

fn key(table: u64, values: &[String], column: &str) -> Key {
    (prefix(table, values), column.to_lowercase()).into_key()
}

/// Removes the statistics of a partition.
pub(crate) fn forget(cx: &mut Cx, place: Place, table: u64, values: &[String]) -> Result<()> {
    cx.delete_all::<Statistics>(place, prefix(table, values))
}

/// Statistics that were refused.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_ColumnStatisticsError.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ColumnStatisticsError {
    column_statistics: ColumnStatistics,
    error: ErrorDetail,
}

/// The answer of an update: what was refused.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ColumnStatisticsErrors {
    errors: Vec<ColumnStatisticsError>,
}

/// A column whose statistics cannot be shown.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_ColumnError.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ColumnError {
    column_name: String,
    error: ErrorDetail,
}

/// The answer of a look: statistics, and columns that have none.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FoundStatistics {
    column_statistics_list: Vec<ColumnStatistics>,
    errors: Vec<ColumnError>,
}

// UNVERIFIED: the wordings of statistics, and which errors are told of single columns.
fn check(table: &Table, statistics: &ColumnStatistics) -> Result<()> {
    let name = &statistics.column_name;
    if !table.definition.columns().any(|column| column.name.eq_ignore_ascii_case(name)) {
        return Err(not_found(format!("Column {name} not found.")));
    }
    match statistics.is_consistent() {
        true => Ok(()),
        false => Err(invalid(format!("The statistics of column {name} are not of the type that they name."))),
    }
}

async fn update(
    cx: &mut Cx,
    place: Place,
    table: &Table,
    values: &[String],
    list: &[ColumnStatistics],
) -> Result<ColumnStatisticsErrors> {
    let mut errors = Vec::new();
    for statistics in list {
        if let Err(error) = check(table, statistics) {
            let error = ErrorDetail::of(error)?;
            errors.push(ColumnStatisticsError { column_statistics: statistics.clone(), error });
            continue;
        }
        let statistics = Statistics { table: table.id, values: values.to_vec(), statistics: statistics.clone() };
        cx.put(place, &statistics).await?;
    }
    Ok(ColumnStatisticsErrors { errors })
}

async fn get(
    cx: &mut Cx,
    place: Place,
    table: &Table,
    values: &[String],
    columns: &[String],
) -> Result<FoundStatistics> {
    let mut answer = FoundStatistics { column_statistics_list: Vec::new(), errors: Vec::new() };
    for column in columns {
        match cx.get::<Statistics>(place, key(table.id, values, column)).await? {
            Some(found) => answer.column_statistics_list.push(found.statistics),
            None => {
                let error = ErrorDetail::of(none(column))?;
                answer.errors.push(ColumnError { column_name: column.clone(), error });
            }
        }
    }
    Ok(answer)
}

async fn delete(cx: &mut Cx, place: Place, table: &Table, values: &[String], column: &str) -> Result<()> {
    match cx.delete::<Statistics>(place, key(table.id, values, column)).await? {
        Some(_) => Ok(()),
        None => Err(none(column)),
    }
}

fn none(column: &str) -> welkin_kernel::Error {
    not_found(format!("Column statistics of {column} not found."))
}
