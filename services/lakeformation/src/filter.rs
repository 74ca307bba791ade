//! Data cells filters: rows and columns of a table that a grant is limited to.
//!
//! <https://docs.aws.amazon.com/lake-formation/latest/dg/data-filters-about.html>

pub(crate) mod condition;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, Cx, Empty, IntoKey, Key, LakeCells, LakePermission, LakeThing, Operation, Page, Place, Resource, Result,
    Scope,
};

use crate::errors::{AlreadyExistsException, ResourceNumberLimitExceededException, invalid, not_found};
use crate::page::page;
use crate::resource::{ColumnWildcard, Columns, Nothing, TableResource, Target, fold};
use crate::rights;
use crate::settings::{Settings, catalog_of, own_catalog};
use condition::Condition;

/// Filters of a table at most.
///
/// Source: <https://docs.aws.amazon.com/general/latest/gr/lake-formation.html>
const MOST: u64 = 100;

/// A filter as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Filter {
    database: String,
    table: String,
    name: String,
    /// The condition as it was given; `None` for all rows.
    expression: Option<String>,
    /// The condition in SQL.
    sql: Option<String>,
    columns: Columns,
    /// What changes when the filter does.
    version: String,
}

impl Resource for Filter {
    const KIND: &'static str = "lakeformation/filter";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (&self.database, &self.table, &self.name).into_key()
    }
}

impl Filter {
    pub(crate) async fn find(
        cx: &mut Cx,
        place: Place,
        database: &str,
        table: &str,
        name: &str,
    ) -> Result<Option<Self>> {
        cx.get::<Self>(place, (database, table, name)).await
    }

    /// What it lets be read of a table with these columns.
    pub(crate) fn cells(&self, all: &[String]) -> LakeCells {
        let columns = match &self.columns {
            Columns::AllBut(names) if names.is_empty() => None,
            columns => Some(columns.of(all)),
        };
        LakeCells { columns, rows: self.sql.clone() }
    }
}

/// A filter as the API has it.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_DataCellsFilter.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DataCellsFilter {
    table_catalog_id: String,
    database_name: String,
    table_name: String,
    name: String,
    row_filter: Option<RowFilter>,
    column_names: Option<Vec<String>>,
    column_wildcard: Option<ColumnWildcard>,
    version_id: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RowFilter {
    filter_expression: Option<String>,
    all_rows_wildcard: Option<Nothing>,
}

impl DataCellsFilter {
    fn of(place: Place, filter: Filter) -> Self {
        let names = || Some(filter.columns.names().iter().cloned().collect());
        let (column_names, column_wildcard) = match &filter.columns {
            Columns::These(_) => (names(), None),
            Columns::AllBut(_) => (None, Some(ColumnWildcard { excluded_column_names: names() })),
        };
        let all_rows_wildcard = filter.expression.is_none().then_some(Nothing {});
        let filter_expression = Some(filter.expression.clone().unwrap_or_else(|| "TRUE".to_owned()));
        Self {
            table_catalog_id: place.account.to_string(),
            database_name: filter.database,
            table_name: filter.table,
            name: filter.name,
            row_filter: Some(RowFilter { filter_expression, all_rows_wildcard }),
            column_names,
            column_wildcard,
            version_id: Some(filter.version),
        }
    }

    fn thing(&self) -> LakeThing {
        LakeThing::Table(fold(&self.database_name), fold(&self.table_name))
    }

    /// The filter that it describes, of a table that there is.
    ///
    /// # Errors
    /// `InvalidInputException`, `EntityNotFoundException`
    async fn read(&self, cx: &mut Cx, place: Place) -> Result<Filter> {
        let entry = rights::entry(cx, place, &self.thing()).await?.ok_or_else(|| rights::missing(&self.thing()))?;
        let names = |names: &[String]| names.iter().map(|name| fold(name)).collect::<BTreeSet<_>>();
        let columns = match (&self.column_names, &self.column_wildcard) {
            (Some(chosen), None) if !chosen.is_empty() => Columns::These(names(chosen)),
            (None, Some(wildcard)) => {
                Columns::AllBut(names(wildcard.excluded_column_names.as_deref().unwrap_or_default()))
            }
            // "You must specify either a ColumnNames list or the ColumnWildCard".
            _ => return Err(invalid("A filter must have either column names or a column wildcard.")),
        };
        if let Some(unknown) = columns.names().iter().find(|name| !entry.columns.contains(name)) {
            // UNVERIFIED: the wording.
            return Err(invalid(format!("Column {unknown} does not exist in the table.")));
        }
        let (expression, sql) = self.rows(&entry.columns)?;
        let version = cx.once(|cx| cx.chance().uuid());
        let (database, table) = (fold(&self.database_name), fold(&self.table_name));
        Ok(Filter { database, table, name: self.name.clone(), expression, sql, columns, version })
    }

    /// The condition as it was given, and in SQL.
    fn rows(&self, columns: &[String]) -> Result<(Option<String>, Option<String>)> {
        let row_filter = self.row_filter.as_ref();
        let wildcard = row_filter.is_some_and(|rows| rows.all_rows_wildcard.is_some());
        let expression = row_filter.and_then(|rows| rows.filter_expression.as_deref());
        match (expression, wildcard) {
            (None, true) => Ok((None, None)),
            (Some(text), true) if text.eq_ignore_ascii_case("true") => Ok((None, None)),
            (Some(text), false) => {
                let condition = Condition::parse(text).map_err(invalid)?;
                if let Some(unknown) = condition.columns().find(|name| !columns.contains(name)) {
                    // UNVERIFIED: the wording.
                    return Err(invalid(format!("Row filter names the unknown column {unknown}.")));
                }
                Ok((Some(text.to_owned()), Some(condition.sql().to_owned())))
            }
            // UNVERIFIED: the wording.
            _ => Err(invalid("A row filter must have either an expression or all rows.")),
        }
    }
}

/// Refuses a caller who may not say what is read of a table: "SELECT with the grant option" is needed.
async fn hold(cx: &mut Cx, place: Place, thing: &LakeThing) -> Result<()> {
    let principal = cx.principal().clone();
    match rights::held(cx, &principal, place, thing).await?.may_grant(LakePermission::Select) {
        true => Ok(()),
        false => Err(rights::refusal(LakePermission::Select, &format!("{thing} with the grant option"))),
    }
}

fn no_filter(name: &str) -> welkin_kernel::Error {
    // UNVERIFIED: the wording.
    not_found(format!("Data cells filter {name} not found."))
}

/// Creates a filter.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_CreateDataCellsFilter.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateDataCellsFilter {
    table_data: DataCellsFilter,
}

impl Operation for CreateDataCellsFilter {
    const NAME: &'static str = "CreateDataCellsFilter";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:CreateDataCellsFilter"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let place = own_catalog(cx, Some(&self.table_data.table_catalog_id))?;
        hold(cx, place, &self.table_data.thing()).await?;
        let filter = self.table_data.read(cx, place).await?;
        let (database, table) = (filter.database.as_str(), filter.table.as_str());
        if Filter::find(cx, place, database, table, &filter.name).await?.is_some() {
            return Err(AlreadyExistsException::because("Data cells filter already exists."));
        }
        if cx.count::<Filter>(place, (database, table, ""), (database, table, "\u{10ffff}")).await? >= MOST {
            return Err(ResourceNumberLimitExceededException.into());
        }
        Settings::begin(cx, place).await?;
        cx.put(place, &filter).await?;
        Ok(Empty {})
    }
}

/// Replaces a filter.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_UpdateDataCellsFilter.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateDataCellsFilter {
    table_data: DataCellsFilter,
}

impl Operation for UpdateDataCellsFilter {
    const NAME: &'static str = "UpdateDataCellsFilter";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:UpdateDataCellsFilter"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let place = own_catalog(cx, Some(&self.table_data.table_catalog_id))?;
        hold(cx, place, &self.table_data.thing()).await?;
        let filter = self.table_data.read(cx, place).await?;
        let old = Filter::find(cx, place, &filter.database, &filter.table, &filter.name).await?;
        let old = old.ok_or_else(|| no_filter(&filter.name))?;
        if self.table_data.version_id.as_ref().is_some_and(|version| *version != old.version) {
            let message = "The data cells filter has another version.";
            return Err(crate::errors::ConcurrentModificationException::because(message));
        }
        cx.put(place, &filter).await?;
        Ok(Empty {})
    }
}

/// Shows a filter.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_GetDataCellsFilter.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetDataCellsFilter {
    table_catalog_id: String,
    database_name: String,
    table_name: String,
    name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetDataCellsFilterResponse {
    data_cells_filter: DataCellsFilter,
}

impl Operation for GetDataCellsFilter {
    const NAME: &'static str = "GetDataCellsFilter";
    type Output = GetDataCellsFilterResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:GetDataCellsFilter"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetDataCellsFilterResponse> {
        let place = own_catalog(cx, Some(&self.table_catalog_id))?;
        let (database, table) = (fold(&self.database_name), fold(&self.table_name));
        hold(cx, place, &LakeThing::Table(database.clone(), table.clone())).await?;
        let filter = Filter::find(cx, place, &database, &table, &self.name).await?;
        let filter = filter.ok_or_else(|| no_filter(&self.name))?;
        Ok(GetDataCellsFilterResponse { data_cells_filter: DataCellsFilter::of(place, filter) })
    }
}

/// Deletes a filter; with it goes what was granted by it.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_DeleteDataCellsFilter.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteDataCellsFilter {
    table_catalog_id: Option<String>,
    database_name: Option<String>,
    table_name: Option<String>,
    name: Option<String>,
}

impl Operation for DeleteDataCellsFilter {
    const NAME: &'static str = "DeleteDataCellsFilter";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:DeleteDataCellsFilter"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let place = own_catalog(cx, self.table_catalog_id.as_deref())?;
        let (Some(database), Some(table), Some(name)) = (&self.database_name, &self.table_name, &self.name) else {
            return Err(invalid("A data cells filter is named by its database, table and name."));
        };
        let (database, table) = (fold(database), fold(table));
        hold(cx, place, &LakeThing::Table(database.clone(), table.clone())).await?;
        let deleted = cx.delete::<Filter>(place, (&database, &table, name)).await?;
        deleted.ok_or_else(|| no_filter(name))?;
        for grant in crate::grant::Grant::under(cx, place, place.account, (&database, &table, "filter")).await? {
            if matches!(&grant.target, Target::Filter { name: own, .. } if own == name) {
                grant.remove(cx, place).await?;
            }
        }
        Ok(Empty {})
    }
}

/// Lists the filters of a table, or of all tables, on which the caller may grant.
///
/// <https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_ListDataCellsFilter.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListDataCellsFilter {
    table: Option<TableResource>,
    next_token: Option<String>,
    max_results: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListDataCellsFilterResponse {
    data_cells_filters: Vec<DataCellsFilter>,
    next_token: Option<String>,
}

impl Operation for ListDataCellsFilter {
    const NAME: &'static str = "ListDataCellsFilter";
    type Output = ListDataCellsFilterResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("lakeformation:ListDataCellsFilter"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListDataCellsFilterResponse> {
        let place = catalog_of(cx, self.table.as_ref().and_then(|table| table.catalog_id.as_deref()))?;
        let place = own_catalog(cx, Some(&place.account.to_string()))?;
        let all = match self.table.as_ref().map(TableResource::target).transpose()? {
            Some(Target::Table { database, name }) => cx.list::<Filter>(place, (&database, &name), Page::ALL).await?,
            Some(Target::Tables { database }) => cx.list::<Filter>(place, (&database,), Page::ALL).await?,
            _ => cx.list::<Filter>(place, (), Page::ALL).await?,
        };
        let principal = cx.principal().clone();
        let mut found = Vec::new();
        for filter in all {
            let thing = LakeThing::Table(filter.database.clone(), filter.table.clone());
            if rights::held(cx, &principal, place, &thing).await?.may_grant(LakePermission::Select) {
                found.push(DataCellsFilter::of(place, filter));
            }
        }
        let (data_cells_filters, next_token) = page(found, self.max_results, self.next_token.as_deref())?;
        Ok(ListDataCellsFilterResponse { data_cells_filters, next_token })
    }
}
