//! Making and dropping tables.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use welkin_sql::ddl::{ColumnDefinition, CreateTable, TableReference};

use super::{Broken, Definitions, Done, Place, Text, caller, failure, no_database, not_found};
use crate::execution::Failure;
use crate::run::bridge::bucket_and_key;
use crate::run::glue::{Column, SerdeInfo, SortColumn, StorageDescriptor, Table};
use crate::run::iceberg;

impl From<&ColumnDefinition> for Column {
    fn from(column: &ColumnDefinition) -> Self {
        Self {
            name: column.name.clone(),
            ty: Some(column.ty.clone()),
            comment: column.comment.clone(),
            ..Self::default()
        }
    }
}

/// What cannot be a table.
// UNVERIFIED: the wordings of the first two.
fn check(table: &CreateTable) -> Result<(), Failure> {
    if !table.external {
        return Err(failure::of_meaning("table is not external: use CREATE EXTERNAL TABLE"));
    }
    match &table.location {
        None => return Err(failure::of_meaning("table is external but location is not specified")),
        Some(location) if !location.starts_with("s3") => {
            let message = format!("MetaException(message:Got exception: No FileSystem for scheme: {location})");
            return Err(failure::of_task(message));
        }
        Some(_) => {}
    }
    let mut names = BTreeSet::new();
    for column in &table.columns {
        if !names.insert(&column.name) {
            let message = format!("Duplicate column name {} in the table definition.", column.name);
            return Err(failure::of_task(format_args!("InvalidObjectException(message:{message})")));
        }
    }
    for column in &table.partitioned {
        if column.ty.is_empty() {
            return Err(failure::of_meaning(format_args!("partition column {} has no type", column.name)));
        }
        if !names.insert(&column.name) {
            return Err(failure::of_meaning("[Error 10035]: Column repeated in partitioning columns"));
        }
    }
    Ok(())
}

/// The table as Glue keeps it.
fn input(table: &CreateTable, second: i64) -> Table {
    let formats = table.formats();
    let bucketing = table.bucketing.as_ref();
    let mut parameters: BTreeMap<String, String> = table.properties.iter().cloned().collect();
    parameters.insert("EXTERNAL".into(), "TRUE".into());
    parameters.insert("transient_lastDdlTime".into(), second.to_string());
    if let Some(comment) = &table.comment {
        parameters.insert("comment".into(), comment.clone());
    }
    let sort =
        |(column, ascends): &(String, bool)| SortColumn { column: column.clone(), sort_order: i32::from(*ascends) };
    Table {
        name: table.name.table.clone(),
        owner: Some("hadoop".into()),
        retention: Some(0),
        storage_descriptor: Some(StorageDescriptor {
            columns: table.columns.iter().map(Into::into).collect(),
            location: table.location.clone(),
            input_format: Some(formats.input),
            output_format: Some(formats.output),
            compressed: Some(false),
            number_of_buckets: Some(bucketing.map_or(-1, |it| i64::try_from(it.count).unwrap_or(i64::MAX))),
            serde_info: Some(SerdeInfo {
                name: None,
                serialization_library: Some(formats.serde),
                parameters: formats.properties.into_iter().collect(),
            }),
            bucket_columns: bucketing.map(|it| it.columns.clone()).unwrap_or_default(),
            sort_columns: bucketing.map(|it| it.sorted.iter().map(sort).collect()).unwrap_or_default(),
            parameters: BTreeMap::new(),
            stored_as_sub_directories: Some(false),
        }),
        partition_keys: table.partitioned.iter().map(Into::into).collect(),
        table_type: Some("EXTERNAL_TABLE".into()),
        parameters,
        ..Table::default()
    }
}

/// There is a table of this name.
fn taken(place: &Place) -> Broken {
    failure::of_task(format_args!("AlreadyExistsException(message:Table {} already exists)", place.table)).into()
}

impl Definitions<'_> {
    /// CREATE EXTERNAL TABLE.
    pub(super) async fn create_table(&mut self, table: &CreateTable) -> Done<Text> {
        if table.is_iceberg() {
            return self.create_iceberg(table).await;
        }
        check(table)?;
        let place = self.place(&table.name).await?;
        let made = input(table, self.cx.now().secs());
        self.enter(&place, &made, table.if_not_exists).await
    }

    /// Tells Glue of a table.
    async fn enter(&mut self, place: &Place, table: &Table, if_not_exists: bool) -> Done<Text> {
        let input = json!({ "CatalogId": place.catalog, "DatabaseName": place.database, "TableInput": table });
        match self.glue("CreateTable", &input).await? {
            Err(answer) if answer.code == "AlreadyExistsException" && !if_not_exists => Err(taken(place)),
            Err(answer) if answer.code == "EntityNotFoundException" => Err(no_database(&place.database)),
            Err(answer) if answer.code != "AlreadyExistsException" => Err(failure::of_glue(&answer).into()),
            _ => Ok(Text::nothing()),
        }
    }

    /// ALTER TABLE … RENAME TO. Glue knows no renaming: it gets another table of the same metadata, which goes again if
    /// the caller may not remove the old one.
    pub(super) async fn rename_iceberg(&mut self, from: &Place, mut table: Table, to: &TableReference) -> Done<Text> {
        let place = self.place(to).await?;
        place.table.clone_into(&mut table.name);
        self.enter(&place, &table, false).await?;
        if let Err(refused) = self.change("DeleteTable", &from.named("Name")).await {
            self.change("DeleteTable", &place.named("Name")).await?;
            return Err(refused);
        }
        Ok(Text::nothing())
    }

    /// CREATE TABLE of Iceberg.
    async fn create_iceberg(&mut self, table: &CreateTable) -> Done<Text> {
        let place = self.place(&table.name).await?;
        match self.find(&place).await? {
            Some(_) if table.if_not_exists => return Ok(Text::nothing()),
            Some(_) => return Err(taken(&place)),
            None => {}
        }
        iceberg::create(self.cx, self.execution, &place, table).await??;
        Ok(Text::nothing())
    }

    /// DROP TABLE. The files stay.
    pub(super) async fn drop_table(&mut self, name: &TableReference, if_exists: bool) -> Done<Text> {
        let place = self.place(name).await?;
        match self.find(&place).await? {
            None if if_exists => return Ok(Text::nothing()),
            None => return Err(not_found(&place)),
            Some(table) if table.is_view() => {
                // UNVERIFIED: the wording.
                return Err(failure::of_meaning("Cannot drop a view with DROP TABLE").into());
            }
            Some(table) if table.is_iceberg() => return self.drop_iceberg(&place, &table).await,
            Some(_) => {}
        }
        self.change("DeleteTable", &place.named("Name")).await?;
        Ok(Text::nothing())
    }

    /// "DROP TABLE will also remove all the data" of an Iceberg table.
    ///
    /// <https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-managing-tables.html>
    async fn drop_iceberg(&mut self, place: &Place, table: &Table) -> Done<Text> {
        let files = iceberg::files(self.cx, self.execution, table).await??;
        self.change("DeleteTable", &place.named("Name")).await?;
        for location in files {
            let (bucket, key) = bucket_and_key(&location).unwrap_or_default();
            let input = json!({ "Bucket": bucket, "Key": key });
            if let Err(error) = caller::ask(self.cx, self.execution, "s3", "DeleteObject", &input).await {
                let answer = failure::answer(error)?;
                return Err(failure::of_task(format_args!("{}: {} ({location})", answer.code, answer.message)).into());
            }
        }
        Ok(Text::nothing())
    }

    /// DROP VIEW.
    pub(super) async fn drop_view(&mut self, name: &TableReference, if_exists: bool) -> Done<Text> {
        let place = self.place(name).await?;
        match self.find(&place).await? {
            Some(table) if table.is_view() => {}
            None if if_exists => return Ok(Text::nothing()),
            _ => return Err(failure::of_task(format_args!("View {} does not exist", place.table)).into()),
        }
        self.change("DeleteTable", &place.named("Name")).await?;
        Ok(Text::nothing())
    }
}
