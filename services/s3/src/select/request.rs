//! What a request says of the object and of the answer.

use serde::Deserialize;

use super::csv::{Format, Header};
use super::decompress::Compression;
use super::error::{Result, SelectError};
use super::output::Output;

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_InputSerialization.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InputSerialization {
    #[serde(rename = "CSV")]
    csv: Option<CsvInput>,
    compression_type: Option<String>,
    #[serde(rename = "JSON")]
    json: Option<JsonInput>,
    parquet: Option<ParquetInput>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CsvInput {
    file_header_info: Option<String>,
    comments: Option<String>,
    quote_escape_character: Option<String>,
    record_delimiter: Option<String>,
    field_delimiter: Option<String>,
    quote_character: Option<String>,
    allow_quoted_record_delimiter: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct JsonInput {
    #[serde(rename = "Type")]
    kind: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ParquetInput {}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_OutputSerialization.html>
#[derive(Debug, Deserialize)]
pub(super) struct OutputSerialization {
    #[serde(rename = "CSV")]
    csv: Option<CsvOutput>,
    #[serde(rename = "JSON")]
    json: Option<JsonOutput>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CsvOutput {
    quote_fields: Option<String>,
    quote_escape_character: Option<String>,
    record_delimiter: Option<String>,
    field_delimiter: Option<String>,
    quote_character: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct JsonOutput {
    record_delimiter: Option<String>,
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ScanRange.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ScanRange {
    start: Option<i64>,
    end: Option<i64>,
}

/// How an object is written.
#[derive(Clone, Debug)]
pub(super) struct Input {
    pub(super) compression: Compression,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Csv(Format),
    JsonLines,
    JsonDocument,
}

/// Where records begin that are wanted: from the first up to and including the last byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scanned {
    pub(super) first: u64,
    pub(super) last: u64,
}

fn conflict(what: &str) -> SelectError {
    let message = format!(
        "The Select request entity can only contain one of {what}. Check the service documentation and try again."
    );
    SelectError::new("ObjectSerializationConflict", message)
}

fn missing(what: &str) -> SelectError {
    let message = format!(
        "The Select request entity is missing a required parameter: {what}. Check the service documentation and try again."
    );
    SelectError::new("MissingRequiredParameter", message)
}

fn wrong(what: &str) -> SelectError {
    let message = format!(
        "The value of a parameter in the Select request element is invalid: {what}. Check the service API documentation and try again."
    );
    SelectError::new("InvalidRequestParameter", message)
}

/// A character that is one byte; none if the text is empty.
fn byte(text: Option<&str>, default: u8, what: &str) -> Result<Option<u8>> {
    match text.map(str::as_bytes) {
        None => Ok(Some(default)),
        Some([]) => Ok(None),
        Some([one]) if one.is_ascii() => Ok(Some(*one)),
        Some(_) => Err(wrong(what)),
    }
}

/// A delimiter: a character, or two.
fn delimiter(text: Option<&str>, default: &str, what: &str) -> Result<String> {
    let text = text.unwrap_or(default);
    if text.is_empty() || text.chars().count() > 2 { Err(wrong(what)) } else { Ok(text.to_owned()) }
}

impl InputSerialization {
    /// What it says.
    ///
    /// # Errors
    /// The documented ones; Parquet is not here: the caller refuses it.
    pub(super) fn read(&self) -> Result<Input> {
        let compression = match self.compression_type.as_deref() {
            None | Some("NONE") => Compression::None,
            Some("GZIP") => Compression::Gzip,
            Some("BZIP2") => Compression::Bzip2,
            Some(_) => {
                let message = "The file is not in a supported compression format. Only GZIP and BZIP2 are supported.";
                return Err(SelectError::new("InvalidCompressionFormat", message));
            }
        };
        let kind = match (&self.csv, &self.json) {
            (Some(csv), None) => Kind::Csv(csv.read()?),
            (None, Some(json)) => match json.kind.as_deref() {
                Some("DOCUMENT") => Kind::JsonDocument,
                Some("LINES") => Kind::JsonLines,
                None => return Err(missing("JSON Type")),
                Some(_) => {
                    let message = "The JsonType is invalid. Only DOCUMENT and LINES are supported.";
                    return Err(SelectError::new("InvalidJsonType", message));
                }
            },
            (Some(_), Some(_)) => return Err(conflict("CSV, JSON or Parquet")),
            (None, None) => {
                let message = "Invalid data source type. Only CSV, JSON, and Parquet are supported.";
                return Err(SelectError::new("InvalidDataSource", message));
            }
        };
        Ok(Input { compression, kind })
    }

    pub(super) fn is_parquet(&self) -> bool {
        self.parquet.is_some()
    }
}

impl CsvInput {
    fn read(&self) -> Result<Format> {
        let header = match self.file_header_info.as_deref() {
            None | Some("NONE") => Header::None,
            Some("IGNORE") => Header::Ignore,
            Some("USE") => Header::Use,
            Some(_) => {
                let message = "The FileHeaderInfo is invalid. Only NONE, USE, and IGNORE are supported.";
                return Err(SelectError::new("InvalidFileHeaderInfo", message));
            }
        };
        Ok(Format {
            header,
            comment: byte(self.comments.as_deref(), b'#', "Comments")?,
            quote: byte(self.quote_character.as_deref(), b'"', "QuoteCharacter")?,
            escape: byte(self.quote_escape_character.as_deref(), b'"', "QuoteEscapeCharacter")?,
            record: delimiter(self.record_delimiter.as_deref(), "\n", "RecordDelimiter")?.into_bytes(),
            field: delimiter(self.field_delimiter.as_deref(), ",", "FieldDelimiter")?.into_bytes(),
            lenient: self.record_delimiter.is_none(),
            quoted_records: self.allow_quoted_record_delimiter.unwrap_or(false),
        })
    }
}

impl OutputSerialization {
    /// What it says.
    ///
    /// # Errors
    /// The documented ones.
    pub(super) fn read(&self) -> Result<Output> {
        let or = |text: &Option<String>, default: &str| text.clone().unwrap_or_else(|| default.to_owned());
        match (&self.csv, &self.json) {
            (Some(csv), None) => Ok(Output::Csv {
                always: match csv.quote_fields.as_deref() {
                    None | Some("ASNEEDED") => false,
                    Some("ALWAYS") => true,
                    Some(_) => {
                        let message = "The QuoteFields is invalid. Only ALWAYS and ASNEEDED are supported.";
                        return Err(SelectError::new("InvalidQuoteFields", message));
                    }
                },
                quote: or(&csv.quote_character, "\""),
                escape: or(&csv.quote_escape_character, "\""),
                record: or(&csv.record_delimiter, "\n"),
                field: or(&csv.field_delimiter, ","),
            }),
            (None, Some(json)) => Ok(Output::Json { record: or(&json.record_delimiter, "\n") }),
            (Some(_), Some(_)) => Err(conflict("CSV or JSON")),
            (None, None) => Err(missing("OutputSerialization")),
        }
    }
}

impl ScanRange {
    /// The range, of an object of this size.
    ///
    /// # Errors
    /// `UnsupportedScanRangeInput` for objects that cannot be read in part; `InvalidScanRange`.
    pub(super) fn read(&self, input: &Input, size: u64) -> Result<Scanned> {
        let in_part = match &input.kind {
            Kind::Csv(format) => !format.quoted_records,
            Kind::JsonLines => true,
            Kind::JsonDocument => false,
        };
        if !in_part || input.compression != Compression::None {
            let message = "Scan range queries are not supported on this type of object.";
            return Err(SelectError::new("UnsupportedScanRangeInput", message));
        }
        let invalid = || SelectError::new("InvalidScanRange", "The value of ScanRange is invalid.");
        let number =
            |number: Option<i64>| number.map(|number| u64::try_from(number).map_err(|_| invalid())).transpose();
        let scanned = match (number(self.start)?, number(self.end)?) {
            (Some(first), Some(last)) => Scanned { first, last },
            (Some(first), None) => Scanned { first, last: u64::MAX },
            // The last bytes, as in a range of HTTP.
            (None, Some(count)) => Scanned { first: size.saturating_sub(count), last: u64::MAX },
            (None, None) => return Err(invalid()),
        };
        if scanned.first > scanned.last || (scanned.first >= size && size > 0) { Err(invalid()) } else { Ok(scanned) }
    }
}
