//! Indexes of partitions: which keys they are over, and whether they are ready.
//!
//! What an index is for is to be faster; here partitions are a range anyway, so it is state with its rules:
//! <https://docs.aws.amazon.com/glue/latest/dg/partition-indexes.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Job, Key, Operation, Page, Place, Resource, Result, Schedule, Scope};

use crate::errors::{
    AlreadyExistsException, ConflictException, ResourceNumberLimitExceededException, invalid, not_found,
};
use crate::partition::{self, Partition, PartitionValueList, expression};
use crate::table::{Address, Table};

/// Indexes of a table at most.
///
/// Source: "You can have a maximum of 3 partition indexes on a table":
/// <https://docs.aws.amazon.com/glue/latest/dg/partition-indexes.html>
const MOST: usize = 3;

/// Partitions that one run of the job looks at.
const BATCH: usize = 1000;

/// An index as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Index {
    table: u64,
    pub(crate) name: String,
    keys: Vec<IndexKey>,
    status: Status,
    /// Values of partitions that it cannot hold.
    misfits: Vec<Vec<String>>,
}

/// A key of an index: which partition key it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct IndexKey {
    position: usize,
    name: String,
    kind: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Creating,
    Active,
    Failed,
}

impl Resource for Index {
    const KIND: &'static str = "glue/partition-index";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.table, self.name.as_str()).into_key()
    }
}

/// An index as callers describe it.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_PartitionIndex.html>
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PartitionIndex {
    keys: Vec<String>,
    index_name: String,
}

/// Adds an index to a table. One of a new table is ready at once.
///
/// # Errors
/// `AlreadyExistsException`, `InvalidInputException`, `ResourceNumberLimitExceededException`
pub(crate) async fn add(cx: &mut Cx, place: Place, table: &Table, wish: &PartitionIndex, new: bool) -> Result<()> {
    let present = cx.list::<Index>(place, table.id, Page::ALL).await?;
    // UNVERIFIED: the wordings, here and below.
    if present.iter().any(|index| index.name == wish.index_name) {
        return Err(AlreadyExistsException::because(format!("Index {} already exists.", wish.index_name)));
    }
    if present.len() >= MOST {
        let message = format!("A table can have {MOST} partition indexes at most.");
        return Err(ResourceNumberLimitExceededException::because(message));
    }
    let mut keys: Vec<IndexKey> = Vec::with_capacity(wish.keys.len());
    for name in &wish.keys {
        let key = index_key(table, name)?;
        if keys.iter().any(|known| known.position == key.position) {
            return Err(invalid(format!("Key {name} is there twice.")));
        }
        keys.push(key);
    }
    let status = if new { Status::Active } else { Status::Creating };
    let index = Index { table: table.id, name: wish.index_name.clone(), keys, status, misfits: Vec::new() };
    cx.put(place, &index).await?;
    if !new {
        let job = Backfill { table: table.id, index: index.name, after: None };
        cx.enqueue_at(place, &job, Schedule::now()).await?;
    }
    Ok(())
}

/// The partition key of a name. "Indexes can be created for String (string, char, and varchar), Numeric (int, bigint,
/// long, tinyint, and smallint), and Date (yyyy-MM-dd) column types."
fn index_key(table: &Table, name: &str) -> Result<IndexKey> {
    let keys = table.definition.partition_keys();
    let found = keys.iter().enumerate().find(|(_, key)| key.name.eq_ignore_ascii_case(name));
    let Some((position, key)) = found else {
        return Err(invalid(format!("Index key {name} is not a partition key of the table.")));
    };
    let kind = key.kind.clone().unwrap_or_else(|| "string".to_owned());
    let base = kind.split('(').next().unwrap_or_default().trim().to_ascii_lowercase();
    match base.as_str() {
        "string" | "char" | "varchar" | "int" | "bigint" | "long" | "tinyint" | "smallint" | "date" => {
            Ok(IndexKey { position, name: key.name.clone(), kind })
        }
        _ => Err(invalid(format!("Index key {name} is of type {kind}, which indexes do not support."))),
    }
}

/// Whether an index of a table is being made.
pub(crate) async fn is_being_made(cx: &mut Cx, place: Place, table: &Table) -> Result<bool> {
    let indexes = cx.list::<Index>(place, table.id, Page::ALL).await?;
    Ok(indexes.iter().any(|index| index.status == Status::Creating))
}

/// Makes an index of the partitions that a table has already: those whose values are not of the types of their keys
/// are told.
#[derive(Serialize, Deserialize)]
pub(crate) struct Backfill {
    table: u64,
    index: String,
    after: Option<Vec<String>>,
}

impl Job for Backfill {
    const NAME: &'static str = "glue/backfill-index";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let found = cx.get::<Index>(place, (self.table, self.index.as_str())).await?;
        let Some(mut index) = found.filter(|index| index.status == Status::Creating) else { return Ok(()) };
        let from = self.after.as_ref().map(|values| partition::key(self.table, values));
        let partitions = cx.list::<Partition>(place, self.table, Page::of(BATCH, from.as_ref())).await?;
        let last = partitions.last().filter(|_| partitions.len() == BATCH).map(|last| last.values.clone());
        let values = partitions.into_iter().map(|found| found.values);
        let misfits: Vec<_> = values.filter(|values| !index.holds(values)).collect();
        index.misfits.extend(misfits);
        match last {
            Some(last) => {
                let rest = Self { table: self.table, index: self.index.clone(), after: Some(last) };
                cx.enqueue(&rest, Schedule::now()).await?;
            }
            None => index.status = if index.misfits.is_empty() { Status::Active } else { Status::Failed },
        }
        cx.put(place, &index).await
    }
}

impl Index {
    fn holds(&self, values: &[String]) -> bool {
        self.keys
            .iter()
            .all(|key| values.get(key.position).is_some_and(|value| expression::is_of_type(value, &key.kind)))
    }
}

/// Creates an index of the partitions of a table.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CreatePartitionIndex.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreatePartitionIndex {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    partition_index: PartitionIndex,
}

impl Operation for CreatePartitionIndex {
    const NAME: &'static str = "CreatePartitionIndex";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        add(cx, address.catalog.place, &table, &self.partition_index, false).await?;
        Ok(Empty {})
    }
}

/// Lists the indexes of the partitions of a table.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitionIndexes.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPartitionIndexes {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
}

/// A table has few indexes: they are on one page always.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPartitionIndexesResponse {
    partition_index_descriptor_list: Vec<Descriptor>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Descriptor {
    index_name: String,
    keys: Vec<KeySchemaElement>,
    index_status: Status,
    backfill_errors: Option<Vec<BackfillError>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeySchemaElement {
    name: String,
    #[serde(rename = "Type")]
    kind: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BackfillError {
    code: String,
    partitions: Vec<PartitionValueList>,
}

impl Descriptor {
    fn of(index: Index) -> Self {
        let key = |key: IndexKey| KeySchemaElement { name: key.name, kind: key.kind };
        let partitions: Vec<_> = index.misfits.into_iter().map(|values| PartitionValueList { values }).collect();
        let code = "INVALID_PARTITION_TYPE_DATA_ERROR".to_owned();
        Self {
            index_name: index.name,
            keys: index.keys.into_iter().map(key).collect(),
            index_status: index.status,
            backfill_errors: (!partitions.is_empty()).then(|| vec![BackfillError { code, partitions }]),
        }
    }
}

impl Operation for GetPartitionIndexes {
    const NAME: &'static str = "GetPartitionIndexes";
    type Output = GetPartitionIndexesResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetPartitionIndexesResponse> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let table = address.table(cx).await?;
        let indexes = cx.list::<Index>(address.catalog.place, table.id, Page::ALL).await?;
        let partition_index_descriptor_list = indexes.into_iter().map(Descriptor::of).collect();
        Ok(GetPartitionIndexesResponse { partition_index_descriptor_list })
    }
}

/// Deletes an index of the partitions of a table. It is gone at once.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_DeletePartitionIndex.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeletePartitionIndex {
    catalog_id: Option<String>,
    database_name: String,
    table_name: String,
    index_name: String,
}

impl Operation for DeletePartitionIndex {
    const NAME: &'static str = "DeletePartitionIndex";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        address.access(cx, Self::NAME).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.table_name)?;
        let address = address.followed(cx).await?;
        let (place, table) = (address.catalog.place, address.table(cx).await?);
        let key = (table.id, self.index_name.as_str());
        match cx.get::<Index>(place, key).await? {
            None => Err(not_found(format!("Index {} not found.", self.index_name))),
            Some(index) if index.status == Status::Creating => {
                Err(ConflictException::because(format!("Index {} is being created.", self.index_name)))
            }
            Some(_) => {
                cx.discard::<Index>(place, key)?;
                Ok(Empty {})
            }
        }
    }
}
