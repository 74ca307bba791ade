//! What Glue tells of tables and partitions, as far as it is used.

use std::collections::BTreeMap;

use super::ddl::Place;
use serde::{Deserialize, Serialize};
use welkin_kernel::Timestamp;
use welkin_sql::{Partition as EnginePartition, Result, Serde};

/// A column.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Column {
    pub(super) name: String,
    #[serde(rename = "Type", default, skip_serializing_if = "Option::is_none")]
    pub(super) ty: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) comment: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) parameters: BTreeMap<String, String>,
}

/// A table; what UpdateTable does not take is not sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Table {
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) retention: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) storage_descriptor: Option<StorageDescriptor>,
    #[serde(default, skip_serializing)]
    pub(super) create_time: Option<Timestamp>,
    #[serde(default, skip_serializing)]
    pub(super) last_access_time: Option<Timestamp>,
    #[serde(default)]
    pub(super) partition_keys: Vec<Column>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) view_original_text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) view_expanded_text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) table_type: Option<String>,
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, String>,
    #[serde(default, skip_serializing)]
    pub(super) catalog_id: Option<String>,
    #[serde(default, skip_serializing)]
    pub(super) database_name: Option<String>,
    /// What it is a link to.
    #[serde(default, skip_serializing)]
    pub(super) target_table: Option<TargetTable>,
    /// Which version of it this is.
    #[serde(default, skip_serializing)]
    pub(super) version_id: Option<String>,
}

/// What a link is to.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TargetTable {
    catalog_id: String,
    database_name: String,
    name: String,
}

impl Table {
    /// Where it is, links followed; the names are those that it was asked for by.
    pub(super) fn place(&self, catalog: &str, database: &str, table: &str) -> Place {
        if let Some(TargetTable { catalog_id, database_name, name }) = self.target_table.clone() {
            return Place { catalog: catalog_id, database: database_name, table: name };
        }
        Place {
            catalog: self.catalog_id.clone().unwrap_or_else(|| catalog.to_owned()),
            database: self.database_name.clone().unwrap_or_else(|| database.to_owned()),
            table: table.to_owned(),
        }
    }

    pub(super) fn location(&self) -> Option<&str> {
        self.storage_descriptor.as_ref()?.location.as_deref()
    }

    /// Names of its columns, those of partition keys last.
    pub(super) fn column_names(&self) -> Vec<String> {
        let own = self.storage_descriptor.iter().flat_map(|storage| &storage.columns);
        own.chain(&self.partition_keys).map(|column| column.name.clone()).collect()
    }

    pub(super) fn is_view(&self) -> bool {
        self.table_type.as_deref() == Some("VIRTUAL_VIEW")
    }

    pub(super) fn is_iceberg(&self) -> bool {
        self.parameters.get("table_type").is_some_and(|kind| kind.eq_ignore_ascii_case("iceberg"))
    }
}

/// Where and how the rows lie.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StorageDescriptor {
    #[serde(default)]
    pub(super) columns: Vec<Column>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) input_format: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) output_format: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) compressed: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) number_of_buckets: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) serde_info: Option<SerdeInfo>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) bucket_columns: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) sort_columns: Vec<SortColumn>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) parameters: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stored_as_sub_directories: Option<bool>,
}

/// A column by which buckets are sorted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SortColumn {
    pub(super) column: String,
    pub(super) sort_order: i32,
}

/// The SerDe.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SerdeInfo {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) serialization_library: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) parameters: BTreeMap<String, String>,
}

/// GetTable's answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WithTable {
    pub(super) table: Table,
}

/// GetTables' answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TablePage {
    #[serde(default)]
    pub(super) table_list: Vec<Table>,
    pub(super) next_token: Option<String>,
}

/// A database.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Database {
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) location_uri: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) parameters: BTreeMap<String, String>,
}

/// GetDatabase's answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WithDatabase {
    pub(super) database: Database,
}

/// GetDatabases' answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DatabasePage {
    #[serde(default)]
    pub(super) database_list: Vec<Database>,
    pub(super) next_token: Option<String>,
}

/// A partition.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Partition {
    #[serde(default)]
    pub(super) values: Vec<String>,
    #[serde(default, skip_serializing)]
    pub(super) creation_time: Option<Timestamp>,
    #[serde(default, skip_serializing)]
    pub(super) last_access_time: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) storage_descriptor: Option<StorageDescriptor>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) parameters: BTreeMap<String, String>,
}

/// GetPartitions' answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PartitionPage {
    #[serde(default)]
    pub(super) partitions: Vec<Partition>,
    pub(super) next_token: Option<String>,
}

/// GetPartition's answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WithPartition {
    pub(super) partition: Partition,
}

impl Partition {
    /// As the engine has it. Properties of the table apply where the partition has none of its own.
    ///
    /// # Errors
    /// A SerDe that there is not.
    pub(super) fn for_engine(self, of_table: &BTreeMap<String, String>) -> Result<EnginePartition> {
        let storage = self.storage_descriptor.unwrap_or_default();
        let mut properties = of_table.clone();
        properties.extend(self.parameters);
        let serde = match (storage.serde_info, storage.input_format) {
            (Some(SerdeInfo { serialization_library: Some(library), parameters, .. }), Some(input)) => {
                Some(Serde::new(&library, &input, &parameters, &properties)?)
            }
            _ => None,
        };
        Ok(EnginePartition { values: self.values, location: storage.location.unwrap_or_default(), serde })
    }
}
