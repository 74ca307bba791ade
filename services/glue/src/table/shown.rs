//! Tables as the API shows them.

use serde::{Deserialize, Serialize};
use welkin_kernel::{LakeRights, Timestamp};

use super::Table;
use crate::catalog::Catalog;
use crate::descriptor::{Column, Parameters, StorageDescriptor};
use crate::link::TableIdentifier;

/// A table as the API shows it.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_Table.html>
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ShownTable {
    name: String,
    database_name: Option<String>,
    description: Option<String>,
    owner: Option<String>,
    create_time: Option<Timestamp>,
    update_time: Option<Timestamp>,
    last_access_time: Option<Timestamp>,
    last_analyzed_time: Option<Timestamp>,
    retention: Option<i32>,
    storage_descriptor: Option<StorageDescriptor>,
    partition_keys: Option<Vec<Column>>,
    view_original_text: Option<String>,
    view_expanded_text: Option<String>,
    table_type: Option<String>,
    parameters: Option<Parameters>,
    created_by: Option<String>,
    is_registered_with_lake_formation: Option<bool>,
    catalog_id: Option<String>,
    version_id: Option<String>,
    is_multi_dialect_view: Option<bool>,
    target_table: Option<TableIdentifier>,
}

impl ShownTable {
    /// All of a table.
    pub(crate) fn of(table: Table, catalog: Catalog) -> Self {
        let definition = table.definition;
        Self {
            name: table.name,
            database_name: Some(table.database_name),
            description: definition.description,
            owner: definition.owner,
            create_time: Some(table.created.whole_secs()),
            update_time: Some(table.updated.whole_secs()),
            last_access_time: definition.last_access_time,
            last_analyzed_time: definition.last_analyzed_time,
            retention: Some(definition.retention),
            storage_descriptor: definition.storage_descriptor,
            partition_keys: definition.partition_keys,
            view_original_text: definition.view_original_text,
            view_expanded_text: definition.view_expanded_text,
            table_type: definition.table_type,
            parameters: definition.parameters,
            created_by: table.created_by,
            is_registered_with_lake_formation: Some(false),
            catalog_id: Some(catalog.id()),
            version_id: Some(table.version.to_string()),
            is_multi_dialect_view: Some(false),
            target_table: definition.target_table,
        }
    }

    /// As Lake Formation lets somebody see it: without the columns that are not shown.
    pub(crate) fn seen_with(mut self, rights: &LakeRights) -> Self {
        let shows = |column: &Column| rights.shows(&column.name.to_lowercase());
        if let Some(columns) = self.storage_descriptor.as_mut().and_then(|storage| storage.columns.as_mut()) {
            columns.retain(shows);
        }
        if let Some(keys) = self.partition_keys.as_mut() {
            keys.retain(shows);
        }
        self.is_registered_with_lake_formation = Some(rights.registered);
        self
    }

    /// What a link stands for, under the link's own name.
    pub(crate) fn under(self, link: Table, catalog: Catalog) -> Self {
        Self {
            name: link.name,
            database_name: Some(link.database_name),
            catalog_id: Some(catalog.id()),
            created_by: link.created_by,
            target_table: link.definition.target_table,
            ..self
        }
    }

    /// Its name, and perhaps its type.
    pub(crate) fn brief(table: Table, with_type: bool) -> Self {
        let table_type = table.definition.table_type.filter(|_| with_type);
        Self { name: table.name, table_type, ..Self::default() }
    }
}
