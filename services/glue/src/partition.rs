//! Partitions: what is stored of them, and how callers describe them.
//!
//! A partition is kept under its table's id and its values, so that those of a table are a range in the order of their
//! values.

pub(crate) mod batch;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod expression;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod update;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Key, LakeRights, Place, Resource, Result, Scope, Timestamp};

use crate::descriptor::{Parameters, StorageDescriptor};
use crate::errors::{invalid, not_found, not_implemented};
use crate::table::{Address, Table};

/// A partition as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Partition {
    /// The id of its table.
    pub(crate) table: u64,
    pub(crate) values: Vec<String>,
    created: Timestamp,
    last_access_time: Option<Timestamp>,
    last_analyzed_time: Option<Timestamp>,
    storage_descriptor: Option<StorageDescriptor>,
    parameters: Option<Parameters>,
}

impl Resource for Partition {
    const KIND: &'static str = "glue/partition";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        key(self.table, &self.values)
    }
}

/// The key of the partition of a table with these values.
pub(crate) fn key(table: u64, values: &[String]) -> Key {
    values.iter().fold(table.into_key(), |key, value| (key, value).into_key())
}

/// Bytes of the values of a partition at most: they are its key in the store.
// UNVERIFIED: which limit Glue has, beside that of each value.
const LONGEST: usize = 4096;

/// A partition as callers describe it.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_PartitionInput.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PartitionInput {
    values: Option<Vec<String>>,
    last_access_time: Option<Timestamp>,
    storage_descriptor: Option<StorageDescriptor>,
    parameters: Option<Parameters>,
    last_analyzed_time: Option<Timestamp>,
}

impl PartitionInput {
    /// Its values, or those of the partition that it is to replace.
    fn values(&self) -> &[String] {
        self.values.as_deref().unwrap_or_default()
    }

    /// The partition that it describes.
    ///
    /// # Errors
    /// `InvalidInputException`, `NotImplemented`
    fn partition(&self, table: &Table, values: &[String], created: Timestamp) -> Result<Partition> {
        check_values(table, values)?;
        if self.storage_descriptor.as_ref().is_some_and(StorageDescriptor::has_schema_reference) {
            return Err(not_implemented("columns by a schema of the registry (SchemaReference)"));
        }
        Ok(Partition {
            table: table.id,
            values: values.to_vec(),
            created,
            last_access_time: self.last_access_time,
            last_analyzed_time: self.last_analyzed_time,
            storage_descriptor: self.storage_descriptor.clone(),
            parameters: self.parameters.clone(),
        })
    }
}

/// Holds the values of a partition against the keys of its table.
///
/// # Errors
/// `InvalidInputException`
// UNVERIFIED: the wording.
pub(crate) fn check_values(table: &Table, values: &[String]) -> Result<()> {
    if values.len() != table.definition.partition_keys().len() {
        return Err(invalid("The number of partition keys do not match the number of partition values"));
    }
    if values.is_empty() {
        return Err(invalid("The table has no partition keys."));
    }
    match values.iter().map(String::len).sum::<usize>() <= LONGEST {
        true => Ok(()),
        false => Err(invalid(format!("The partition values are longer than {LONGEST} bytes together."))),
    }
}

/// The partition of a table with these values.
///
/// # Errors
/// `EntityNotFoundException`
pub(crate) async fn find(cx: &mut Cx, place: Place, table: &Table, values: &[String]) -> Result<Partition> {
    check_values(table, values)?;
    let found = cx.get::<Partition>(place, key(table.id, values)).await?;
    found.ok_or_else(|| not_found("Cannot find partition."))
}

/// A partition as the API shows it.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_Partition.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ShownPartition {
    values: Vec<String>,
    database_name: String,
    table_name: String,
    creation_time: Option<Timestamp>,
    last_access_time: Option<Timestamp>,
    storage_descriptor: Option<StorageDescriptor>,
    parameters: Option<Parameters>,
    last_analyzed_time: Option<Timestamp>,
    catalog_id: Option<String>,
}

impl ShownPartition {
    fn of(partition: Partition, address: &Address) -> Self {
        Self {
            values: partition.values,
            database_name: address.database.clone(),
            table_name: address.name.clone(),
            creation_time: Some(partition.created.whole_secs()),
            last_access_time: partition.last_access_time,
            storage_descriptor: partition.storage_descriptor,
            parameters: partition.parameters,
            last_analyzed_time: partition.last_analyzed_time,
            catalog_id: Some(address.catalog.id()),
        }
    }

    /// As Lake Formation lets somebody see it: without the columns that are not shown.
    fn seen_with(mut self, rights: &LakeRights) -> Self {
        if let Some(columns) = self.storage_descriptor.as_mut().and_then(|storage| storage.columns.as_mut()) {
            columns.retain(|column| rights.shows(&column.name.to_lowercase()));
        }
        self
    }

    fn without_columns(mut self) -> Self {
        self.storage_descriptor = self.storage_descriptor.map(StorageDescriptor::without_columns);
        self
    }
}

/// The values of a partition, in a list of them.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_PartitionValueList.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PartitionValueList {
    pub(crate) values: Vec<String>,
}
