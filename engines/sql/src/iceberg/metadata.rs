//! Table metadata: the file that says everything of a table at one time.
//!
//! <https://iceberg.apache.org/spec/#table-metadata>

use std::collections::BTreeMap;
use std::io::Read as _;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::invalid;
use super::partition::{FIRST, PartitionSpec};
use super::types::Schema;
use crate::error::{Code, Result, SqlError};

/// What a metadata file may be at most when it is decompressed.
const MOST: u64 = 256 << 20;

/// The branch that tables are read from.
pub(super) const MAIN: &str = "main";

/// Table metadata of version 2; version 1 is read as such. What is not known is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Metadata {
    /// 1 or 2.
    pub format_version: u8,
    /// What tells the table from others.
    #[serde(default)]
    pub table_uuid: String,
    /// Where its files are.
    pub location: String,
    /// The highest number of a commit.
    #[serde(default)]
    pub last_sequence_number: i64,
    /// When it was changed, in milliseconds.
    pub last_updated_ms: i64,
    /// The highest id of a column.
    pub last_column_id: i32,
    /// All schemas.
    #[serde(default)]
    pub schemas: Vec<Schema>,
    /// The one that is current.
    #[serde(default)]
    pub current_schema_id: i32,
    /// All partition specs.
    #[serde(default)]
    pub partition_specs: Vec<PartitionSpec>,
    /// The one by which rows are written.
    #[serde(default)]
    pub default_spec_id: i32,
    /// The highest id of a field of partitions.
    #[serde(default)]
    pub last_partition_id: i32,
    /// Properties.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// The snapshot that is current.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_snapshot_id: Option<i64>,
    /// Branches and tags.
    #[serde(default)]
    pub refs: BTreeMap<String, Reference>,
    /// All snapshots.
    #[serde(default)]
    pub snapshots: Vec<Snapshot>,
    /// Which snapshots were current, and since when.
    #[serde(default)]
    pub snapshot_log: Vec<SnapshotLog>,
    /// Earlier metadata files.
    #[serde(default)]
    pub metadata_log: Vec<MetadataLog>,
    /// Orders of rows.
    #[serde(default)]
    pub sort_orders: Vec<Json>,
    /// The order in which rows should be written.
    #[serde(default)]
    pub default_sort_order_id: i32,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Map<String, Json>,
}

/// The files of a table at one time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Snapshot {
    /// What it is known by.
    pub snapshot_id: i64,
    /// The one that it was made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_snapshot_id: Option<i64>,
    /// The number of its commit.
    #[serde(default)]
    pub sequence_number: i64,
    /// When it was made, in milliseconds.
    pub timestamp_ms: i64,
    /// Where its manifests are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest_list: Option<String>,
    /// What it did.
    #[serde(default)]
    pub summary: BTreeMap<String, String>,
    /// The schema at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_id: Option<i32>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Map<String, Json>,
}

/// A branch or a tag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Reference {
    /// Its snapshot.
    pub snapshot_id: i64,
    /// `branch` or `tag`.
    #[serde(rename = "type")]
    pub kind: String,
    /// How many snapshots of the branch are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_snapshots_to_keep: Option<i64>,
    /// How old snapshots of the branch may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_snapshot_age_ms: Option<i64>,
    /// How old the reference may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_ref_age_ms: Option<i64>,
}

/// Since when a snapshot was current.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SnapshotLog {
    /// In milliseconds.
    pub timestamp_ms: i64,
    /// The snapshot.
    pub snapshot_id: i64,
}

/// An earlier metadata file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct MetadataLog {
    /// When it was written, in milliseconds.
    pub timestamp_ms: i64,
    /// Where it is.
    pub metadata_file: String,
}

impl Metadata {
    /// Reads a metadata file, which may be compressed with gzip.
    ///
    /// # Errors
    /// `ICEBERG_INVALID_METADATA`; `NOT_SUPPORTED` for later versions of the format.
    pub fn parse(file: &[u8]) -> Result<Self> {
        let mut text = Vec::new();
        let text = if file.starts_with(&[0x1f, 0x8b]) {
            flate2::read::MultiGzDecoder::new(file).take(MOST).read_to_end(&mut text).map_err(invalid)?;
            text.as_slice()
        } else {
            file
        };
        let mut json: Json = serde_json::from_slice(text).map_err(|why| invalid(format!("a metadata file: {why}")))?;
        match json.get("format-version").and_then(Json::as_u64) {
            Some(1) => upgrade(&mut json),
            Some(2) => {}
            Some(other) => {
                let message = format!("Iceberg tables of format version {other} are not supported");
                return Err(SqlError::new(Code::NotSupported, message));
            }
            None => return Err(invalid("a metadata file has no format-version")),
        }
        let mut metadata: Self =
            serde_json::from_value(json).map_err(|why| invalid(format!("a metadata file: {why}")))?;
        // Version 1 wrote -1 for none.
        metadata.current_snapshot_id = metadata.current_snapshot_id.filter(|id| *id != -1);
        metadata.schema()?;
        metadata.spec(metadata.default_spec_id)?;
        Ok(metadata)
    }

    /// The file.
    ///
    /// # Errors
    /// A defect of this engine.
    pub fn file(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|why| SqlError::internal(why.to_string()))
    }

    /// The schema that is current.
    ///
    /// # Errors
    /// There is none.
    pub fn schema(&self) -> Result<&Schema> {
        self.schema_of(self.current_schema_id)
    }

    pub(super) fn schema_of(&self, id: i32) -> Result<&Schema> {
        let found = self.schemas.iter().find(|schema| schema.schema_id == id);
        found.ok_or_else(|| invalid(format!("there is no schema {id}")))
    }

    /// A partition spec.
    ///
    /// # Errors
    /// There is none.
    pub fn spec(&self, id: i32) -> Result<&PartitionSpec> {
        let found = self.partition_specs.iter().find(|spec| spec.spec_id == id);
        found.ok_or_else(|| invalid(format!("there is no partition spec {id}")))
    }

    /// A snapshot.
    pub fn snapshot(&self, id: i64) -> Option<&Snapshot> {
        self.snapshots.iter().find(|snapshot| snapshot.snapshot_id == id)
    }

    /// The snapshot that is current.
    ///
    /// # Errors
    /// It is none of the table's.
    pub fn current(&self) -> Result<Option<&Snapshot>> {
        match self.current_snapshot_id {
            None => Ok(None),
            Some(id) => self.snapshot(id).map(Some).ok_or_else(|| invalid(format!("there is no snapshot {id}"))),
        }
    }

    /// A property with a number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.properties.get(name)?.parse().ok()
    }
}

/// Version 1 may have one schema and one spec, without their numbers.
fn upgrade(json: &mut Json) {
    let Json::Object(members) = json else { return };
    if !members.contains_key("schemas")
        && let Some(mut schema) = members.get("schema").cloned()
    {
        let id = schema.get("schema-id").cloned().unwrap_or(json!(0));
        schema["schema-id"] = id.clone();
        members.insert("current-schema-id".into(), id);
        members.insert("schemas".into(), json!([schema]));
    }
    if !members.contains_key("partition-specs")
        && let Some(fields) = members.get("partition-spec").and_then(Json::as_array).cloned()
    {
        let number = |(n, mut field): (usize, Json)| {
            if field.get("field-id").is_none() {
                field["field-id"] = json!(i64::from(FIRST) + n as i64);
            }
            field
        };
        let fields: Vec<Json> = fields.into_iter().enumerate().map(number).collect();
        members.insert("partition-specs".into(), json!([{ "spec-id": 0, "fields": fields }]));
        members.insert("default-spec-id".into(), json!(0));
    }
    if !members.contains_key("last-partition-id") {
        members.insert("last-partition-id".into(), json!(FIRST - 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_1_is_read() {
        let text =
            br#"{"format-version":1,"table-uuid":"u","location":"s3://b/t","last-updated-ms":1,"last-column-id":1,
            "schema":{"type":"struct","fields":[{"id":1,"name":"a","required":false,"type":"int"}]},
            "partition-spec":[{"name":"a","transform":"identity","source-id":1}],"current-snapshot-id":-1,"new":[1]}"#;
        let metadata = Metadata::parse(text).expect("metadata");
        assert_eq!(metadata.current_snapshot_id, None);
        assert_eq!(metadata.spec(0).expect("spec").fields[0].field_id, 1000);
        assert_eq!(metadata.rest.get("new"), Some(&json!([1])));
        let later = br#"{"format-version":3}"#;
        assert_eq!(Metadata::parse(later).map_err(|why| why.code), Err(Code::NotSupported));
        assert_eq!(Metadata::parse(b"{}").map_err(|why| why.code), Err(Code::IcebergInvalidMetadata));
    }
}
