//! How data are laid out: columns, and the storage descriptor of tables and partitions.
//!
//! Kept and given back as they come; the engines that read the data make sense of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::registry::schema::SchemaId;

/// A map of properties.
pub(crate) type Parameters = BTreeMap<String, String>;

/// A column.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Column {
    pub(crate) name: String,
    #[serde(rename = "Type")]
    pub(crate) kind: Option<String>,
    pub(crate) comment: Option<String>,
    pub(crate) parameters: Option<Parameters>,
}

/// The layout of data.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_StorageDescriptor.html>
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StorageDescriptor {
    pub(crate) columns: Option<Vec<Column>>,
    pub(crate) location: Option<String>,
    additional_locations: Option<Vec<String>>,
    input_format: Option<String>,
    output_format: Option<String>,
    #[serde(default)]
    compressed: bool,
    #[serde(default)]
    number_of_buckets: i32,
    serde_info: Option<SerDeInfo>,
    bucket_columns: Option<Vec<String>>,
    sort_columns: Option<Vec<Order>>,
    pub(crate) parameters: Option<Parameters>,
    skewed_info: Option<SkewedInfo>,
    #[serde(default)]
    stored_as_sub_directories: bool,
    pub(crate) schema_reference: Option<SchemaReference>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SerDeInfo {
    name: Option<String>,
    serialization_library: Option<String>,
    parameters: Option<Parameters>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Order {
    column: String,
    sort_order: i32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SkewedInfo {
    skewed_column_names: Option<Vec<String>>,
    skewed_column_values: Option<Vec<String>>,
    skewed_column_value_location_maps: Option<BTreeMap<String, String>>,
}

/// The version of a schema of the registry that describes the columns.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_SchemaReference.html>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SchemaReference {
    pub(crate) schema_id: Option<SchemaId>,
    pub(crate) schema_version_id: Option<String>,
    pub(crate) schema_version_number: Option<u64>,
}

impl StorageDescriptor {
    /// Without the columns: `ExcludeColumnSchema`.
    pub(crate) fn without_columns(mut self) -> Self {
        self.columns = None;
        self
    }

    /// Whether it refers to a schema of the registry, whose columns would take the place of its own.
    pub(crate) fn has_schema_reference(&self) -> bool {
        self.schema_reference.is_some()
    }
}
