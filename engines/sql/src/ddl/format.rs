//! Which classes read and write a table.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/supported-serdes.html>

use super::ast::{RowFormat, StoredAs};

/// The classes of a table, as the catalog keeps them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formats {
    /// The class that reads files.
    pub input: String,
    /// The class that writes files.
    pub output: String,
    /// The class that makes rows.
    pub serde: String,
    /// Its properties.
    pub properties: Vec<(String, String)>,
}

pub(super) const LAZY_SIMPLE: &str = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe";
const TEXT_INPUT: &str = "org.apache.hadoop.mapred.TextInputFormat";
const TEXT_OUTPUT: &str = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat";

/// Names of formats with their input, output and SerDe: "STORED AS" of
/// <https://docs.aws.amazon.com/athena/latest/ug/create-table.html>.
const NAMED: &[(&str, &str, &str, &str)] = &[
    ("TEXTFILE", TEXT_INPUT, TEXT_OUTPUT, LAZY_SIMPLE),
    (
        "SEQUENCEFILE",
        "org.apache.hadoop.mapred.SequenceFileInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat",
        LAZY_SIMPLE,
    ),
    (
        "RCFILE",
        "org.apache.hadoop.hive.ql.io.RCFileInputFormat",
        "org.apache.hadoop.hive.ql.io.RCFileOutputFormat",
        "org.apache.hadoop.hive.serde2.columnar.LazyBinaryColumnarSerDe",
    ),
    (
        "ORC",
        "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    ),
    (
        "PARQUET",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
    (
        "AVRO",
        "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
        "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
        "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
    ),
    ("JSONFILE", TEXT_INPUT, TEXT_OUTPUT, "org.apache.hive.hcatalog.data.JsonSerDe"),
    (
        "ION",
        "com.amazon.ionhiveserde.formats.IonInputFormat",
        "com.amazon.ionhiveserde.formats.IonOutputFormat",
        "com.amazon.ionhiveserde.IonHiveSerDe",
    ),
];

/// The name of a format in its one spelling.
pub(super) fn named(word: &str) -> Option<&'static str> {
    NAMED.iter().map(|(name, ..)| *name).find(|name| name.eq_ignore_ascii_case(word))
}

impl Formats {
    /// Of a format by its name, such as `PARQUET`.
    pub fn named(format: &str) -> Option<Self> {
        let found = NAMED.iter().find(|(name, ..)| name.eq_ignore_ascii_case(format))?;
        let (_, input, output, serde) = *found;
        let properties = vec![("serialization.format".to_owned(), "1".to_owned())];
        Some(Self { input: input.into(), output: output.into(), serde: serde.into(), properties })
    }

    /// The name of the format that these classes are, such as `PARQUET`.
    pub fn name(&self) -> Option<&'static str> {
        NAMED.iter().find(|(_, input, _, serde)| *input == self.input && *serde == self.serde).map(|(name, ..)| *name)
    }

    pub(super) fn of(rows: &RowFormat, files: &StoredAs) -> Self {
        let name = match (files, rows) {
            (StoredAs::Named(name), _) => name,
            // A SerDe that only goes with files of its own brings their classes with it.
            (_, RowFormat::Serde { name, .. }) => {
                NAMED.iter().find(|(.., serde)| serde == name).map_or("TEXTFILE", |(name, ..)| name)
            }
            _ => "TEXTFILE",
        };
        let mut formats = Self::named(name).unwrap_or(Self {
            input: TEXT_INPUT.into(),
            output: TEXT_OUTPUT.into(),
            serde: LAZY_SIMPLE.into(),
            properties: Vec::new(),
        });
        if let StoredAs::Classes { input, output } = files {
            (formats.input, formats.output) = (input.clone(), output.clone());
        }
        match rows {
            RowFormat::Default => {}
            RowFormat::Serde { name, properties } => {
                formats.serde.clone_from(name);
                for (key, value) in properties {
                    formats.set(key, value);
                }
            }
            RowFormat::Delimited { fields, escape, items, keys, lines, null } => {
                if let Some(fields) = fields {
                    formats.set("field.delim", fields);
                    formats.set("serialization.format", fields);
                }
                let rest = [
                    ("escape.delim", escape),
                    // The spelling is Hive's.
                    ("colelction.delim", items),
                    ("mapkey.delim", keys),
                    ("line.delim", lines),
                    ("serialization.null.format", null),
                ];
                for (key, value) in rest {
                    value.iter().for_each(|value| formats.set(key, value));
                }
            }
        }
        formats
    }

    fn set(&mut self, key: &str, value: &str) {
        match self.properties.iter_mut().find(|(own, _)| own == key) {
            Some((_, own)) => value.clone_into(own),
            None => self.properties.push((key.to_owned(), value.to_owned())),
        }
    }
}
