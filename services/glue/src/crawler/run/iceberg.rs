//! Iceberg tables that a crawler finds by their metadata files, and registers.
//!
//! "The crawler … identifies the latest metadata.json file of each table and registers it":
//! <https://docs.aws.amazon.com/glue/latest/dg/crawler-data-stores.html>

use std::collections::BTreeMap;

use serde_json::{Value, json};
use welkin_sql::iceberg::Metadata;

use super::reader::Listed;
use super::survey::Survey;
use super::{Failure, Trouble};
use crate::crawler::plan::Iceberg;
use crate::crawler::target::{IcebergTarget, bucket_and_key};
use crate::table::TableInput;

/// What the keys of metadata files end with, and the folder that they are in.
const SUFFIX: &str = ".metadata.json";
const FOLDER: &str = "metadata/";

impl Survey<'_> {
    /// Adds what there is to write of a target's tables; their names.
    pub(super) async fn iceberg(
        &mut self,
        target: &IcebergTarget,
        old: &[TableInput],
        taken: &mut Vec<String>,
    ) -> Result<(), Trouble> {
        let exclusions = target.exclusions()?;
        for path in target.paths() {
            let Some((bucket, key)) = bucket_and_key(path) else { continue };
            let root = if key.is_empty() || key.ends_with('/') { key.to_owned() } else { format!("{key}/") };
            let mut objects = self.reader.list(bucket, &root).await?;
            objects.retain(|object| {
                let below = object.key.strip_prefix(&root).unwrap_or_default();
                !exclusions.iter().any(|glob| glob.matches(below))
            });
            for (folder, object) in latest(&root, target.depth(), objects) {
                self.register(bucket, &folder, &object, old, taken).await?;
            }
        }
        Ok(())
    }

    async fn register(
        &mut self,
        bucket: &str,
        folder: &str,
        object: &Listed,
        old: &[TableInput],
        taken: &mut Vec<String>,
    ) -> Result<(), Trouble> {
        let Some(bytes) = self.reader.whole(bucket, object).await? else { return Ok(()) };
        let metadata = Metadata::parse(&bytes).and_then(|metadata| {
            let schema = metadata.schema()?;
            let column = |field: &welkin_sql::iceberg::Field| {
                json!({ "Name": field.name.to_lowercase(), "Type": field.kind.hive() })
            };
            Ok(schema.fields.iter().map(column).collect::<Vec<Value>>())
        });
        let columns = metadata.map_err(|error| {
            // UNVERIFIED: that the run fails, and the wording.
            let why = format!("Invalid Iceberg metadata file s3://{bucket}/{}: {}", object.key, error.message);
            Trouble::Failure(Failure::Failed(why))
        })?;
        let location = format!("s3://{bucket}/{folder}");
        let name = self.name(old, taken, (bucket, folder), &location);
        let there = old.iter().find(|table| table.name == name);
        let metadata_location = format!("s3://{bucket}/{}", object.key);
        let table =
            Iceberg { name: &name, location: &location, columns, metadata_location: &metadata_location, old: there };
        let deeds = self.plan.iceberg(&table)?;
        self.deeds.extend(deeds);
        taken.push(name);
        Ok(())
    }
}

/// The latest metadata file of each table, by the table's folder. No folder is looked for deeper than told.
fn latest(root: &str, depth: usize, objects: Vec<Listed>) -> BTreeMap<String, Listed> {
    let mut found: BTreeMap<String, (u64, Listed)> = BTreeMap::new();
    for object in objects {
        let Some((parent, file)) = object.key.rsplit_once('/') else { continue };
        let folder = format!("{parent}/");
        let Some(table) = folder.strip_suffix(FOLDER).filter(|table| table.is_empty() || table.ends_with('/')) else {
            continue;
        };
        let Some(version) = version(file) else { continue };
        let levels = table.strip_prefix(root).map_or(0, |below| below.matches('/').count());
        if levels > depth {
            continue;
        }
        match found.get(table) {
            Some((other, _)) if *other >= version => {}
            _ => {
                found.insert(table.to_owned(), (version, object));
            }
        }
    }
    found.into_iter().map(|(folder, (_, object))| (folder, object)).collect()
}

/// The version of a metadata file: `00003-….metadata.json`, `v3.metadata.json`.
fn version(file: &str) -> Option<u64> {
    let name = file.strip_suffix(SUFFIX)?;
    let name = name.strip_prefix('v').unwrap_or(name);
    let digits = name.find(|c: char| !c.is_ascii_digit()).unwrap_or(name.len());
    name.get(..digits)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_version_of_each_table_is_found() {
        let listed = |key: &str| Listed::of(key, 1);
        let objects = [
            "lake/a/metadata/00001-x.metadata.json",
            "lake/a/metadata/00010-x.metadata.json",
            "lake/a/metadata/00009-x.metadata.json",
            "lake/a/metadata/snap-1.avro",
            "lake/b/c/metadata/v2.metadata.json",
            "lake/b/c/metadata/v10.metadata.json",
            "lake/b/c/other.metadata.json",
            "lake/d/e/f/metadata/v1.metadata.json",
        ];
        let found = latest("lake/", 2, objects.into_iter().map(listed).collect());
        let found: Vec<(&str, &str)> = found.iter().map(|(folder, it)| (folder.as_str(), it.key.as_str())).collect();
        let expected = [
            ("lake/a/", "lake/a/metadata/00010-x.metadata.json"),
            ("lake/b/c/", "lake/b/c/metadata/v10.metadata.json"),
        ];
        assert_eq!(found, expected);
    }
}
