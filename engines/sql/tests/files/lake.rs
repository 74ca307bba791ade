//! A lake in memory: objects, and tables over them as Glue describes them.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use welkin_sql::{
    Catalog, Code, Engine, HiveTable, Limits, Object, Partition, PartitionSource, Predicate, Resolved, Result, Scanned,
    Session, SqlError, Storage, TableName, Value, show,
};

/// 2021-06-15 12:34:56 UTC
pub(crate) const NOW: i64 = 1_623_760_496_000_000;

pub(crate) const LAZY: &str = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe";
pub(crate) const CSV: &str = "org.apache.hadoop.hive.serde2.OpenCSVSerde";
pub(crate) const OPENX: &str = "org.openx.data.jsonserde.JsonSerDe";
pub(crate) const HIVE_JSON: &str = "org.apache.hive.hcatalog.data.JsonSerDe";
pub(crate) const REGEX: &str = "org.apache.hadoop.hive.serde2.RegexSerDe";
pub(crate) const TRAIL: &str = "com.amazon.emr.hive.serde.CloudTrailSerde";
pub(crate) const PARQUET: &str = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe";

/// Objects in memory, and what was asked of them.
#[derive(Default)]
pub(crate) struct Memory {
    objects: Mutex<BTreeMap<String, Bytes>>,
    pub(crate) listed: Mutex<Vec<String>>,
    pub(crate) read: Mutex<Vec<String>>,
}

impl Storage for Memory {
    fn list<'a>(&'a self, folder: &'a str) -> BoxFuture<'a, Result<Vec<Object>>> {
        async move {
            if folder.contains("forbidden") {
                return Err(SqlError::new(Code::PermissionDenied, "Access Denied"));
            }
            self.listed.lock().expect("a lock").push(folder.to_owned());
            let objects = self.objects.lock().expect("a lock");
            let within = objects.iter().filter(|(location, _)| location.starts_with(folder));
            let object = |(location, bytes): (&String, &Bytes)| Object {
                location: location.clone(),
                size: bytes.len() as u64,
                modified: NOW,
                etag: None,
            };
            Ok(within.map(object).collect())
        }
        .boxed()
    }

    fn read<'a>(&'a self, object: &'a Object, range: Range<u64>) -> BoxFuture<'a, Result<Bytes>> {
        async move {
            if object.location.contains("secret") {
                return Err(SqlError::new(Code::PermissionDenied, "Access Denied"));
            }
            self.read.lock().expect("a lock").push(object.location.clone());
            let bytes = self.objects.lock().expect("a lock")[&object.location].clone();
            Ok(bytes.slice(range.start as usize..range.end as usize))
        }
        .boxed()
    }
}

/// Partitions that are registered, and what was asked of them.
#[derive(Default)]
pub(crate) struct Registered {
    partitions: Vec<Partition>,
    pub(crate) asked: Mutex<Vec<String>>,
}

impl PartitionSource for Registered {
    fn partitions<'a>(&'a self, predicates: &'a [Predicate]) -> BoxFuture<'a, Result<Vec<Partition>>> {
        let asked: Vec<String> = predicates.iter().map(ToString::to_string).collect();
        self.asked.lock().expect("a lock").push(asked.join(" AND "));
        async move { Ok(self.partitions.clone()) }.boxed()
    }
}

#[derive(Default)]
pub(crate) struct Lake {
    pub(crate) storage: Arc<Memory>,
    pub(crate) registered: Arc<Registered>,
    tables: BTreeMap<String, HiveTable>,
}

/// A table at `s3://lake/NAME`.
pub(crate) fn table(serde: &str, columns: &[(&str, &str)]) -> HiveTable {
    let input_format = match serde {
        PARQUET => "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        TRAIL => "com.amazon.emr.cloudtrail.CloudTrailInputFormat",
        _ => "org.apache.hadoop.mapred.TextInputFormat",
    };
    HiveTable {
        columns: named(columns),
        input_format: input_format.into(),
        serialization_library: serde.into(),
        ..HiveTable::default()
    }
}

fn named(columns: &[(&str, &str)]) -> Vec<(String, String)> {
    columns.iter().map(|(name, ty)| ((*name).to_owned(), (*ty).to_owned())).collect()
}

/// Adds properties, of the SerDe and of the table alike.
pub(crate) fn with(mut table: HiveTable, properties: &[(&str, &str)]) -> HiveTable {
    for (name, value) in properties {
        let of_table = name.contains("projection") || name.starts_with("storage.") || name.starts_with("skip.");
        let all = if of_table { &mut table.parameters } else { &mut table.serde_parameters };
        all.insert((*name).to_owned(), (*value).to_owned());
    }
    table
}

/// Partitions a table.
pub(crate) fn by(mut table: HiveTable, keys: &[(&str, &str)]) -> HiveTable {
    table.partition_keys = named(keys);
    table
}

pub(crate) fn gzip(content: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content.as_ref()).expect("compressed");
    encoder.finish().expect("compressed")
}

impl Lake {
    /// One table, `t`, with one file.
    pub(crate) fn one(table: HiveTable, content: impl AsRef<[u8]>) -> Lake {
        Lake::default().table("t", table).file("t/file", content)
    }

    pub(crate) fn table(mut self, name: &str, mut table: HiveTable) -> Lake {
        if table.location.is_empty() {
            table.location = format!("s3://lake/{name}");
        }
        self.tables.insert(name.into(), table);
        self
    }

    pub(crate) fn file(self, key: &str, content: impl AsRef<[u8]>) -> Lake {
        let content = Bytes::copy_from_slice(content.as_ref());
        self.storage.objects.lock().expect("a lock").insert(format!("s3://lake/{key}"), content);
        self
    }

    pub(crate) fn partition(mut self, values: &[&str], folder: &str) -> Lake {
        let partition = Partition {
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            location: format!("s3://lake/{folder}"),
            serde: None,
        };
        let mut partitions = self.registered.partitions.clone();
        partitions.push(partition);
        self.registered = Arc::new(Registered { partitions, asked: Mutex::default() });
        self
    }

    /// The rows, as text, and how much was scanned.
    pub(crate) async fn query(&self, sql: &str) -> Result<(Vec<String>, Scanned)> {
        let engine = Engine::new(Limits { memory: 256 << 20, parallelism: 2 })?;
        let session = Session { catalog: "AwsDataCatalog".into(), schema: Some("default".into()), now: NOW, seed: 1 };
        let mut output = engine.query(sql, &session, self).await?;
        let columns = output.columns().to_vec();
        let shown = |(value, column): (&Value, &welkin_sql::Column)| match value {
            Value::Null => "NULL".to_owned(),
            value => show(&column.ty, value),
        };
        let rows = output.all().await?;
        let rows = rows.iter().map(|row| row.iter().zip(&columns).map(shown).collect::<Vec<_>>().join("|"));
        Ok((rows.collect(), output.scanned()))
    }

    pub(crate) async fn rows(&self, sql: &str) -> Vec<String> {
        self.query(sql).await.unwrap_or_else(|why| panic!("{sql}: {why}")).0
    }

    pub(crate) async fn error(&self, sql: &str) -> String {
        match self.query(sql).await {
            Ok((rows, _)) => panic!("{sql} answered {rows:?}"),
            Err(error) => error.to_string(),
        }
    }

    /// The folders that were listed since the last time.
    pub(crate) fn listed(&self) -> Vec<String> {
        let mut listed = std::mem::take(&mut *self.storage.listed.lock().expect("a lock"));
        listed.sort();
        listed.iter().map(|folder| folder.replacen("s3://lake/", "", 1)).collect()
    }
}

impl Catalog for Lake {
    fn resolve<'a>(&'a self, name: &'a TableName) -> BoxFuture<'a, Result<Resolved>> {
        async move {
            Ok(match self.tables.get(&name.table) {
                Some(table) => {
                    Resolved::Table(table.files(Arc::clone(&self.storage) as _, Arc::clone(&self.registered) as _)?)
                }
                None => Resolved::NoTable,
            })
        }
        .boxed()
    }
}
