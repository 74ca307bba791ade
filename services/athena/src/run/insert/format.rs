//! Formats and compressions by the properties of CTAS and UNLOAD, and by those of tables.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html>,
//! <https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html>

use std::collections::BTreeMap;

use welkin_sql::ddl::Property;
use welkin_sql::{Codec, Encoding, FileFormat, Lines};

use crate::execution::Failure;
use crate::run::failure;
use crate::run::glue::Table;

/// The level of Zstandard, unless said.
const LEVEL: i32 = 3;

/// A property that makes no sense.
pub(super) fn invalid(message: impl std::fmt::Display) -> Failure {
    Failure::user(failure::USER, format!("INVALID_TABLE_PROPERTY: {message}"))
}

/// A property that is a text.
pub(super) fn text<'a>(properties: &'a BTreeMap<String, Property>, key: &str) -> Option<&'a str> {
    match properties.get(key) {
        Some(Property::Text(text)) => Some(text),
        _ => None,
    }
}

/// A property that names columns.
pub(super) fn names(properties: &BTreeMap<String, Property>, key: &str) -> Vec<String> {
    match properties.get(key) {
        Some(Property::Texts(names)) => names.iter().map(|name| name.to_lowercase()).collect(),
        _ => Vec::new(),
    }
}

/// How files are written by the properties of CTAS and UNLOAD.
///
/// # Errors
/// A format or a compression that there is not, or that is not written.
pub(super) fn of_properties(
    format: &str,
    compression: Option<&str>,
    properties: &BTreeMap<String, Property>,
) -> Result<FileFormat, Failure> {
    let format = format.to_uppercase();
    let encoding = match format.as_str() {
        "PARQUET" => Encoding::Parquet,
        "TEXTFILE" => Encoding::Lines(match text(properties, "field_delimiter") {
            None => Lines::text(),
            Some(field) => Lines::Text { field: field.to_owned(), null: "\\N".into(), escape: None },
        }),
        "JSON" => Encoding::Lines(Lines::Json),
        "ORC" => Encoding::Orc,
        "AVRO" => Encoding::Avro,
        "ION" => {
            return Err(failure::not_supported(&format!("writing of files in the format {format}")));
        }
        // UNVERIFIED: the wording.
        _ => return Err(invalid(format_args!("Invalid value '{format}' for the property format"))),
    };
    if properties.contains_key("field_delimiter") && format != "TEXTFILE" {
        return Err(invalid(format_args!("Cannot specify field_delimiter property for storage format: {format}")));
    }
    let level = match properties.get("compression_level") {
        None => None,
        Some(Property::Number(level @ 1..=22)) => i32::try_from(*level).ok(),
        Some(_) => return Err(invalid("compression_level must be a number of 1 to 22")),
    };
    let codec = codec(compression.unwrap_or(default_codec(&encoding)), level, &encoding)?;
    Ok(FileFormat { encoding, codec })
}

/// How files are compressed where nobody says.
// UNVERIFIED: that of Avro.
fn default_codec(encoding: &Encoding) -> &'static str {
    match encoding {
        Encoding::Orc => "ZLIB",
        Encoding::Avro => "DEFLATE",
        Encoding::Parquet | Encoding::Lines(_) => "GZIP",
    }
}

/// A compression by its name.
fn codec(name: &str, level: Option<i32>, encoding: &Encoding) -> Result<Codec, Failure> {
    let name = name.to_uppercase();
    let of_lines = matches!(encoding, Encoding::Lines(_));
    let codec = match name.as_str() {
        "GZIP" if of_lines || *encoding == Encoding::Parquet => Codec::Gzip,
        "NONE" | "UNCOMPRESSED" => Codec::None,
        "SNAPPY" => Codec::Snappy,
        "ZSTD" => Codec::Zstd(level.unwrap_or(LEVEL)),
        "BZIP2" if of_lines || *encoding == Encoding::Avro => Codec::Bzip2,
        "DEFLATE" if of_lines || *encoding == Encoding::Avro => Codec::Deflate,
        "ZLIB" if *encoding == Encoding::Orc => Codec::Deflate,
        "LZ4" | "LZO" => {
            return Err(failure::not_supported(&format!("writing of files with the compression {name}")));
        }
        // UNVERIFIED: the wording.
        _ => return Err(invalid(format_args!("Compression {name} is not supported by the format"))),
    };
    if level.is_some() && !matches!(codec, Codec::Zstd(_)) {
        return Err(invalid("compression_level may be specified only with the compression ZSTD"));
    }
    Ok(codec)
}

/// A compression's name, as properties of tables have it.
pub(super) fn codec_name(codec: Codec, encoding: &Encoding) -> &'static str {
    match codec {
        Codec::Deflate if *encoding == Encoding::Orc => "ZLIB",
        Codec::None => "NONE",
        Codec::Gzip => "GZIP",
        Codec::Deflate => "DEFLATE",
        Codec::Bzip2 => "BZIP2",
        Codec::Snappy => "SNAPPY",
        Codec::Zstd(_) => "ZSTD",
    }
}

/// How files of a table are written.
///
/// # Errors
/// A SerDe or a compression by which nothing is written.
pub(super) fn of_table(table: &Table) -> Result<FileFormat, Failure> {
    let serde = table.storage_descriptor.as_ref().and_then(|storage| storage.serde_info.clone()).unwrap_or_default();
    let input =
        table.storage_descriptor.as_ref().and_then(|storage| storage.input_format.as_deref()).unwrap_or_default();
    if input.contains(".hudi.") || input.contains(".hoodie.") {
        return Err(failure::not_supported("INSERT INTO tables of Apache Hudi"));
    }
    let property = |key: &str| serde.parameters.get(key).cloned();
    let encoding = match serde.serialization_library.as_deref().unwrap_or_default() {
        "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe" => Encoding::Lines(Lines::Text {
            field: property("field.delim").unwrap_or_else(|| "\u{1}".into()),
            null: property("serialization.null.format").unwrap_or_else(|| "\\N".into()),
            escape: property("escape.delim").and_then(|text| text.chars().next()),
        }),
        "org.openx.data.jsonserde.JsonSerDe" | "org.apache.hive.hcatalog.data.JsonSerDe" => {
            Encoding::Lines(Lines::Json)
        }
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe" => Encoding::Parquet,
        "org.apache.hadoop.hive.ql.io.orc.OrcSerde" => Encoding::Orc,
        "org.apache.hadoop.hive.serde2.avro.AvroSerDe" => {
            // UNVERIFIED: that files have the columns' schema; a schema of the table's own may have other names.
            let named = ["avro.schema.literal", "avro.schema.url"];
            if named.iter().any(|key| table.parameters.contains_key(*key) || serde.parameters.contains_key(*key)) {
                return Err(failure::not_supported("INSERT INTO tables with a schema of Avro of their own"));
            }
            Encoding::Avro
        }
        other => return Err(failure::not_supported(&format!("INSERT INTO tables with the SerDe {other}"))),
    };
    let keys: &[&str] = match encoding {
        Encoding::Parquet => &["parquet.compression", "parquet.compress", "write.compression", "write_compression"],
        Encoding::Orc => &["orc.compress", "write.compression", "write_compression"],
        Encoding::Avro => &["avro.output.codec", "write.compression", "write_compression"],
        Encoding::Lines(_) => &["write.compression", "write_compression"],
    };
    let given = |key: &&str| table.parameters.get(*key).or_else(|| serde.parameters.get(*key));
    let level = table.parameters.get("compression_level").and_then(|level| level.parse().ok());
    // UNVERIFIED: that INSERT INTO compresses as CTAS does where the table says nothing.
    let name = keys.iter().find_map(given).map_or(default_codec(&encoding), String::as_str);
    let level = level.filter(|level| (1..=22).contains(level) && name.eq_ignore_ascii_case("ZSTD"));
    let codec = codec(name, level, &encoding)?;
    Ok(FileFormat { encoding, codec })
}
