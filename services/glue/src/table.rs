//! Tables: what is stored of them and of their versions, and how they are addressed.
//!
//! | kind | key | what |
//! | --- | --- | --- |
//! | `glue/table` | id of the database, name | a table as it is now |
//! | `glue/table-version` | id of the table, version | a table as it was |

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod pattern;
mod schema_reference;
pub(crate) mod search;
pub(crate) mod shown;
pub(crate) mod unfiltered;
pub(crate) mod update;
pub(crate) mod version;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Key, Resource, Result, Scope, Timestamp};

use crate::catalog::{Catalog, fold};
use crate::descriptor::{Column, Parameters, StorageDescriptor};
use crate::errors::{invalid, not_found, not_implemented};
use crate::link::TableIdentifier;

/// A table as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Table {
    /// The id of its database.
    pub(crate) database: u64,
    pub(crate) database_name: String,
    /// Its name, folded.
    pub(crate) name: String,
    /// What its partitions, versions, indexes and statistics are kept under.
    pub(crate) id: u64,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    /// The ARN of who made it.
    pub(crate) created_by: Option<String>,
    pub(crate) version: u64,
    pub(crate) definition: TableInput,
}

impl Resource for Table {
    const KIND: &'static str = "glue/table";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.database, self.name.as_str()).into_key()
    }
}

/// A table as it was.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TableVersion(pub(crate) Table);

impl Resource for TableVersion {
    const KIND: &'static str = "glue/table-version";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.0.id, self.0.version).into_key()
    }
}

/// A table as callers describe it, and as it is kept.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_TableInput.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TableInput {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) last_access_time: Option<Timestamp>,
    pub(crate) last_analyzed_time: Option<Timestamp>,
    #[serde(default)]
    pub(crate) retention: i32,
    pub(crate) storage_descriptor: Option<StorageDescriptor>,
    pub(crate) partition_keys: Option<Vec<Column>>,
    pub(crate) view_original_text: Option<String>,
    pub(crate) view_expanded_text: Option<String>,
    pub(crate) table_type: Option<String>,
    pub(crate) parameters: Option<Parameters>,
    pub(crate) target_table: Option<TableIdentifier>,
    #[serde(skip_serializing)]
    federated_table: Option<IgnoredAny>,
    #[serde(skip_serializing)]
    view_definition: Option<IgnoredAny>,
}

impl TableInput {
    /// Holds it against what the model does not know.
    ///
    /// # Errors
    /// `InvalidInputException`, `NotImplemented`
    fn check(&self) -> Result<()> {
        if self.federated_table.is_some() {
            return Err(not_implemented("federated tables (FederatedTable)"));
        }
        if self.view_definition.is_some() {
            return Err(not_implemented("views of several dialects (ViewDefinition)"));
        }
        if self.table_type.as_deref() == Some("GOVERNED") {
            return Err(not_implemented("governed tables"));
        }
        self.check_names()
    }

    /// The definition that is kept: "when creating a table, you can pass an empty list of columns for the schema, and
    /// instead use a schema reference", whose columns take their place.
    ///
    /// # Errors
    /// `InvalidInputException`, `NotImplemented`; what reading the version answers.
    async fn resolve(&self, cx: &mut Cx) -> Result<Self> {
        self.check()?;
        let mut resolved = self.clone();
        if let Some(descriptor) = &mut resolved.storage_descriptor
            && let Some(reference) = &descriptor.schema_reference
        {
            descriptor.columns = Some(reference.columns(cx).await?);
        }
        Ok(resolved)
    }

    /// Columns of one name cannot be told apart.
    // UNVERIFIED: that it is refused, and the wording.
    fn check_names(&self) -> Result<()> {
        let mut names: Vec<String> = self.partition_keys().iter().map(|key| key.name.to_lowercase()).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(invalid(format!("Partition key {} is there twice.", pair[0]))),
            None => Ok(()),
        }
    }

    /// The partition keys; none if the table has no partitions.
    pub(crate) fn partition_keys(&self) -> &[Column] {
        self.partition_keys.as_deref().unwrap_or_default()
    }

    /// Where its data are.
    pub(crate) fn location(&self) -> Option<&str> {
        self.storage_descriptor.as_ref()?.location.as_deref()
    }

    /// Its columns, those of partition keys last.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &Column> {
        let columns = self.storage_descriptor.as_ref().and_then(|descriptor| descriptor.columns.as_deref());
        columns.unwrap_or_default().iter().chain(self.partition_keys())
    }
}

/// Where a table is, whether or not there is one. Names are folded.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) catalog: Catalog,
    pub(crate) database: String,
    pub(crate) name: String,
}

impl Address {
    /// The address that a call gives.
    ///
    /// # Errors
    /// `EntityNotFoundException`: there is no such catalog.
    pub(crate) fn of(cx: &Cx, catalog: Option<&str>, database: &str, name: &str) -> Result<Self> {
        Ok(Self { catalog: Catalog::of(cx, catalog)?, database: fold(database), name: fold(name) })
    }

    /// The table, if there is one.
    ///
    /// # Errors
    /// `EntityNotFoundException`: there is no such database.
    pub(crate) async fn find(&self, cx: &mut Cx) -> Result<Option<Table>> {
        let database = self.catalog.database(cx, &self.database).await?;
        cx.get::<Table>(self.catalog.place, (database.id, self.name.as_str())).await
    }

    /// The table.
    ///
    /// # Errors
    /// `EntityNotFoundException`
    pub(crate) async fn table(&self, cx: &mut Cx) -> Result<Table> {
        let table = self.find(cx).await?;
        table.ok_or_else(|| not_found(format!("Table {} not found.", self.name)))
    }
}

/// Refuses transactions, which governed tables had.
///
/// # Errors
/// `InvalidInputException`, `NotImplemented`
pub(crate) fn refuse_transaction(transaction: Option<&str>, as_of: Option<Timestamp>) -> Result<()> {
    match (transaction, as_of) {
        // "Cannot be specified along with TransactionId."
        (Some(_), Some(_)) => Err(invalid("QueryAsOfTime and TransactionId cannot be specified together.")),
        (Some(_), None) => Err(not_implemented("transactions of governed tables (TransactionId)")),
        (None, _) => Ok(()),
    }
}
