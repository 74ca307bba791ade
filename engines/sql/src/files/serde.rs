//! Which SerDe a table names.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/supported-serdes.html>

use std::collections::BTreeMap;

use ::serde::{Deserialize, Serialize};

use crate::error::{Code, Result, SqlError};

/// How the files of a table are written: a SerDe and its properties.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Serde {
    format: Format,
    hudi: bool,
    properties: BTreeMap<String, String>,
}

/// The SerDes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Format {
    /// `org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe`
    LazySimple,
    /// `org.apache.hadoop.hive.serde2.OpenCSVSerde`
    OpenCsv,
    /// `org.openx.data.jsonserde.JsonSerDe`
    OpenXJson,
    /// `org.apache.hive.hcatalog.data.JsonSerDe`
    HiveJson,
    /// `org.apache.hadoop.hive.serde2.RegexSerDe`
    Regex,
    /// `com.amazon.emr.hive.serde.CloudTrailSerde`, or the Hive JSON SerDe over CloudTrail's input format.
    CloudTrail,
    /// `org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe`
    Parquet,
    /// `org.apache.hadoop.hive.ql.io.orc.OrcSerde`
    Orc,
    /// `org.apache.hadoop.hive.serde2.avro.AvroSerDe`
    Avro,
    /// `com.amazonaws.glue.serde.GrokSerDe`
    Grok,
}

impl Format {
    /// Whether files are text, which may be compressed as a whole.
    fn is_text(self) -> bool {
        !matches!(self, Format::Parquet | Format::Orc | Format::Avro)
    }
}

impl Serde {
    /// The SerDe that a table's description names.
    ///
    /// # Errors
    /// `HIVE_SERDE_NOT_FOUND` for a library that there is not, `HIVE_UNSUPPORTED_FORMAT` for an input format that there
    /// is not or that does not go with the library, and for what this engine does not read.
    pub fn new(
        library: &str,
        input_format: &str,
        serde_parameters: &BTreeMap<String, String>,
        table_parameters: &BTreeMap<String, String>,
    ) -> Result<Serde> {
        let unsupported = |message: String| SqlError::new(Code::HiveUnsupportedFormat, message);
        let trail = input_format == "com.amazon.emr.cloudtrail.CloudTrailInputFormat";
        let format = match library {
            "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe" => Format::LazySimple,
            "org.apache.hadoop.hive.serde2.OpenCSVSerde" | "com.bizo.hive.serde.csv.CSVSerde" => Format::OpenCsv,
            "org.openx.data.jsonserde.JsonSerDe" => Format::OpenXJson,
            "org.apache.hive.hcatalog.data.JsonSerDe" | "org.apache.hadoop.hive.serde2.JsonSerDe" if trail => {
                Format::CloudTrail
            }
            "org.apache.hive.hcatalog.data.JsonSerDe" | "org.apache.hadoop.hive.serde2.JsonSerDe" => Format::HiveJson,
            "org.apache.hadoop.hive.serde2.RegexSerDe" | "org.apache.hadoop.hive.contrib.serde2.RegexSerDe" => {
                Format::Regex
            }
            "com.amazon.emr.hive.serde.CloudTrailSerde" => Format::CloudTrail,
            "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe" | "parquet.hive.serde.ParquetHiveSerDe" => {
                Format::Parquet
            }
            "org.apache.hadoop.hive.ql.io.orc.OrcSerde" => Format::Orc,
            "org.apache.hadoop.hive.serde2.avro.AvroSerDe" => Format::Avro,
            "com.amazonaws.glue.serde.GrokSerDe" => Format::Grok,
            "com.amazon.ionhiveserde.IonHiveSerDe"
            | "org.apache.hadoop.hive.serde2.lazybinary.LazyBinarySerDe"
            | "org.apache.hadoop.hive.serde2.columnar.ColumnarSerDe"
            | "org.apache.hadoop.hive.serde2.columnar.LazyBinaryColumnarSerDe" => {
                return Err(unsupported(format!("This engine does not read files with the SerDe {library}")));
            }
            _ => {
                let message = format!("deserializer does not exist: {library}");
                return Err(SqlError::new(Code::HiveSerdeNotFound, message));
            }
        };
        let fits = match input_format {
            "org.apache.hadoop.mapred.TextInputFormat" => format.is_text(),
            "com.amazon.emr.cloudtrail.CloudTrailInputFormat" => format == Format::CloudTrail,
            "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat" => format == Format::Orc,
            "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat" => format == Format::Avro,
            "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
            | "org.apache.hudi.hadoop.HoodieParquetInputFormat"
            | "org.apache.hudi.hadoop.realtime.HoodieParquetRealtimeInputFormat"
            | "com.uber.hoodie.hadoop.HoodieInputFormat"
            | "parquet.hive.DeprecatedParquetInputFormat" => format == Format::Parquet,
            other => return Err(unsupported(format!("Unable to create input format {other}"))),
        };
        if !fits {
            // UNVERIFIED: how Athena words a library and an input format that do not go together.
            return Err(unsupported(format!("Input format {input_format} with SerDe {library} is not supported.")));
        }
        let mut properties = table_parameters.clone();
        properties.extend(serde_parameters.clone());
        let hudi = input_format.contains(".hudi.") || input_format.contains(".hoodie.");
        Ok(Serde { format, hudi, properties })
    }

    /// Whether the table is one of Apache Hudi, whose files are not all its rows.
    pub(super) fn is_hudi(&self) -> bool {
        self.hudi
    }

    /// Which one it is.
    pub fn format(&self) -> Format {
        self.format
    }

    /// A property of the SerDe, or else of the table.
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.get(name).map(String::as_str)
    }
}
