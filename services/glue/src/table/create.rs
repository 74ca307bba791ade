//! Creating a table.

use serde::Deserialize;
use serde::de::IgnoredAny;
use welkin_kernel::{Access, Cx, Empty, LakeThing, Operation, Result};

use super::{Address, Table, TableInput, refuse_transaction};
use crate::database::Database;
use crate::errors::{AlreadyExistsException, invalid, not_implemented};
use crate::index::{self, PartitionIndex};
use crate::{event, lake};

/// Creates a table, with indexes of its partitions if it is to have some.
///
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CreateTable.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateTable {
    catalog_id: Option<String>,
    database_name: String,
    name: Option<String>,
    table_input: Option<TableInput>,
    #[serde(default)]
    partition_indexes: Vec<PartitionIndex>,
    transaction_id: Option<String>,
    open_table_format_input: Option<IgnoredAny>,
}

impl CreateTable {
    fn input(&self) -> Result<&TableInput> {
        if self.open_table_format_input.is_some() {
            return Err(not_implemented("tables of open formats (OpenTableFormatInput)"));
        }
        // UNVERIFIED: the wording.
        let input = self.table_input.as_ref().ok_or_else(|| invalid("TableInput is required."))?;
        match &self.name {
            Some(name) if !name.eq_ignore_ascii_case(&input.name) => Err(invalid("Name differs from TableInput.")),
            _ => Ok(input),
        }
    }

    fn address(&self, cx: &Cx) -> Result<Address> {
        Address::of(cx, self.catalog_id.as_deref(), &self.database_name, &self.input()?.name)
    }
}

impl Operation for CreateTable {
    const NAME: &'static str = "CreateTable";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = self.address(cx)?;
        let access = address.access_unfollowed(cx, Self::NAME).await?;
        let home = address.in_followed_database(cx).await?;
        let location = self.input()?.location();
        // "If a database has a location, its creators of tables need no data location permission" below it.
        let database = home.catalog.find(cx, &home.database).await?;
        let below = |database: &Database| {
            let folder =
                database.location().map(|folder| folder.trim_end_matches('/')).filter(|folder| !folder.is_empty());
            let rest = folder.and_then(|folder| location?.strip_prefix(folder));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        match database.as_ref().is_some_and(below) {
            true => Ok(access),
            false => Ok(access.lake(lake::location(home.catalog.place, location))),
        }
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        refuse_transaction(self.transaction_id.as_deref(), None)?;
        let input = self.input()?;
        let address = self.address(cx)?.in_followed_database(cx).await?;
        let mut definition = input.resolve(cx).await?;
        let database = address.catalog.database(cx, &address.database).await?;
        if address.find(cx).await?.is_some() {
            return Err(AlreadyExistsException::because("Table already exists."));
        }
        let opens = database.opens_tables();
        definition.target_table = input.target_table.as_ref().map(|target| target.whole(cx)).transpose()?;
        let now = cx.now();
        let table = Table {
            database: database.id,
            database_name: database.name,
            name: address.name.clone(),
            id: u64::from_le_bytes(cx.chance().bytes()),
            created: now,
            updated: now,
            created_by: cx.principal().arn(cx.region().partition()).map(String::from),
            version: 0,
            definition,
        };
        cx.put(address.catalog.place, &table).await?;
        let thing = LakeThing::Table(address.database.clone(), address.name.clone());
        cx.lake_created(address.catalog.place, &thing, Some(opens)).await?;
        for wish in &self.partition_indexes {
            index::add(cx, address.catalog.place, &table, wish, true).await?;
        }
        event::tables(cx, address.catalog, Self::NAME, &address.database, &[address.name]).await?;
        Ok(Empty {})
    }
}
