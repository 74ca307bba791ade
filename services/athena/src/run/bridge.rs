//! What the engine asks for, brought to where calls can be made.
//!
//! The engine's tasks ask through a channel; the query's job makes the calls as the query's caller, one after another.
//! Bodies of objects are read by who asked for them.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use welkin_kernel::{Answer, Answered, Cx, Error, LakeRights, Principal, Timestamp};
use welkin_sql::iceberg::{Inspection, Table as IcebergTable};
use welkin_sql::{
    Catalog, Code, HiveTable, Object, Partition, PartitionSource, Predicate, Resolved, Result, SqlError, Storage,
    TableName,
};

use super::ddl::Place;
use super::glue::{PartitionPage, Table, WithTable};
use super::lake::{self, Leases};
use super::{failure, iceberg, information, write};
use crate::execution::Failure;

/// What is asked for.
pub(super) enum Ask {
    /// A call to be made.
    Call(ToCall),
    /// What the caller may do with a table.
    Rights(Place, Answering<LakeRights>),
    /// The credentials for reading a table's data.
    Lease(Place, Answering<Principal>),
}

/// Where an answer goes.
pub(super) type Answering<T> = oneshot::Sender<std::result::Result<T, Error>>;

/// A call to be made.
pub(super) struct ToCall {
    pub(super) service: &'static str,
    pub(super) operation: &'static str,
    pub(super) input: Value,
    pub(super) body: Option<Bytes>,
    /// As whom, if not as the query's caller.
    pub(super) principal: Option<Principal>,
    pub(super) answer: Answering<Answered>,
}

/// What a query reads through.
#[derive(Clone)]
pub(super) struct Bridge(Arc<Shared>, Positions);

/// Whether rows of Iceberg tables tell where they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Positions {
    Hidden,
    Told,
}

struct Shared {
    asks: mpsc::UnboundedSender<Ask>,
    leases: Leases,
    /// How names end that stand for all of a table, whatever of it the caller may read: nobody can guess it.
    whole: String,
    /// Ids by which Glue knows catalogs; `None` for those that are not Glue's. Names are in lower case.
    catalogs: HashMap<String, Option<String>>,
    read: AtomicU64,
    cutoff: Option<u64>,
    /// Why the query fails, in Athena's words rather than the engine's.
    failure: Mutex<Option<Failure>>,
    /// What is no fault of the query's.
    fault: Mutex<Option<Error>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(default)]
    contents: Vec<ListedObject>,
    next_continuation_token: Option<String>,
}

#[derive(Deserialize)]
struct ListedObject {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Size", default)]
    size: u64,
    #[serde(rename = "LastModified")]
    modified: Timestamp,
    #[serde(rename = "ETag")]
    etag: Option<String>,
}

/// The text of a view, as Trino keeps it.
#[derive(Deserialize)]
struct ViewText {
    #[serde(rename = "originalSql")]
    sql: String,
    catalog: Option<String>,
    schema: Option<String>,
}

/// The query of a view: `/* Presto View: base64 */`.
pub(super) fn view_query(text: &str) -> Option<String> {
    view(text).map(|view| view.sql)
}

fn view(text: &str) -> Option<ViewText> {
    let encoded = text.strip_prefix("/* Presto View: ")?.strip_suffix(" */")?;
    let json = STANDARD.decode(encoded.trim()).ok()?;
    serde_json::from_slice(&json).ok()
}

/// Bucket and key of `s3://bucket/key`.
pub(super) fn bucket_and_key(location: &str) -> Option<(&str, &str)> {
    let rest = ["s3://", "s3a://", "s3n://"].iter().find_map(|scheme| location.strip_prefix(scheme))?;
    Some(rest.split_once('/').unwrap_or((rest, "")))
}

impl Bridge {
    pub(super) fn new(
        asks: mpsc::UnboundedSender<Ask>,
        catalogs: HashMap<String, Option<String>>,
        cutoff: Option<u64>,
        (leases, secret): (Leases, u64),
    ) -> Self {
        let (failure, fault) = (Mutex::default(), Mutex::default());
        let whole = format!("$whole{secret:016x}");
        Self(
            Arc::new(Shared { asks, leases, whole, catalogs, read: AtomicU64::new(0), cutoff, failure, fault }),
            Positions::Hidden,
        )
    }

    /// The same, for a query that asks where rows are.
    pub(super) fn with_positions(self) -> Self {
        Self(self.0, Positions::Told)
    }

    /// Bytes of files that were read.
    pub(super) fn bytes_read(&self) -> u64 {
        self.0.read.load(Ordering::Relaxed)
    }

    /// Why the query fails, given what the engine says.
    ///
    /// # Errors
    /// What is no fault of the query's.
    pub(super) fn failure(&self, error: &SqlError) -> std::result::Result<Failure, Error> {
        if let Some(fault) = lock(&self.0.fault).take() {
            return Err(fault);
        }
        Ok(lock(&self.0.failure).take().unwrap_or_else(|| failure::of_engine(error)))
    }

    /// Fails the query with this reason.
    pub(super) fn fail(&self, failure: Failure) -> SqlError {
        let error = SqlError::new(Code::GenericExternal, failure.message.clone());
        lock(&self.0.failure).get_or_insert(failure);
        error
    }

    /// Makes a call as the query's caller.
    pub(super) async fn ask(
        &self,
        service: &'static str,
        operation: &'static str,
        input: Value,
    ) -> std::result::Result<Answered, Error> {
        self.send(service, operation, input, None).await
    }

    async fn send(
        &self,
        service: &'static str,
        operation: &'static str,
        input: Value,
        body: Option<Bytes>,
    ) -> std::result::Result<Answered, Error> {
        let principal = match service {
            "s3" => self.0.leases.principal(operation, &input),
            _ => None,
        };
        self.put(|answer| Ask::Call(ToCall { service, operation, input, body, principal, answer })).await
    }

    /// Asks, and waits for the answer.
    async fn put<T>(&self, ask: impl FnOnce(Answering<T>) -> Ask) -> std::result::Result<T, Error> {
        let (answer, answered) = oneshot::channel();
        let ended = || Error::internal("the query has ended");
        self.0.asks.send(ask(answer)).map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }

    /// Calls an operation of S3 that writes the object of this location.
    pub(super) async fn write(
        &self,
        operation: &'static str,
        input: Value,
        body: Option<Bytes>,
        location: &str,
    ) -> Result<Answered> {
        let answered = self.send("s3", operation, input, body).await;
        answered.map_err(|error| self.refuse(error, |answer| write::not_written(answer, location)))
    }

    /// What S3 answered, of which nothing can be made.
    pub(super) fn unread(&self, error: Error) -> SqlError {
        self.refuse(error, |answer| Failure::system(answer.message.clone()))
    }

    /// An answer that is no success, as the query's error.
    fn refused(&self, error: Error, words: impl FnOnce(&Answer) -> String) -> SqlError {
        self.refuse(error, |answer| Failure::user(failure::USER, words(answer)))
    }

    fn refuse(&self, error: Error, failure: impl FnOnce(&Answer) -> Failure) -> SqlError {
        match error.answer() {
            Some(answer) => self.fail(failure(answer)),
            None => {
                let told = SqlError::new(Code::GenericInternalError, error.to_string());
                lock(&self.0.fault).get_or_insert(error);
                told
            }
        }
    }

    /// What Glue refuses, as the query's error.
    pub(super) fn of_glue(&self, error: Error) -> SqlError {
        self.refused(error, |answer| match failure::is_denial(answer) {
            true => format!("Insufficient permissions to execute the query. {}", answer.message),
            false => format!("HIVE_METASTORE_ERROR: {}", answer.message),
        })
    }

    fn of_s3(&self, error: Error, location: &str) -> SqlError {
        self.refused(error, |answer| match failure::is_denial(answer) {
            true => format!("Permission denied on S3 path: {location}"),
            false => {
                let (code, message) = (&answer.code, &answer.message);
                let service = format!("(Service: Amazon S3; Error Code: {code}) (Path: {location})");
                format!("HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split {location}: {message} {service}")
            }
        })
    }

    /// Counts what is read.
    fn count(&self, bytes: u64) -> Result<()> {
        let read = self.0.read.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        if self.0.cutoff.is_some_and(|cutoff| read > cutoff) {
            // UNVERIFIED: the wording.
            let message = "Bytes scanned limit was exceeded";
            return Err(self.fail(Failure { cancelled: true, ..Failure::user(failure::USER, message) }));
        }
        Ok(())
    }

    async fn table(&self, name: &TableName) -> Result<Resolved> {
        let id = match self.0.catalogs.get(&name.catalog) {
            None => return Ok(Resolved::NoCatalog),
            Some(None) => {
                let what = format!("queries of the data catalog {}, which is not Glue's,", name.catalog);
                return Err(self.fail(failure::not_supported(&what)));
            }
            Some(Some(id)) => id,
        };
        if name.schema == information::SCHEMA {
            return information::table(self, id, name).await;
        }
        let (known, whole) = match name.table.strip_suffix(&self.0.whole) {
            Some(known) => (known, true),
            None => (name.table.as_str(), false),
        };
        let (base, inspection) = match Inspection::parse(known) {
            Some((base, inspection)) => (base, Some(inspection)),
            None => (known, None),
        };
        let input = json!({ "CatalogId": id, "DatabaseName": name.schema, "Name": base });
        let table = match self.ask("glue", "GetTable", input).await {
            Ok(answered) => answered.output::<WithTable>().map_err(|error| self.of_glue(error))?.table,
            Err(error) if error.is("EntityNotFoundException") => return self.absent(id, name).await,
            Err(error) => return Err(self.of_glue(error)),
        };
        if inspection.is_some() && !table.is_iceberg() {
            return Ok(Resolved::NoTable);
        }
        let place = table.place(id, &name.schema, base);
        let rights =
            self.put(|answer| Ask::Rights(place.clone(), answer)).await.map_err(|error| self.of_glue(error))?;
        if let Some(location) = table.location().filter(|location| rights.registered && !self.0.leases.has(location)) {
            let lease = self.put(|answer| Ask::Lease(place.clone(), answer)).await;
            self.0.leases.read(location, lease.map_err(|error| self.of_glue(error))?);
        }
        if whole || rights.reads_all() {
            let table = if whole { self.unfiltered(&place).await? } else { table };
            return self.resolved(id, name, table, inspection).await;
        }
        // What tells of files tells of all rows; what changes rows must know all of them.
        if inspection.is_some() || self.1 == Positions::Told || (table.is_view() && !rights.cells.is_empty()) {
            let message = "Insufficient Lake Formation permission(s): all columns and rows of the table are needed";
            return Err(self.fail(Failure::user(failure::USER, message)));
        }
        let relation = [&name.catalog, &name.schema, &format!("{base}{}", self.0.whole)].map(|name| lake::quoted(name));
        match lake::view(&rights.cells, &table.column_names(), &relation.join(".")) {
            Some(sql) => Ok(Resolved::View { sql, home: None }),
            None => {
                // Source of the wording: Trino's, which AWS's users report of tables without a permitted column.
                let message = "COLUMN_NOT_FOUND: Relation contains no accessible columns";
                Err(self.fail(Failure::user(failure::USER, message)))
            }
        }
    }

    /// A table with the columns that the caller may not read too: what the files are read by.
    async fn unfiltered(&self, place: &Place) -> Result<Table> {
        let input = json!({
            "CatalogId": place.catalog,
            "DatabaseName": place.database,
            "Name": place.table,
            "SupportedPermissionTypes": ["COLUMN_PERMISSION", "CELL_FILTER_PERMISSION"],
        });
        let answered = self.ask("glue", "GetUnfilteredTableMetadata", input).await;
        let answered = answered.map_err(|error| self.of_glue(error))?;
        Ok(answered.output::<WithTable>().map_err(|error| self.of_glue(error))?.table)
    }

    /// Whether the database is what there is not.
    async fn absent(&self, id: &str, name: &TableName) -> Result<Resolved> {
        let input = json!({ "CatalogId": id, "Name": name.schema });
        match self.ask("glue", "GetDatabase", input).await {
            Err(error) if error.is("EntityNotFoundException") => Ok(Resolved::NoSchema),
            _ => Ok(Resolved::NoTable),
        }
    }

    async fn resolved(
        &self,
        id: &str,
        name: &TableName,
        table: Table,
        inspection: Option<Inspection>,
    ) -> Result<Resolved> {
        if table.is_view() {
            return match table.view_original_text.as_deref().and_then(view) {
                Some(view) => Ok(Resolved::View { sql: view.sql, home: view.catalog.zip(view.schema) }),
                None => Err(SqlError::new(Code::InvalidView, format!("View '{name}' was not made by Athena"))),
            };
        }
        if table.is_iceberg() {
            let location = iceberg::metadata_location(&table)?;
            let table = IcebergTable::open(Arc::new(self.clone()), location).await?;
            return Ok(Resolved::Table(match (inspection, self.1) {
                (Some(inspection), _) => table.inspect(inspection).await?,
                (None, Positions::Told) => table.with_positions().table(),
                (None, Positions::Hidden) => table.table(),
            }));
        }
        let storage = table.storage_descriptor.unwrap_or_default();
        let serde = storage.serde_info.unwrap_or_default();
        let columns = |all: Vec<super::glue::Column>| {
            all.into_iter().map(|column| (column.name, column.ty.unwrap_or_default())).collect()
        };
        let hive = HiveTable {
            columns: columns(storage.columns),
            partition_keys: columns(table.partition_keys),
            location: storage.location.unwrap_or_default(),
            input_format: storage.input_format.unwrap_or_default(),
            serialization_library: serde.serialization_library.unwrap_or_default(),
            serde_parameters: serde.parameters,
            parameters: table.parameters,
        };
        let properties = hive.parameters.clone();
        let named = name.table.strip_suffix(&self.0.whole).unwrap_or(&name.table).to_owned();
        let name = TableName { table: named, ..name.clone() };
        let source = Source { bridge: self.clone(), catalog: id.to_owned(), name, properties };
        hive.files(Arc::new(self.clone()), Arc::new(source)).map(Resolved::Table)
    }

    async fn objects(&self, folder: &str) -> Result<Vec<Object>> {
        let Some((bucket, prefix)) = bucket_and_key(folder) else {
            return Err(SqlError::new(Code::HiveInvalidMetadata, format!("Invalid location: {folder}")));
        };
        let mut objects = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut input = json!({ "Bucket": bucket, "Prefix": prefix });
            if let Some(token) = &token {
                input["ContinuationToken"] = json!(token);
            }
            let answered = self.ask("s3", "ListObjectsV2", input).await.map_err(|error| self.of_s3(error, folder))?;
            let listed: Listed = answered.output().map_err(|error| self.of_s3(error, folder))?;
            objects.extend(listed.contents.into_iter().map(|object| Object {
                location: format!("s3://{bucket}/{}", object.key),
                size: object.size,
                modified: object.modified.micros(),
                etag: object.etag,
            }));
            token = listed.next_continuation_token;
            if token.is_none() {
                return Ok(objects);
            }
        }
    }

    async fn bytes(&self, object: &Object, range: Range<u64>) -> Result<Bytes> {
        let location = &object.location;
        self.count(range.end.saturating_sub(range.start))?;
        let Some((bucket, key)) = bucket_and_key(location) else {
            return Err(SqlError::new(Code::HiveInvalidMetadata, format!("Invalid location: {location}")));
        };
        let mut input = json!({
            "Bucket": bucket,
            "Key": key,
            "Range": format!("bytes={}-{}", range.start, range.end.saturating_sub(1)),
        });
        if let Some(etag) = &object.etag {
            input["IfMatch"] = json!(etag);
        }
        self.object(location, input).await
    }

    /// The bytes that GetObject answers.
    pub(super) async fn object(&self, location: &str, input: Value) -> Result<Bytes> {
        let mut answered = self.ask("s3", "GetObject", input).await.map_err(|error| self.of_s3(error, location))?;
        let mut bytes = BytesMut::new();
        if let Some(mut body) = answered.body.take() {
            let mut trailers = HeaderMap::new();
            while let Some(chunk) =
                Cx::next_chunk(&mut body, &mut trailers).await.map_err(|error| self.of_s3(error, location))?
            {
                bytes.extend_from_slice(&chunk);
            }
        }
        Ok(bytes.freeze())
    }
}

impl Catalog for Bridge {
    fn resolve<'a>(&'a self, name: &'a TableName) -> BoxFuture<'a, Result<Resolved>> {
        Box::pin(self.table(name))
    }
}

impl Storage for Bridge {
    fn list<'a>(&'a self, folder: &'a str) -> BoxFuture<'a, Result<Vec<Object>>> {
        Box::pin(self.objects(folder))
    }

    fn read<'a>(&'a self, object: &'a Object, range: Range<u64>) -> BoxFuture<'a, Result<Bytes>> {
        Box::pin(self.bytes(object, range))
    }
}

/// The partitions of a table.
struct Source {
    bridge: Bridge,
    catalog: String,
    name: TableName,
    /// Properties of the table.
    properties: BTreeMap<String, String>,
}

impl Source {
    async fn matching(&self, predicates: &[Predicate]) -> Result<Vec<Partition>> {
        let expression = predicates.iter().map(ToString::to_string).collect::<Vec<_>>().join(" AND ");
        let mut partitions = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut input = json!({
                "CatalogId": self.catalog,
                "DatabaseName": self.name.schema,
                "TableName": self.name.table,
            });
            if !expression.is_empty() {
                input["Expression"] = json!(expression);
            }
            if let Some(token) = &token {
                input["NextToken"] = json!(token);
            }
            let answered =
                self.bridge.ask("glue", "GetPartitions", input).await.map_err(|error| self.bridge.of_glue(error))?;
            let page: PartitionPage = answered.output().map_err(|error| self.bridge.of_glue(error))?;
            for partition in page.partitions {
                partitions.push(partition.for_engine(&self.properties)?);
            }
            token = page.next_token;
            if token.is_none() {
                return Ok(partitions);
            }
        }
    }
}

impl PartitionSource for Source {
    fn partitions<'a>(&'a self, predicates: &'a [Predicate]) -> BoxFuture<'a, Result<Vec<Partition>>> {
        Box::pin(self.matching(predicates))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_of_a_view_is_in_its_text() {
        let json = r#"{"originalSql":"SELECT 1","catalog":"awsdatacatalog","schema":"x","columns":[]}"#;
        let text = format!("/* Presto View: {} */", STANDARD.encode(json));
        assert_eq!(view_query(&text).as_deref(), Some("SELECT 1"));
        assert_eq!(view_query("SELECT 1"), None);
    }
}
