//! Statements of definitions: what they change and show in Glue's catalog, as the query's caller.

mod alter;
mod database;
mod describe;
mod partition;
mod prepared;
mod repair;
mod show;
mod table;
pub(super) mod view;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use welkin_kernel::{Answer, Cx, Error, LakePermission, Result};
use welkin_sql::ddl::{Alteration, Show, Statement, TableReference};

use super::glue::{Table, WithTable};
use super::{caller, failure, metadata, write};
use crate::catalog::{DataCatalog, OWN};
use crate::execution::{Execution, Failure, Outcome, ResultColumn};

/// Why a statement is not carried out.
enum Broken {
    /// The query fails.
    Failure(Failure),
    /// It is no fault of the query's.
    Error(Error),
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

type Done<T> = std::result::Result<T, Broken>;

/// What a statement shows: a file of lines.
struct Text {
    columns: Vec<ResultColumn>,
    lines: Vec<String>,
}

impl Text {
    /// Of a statement that shows nothing.
    fn nothing() -> Self {
        Self { columns: Vec::new(), lines: Vec::new() }
    }

    /// Lines of one column.
    fn of(column: &str, lines: Vec<String>) -> Self {
        Self { columns: vec![metadata::text(column)], lines }
    }
}

/// A catalog, for one statement.
struct Definitions<'a> {
    cx: &'a mut Cx,
    execution: &'a Execution,
}

/// Where a table is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) catalog: String,
    pub(super) database: String,
    pub(super) table: String,
}

/// Carries a statement out and writes what it shows.
///
/// # Errors
/// What is no fault of the query's.
pub(super) async fn run(
    cx: &mut Cx,
    execution: &Execution,
    statement: Statement,
) -> Result<std::result::Result<Outcome, Failure>> {
    let text = Definitions { cx: &mut *cx, execution }.apply(statement).await;
    finish(cx, execution, text).await
}

/// What a query that writes a table needs of the catalog, in its failure's words.
fn told<T>(done: Done<T>) -> Result<std::result::Result<T, Failure>> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(Broken::Failure(failure)) => Ok(Err(failure)),
        Err(Broken::Error(error)) => Err(error),
    }
}

/// The table that rows are written into.
///
/// # Errors
/// What is no fault of the query's.
pub(super) async fn written(
    cx: &mut Cx,
    execution: &Execution,
    name: &TableReference,
    change: RowChange,
) -> Result<std::result::Result<(Place, Table), Failure>> {
    let (place, table) = match told(Definitions { cx: &mut *cx, execution }.table(name).await)? {
        Ok(found) => found,
        Err(failure) => return Ok(Err(failure)),
    };
    let home = table.place(&place.catalog, &place.database, &place.table);
    let rights = super::lake::rights(cx, execution, &home).await?;
    let lacking = change.needs().iter().find(|permission| !rights.has(&[**permission]));
    if let Some(lacking) = lacking {
        let what = format!("Insufficient Lake Formation permission(s): Required {lacking} on {}", place.table);
        let message = format!("Insufficient permissions to execute the query. {what}");
        return Ok(Err(Failure::user(failure::USER, message)));
    }
    // What changes rows must know all of them.
    if change != RowChange::Insert && !rights.reads_all() {
        let message = "Insufficient permissions to execute the query. Insufficient Lake Formation permission(s): all \
                       columns and rows of the table are needed";
        return Ok(Err(Failure::user(failure::USER, message)));
    }
    Ok(Ok((place, table)))
}

/// How rows of a table are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowChange {
    Insert,
    Delete,
    /// Rows go and others come: UPDATE, MERGE, OPTIMIZE.
    Replace,
}

impl RowChange {
    /// The permissions of Lake Formation that it needs.
    ///
    /// <https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html>
    pub(super) fn needs(self) -> &'static [LakePermission] {
        match self {
            Self::Insert => &[LakePermission::Insert],
            Self::Delete => &[LakePermission::Delete],
            Self::Replace => &[LakePermission::Insert, LakePermission::Delete],
        }
    }
}

/// The place of a table that there is not yet; `None` if there is and that is no fault.
///
/// # Errors
/// What is no fault of the query's.
pub(super) async fn free(
    cx: &mut Cx,
    execution: &Execution,
    name: &TableReference,
    if_not_exists: bool,
) -> Result<std::result::Result<Option<Place>, Failure>> {
    let mut definitions = Definitions { cx, execution };
    told(definitions.free(name, if_not_exists).await)
}

/// Makes a table.
///
/// # Errors
/// What is no fault of the query's.
pub(super) async fn create(
    cx: &mut Cx,
    execution: &Execution,
    place: &Place,
    table: &Table,
) -> Result<std::result::Result<(), Failure>> {
    let input = json!({ "CatalogId": place.catalog, "DatabaseName": place.database, "TableInput": table });
    told(Definitions { cx, execution }.change("CreateTable", &input).await)
}

/// Makes those of these partitions that there are not yet.
///
/// # Errors
/// What is no fault of the query's.
pub(super) async fn add(
    cx: &mut Cx,
    execution: &Execution,
    place: &Place,
    table: &Table,
    partitions: Vec<(Vec<String>, String)>,
) -> Result<std::result::Result<(), Failure>> {
    let new = |(values, folder)| partition::new(table, values, Some(folder));
    let partitions: Vec<_> = partitions.into_iter().map(new).collect();
    told(Definitions { cx, execution }.make(place, &partitions).await.map(drop))
}

async fn finish(cx: &mut Cx, execution: &Execution, text: Done<Text>) -> Result<std::result::Result<Outcome, Failure>> {
    let Text { columns, lines } = match text {
        Ok(text) => text,
        Err(Broken::Failure(failure)) => return Ok(Err(failure)),
        Err(Broken::Error(error)) => return Err(error),
    };
    write::lines(cx, execution, columns, &lines, 0).await
}

impl Definitions<'_> {
    async fn apply(&mut self, statement: Statement) -> Done<Text> {
        match statement {
            Statement::CreateDatabase { .. } | Statement::DropDatabase { .. } | Statement::AlterDatabase { .. } => {
                self.database(statement).await
            }
            Statement::CreateTable(table) => self.create_table(&table).await,
            Statement::DropTable { name, if_exists } => self.drop_table(&name, if_exists).await,
            Statement::DropView { name, if_exists } => self.drop_view(&name, if_exists).await,
            Statement::AlterTable { name, change } => self.alter(&name, change).await,
            Statement::RepairTable(name) => self.repair(&name).await,
            Statement::Show(show) => self.show(show).await,
            Statement::Prepare { .. } | Statement::Deallocate { .. } => self.prepared(statement).await,
            Statement::Query
            | Statement::CreateView { .. }
            | Statement::CreateTableAs { .. }
            | Statement::Explain { .. }
            | Statement::Insert { .. }
            | Statement::Delete { .. }
            | Statement::Update { .. }
            | Statement::Merge(_)
            | Statement::Optimize { .. }
            | Statement::Vacuum(_)
            | Statement::Unload { .. }
            | Statement::Execute { .. } => Err(Error::internal("a statement that is none of definitions").into()),
        }
    }

    async fn alter(&mut self, name: &TableReference, change: Alteration) -> Done<Text> {
        match change {
            Alteration::AddPartitions { if_not_exists, partitions } => {
                self.add_partitions(name, if_not_exists, &partitions).await
            }
            Alteration::DropPartitions { if_exists, partitions } => {
                self.drop_partitions(name, if_exists, &partitions).await
            }
            Alteration::RenamePartition { from, to } => self.rename_partition(name, &from, &to).await,
            Alteration::SetLocation { partition: Some(partition), location } => {
                self.move_partition(name, &partition, location).await
            }
            change => self.alter_table(name, change).await,
        }
    }

    async fn show(&mut self, show: Show) -> Done<Text> {
        match show {
            Show::Databases { like } => self.show_databases(like.as_deref()).await,
            Show::Tables { database, like } => self.show_tables(database, like.as_deref(), false).await,
            Show::Views { database, like } => self.show_tables(database, like.as_deref(), true).await,
            Show::Partitions(name) => self.show_partitions(&name).await,
            Show::Columns(name) => self.show_columns(&name).await,
            Show::CreateTable(name) => self.show_create_table(&name).await,
            Show::CreateView(name) => self.show_create_view(&name).await,
            Show::Properties { name, key } => self.show_properties(&name, key.as_deref()).await,
            Show::Describe { name, detail, partition, column } => {
                self.describe(&name, detail, partition.as_ref(), column.as_deref()).await
            }
        }
    }

    /// Calls Glue. What it refuses comes back as its answer.
    async fn glue(
        &mut self,
        operation: &'static str,
        input: &Value,
    ) -> Done<std::result::Result<welkin_kernel::Answered, Answer>> {
        match caller::ask(self.cx, self.execution, "glue", operation, input).await {
            Ok(answered) => Ok(Ok(answered)),
            Err(error) => Ok(Err(failure::answer(error)?)),
        }
    }

    /// Calls Glue; the query fails with what it refuses.
    async fn need<T: DeserializeOwned>(&mut self, operation: &'static str, input: &Value) -> Done<T> {
        match self.glue(operation, input).await? {
            Ok(answered) => Ok(answered.output()?),
            Err(answer) => Err(failure::of_glue(&answer).into()),
        }
    }

    /// Calls Glue for its effect alone.
    async fn change(&mut self, operation: &'static str, input: &Value) -> Done<()> {
        match self.glue(operation, input).await? {
            Ok(_) => Ok(()),
            Err(answer) => Err(failure::of_glue(&answer).into()),
        }
    }

    /// Id by which Glue knows a catalog; the query's own if none is named.
    async fn catalog(&mut self, name: Option<&str>) -> Done<String> {
        let here = self.cx.here();
        let name = name.or(self.execution.catalog.as_deref()).unwrap_or(OWN).to_owned();
        let Some(catalog) = DataCatalog::get(self.cx, here, &name).await? else {
            return Err(failure::of_meaning(format_args!("Catalog '{name}' does not exist")).into());
        };
        match catalog.glue_id() {
            Some(id) => Ok(id.to_owned()),
            None => {
                let what = format!("statements on the data catalog {name}, which is not Glue's,");
                Err(failure::not_supported(&what).into())
            }
        }
    }

    /// The query's own database. Hive's quotes around its name are none of it: the AWS SDK for pandas sends them.
    fn default_database(&self) -> String {
        self.execution.database.as_deref().unwrap_or("default").trim_matches('`').to_lowercase()
    }

    async fn place(&mut self, name: &TableReference) -> Done<Place> {
        let catalog = self.catalog(name.catalog.as_deref()).await?;
        let database = name.database.clone().unwrap_or_else(|| self.default_database());
        Ok(Place { catalog, database, table: name.table.clone() })
    }

    /// A table or view that there must be.
    async fn table(&mut self, name: &TableReference) -> Done<(Place, Table)> {
        let place = self.place(name).await?;
        match self.find(&place).await? {
            Some(table) => Ok((place, table)),
            None => Err(not_found(&place)),
        }
    }

    async fn find(&mut self, place: &Place) -> Done<Option<Table>> {
        match self.glue("GetTable", &place.named("Name")).await? {
            Ok(answered) => Ok(Some(answered.output::<WithTable>()?.table)),
            Err(answer) if answer.code == "EntityNotFoundException" => Ok(None),
            Err(answer) => Err(failure::of_glue(&answer).into()),
        }
    }

    async fn free(&mut self, name: &TableReference, if_not_exists: bool) -> Done<Option<Place>> {
        let place = self.place(name).await?;
        match self.find(&place).await? {
            None => Ok(Some(place)),
            Some(_) if if_not_exists => Ok(None),
            Some(_) => {
                let name = format!("awsdatacatalog.{}.{}", place.database, place.table);
                let message = format!("TABLE_ALREADY_EXISTS: line 1:1: Destination table '{name}' already exists");
                Err(Failure::user(failure::USER, message).into())
            }
        }
    }

    /// Stores a table in place of the one that there is.
    async fn update(&mut self, place: &Place, table: &Table) -> Done<()> {
        let input = json!({ "CatalogId": place.catalog, "DatabaseName": place.database, "TableInput": table });
        self.change("UpdateTable", &input).await
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.database, self.table)
    }
}

impl Place {
    /// Members that name it; the table under this one.
    pub(super) fn named(&self, member: &str) -> Value {
        let mut input = json!({ "CatalogId": self.catalog, "DatabaseName": self.database });
        input[member] = json!(self.table);
        input
    }
}

/// Hive's words for a table that there is not.
fn not_found(place: &Place) -> Broken {
    let Place { database, table, .. } = place;
    failure::of_meaning(format_args!("[Error 10001]: Table not found {database}.{table}")).into()
}

/// Hive's words for a database that there is not.
fn no_database(name: &str) -> Broken {
    failure::of_meaning(format_args!("[Error 10072]: Database does not exist: {name}")).into()
}
