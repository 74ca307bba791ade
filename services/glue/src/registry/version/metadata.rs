//! Metadata of versions: pairs of a key and a value. A key may have several values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Place, Result};

use super::{Choice, Metadata, Version, VersionNumber};
use crate::errors::{AlreadyExistsException, ResourceNumberLimitExceededException, invalid, not_found};
use crate::page;
use crate::registry::schema::{Schema, SchemaId};
use crate::registry::{PAGE, shown_time};

/// Pairs of a version at most.
///
/// Source: <https://docs.aws.amazon.com/glue/latest/webapi/API_PutSchemaVersionMetadata.html>
const MOST: usize = 10;

/// <https://docs.aws.amazon.com/glue/latest/webapi/API_MetadataKeyValuePair.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Pair {
    metadata_key: Option<String>,
    metadata_value: Option<String>,
}

impl Pair {
    /// Its key and its value.
    // UNVERIFIED: the wording.
    fn both(&self) -> Result<(&str, &str)> {
        match (&self.metadata_key, &self.metadata_value) {
            (Some(key), Some(value)) => Ok((key, value)),
            _ => Err(invalid("MetadataKey and MetadataValue have to be provided.")),
        }
    }

    /// Whether a search for it finds a pair.
    fn finds(&self, pair: &Metadata) -> bool {
        self.metadata_key.as_ref().is_none_or(|key| *key == pair.key)
            && self.metadata_value.as_ref().is_none_or(|value| *value == pair.value)
    }
}

/// A pair that was put or removed, and the version that it is of.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ChangedMetadata {
    schema_arn: String,
    schema_name: String,
    registry_name: String,
    latest_version: bool,
    version_number: u64,
    schema_version_id: String,
    metadata_key: String,
    metadata_value: String,
}

impl ChangedMetadata {
    fn of(place: Place, schema: &Schema, version: Version, (key, value): (&str, &str)) -> Self {
        Self {
            schema_arn: schema.address(place).arn().to_string(),
            schema_name: schema.name.clone(),
            registry_name: schema.registry.clone(),
            latest_version: version.number == schema.latest,
            version_number: version.number,
            schema_version_id: version.id,
            metadata_key: key.to_owned(),
            metadata_value: value.to_owned(),
        }
    }
}

/// Adds a pair to a version. "A maximum of 10 key value pairs will be allowed per schema version."
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_PutSchemaVersionMetadata.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutSchemaVersionMetadata {
    schema_id: Option<SchemaId>,
    schema_version_number: Option<VersionNumber>,
    schema_version_id: Option<String>,
    metadata_key_value: Pair,
}

impl PutSchemaVersionMetadata {
    fn choice(&self) -> Choice<'_> {
        choice(self.schema_id.as_ref(), self.schema_version_number.as_ref(), self.schema_version_id.as_deref())
    }
}

fn choice<'a>(schema: Option<&'a SchemaId>, number: Option<&'a VersionNumber>, id: Option<&'a str>) -> Choice<'a> {
    Choice { id, schema, number }
}

impl Operation for PutSchemaVersionMetadata {
    const NAME: &'static str = "PutSchemaVersionMetadata";
    type Output = ChangedMetadata;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.choice().access(cx, Self::NAME).await
    }

    // UNVERIFIED: the wordings.
    async fn run(&self, cx: &mut Cx) -> Result<ChangedMetadata> {
        let (key, value) = self.metadata_key_value.both()?;
        let (place, schema, mut version) = self.choice().find(cx).await?;
        if version.metadata.iter().any(|pair| pair.key == key && pair.value == value) {
            let message = format!("Resource already exist for schema version id: {}, metadata key: {key}", version.id);
            return Err(AlreadyExistsException::because(message));
        }
        if version.metadata.len() >= MOST {
            let message = format!("A schema version can have {MOST} pairs of metadata at most.");
            return Err(ResourceNumberLimitExceededException::because(message));
        }
        version.metadata.push(Metadata { key: key.to_owned(), value: value.to_owned(), created: cx.now() });
        cx.put(place, &version).await?;
        Ok(ChangedMetadata::of(place, &schema, version, (key, value)))
    }
}

/// Removes a pair from a version.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_RemoveSchemaVersionMetadata.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemoveSchemaVersionMetadata {
    schema_id: Option<SchemaId>,
    schema_version_number: Option<VersionNumber>,
    schema_version_id: Option<String>,
    metadata_key_value: Pair,
}

impl RemoveSchemaVersionMetadata {
    fn choice(&self) -> Choice<'_> {
        choice(self.schema_id.as_ref(), self.schema_version_number.as_ref(), self.schema_version_id.as_deref())
    }
}

impl Operation for RemoveSchemaVersionMetadata {
    const NAME: &'static str = "RemoveSchemaVersionMetadata";
    type Output = ChangedMetadata;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.choice().access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ChangedMetadata> {
        let (key, value) = self.metadata_key_value.both()?;
        let (place, schema, mut version) = self.choice().find(cx).await?;
        let before = version.metadata.len();
        version.metadata.retain(|pair| pair.key != key || pair.value != value);
        if version.metadata.len() == before {
            // UNVERIFIED: the wording.
            return Err(not_found("Schema version metadata is not found."));
        }
        cx.put(place, &version).await?;
        Ok(ChangedMetadata::of(place, &schema, version, (key, value)))
    }
}

/// Finds metadata of a version.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_QuerySchemaVersionMetadata.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct QuerySchemaVersionMetadata {
    schema_id: Option<SchemaId>,
    schema_version_number: Option<VersionNumber>,
    schema_version_id: Option<String>,
    #[serde(default)]
    metadata_list: Vec<Pair>,
    max_results: Option<u32>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct QuerySchemaVersionMetadataResponse {
    metadata_info_map: BTreeMap<String, MetadataInfo>,
    schema_version_id: String,
    next_token: Option<String>,
}

/// <https://docs.aws.amazon.com/glue/latest/webapi/API_MetadataInfo.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MetadataInfo {
    metadata_value: String,
    created_time: Option<String>,
    #[serde(default)]
    other_metadata_value_list: Vec<OtherValue>,
}

/// <https://docs.aws.amazon.com/glue/latest/webapi/API_OtherMetadataValueListItem.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OtherValue {
    metadata_value: String,
    created_time: Option<String>,
}

impl QuerySchemaVersionMetadata {
    fn choice(&self) -> Choice<'_> {
        choice(self.schema_id.as_ref(), self.schema_version_number.as_ref(), self.schema_version_id.as_deref())
    }

    fn wants(&self, pair: &Metadata) -> bool {
        self.metadata_list.is_empty() || self.metadata_list.iter().any(|wish| wish.finds(pair))
    }
}

/// Pairs by their keys; the newest value of a key stands first.
// UNVERIFIED: which value of several does.
fn by_key(pairs: Vec<Metadata>) -> BTreeMap<String, MetadataInfo> {
    let mut map = BTreeMap::<String, MetadataInfo>::new();
    for pair in pairs.into_iter().rev() {
        let (value, created_time) = (pair.value, shown_time(pair.created));
        match map.get_mut(&pair.key) {
            Some(info) => info.other_metadata_value_list.push(OtherValue { metadata_value: value, created_time }),
            None => {
                let info = MetadataInfo { metadata_value: value, created_time, other_metadata_value_list: Vec::new() };
                map.insert(pair.key, info);
            }
        }
    }
    map
}

impl Operation for QuerySchemaVersionMetadata {
    const NAME: &'static str = "QuerySchemaVersionMetadata";
    type Output = QuerySchemaVersionMetadataResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.choice().access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<QuerySchemaVersionMetadataResponse> {
        let (_, _, version) = self.choice().find(cx).await?;
        let size = page::size(self.max_results, PAGE);
        let after = page::read_token::<String>(self.next_token.as_deref())?;
        let found = version.metadata.iter().filter(|pair| self.wants(pair)).cloned().collect();
        let mut left = by_key(found).into_iter().filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
        let metadata_info_map: BTreeMap<String, MetadataInfo> = left.by_ref().take(size).collect();
        let next_token = match (left.next(), metadata_info_map.last_key_value()) {
            (Some(_), Some((last, _))) => Some(page::token(last)?),
            _ => None,
        };
        Ok(QuerySchemaVersionMetadataResponse { metadata_info_map, schema_version_id: version.id, next_token })
    }
}
