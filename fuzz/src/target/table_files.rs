//! Files of tables: lines of every SerDe, compressed or not, and files of columns, read by a query.
//!
//! `fuzz/seeds` holds two rows of the table below, written by Apache Arrow and fastavro.

use std::io::Write;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::runtime::Runtime;
use welkin_sql::{Catalog, Engine, HiveTable, Object, Partition, PartitionSource, Predicate, Resolved};
use welkin_sql::{Result as SqlResult, Storage, TableName};

use super::sql::{engine, no_panic, rows};
use super::{Seed, Target};
use crate::chance::Chance;

pub(crate) struct Files {
    runtime: Runtime,
    engine: Engine,
}

impl Files {
    pub(crate) fn new() -> Self {
        let (runtime, engine) = engine();
        Self { runtime, engine }
    }
}

/// A SerDe, what is set of it, and a file that it reads.
type Kind = (&'static str, &'static [(&'static str, &'static str)], &'static [u8]);

const KINDS: &[Kind] = &[
    (
        "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        &[("field.delim", ","), ("escape.delim", "\\"), ("collection.delim", "|"), ("mapkey.delim", ":")],
        b"1,one,1.5,2020-01-02,1|2,k:7,5|y\n2,t\\,wo,\\N,,,,\n",
    ),
    (
        "org.apache.hadoop.hive.serde2.OpenCSVSerde",
        &[("quoteChar", "\"")],
        b"\"1\",\"o\"\"ne\",\"1.5\",\"18000\"\n2,two,1,1\n",
    ),
    (
        "org.openx.data.jsonserde.JsonSerDe",
        &[("ignore.malformed.json", "true"), ("dots.in.keys", "true")],
        b"{\"a\":1,\"b\":\"x\\u00e9\",\"c\":1.5,\"d\":\"2020-01-02\",\"e\":[1,null],\"f\":{\"k\":7},\"g\":{\"x\":1,\"y\":\"z\"}}\n[2,\"b\"]\n",
    ),
    (
        "org.apache.hive.hcatalog.data.JsonSerDe",
        &[],
        b"{\"a\":1,\"b\":\"x\",\"e\":[1],\"g\":{\"X\":1,\"y\":[1,{}]}}\n{\"a\":null}\n",
    ),
    (
        "org.apache.hadoop.hive.serde2.RegexSerDe",
        &[("input.regex", "(\\d+) (\\S*) ?([^ ]*) ?(.*)")],
        b"1 one 1.5 2020-01-02\nnothing\n",
    ),
    (
        "com.amazon.emr.hive.serde.CloudTrailSerde",
        &[],
        b"{\"Records\":[{\"a\":1,\"b\":{\"c\":\"}]\"},\"e\":[1]},{\"a\":\"x\"}]}",
    ),
    ("org.apache.hadoop.hive.ql.io.orc.OrcSerde", &[], include_bytes!("../../seeds/table.orc")),
    ("org.apache.hadoop.hive.ql.io.orc.OrcSerde", &[], include_bytes!("../../seeds/plain.orc")),
    ("org.apache.hadoop.hive.serde2.avro.AvroSerDe", &[], include_bytes!("../../seeds/table.avro")),
    (
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        &[],
        include_bytes!("../../seeds/table.parquet"),
    ),
];

/// The input format that goes with a SerDe.
fn input_format(serde: &str) -> &'static str {
    match serde.rsplit('.').next() {
        Some("CloudTrailSerde") => "com.amazon.emr.cloudtrail.CloudTrailInputFormat",
        Some("OrcSerde") => "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        Some("AvroSerDe") => "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
        Some("ParquetHiveSerDe") => "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        _ => "org.apache.hadoop.mapred.TextInputFormat",
    }
}

/// Whether its files are text, which may be compressed as a whole.
fn is_text(serde: &str) -> bool {
    !input_format(serde).contains(".ql.io.")
}

/// Compressions by the extension that tells them.
const EXTENSIONS: &[&str] = &["", ".gz", ".bz2", ".zst", ".snappy", ".deflate"];

impl Target for Files {
    /// The first two bytes tell the SerDe and the extension.
    fn seed(&self, chance: &mut Chance) -> Seed {
        let kind = chance.below(KINDS.len());
        let text = KINDS[kind].2;
        let gzip = is_text(KINDS[kind].0) && chance.one_in(4);
        let mut content = Vec::new();
        if gzip {
            let mut encoder = flate2::write::GzEncoder::new(&mut content, flate2::Compression::fast());
            let written = encoder.write_all(text).and_then(|()| encoder.finish().map(|_| ()));
            written.expect("bytes are written to memory");
        } else {
            content.extend_from_slice(text);
        }
        let mut bytes = vec![u8::try_from(kind).unwrap_or_default(), u8::from(gzip)];
        bytes.extend(content);
        Seed { bytes, kept: 0 }
    }

    fn run(&self, input: &[u8]) -> Result<(), String> {
        let [kind, extension, content @ ..] = input else { return Err("no kind".into()) };
        let (serde, properties, _) = KINDS[usize::from(*kind) % KINDS.len()];
        let one = One {
            serde,
            properties,
            extension: EXTENSIONS[usize::from(*extension) % EXTENSIONS.len()],
            content: Bytes::copy_from_slice(content),
        };
        self.runtime.block_on(rows(&self.engine, "SELECT * FROM t", &one)).map_err(|error| {
            no_panic(&error);
            error.to_string()
        })
    }
}

/// A table of one file.
struct One {
    serde: &'static str,
    properties: &'static [(&'static str, &'static str)],
    extension: &'static str,
    content: Bytes,
}

impl Catalog for One {
    fn resolve<'a>(&'a self, _: &'a TableName) -> BoxFuture<'a, SqlResult<Resolved>> {
        async move {
            let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            let simple = [("a", "int"), ("b", "string"), ("c", "decimal(10,2)"), ("d", "date")];
            let nested = [("e", "array<int>"), ("f", "map<string,int>"), ("g", "struct<x:int,y:string>")];
            let flat = self.serde.contains("OpenCSV") || self.serde.contains("Regex");
            let columns: Vec<_> = simple.iter().chain(nested.iter().filter(|_| !flat)).map(owned).collect();
            let table = HiveTable {
                columns,
                location: "mem://t".into(),
                input_format: input_format(self.serde).into(),
                serialization_library: self.serde.into(),
                serde_parameters: self.properties.iter().map(owned).collect(),
                ..HiveTable::default()
            };
            let storage = Memory { extension: self.extension, content: self.content.clone() };
            Ok(Resolved::Table(table.files(Arc::new(storage), Arc::new(Nowhere))?))
        }
        .boxed()
    }
}

struct Nowhere;

impl PartitionSource for Nowhere {
    fn partitions<'a>(&'a self, _: &'a [Predicate]) -> BoxFuture<'a, SqlResult<Vec<Partition>>> {
        async { Ok(Vec::new()) }.boxed()
    }
}

struct Memory {
    extension: &'static str,
    content: Bytes,
}

impl Storage for Memory {
    fn list<'a>(&'a self, folder: &'a str) -> BoxFuture<'a, SqlResult<Vec<Object>>> {
        let object = Object {
            location: format!("{folder}file{}", self.extension),
            size: self.content.len() as u64,
            modified: 0,
            etag: None,
        };
        async move { Ok(vec![object]) }.boxed()
    }

    fn read<'a>(&'a self, _: &'a Object, range: Range<u64>) -> BoxFuture<'a, SqlResult<Bytes>> {
        let part = self.content.slice(range.start as usize..range.end as usize);
        async move { Ok(part) }.boxed()
    }
}
