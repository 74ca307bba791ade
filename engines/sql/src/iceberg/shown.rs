//! A table as the statement that makes it tells it.

use super::create::KNOWN;
use super::metadata::Metadata;
use super::partition::PartitionField;
use super::transform::Transform;
use super::types::Schema;
use crate::error::Result;

impl Metadata {
    /// By what the table is partitioned, as CREATE TABLE writes it: `day(ts)`.
    ///
    /// # Errors
    /// `ICEBERG_INVALID_METADATA`
    pub fn shown_partitioning(&self) -> Result<Vec<String>> {
        let schema = self.schema()?;
        Ok(self.spec(self.default_spec_id)?.fields.iter().filter_map(|field| shown(field, schema)).collect())
    }

    /// The properties that Athena knows, under its own names.
    pub fn shown_properties(&self) -> Vec<(&'static str, String)> {
        let own = |(key, name): &(&'static str, &str)| {
            let value = self.properties.get(*name)?;
            let seconds = || value.parse::<u64>().ok().map(|millis| (millis / 1000).to_string());
            let value = if key.ends_with("_age_seconds") { seconds()? } else { value.clone() };
            Some((*key, value))
        };
        KNOWN.iter().filter_map(own).collect()
    }
}

fn shown(field: &PartitionField, schema: &Schema) -> Option<String> {
    let column = format!("`{}`", schema.fields.iter().find(|column| column.id == field.source_id)?.name);
    Some(match &field.transform {
        Transform::Identity => column,
        Transform::Bucket(count) => format!("bucket({count}, {column})"),
        Transform::Truncate(width) => format!("truncate({width}, {column})"),
        Transform::Void => return None,
        other => format!("{other}({column})"),
    })
}
