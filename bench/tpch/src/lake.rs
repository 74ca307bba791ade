//! A folder of this machine as a lake: its objects, and tables over them as Glue describes them.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use welkin_sql::{
    Catalog, Code, HiveTable, Object, Partition, PartitionSource, Predicate, Resolved, Result, SqlError, Storage,
    TableName,
};

use crate::table::Table;

/// What is before the path of a file in its location.
const SCHEME: &str = "file://";

/// Tables over folders.
#[derive(Default)]
pub struct Lake {
    tables: BTreeMap<String, HiveTable>,
}

/// Where the files of a folder are, to the engine.
pub fn location(folder: &Path) -> String {
    format!("{SCHEME}{}", folder.display())
}

impl Lake {
    /// The tables that [`crate::write`] wrote into a folder.
    pub fn tpch(folder: &Path) -> Lake {
        let mut lake = Lake::default();
        for table in Table::ALL {
            let column = |(name, kind): &(&str, crate::Kind)| ((*name).to_owned(), kind.hive().to_owned());
            let described = HiveTable {
                columns: table.columns().iter().map(column).collect(),
                location: location(&folder.join(table.name())),
                input_format: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat".into(),
                serialization_library: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe".into(),
                ..HiveTable::default()
            };
            lake = lake.with(table.name(), described);
        }
        lake
    }

    /// Adds a table.
    #[must_use]
    pub fn with(mut self, name: &str, table: HiveTable) -> Lake {
        self.tables.insert(name.to_owned(), table);
        self
    }
}

impl Catalog for Lake {
    fn resolve<'a>(&'a self, name: &'a TableName) -> BoxFuture<'a, Result<Resolved>> {
        async move {
            Ok(match self.tables.get(&name.table) {
                Some(table) => Resolved::Table(table.files(Arc::new(Folder), Arc::new(Unpartitioned))?),
                None => Resolved::NoTable,
            })
        }
        .boxed()
    }
}

/// No table of these has partitions.
struct Unpartitioned;

impl PartitionSource for Unpartitioned {
    fn partitions<'a>(&'a self, _: &'a [Predicate]) -> BoxFuture<'a, Result<Vec<Partition>>> {
        async { Ok(Vec::new()) }.boxed()
    }
}

/// Files of this machine.
struct Folder;

fn path(location: &str) -> PathBuf {
    PathBuf::from(location.strip_prefix(SCHEME).unwrap_or(location))
}

fn failed(why: &std::io::Error) -> SqlError {
    SqlError::new(Code::HiveFilesystemError, why.to_string())
}

impl Storage for Folder {
    fn list<'a>(&'a self, folder: &'a str) -> BoxFuture<'a, Result<Vec<Object>>> {
        async move {
            let mut objects = Vec::new();
            for entry in std::fs::read_dir(path(folder)).map_err(|why| failed(&why))? {
                let entry = entry.map_err(|why| failed(&why))?;
                let size = entry.metadata().map_err(|why| failed(&why))?.len();
                let location = location(&entry.path());
                objects.push(Object { location, size, modified: 0, etag: None });
            }
            Ok(objects)
        }
        .boxed()
    }

    fn read<'a>(&'a self, object: &'a Object, range: Range<u64>) -> BoxFuture<'a, Result<Bytes>> {
        async move {
            let read = || {
                let mut file = std::fs::File::open(path(&object.location))?;
                file.seek(SeekFrom::Start(range.start))?;
                let mut bytes = vec![0; (range.end - range.start) as usize];
                file.read_exact(&mut bytes)?;
                Ok(Bytes::from(bytes))
            };
            read().map_err(|why| failed(&why))
        }
        .boxed()
    }
}
