//! What a file was recognised as, and what a table of such files has in the catalog.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use welkin_sql::hive_name;

use super::schema::{self, Field};

/// What files were recognised as.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shape {
    pub(crate) classification: String,
    pub(crate) compression: Compression,
    pub(crate) layout: Layout,
    pub(crate) columns: Vec<Field>,
}

/// How a file is compressed as a whole.
///
/// <https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html#classifier-built-in>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Bzip2,
    Zip,
    Lz4,
    Snappy,
}

impl Compression {
    fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Zip => "zip",
            Self::Lz4 => "lz4",
            Self::Snappy => "snappy",
        }
    }
}

/// How a file is to be read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Layout {
    Unknown,
    /// With the schema of its header.
    Avro(String),
    Orc,
    Parquet,
    Json {
        path: Option<String>,
    },
    Csv(Separated),
    Grok {
        pattern: String,
        custom: Option<String>,
    },
    Xml {
        row_tag: String,
    },
}

/// How values are separated.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Separated {
    pub(crate) delimiter: char,
    pub(crate) quote: Option<char>,
    /// Whether the first line names the columns.
    pub(crate) header: bool,
    /// Whether values are in quotes.
    pub(crate) quoted: bool,
    /// Whether `OpenCSVSerDe` reads them.
    pub(crate) open_csv: bool,
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) objects: u64,
    pub(crate) bytes: u64,
    pub(crate) records: u64,
    /// Bytes of the records, as they were counted.
    pub(crate) record_bytes: u64,
}

impl Amount {
    pub(crate) fn add(&mut self, more: Self) {
        self.objects += more.objects;
        self.bytes = self.bytes.saturating_add(more.bytes);
        self.records = self.records.saturating_add(more.records);
        self.record_bytes = self.record_bytes.saturating_add(more.record_bytes);
    }

    fn average(self) -> u64 {
        self.record_bytes.checked_div(self.records).unwrap_or(0)
    }
}

/// The name of a type is at most so long.
///
/// Source: <https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html>
const LONGEST_TYPE: usize = 131_072;

/// Whether a column can be called so: "UTF-8 string, not less than 1 or more than 255 bytes long, matching the
/// Single-line string pattern".
fn is_column_name(name: &str) -> bool {
    let single_line = |c: char| c == '\t' || !c.is_control();
    (1..=255).contains(&name.to_lowercase().len()) && name.chars().all(single_line)
}

impl Shape {
    /// What nothing is known of.
    pub(crate) fn unknown(compression: Compression) -> Self {
        Self { classification: "UNKNOWN".to_owned(), compression, layout: Layout::Unknown, columns: Vec::new() }
    }

    /// Whether a table can have files of both: "the same format (for example, JSON), the same compression type (for
    /// example, GZIP) … and other data attributes".
    ///
    /// <https://docs.aws.amazon.com/glue/latest/dg/crawler-grouping-policy.html>
    pub(crate) fn is_compatible(&self, other: &Self) -> bool {
        self.classification == other.classification
            && self.compression == other.compression
            && match (&self.layout, &other.layout) {
                (Layout::Avro(_), Layout::Avro(_)) => true,
                (Layout::Csv(own), Layout::Csv(other)) => {
                    own.delimiter == other.delimiter && own.quote == other.quote && own.open_csv == other.open_csv
                }
                (own, other) => own == other,
            }
    }

    /// Whether files of both are one table by themselves.
    pub(crate) fn is_similar(&self, other: &Self) -> bool {
        self.is_compatible(other) && schema::are_similar(&self.columns, &other.columns)
    }

    /// Takes on what the columns of a compatible one are.
    pub(crate) fn merge(&mut self, other: &Self) {
        schema::merge(&mut self.columns, &other.columns);
        match (&mut self.layout, &other.layout) {
            (Layout::Csv(own), Layout::Csv(other)) => own.quoted |= other.quoted,
            (Layout::Avro(own), Layout::Avro(other)) => own.clone_from(other),
            _ => {}
        }
    }

    /// The columns as the catalog has them: names in lower case, each once. What the catalog would not take is left out.
    fn columns(&self) -> Vec<Value> {
        let mut all: Vec<Field> = Vec::new();
        schema::merge(&mut all, &self.columns);
        let one = |(name, ty): &Field| {
            let ty = Some(hive_name(&schema::known(ty))).filter(|ty| ty.len() <= LONGEST_TYPE);
            json!({ "Name": name.to_lowercase(), "Type": ty.as_deref().unwrap_or("string") })
        };
        all.iter().filter(|(name, _)| is_column_name(name)).map(one).collect()
    }

    /// The properties that a table or partition has.
    pub(crate) fn parameters(&self, amount: Amount) -> BTreeMap<String, String> {
        let mut all = BTreeMap::from([
            ("CrawlerSchemaDeserializerVersion", "1.0".to_owned()),
            ("CrawlerSchemaSerializerVersion", "1.0".to_owned()),
            ("averageRecordSize", amount.average().to_string()),
            ("classification", self.classification.clone()),
            ("compressionType", self.compression.name().to_owned()),
            ("objectCount", amount.objects.to_string()),
            ("recordCount", amount.records.to_string()),
            ("sizeKey", amount.bytes.to_string()),
            ("typeOfData", "file".to_owned()),
        ]);
        match &self.layout {
            Layout::Csv(csv) => {
                all.insert("areColumnsQuoted", csv.quoted.to_string());
                all.insert("columnsOrdered", "true".to_owned());
                all.insert("delimiter", csv.delimiter.to_string());
                if csv.header {
                    all.insert("skip.header.line.count", "1".to_owned());
                }
            }
            Layout::Avro(schema) => {
                all.insert("avro.schema.literal", schema.clone());
            }
            Layout::Grok { pattern, custom } => {
                all.insert("grokPattern", pattern.clone());
                if let Some(custom) = custom {
                    all.insert("grokCustomPatterns", custom.clone());
                }
            }
            Layout::Xml { row_tag } => {
                all.insert("xmlRowTag", row_tag.clone());
            }
            Layout::Json { path: Some(path) } => {
                all.insert("jsonPath", path.clone());
            }
            Layout::Json { path: None } | Layout::Orc | Layout::Parquet | Layout::Unknown => {}
        }
        all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn formats(&self) -> (&'static str, &'static str) {
        match self.layout {
            Layout::Avro(_) => (
                "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
                "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
            ),
            Layout::Orc => {
                ("org.apache.hadoop.hive.ql.io.orc.OrcInputFormat", "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat")
            }
            Layout::Parquet => (
                "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            ),
            _ => (
                "org.apache.hadoop.mapred.TextInputFormat",
                "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            ),
        }
    }

    // UNVERIFIED: what tables of XML and of unknown files have; Athena reads neither.
    fn serde(&self) -> Value {
        match &self.layout {
            Layout::Unknown => json!({ "Parameters": {} }),
            Layout::Xml { row_tag } => json!({ "Parameters": { "rowTag": row_tag } }),
            Layout::Avro(schema) => json!({
                "SerializationLibrary": "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
                "Parameters": { "avro.schema.literal": schema, "serialization.format": "1" },
            }),
            Layout::Orc => json!({
                "SerializationLibrary": "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
                "Parameters": { "serialization.format": "1" },
            }),
            Layout::Parquet => json!({
                "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
                "Parameters": { "serialization.format": "1" },
            }),
            Layout::Json { .. } => {
                let mut paths: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
                paths.sort_unstable();
                json!({
                    "SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe",
                    "Parameters": { "paths": paths.join(",") },
                })
            }
            Layout::Csv(csv) if csv.open_csv => json!({
                "SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde",
                "Parameters": {
                    "quoteChar": csv.quote.unwrap_or('"').to_string(),
                    "separatorChar": csv.delimiter.to_string(),
                },
            }),
            Layout::Csv(csv) => json!({
                "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                "Parameters": { "field.delim": csv.delimiter.to_string() },
            }),
            Layout::Grok { pattern, custom } => {
                let mut parameters = json!({ "input.format": pattern });
                if let Some(custom) = custom {
                    parameters["input.grokCustomPatterns"] = json!(custom);
                }
                json!({ "SerializationLibrary": "com.amazonaws.glue.serde.GrokSerDe", "Parameters": parameters })
            }
        }
    }

    /// The storage descriptor of a table or partition at a location.
    pub(crate) fn descriptor(&self, location: &str, parameters: &BTreeMap<String, String>) -> Value {
        let (input, output) = self.formats();
        json!({
            "Columns": self.columns(),
            "Location": location,
            "InputFormat": input,
            "OutputFormat": output,
            "Compressed": self.compression != Compression::None,
            "NumberOfBuckets": -1,
            "SerdeInfo": self.serde(),
            "BucketColumns": [],
            "SortColumns": [],
            "Parameters": parameters,
            "StoredAsSubDirectories": false,
        })
    }
}
