//! What a run is to write to the catalog, given what it found and what is there.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use welkin_kernel::{Error, IntoKey, Key, Resource, Result, Scope, Timestamp};

use super::configuration::Configuration;
use super::definition::{DeleteBehavior, UpdateBehavior};
use super::grouping::{Found, Part};
use super::{Written, naming};
use crate::descriptor::{Column, Parameters, StorageDescriptor};
use crate::table::TableInput;

/// Which crawler wrote a table.
pub(crate) const BY: &str = "UPDATED_BY_CRAWLER";
/// When a crawler found that what a table or partition had is no more.
const DEPRECATED: &str = "DEPRECATED_BY_CRAWLER";
/// That partition indexes are to be used.
const FILTERING: &str = "partition_filtering.enabled";
/// Where the metadata file of an Iceberg table is.
const METADATA: &str = "metadata_location";
/// The index of all partition keys.
const INDEX: &str = "crawler_partition_index";
/// What partitions have that a crawler wrote.
const WRITTEN: &str = "CrawlerSchemaSerializerVersion";
/// Properties that change as data come and go.
const COUNTS: [&str; 4] = ["averageRecordSize", "objectCount", "recordCount", "sizeKey"];

/// Partitions of one call at most, by what it does.
const CREATED: usize = 100;
const UPDATED: usize = 100;
const DELETED: usize = 25;

/// Something to be written to the catalog: a call of an operation of Glue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Deed {
    /// The run that is to do it.
    pub(crate) crawl: String,
    pub(crate) number: u32,
    pub(crate) act: Act,
    /// The input, in JSON.
    pub(crate) input: String,
}

impl Resource for Deed {
    const KIND: &'static str = "glue/crawl-deed";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.crawl.as_str(), u64::from(self.number)).into_key()
    }
}

/// What is done, and to how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Act {
    CreateDatabase,
    CreateTable,
    UpdateTable,
    DeleteTable,
    CreatePartitions(u32),
    UpdatePartitions(u32),
    DeletePartitions(u32),
}

impl Act {
    /// The operation that does it.
    pub(crate) fn operation(self) -> &'static str {
        match self {
            Self::CreateDatabase => "CreateDatabase",
            Self::CreateTable => "CreateTable",
            Self::UpdateTable => "UpdateTable",
            Self::DeleteTable => "DeleteTable",
            Self::CreatePartitions(_) => "BatchCreatePartition",
            Self::UpdatePartitions(_) => "BatchUpdatePartition",
            Self::DeletePartitions(_) => "BatchDeletePartition",
        }
    }

    /// How much was written, of which so much was refused.
    pub(crate) fn written(self, refused: u32) -> Written {
        let mut written = Written::default();
        match self {
            Self::CreateTable => written.tables_created = 1,
            Self::UpdateTable => written.tables_updated = 1,
            Self::DeleteTable => written.tables_deleted = 1,
            Self::CreatePartitions(count) => written.partitions_created = count.saturating_sub(refused),
            Self::UpdatePartitions(count) => written.partitions_updated = count.saturating_sub(refused),
            Self::DeletePartitions(count) => written.partitions_deleted = count.saturating_sub(refused),
            Self::CreateDatabase => {}
        }
        written
    }
}

/// A partition that is in the catalog.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct There {
    pub(crate) values: Vec<String>,
    pub(crate) storage_descriptor: Option<StorageDescriptor>,
    pub(crate) parameters: Option<Parameters>,
}

/// What goes for all that a run writes.
pub(crate) struct Plan<'a> {
    pub(crate) crawler: &'a str,
    pub(crate) database: &'a str,
    pub(crate) update: UpdateBehavior,
    pub(crate) delete: DeleteBehavior,
    pub(crate) configuration: Configuration,
    pub(crate) now: Timestamp,
}

/// What a table is, before and after.
pub(crate) struct Change<'a> {
    pub(crate) name: &'a str,
    /// `s3://bucket/folder/`
    pub(crate) location: &'a str,
    pub(crate) found: &'a Found,
    /// The table that is there.
    pub(crate) old: Option<&'a TableInput>,
    pub(crate) partitions: &'a [There],
    /// Whether only the schema is the crawler's to change: the table is a target of its own.
    pub(crate) kept: bool,
}

/// An Iceberg table that was found.
pub(crate) struct Iceberg<'a> {
    pub(crate) name: &'a str,
    pub(crate) location: &'a str,
    /// As the catalog has them.
    pub(crate) columns: Vec<Value>,
    pub(crate) metadata_location: &'a str,
    pub(crate) old: Option<&'a TableInput>,
}

/// What is to be done, in order.
pub(crate) type Deeds = Vec<(Act, Value)>;

impl Plan<'_> {
    fn input(&self, mut input: Value) -> Value {
        input["DatabaseName"] = json!(self.database);
        input
    }

    /// What is to be done about a table that was found.
    ///
    /// # Errors
    /// A fault of Welkin's.
    pub(crate) fn table(&self, change: &Change<'_>) -> Result<Deeds> {
        let new = self.written(change)?;
        let mut deeds = Vec::new();
        let current = match change.old {
            None => {
                deeds.push((Act::CreateTable, self.creation(&new)?));
                new
            }
            Some(old) if self.update == UpdateBehavior::Log => old.clone(),
            // UNVERIFIED: that a table is made anew if its folders are of another depth.
            Some(old) if old.partition_keys().len() != new.partition_keys().len() && !change.kept => {
                deeds.push((Act::DeleteTable, self.input(json!({ "Name": change.name }))));
                deeds.push((Act::CreateTable, self.creation(&new)?));
                self.partitions(&mut deeds, &Change { partitions: &[], ..*change }, &new)?;
                return Ok(deeds);
            }
            Some(old) => {
                let new =
                    if change.kept || self.configuration.merge_new_columns { merged(old, &new, self) } else { new };
                if !are_same(old, &new) {
                    deeds.push((Act::UpdateTable, self.input(json!({ "TableInput": as_json(&new)? }))));
                }
                new
            }
        };
        if current.partition_keys().len() == change.found.depth {
            self.partitions(&mut deeds, change, &current)?;
        }
        Ok(deeds)
    }

    /// What is to be done about an Iceberg table.
    ///
    /// # Errors
    /// A fault of Welkin's.
    pub(crate) fn iceberg(&self, found: &Iceberg<'_>) -> Result<Deeds> {
        let mut parameters = found.old.and_then(|old| old.parameters.clone()).unwrap_or_default();
        if parameters.get(METADATA).is_some_and(|last| last == found.metadata_location) {
            return Ok(Vec::new());
        }
        if let Some(last) = parameters.insert(METADATA.to_owned(), found.metadata_location.to_owned()) {
            parameters.insert(format!("previous_{METADATA}"), last);
        }
        parameters.insert("table_type".to_owned(), "ICEBERG".to_owned());
        parameters.insert(BY.to_owned(), self.crawler.to_owned());
        parameters.remove(DEPRECATED);
        let table = json!({
            "Name": found.name,
            "StorageDescriptor": { "Columns": found.columns, "Location": found.location },
            "TableType": "EXTERNAL_TABLE",
            "Parameters": parameters,
        });
        let input = self.input(json!({ "TableInput": table }));
        Ok(match (found.old, self.update) {
            (None, _) => vec![(Act::CreateTable, input)],
            (Some(_), UpdateBehavior::UpdateInDatabase) => vec![(Act::UpdateTable, input)],
            (Some(_), UpdateBehavior::Log) => Vec::new(),
        })
    }

    /// The table as the crawler writes it.
    fn written(&self, change: &Change<'_>) -> Result<TableInput> {
        let found = change.found;
        let mut parameters = found.shape.parameters(found.amount);
        parameters.insert(BY.to_owned(), self.crawler.to_owned());
        if self.configuration.partition_index && found.depth > 0 {
            parameters.insert(FILTERING.to_owned(), "true".to_owned());
        }
        let keys = naming::partition_keys(found);
        let keys: Vec<Value> = keys.iter().map(|name| json!({ "Name": name, "Type": "string" })).collect();
        let table = json!({
            "Name": change.name,
            "Owner": "owner",
            "Retention": 0,
            "StorageDescriptor": found.shape.descriptor(change.location, &parameters),
            "PartitionKeys": keys,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": parameters,
        });
        serde_json::from_value(table).map_err(Error::internal)
    }

    /// Input that makes a table, with an index if it is to have one.
    fn creation(&self, table: &TableInput) -> Result<Value> {
        let keys: Vec<&str> = table.partition_keys().iter().map(|key| key.name.as_str()).collect();
        let mut input = json!({ "TableInput": as_json(table)? });
        if self.configuration.partition_index && !keys.is_empty() {
            input["PartitionIndexes"] = json!([{ "IndexName": INDEX, "Keys": keys }]);
        }
        Ok(self.input(input))
    }

    /// What is to be done about the partitions of a table that is, or will be, so.
    fn partitions(&self, deeds: &mut Deeds, change: &Change<'_>, table: &TableInput) -> Result<()> {
        let there: BTreeMap<&[String], &There> =
            change.partitions.iter().map(|there| (there.values.as_slice(), there)).collect();
        let (mut created, mut updated, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for part in &change.found.parts {
            let new = self.partition(change, table, part)?;
            if !seen.insert(new.values.clone()) {
                continue;
            }
            match there.get(new.values.as_slice()) {
                None => created.push(as_json(&new)?),
                Some(old) if self.update == UpdateBehavior::Log || **old == new => {}
                Some(_) => updated.push(json!({ "PartitionValueList": new.values, "PartitionInput": as_json(&new)? })),
            }
        }
        let of = |input: Value| self.input(with(input, "TableName", change.name));
        for batch in created.chunks(CREATED) {
            deeds.push((Act::CreatePartitions(count(batch)), of(json!({ "PartitionInputList": batch }))));
        }
        for batch in updated.chunks(UPDATED) {
            deeds.push((Act::UpdatePartitions(count(batch)), of(json!({ "Entries": batch }))));
        }
        let gone = change.partitions.iter().filter(|there| !seen.contains(&there.values) && there.is_of_crawler());
        self.gone(deeds, change.name, &gone.collect::<Vec<_>>())
    }

    /// The partition as the crawler writes it.
    fn partition(&self, change: &Change<'_>, table: &TableInput, part: &Part) -> Result<There> {
        let location = format!("{}{}/", change.location, part.folders.join("/"));
        let parameters = part.shape.parameters(part.amount);
        let descriptor = match &table.storage_descriptor {
            Some(of_table) if self.configuration.inherit || change.kept => {
                let mut own = of_table.clone();
                (own.location, own.parameters) = (Some(location), Some(parameters.clone()));
                own
            }
            _ => {
                let descriptor = part.shape.descriptor(&location, &parameters);
                serde_json::from_value(descriptor).map_err(Error::internal)?
            }
        };
        let (storage_descriptor, parameters) = (Some(descriptor), Some(parameters));
        Ok(There { values: naming::partition_values(part), storage_descriptor, parameters })
    }

    /// What becomes of partitions whose folders are no more.
    fn gone(&self, deeds: &mut Deeds, table: &str, gone: &[&There]) -> Result<()> {
        let of = |input: Value| self.input(with(input, "TableName", table));
        match self.delete {
            DeleteBehavior::Log => {}
            DeleteBehavior::DeleteFromDatabase => {
                for batch in gone.chunks(DELETED) {
                    let values: Vec<Value> = batch.iter().map(|there| json!({ "Values": there.values })).collect();
                    deeds.push((Act::DeletePartitions(count(batch)), of(json!({ "PartitionsToDelete": values }))));
                }
            }
            // UNVERIFIED: that partitions are marked as tables are.
            DeleteBehavior::DeprecateInDatabase => {
                let fresh: Vec<&&There> =
                    gone.iter().filter(|there| !is_deprecated(there.parameters.as_ref())).collect();
                for batch in fresh.chunks(UPDATED) {
                    let mut entries = Vec::new();
                    for there in batch {
                        let mut marked = (**there).clone();
                        self.mark(marked.parameters.get_or_insert_default());
                        let (values, input) = (&there.values, as_json(&marked)?);
                        entries.push(json!({ "PartitionValueList": values, "PartitionInput": input }));
                    }
                    deeds.push((Act::UpdatePartitions(count(batch)), of(json!({ "Entries": entries }))));
                }
            }
        }
        Ok(())
    }

    /// What becomes of a table whose data are no more.
    ///
    /// # Errors
    /// A fault of Welkin's.
    pub(crate) fn lost(&self, table: &TableInput) -> Result<Deeds> {
        Ok(match self.delete {
            DeleteBehavior::DeleteFromDatabase => {
                vec![(Act::DeleteTable, self.input(json!({ "Name": table.name })))]
            }
            DeleteBehavior::DeprecateInDatabase if !is_deprecated(table.parameters.as_ref()) => {
                let mut marked = table.clone();
                self.mark(marked.parameters.get_or_insert_default());
                vec![(Act::UpdateTable, self.input(json!({ "TableInput": as_json(&marked)? })))]
            }
            DeleteBehavior::Log | DeleteBehavior::DeprecateInDatabase => Vec::new(),
        })
    }

    fn mark(&self, parameters: &mut Parameters) {
        // UNVERIFIED: in which form the time is.
        parameters.insert(DEPRECATED.to_owned(), self.now.millis().to_string());
    }
}

impl There {
    fn is_of_crawler(&self) -> bool {
        self.parameters.as_ref().is_some_and(|all| all.contains_key(WRITTEN))
    }
}

fn is_deprecated(parameters: Option<&Parameters>) -> bool {
    parameters.is_some_and(|all| all.contains_key(DEPRECATED))
}

fn count<T>(batch: &[T]) -> u32 {
    u32::try_from(batch.len()).unwrap_or(u32::MAX)
}

fn with(mut input: Value, member: &str, value: &str) -> Value {
    input[member] = json!(value);
    input
}

fn as_json(value: &impl Serialize) -> Result<Value> {
    let mut json = serde_json::to_value(value).map_err(Error::internal)?;
    strip(&mut json);
    Ok(json)
}

/// Leaves out members that are not there.
fn strip(json: &mut Value) {
    match json {
        Value::Object(members) => {
            members.retain(|_, value| !value.is_null());
            members.values_mut().for_each(strip);
        }
        Value::Array(all) => all.iter_mut().for_each(strip),
        _ => {}
    }
}

/// Whether nothing of a table would change.
fn are_same(old: &TableInput, new: &TableInput) -> bool {
    old.storage_descriptor == new.storage_descriptor
        && old.partition_keys() == new.partition_keys()
        && old.parameters == new.parameters
        && old.table_type == new.table_type
}

/// A table that keeps what it has and gets the columns that are new. "If a fundamental Amazon S3 table attribute changes,
/// such as classification, compression type, or CSV delimiter, mark the table as deprecated."
///
/// <https://docs.aws.amazon.com/glue/latest/dg/crawler-schema-changes-prevent.html>
fn merged(old: &TableInput, new: &TableInput, plan: &Plan<'_>) -> TableInput {
    let mut merged = old.clone();
    let parameters = merged.parameters.get_or_insert_default();
    let found = new.parameters.clone().unwrap_or_default();
    let changed = |name: &str| {
        let (old, new) = (parameters.get(name), found.get(name));
        old.is_some() && new.is_some() && old != new
    };
    if ["classification", "compressionType", "delimiter"].into_iter().any(changed) {
        if !is_deprecated(Some(parameters)) {
            plan.mark(parameters);
        }
        return merged;
    }
    for name in COUNTS {
        if let Some(value) = found.get(name) {
            parameters.insert(name.to_owned(), value.clone());
        }
    }
    parameters.insert(BY.to_owned(), plan.crawler.to_owned());
    let descriptor = merged.storage_descriptor.get_or_insert_default();
    let columns = descriptor.columns.get_or_insert_default();
    let known: BTreeSet<String> =
        columns.iter().chain(old.partition_keys()).map(|column| column.name.to_lowercase()).collect();
    let of_new = new.storage_descriptor.as_ref().and_then(|descriptor| descriptor.columns.as_deref());
    let fresh = |column: &&Column| !known.contains(&column.name);
    columns.extend(of_new.unwrap_or_default().iter().filter(fresh).cloned());
    merged
}
