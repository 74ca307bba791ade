//! Versions of tables.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, IntoKey, LakeRights, Operation, Page, Result};

use super::shown::ShownTable;
use super::{Address, Table, TableVersion};
use crate::catalog::Catalog;
use crate::errors::{ErrorDetail, invalid, not_found};
use crate::{lake, page};

/// A version as the API shows it.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_TableVersion.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ShownVersion {
    table: ShownTable,
    version_id: String,
}

impl ShownVersion {
    fn of(table: Table, catalog: Catalog, rights: &LakeRights) -> Self {
        Self { version_id: table.version.to_string(), table: ShownTable::of(table, catalog).seen_with(rights) }
    }
}

// UNVERIFIED: the wording.
fn no_version(id: &str) -> welkin_kernel::Error {
    not_found(format!("Table version {id} not found."))
}

/// Shows a version of a table, by default the present one.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetTableVersion.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTableVersion {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    version_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTableVersionResponse {
    table_version: ShownVersion,
}

impl Operation for GetTableVersion {
    const NAME: &'static str = "GetTableVersion";
    type Output = GetTableVersionResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetTableVersionResponse> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let mut table = address.table(cx).await?;
        if let Some(id) = &self.version_id {
            let version: u64 = id.parse().map_err(|_| no_version(id))?;
            if version != table.version {
                let found = cx.get::<TableVersion>(address.catalog.place, (table.id, version)).await?;
                table = found.ok_or_else(|| no_version(id))?.0;
            }
        }
        let rights = lake::rights(cx, address.catalog, &address.database, &address.name).await?;
        Ok(GetTableVersionResponse { table_version: ShownVersion::of(table, address.catalog, &rights) })
    }
}

/// Lists the versions of a table, the present one among them.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetTableVersions.html>
// UNVERIFIED: that the newest is first.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTableVersions {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    next_token: Option<String>,
    max_results: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTableVersionsResponse {
    table_versions: Vec<ShownVersion>,
    next_token: Option<String>,
}

impl Operation for GetTableVersions {
    const NAME: &'static str = "GetTableVersions";
    type Output = GetTableVersionsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetTableVersionsResponse> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        let size = page::size(self.max_results, page::SIZE);
        let before = page::read_token::<u64>(self.next_token.as_deref())?;
        let key = before.map(|version| (table.id, version).into_key());
        let older = Page { after: key.as_ref(), limit: size + 1, reverse: true };
        let older = cx.list::<TableVersion>(address.catalog.place, table.id, older).await?;
        let present = before.is_none().then_some(table);
        let mut versions: Vec<Table> = present.into_iter().chain(older.into_iter().map(|version| version.0)).collect();
        let more = versions.len() > size;
        versions.truncate(size);
        let next_token = match versions.last() {
            Some(last) if more => Some(page::token(&last.version)?),
            _ => None,
        };
        let rights = lake::rights(cx, address.catalog, &address.database, &address.name).await?;
        let shown = |table| ShownVersion::of(table, address.catalog, &rights);
        let table_versions = versions.into_iter().map(shown).collect();
        Ok(GetTableVersionsResponse { table_versions, next_token })
    }
}

/// Deletes an archived version of a table.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteTableVersion.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteTableVersion {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    version_id: String,
}

impl Operation for DeleteTableVersion {
    const NAME: &'static str = "DeleteTableVersion";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        delete(cx, &address, &table, &self.version_id).await?;
        Ok(Empty {})
    }
}

async fn delete(cx: &mut Cx, address: &Address, table: &Table, id: &str) -> Result<()> {
    let version: u64 = id.parse().map_err(|_| no_version(id))?;
    if version == table.version {
        // UNVERIFIED: that the present version stays until the table goes, and the wording.
        return Err(invalid("The current version of a table cannot be deleted."));
    }
    match cx.delete::<TableVersion>(address.catalog.place, (table.id, version)).await? {
        Some(_) => Ok(()),
        None => Err(no_version(id)),
    }
}

/// Deletes archived versions of a table; those that cannot be are told.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_BatchDeleteTableVersion.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchDeleteTableVersion {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    version_ids: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BatchDeleteTableVersionResponse {
    errors: Vec<TableVersionError>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TableVersionError {
    table_name: String,
    version_id: String,
    error_detail: ErrorDetail,
}

impl Operation for BatchDeleteTableVersion {
    const NAME: &'static str = "BatchDeleteTableVersion";
    type Output = BatchDeleteTableVersionResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<BatchDeleteTableVersionResponse> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        let mut errors = Vec::new();
        for id in &self.version_ids {
            if let Err(error) = delete(cx, &address, &table, id).await {
                let error_detail = ErrorDetail::of(error)?;
                errors.push(TableVersionError { table_name: table.name.clone(), version_id: id.clone(), error_detail });
            }
        }
        Ok(BatchDeleteTableVersionResponse { errors })
    }
}
