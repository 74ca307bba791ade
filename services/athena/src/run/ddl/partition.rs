//! Partitions: added, dropped, renamed, moved.

use serde::Deserialize;
use serde_json::{Value, json};
use welkin_sql::ddl::{PartitionFilter, PartitionSpec, TableReference};

use super::{Definitions, Done, Place, Text, failure};
use crate::execution::Failure;
use crate::run::glue::{Partition, PartitionPage, Table, WithPartition};

/// Partitions that Glue makes with one call, and deletes.
///
/// Source: <https://docs.aws.amazon.com/glue/latest/webapi/API_BatchCreatePartition.html>,
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_BatchDeletePartition.html>
const MADE_AT_ONCE: usize = 100;
const DELETED_AT_ONCE: usize = 25;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Errors {
    #[serde(default)]
    errors: Vec<PartitionError>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PartitionError {
    error_detail: ErrorDetail,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorDetail {
    error_code: String,
    #[serde(default)]
    error_message: String,
}

/// The values of a partition in the order of the table's keys.
pub(super) fn values(table: &Table, spec: &PartitionSpec) -> Result<Vec<String>, Failure> {
    let PartitionSpec(given) = spec;
    let value = |key: &str| given.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
    let all: Option<Vec<String>> = table.partition_keys.iter().map(|key| value(&key.name)).collect();
    match all {
        Some(all) if all.len() == given.len() && !all.is_empty() => Ok(all),
        _ => {
            let shown: Vec<_> = given.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let message =
                format!("[Error 10098]: partition spec {{{}}} doesn't contain all partition columns", shown.join(", "));
            Err(failure::of_meaning(message))
        }
    }
}

/// `dt=2020-01-01/hour=1`
pub(super) fn name(table: &Table, values: &[String]) -> String {
    let one = |(key, value): (&crate::run::glue::Column, &String)| format!("{}={value}", key.name);
    table.partition_keys.iter().zip(values).map(one).collect::<Vec<_>>().join("/")
}

/// A new partition, stored as the table is.
pub(super) fn new(table: &Table, values: Vec<String>, location: Option<String>) -> Partition {
    let mut storage = table.storage_descriptor.clone().unwrap_or_default();
    let folder = storage.location.as_deref().unwrap_or_default().trim_end_matches('/').to_owned();
    storage.location = Some(location.unwrap_or_else(|| format!("{folder}/{}", name(table, &values))));
    Partition { values, storage_descriptor: Some(storage), ..Partition::default() }
}

impl Definitions<'_> {
    /// Makes partitions; tells which of them were there.
    pub(super) async fn make(&mut self, place: &Place, partitions: &[Partition]) -> Done<usize> {
        let mut there = 0;
        for some in partitions.chunks(MADE_AT_ONCE) {
            let mut input = place.named("TableName");
            input["PartitionInputList"] = json!(some);
            for error in self.need::<Errors>("BatchCreatePartition", &input).await?.errors {
                let ErrorDetail { error_code, error_message } = error.error_detail;
                if error_code != "AlreadyExistsException" {
                    return Err(failure::of_task(format_args!("{error_code}(message:{error_message})")).into());
                }
                there += 1;
            }
        }
        Ok(there)
    }

    /// ALTER TABLE ADD PARTITION.
    pub(super) async fn add_partitions(
        &mut self,
        table: &TableReference,
        if_not_exists: bool,
        partitions: &[(PartitionSpec, Option<String>)],
    ) -> Done<Text> {
        let (place, table) = self.table(table).await?;
        let mut all = Vec::new();
        for (spec, location) in partitions {
            all.push(new(&table, values(&table, spec)?, location.clone()));
        }
        if self.make(&place, &all).await? > 0 && !if_not_exists {
            return Err(failure::of_task("AlreadyExistsException(message:Partition already exists.)").into());
        }
        Ok(Text::nothing())
    }

    /// Partitions of a table; those for which an expression holds.
    pub(super) async fn partitions(&mut self, place: &Place, expression: Option<&str>) -> Done<Vec<Partition>> {
        let mut all = Vec::new();
        let mut input = place.named("TableName");
        if let Some(expression) = expression {
            input["Expression"] = json!(expression);
        }
        loop {
            let page: PartitionPage = self.need("GetPartitions", &input).await?;
            all.extend(page.partitions);
            match page.next_token {
                Some(token) => input["NextToken"] = json!(token),
                None => return Ok(all),
            }
        }
    }

    /// ALTER TABLE DROP PARTITION.
    pub(super) async fn drop_partitions(
        &mut self,
        table: &TableReference,
        if_exists: bool,
        filters: &[PartitionFilter],
    ) -> Done<Text> {
        let (place, table) = self.table(table).await?;
        let is_text = |name: &str| {
            let key = table.partition_keys.iter().find(|key| key.name == name);
            let ty = key.and_then(|key| key.ty.as_deref()).unwrap_or("string");
            !matches!(ty, "int" | "bigint" | "smallint" | "tinyint" | "float" | "double") && !ty.starts_with("decimal")
        };
        for filter in filters {
            let expression = filter.expression(is_text);
            let found = self.partitions(&place, Some(&expression)).await?;
            if found.is_empty() && !if_exists {
                let message = format!("[Error 10006]: Partition not found ({expression})");
                return Err(failure::of_meaning(message).into());
            }
            for some in found.chunks(DELETED_AT_ONCE) {
                let mut input = place.named("TableName");
                let values = |partition: &Partition| json!({ "Values": partition.values });
                input["PartitionsToDelete"] = some.iter().map(values).collect();
                self.need::<Errors>("BatchDeletePartition", &input).await?;
            }
        }
        Ok(Text::nothing())
    }

    /// The partition with these values, which there must be.
    pub(super) async fn partition(&mut self, place: &Place, values: &[String]) -> Done<Partition> {
        let mut input = place.named("TableName");
        input["PartitionValues"] = json!(values);
        match self.glue("GetPartition", &input).await? {
            Ok(answered) => Ok(answered.output::<WithPartition>()?.partition),
            Err(answer) if answer.code == "EntityNotFoundException" => {
                Err(failure::of_meaning(format_args!("[Error 10006]: Partition not found {values:?}")).into())
            }
            Err(answer) => Err(failure::of_glue(&answer).into()),
        }
    }

    async fn store(&mut self, place: &Place, old: &[String], partition: &Partition) -> Done<Text> {
        let mut input: Value = place.named("TableName");
        input["PartitionValueList"] = json!(old);
        input["PartitionInput"] = json!(partition);
        self.change("UpdatePartition", &input).await?;
        Ok(Text::nothing())
    }

    /// ALTER TABLE PARTITION RENAME TO. The files stay where they are.
    pub(super) async fn rename_partition(
        &mut self,
        table: &TableReference,
        from: &PartitionSpec,
        to: &PartitionSpec,
    ) -> Done<Text> {
        let (place, table) = self.table(table).await?;
        let old = values(&table, from)?;
        let mut partition = self.partition(&place, &old).await?;
        partition.values = values(&table, to)?;
        // Values cannot be changed: <https://docs.aws.amazon.com/glue/latest/webapi/API_UpdatePartition.html>.
        let mut input = place.named("TableName");
        input["PartitionInput"] = json!(partition);
        self.change("CreatePartition", &input).await?;
        let mut input = place.named("TableName");
        input["PartitionValues"] = json!(old);
        self.change("DeletePartition", &input).await?;
        Ok(Text::nothing())
    }

    /// ALTER TABLE PARTITION SET LOCATION.
    pub(super) async fn move_partition(
        &mut self,
        table: &TableReference,
        spec: &PartitionSpec,
        location: String,
    ) -> Done<Text> {
        let (place, table) = self.table(table).await?;
        let values = values(&table, spec)?;
        let mut partition = self.partition(&place, &values).await?;
        partition.storage_descriptor.get_or_insert_default().location = Some(location);
        self.store(&place, &values, &partition).await
    }
}
