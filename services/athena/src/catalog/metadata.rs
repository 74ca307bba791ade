//! What is in a catalog: databases and tables, through Glue as the caller.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{Access, Answered, Call, Cx, Error, Operation, Result, Timestamp};

use super::{DataCatalog, Kind, access};
use crate::errors::{MetadataException, argument, not_implemented};

/// A database, as Glue and Athena show it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Database {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    parameters: BTreeMap<String, String>,
}

/// A column, as Glue and Athena show it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Column {
    name: String,
    #[serde(rename = "Type", default, skip_serializing_if = "Option::is_none")]
    ty: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

/// A table, as Glue tells of it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Table {
    name: String,
    create_time: Option<Timestamp>,
    last_access_time: Option<Timestamp>,
    table_type: Option<String>,
    #[serde(default)]
    partition_keys: Vec<Column>,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    storage_descriptor: Option<StorageDescriptor>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StorageDescriptor {
    #[serde(default)]
    columns: Vec<Column>,
    location: Option<String>,
    input_format: Option<String>,
    output_format: Option<String>,
    serde_info: Option<SerdeInfo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SerdeInfo {
    serialization_library: Option<String>,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

/// A table, as Athena shows it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TableMetadata {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_access_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    table_type: Option<String>,
    columns: Vec<Column>,
    partition_keys: Vec<Column>,
    parameters: BTreeMap<String, String>,
}

impl From<Table> for TableMetadata {
    /// The parameters have the storage's, too: the example of
    /// <https://docs.aws.amazon.com/cli/latest/reference/athena/get-table-metadata.html>.
    fn from(table: Table) -> Self {
        let storage = table.storage_descriptor.unwrap_or_default();
        let mut parameters = table.parameters;
        let mut add = |key: &str, value: Option<String>| value.map(|value| parameters.insert(key.to_owned(), value));
        add("location", storage.location);
        add("inputformat", storage.input_format);
        add("outputformat", storage.output_format);
        if let Some(serde) = storage.serde_info {
            add("serde.serialization.lib", serde.serialization_library);
            for (key, value) in serde.parameters {
                add(&format!("serde.param.{key}"), Some(value));
            }
        }
        Self {
            name: table.name,
            create_time: table.create_time,
            last_access_time: table.last_access_time,
            table_type: table.table_type,
            columns: storage.columns,
            partition_keys: table.partition_keys,
            parameters,
        }
    }
}

/// Calls Glue for a catalog, as the caller.
///
/// # Errors
/// `MetadataException` with what Glue said; `NotImplemented` for catalogs that are not Glue's.
async fn ask(cx: &mut Cx, name: &str, operation: &'static str, mut input: serde_json::Value) -> Result<Answered> {
    let catalog = DataCatalog::find(cx, name).await?;
    match (catalog.kind, catalog.glue_id()) {
        (Kind::Glue, Some(id)) => input["CatalogId"] = json!(id),
        (Kind::Glue, None) => return Err(argument(format!("DataCatalog {name} has no catalog-id"))),
        _ => return Err(not_implemented("metadata of data catalogs that are not of the type GLUE")),
    }
    // Absent members are left out.
    if let Some(members) = input.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    let answered = cx.call(Call::to("glue", operation).input(&input)).await;
    let request = cx.request_id();
    answered.map_err(|error| told(error, request))
}

/// Glue's own words, and who said them: clients read the error's code there.
///
/// Source: a message that users report: <https://github.com/DyfanJones/noctua/issues/205>.
fn told(error: Error, request: &str) -> Error {
    match error.answer() {
        Some(answer) => {
            let (message, code) = (&answer.message, &answer.code);
            // UNVERIFIED: that the status is 400 whatever it is that Glue says.
            let said = format!("Status Code: 400; Error Code: {code}; Request ID: {request}; Proxy: null");
            MetadataException::because(format!("{message} (Service: AmazonDataCatalog; {said})"))
        }
        None => error,
    }
}

/// Tells of a database.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_GetDatabase.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetDatabase {
    catalog_name: String,
    database_name: String,
}

/// The database.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetDatabaseOutput {
    database: Database,
}

impl Operation for GetDatabase {
    const NAME: &'static str = "GetDatabase";
    type Output = GetDatabaseOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:GetDatabase", &self.catalog_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetDatabaseOutput> {
        let input = json!({ "Name": self.database_name });
        ask(cx, &self.catalog_name, "GetDatabase", input).await?.output()
    }
}

/// Lists databases.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_ListDatabases.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListDatabases {
    catalog_name: String,
    next_token: Option<String>,
    max_results: Option<u32>,
}

/// What Glue lists.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Databases {
    #[serde(default)]
    database_list: Vec<Database>,
    next_token: Option<String>,
}

/// A page of databases.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListDatabasesOutput {
    database_list: Vec<Database>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListDatabases {
    const NAME: &'static str = "ListDatabases";
    type Output = ListDatabasesOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:ListDatabases", &self.catalog_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListDatabasesOutput> {
        let input = json!({ "NextToken": self.next_token, "MaxResults": self.max_results.unwrap_or(50) });
        let found: Databases = ask(cx, &self.catalog_name, "GetDatabases", input).await?.output()?;
        Ok(ListDatabasesOutput { database_list: found.database_list, next_token: found.next_token })
    }
}

/// Tells of a table.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_GetTableMetadata.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTableMetadata {
    catalog_name: String,
    database_name: String,
    table_name: String,
}

/// What Glue tells.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WithTable {
    table: Table,
}

/// The table.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTableMetadataOutput {
    table_metadata: TableMetadata,
}

impl Operation for GetTableMetadata {
    const NAME: &'static str = "GetTableMetadata";
    type Output = GetTableMetadataOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:GetTableMetadata", &self.catalog_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetTableMetadataOutput> {
        let input = json!({ "DatabaseName": self.database_name, "Name": self.table_name });
        let found: WithTable = ask(cx, &self.catalog_name, "GetTable", input).await?.output()?;
        Ok(GetTableMetadataOutput { table_metadata: found.table.into() })
    }
}

/// Lists tables.
///
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_ListTableMetadata.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTableMetadata {
    catalog_name: String,
    database_name: String,
    expression: Option<String>,
    next_token: Option<String>,
    max_results: Option<u32>,
}

/// What Glue lists.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tables {
    #[serde(default)]
    table_list: Vec<Table>,
    next_token: Option<String>,
}

/// A page of tables.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTableMetadataOutput {
    table_metadata_list: Vec<TableMetadata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListTableMetadata {
    const NAME: &'static str = "ListTableMetadata";
    type Output = ListTableMetadataOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "athena:ListTableMetadata", &self.catalog_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListTableMetadataOutput> {
        let input = json!({
            "DatabaseName": self.database_name,
            "Expression": self.expression,
            "NextToken": self.next_token,
            "MaxResults": self.max_results.unwrap_or(50),
        });
        let found: Tables = ask(cx, &self.catalog_name, "GetTables", input).await?.output()?;
        let table_metadata_list = found.table_list.into_iter().map(Into::into).collect();
        Ok(ListTableMetadataOutput { table_metadata_list, next_token: found.next_token })
    }
}
