//! Definitions of schemas: whether they are valid, what they read, and which columns they describe.

mod avro;
mod json;
pub(crate) mod patch;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use welkin_kernel::Result;

use crate::descriptor::Column;
use crate::errors::not_implemented;

/// In which language a schema is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum DataFormat {
    Avro,
    Json,
    Protobuf,
}

impl DataFormat {
    /// As the API writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Avro => "AVRO",
            Self::Json => "JSON",
            Self::Protobuf => "PROTOBUF",
        }
    }
}

/// What is wrong with a definition.
pub(crate) type Fault = String;

/// A definition that is valid.
pub(crate) struct Parsed {
    /// Of its text, members sorted: two spellings of a schema are one.
    canonical: String,
    language: Language,
}

enum Language {
    Avro(avro::Schema),
    Json(json::Schema),
}

impl Parsed {
    /// Reads a definition; the inner error is what makes it invalid.
    ///
    /// # Errors
    /// `NotImplemented`: definitions of Protocol Buffers.
    pub(crate) fn read(format: DataFormat, text: &str) -> Result<Result<Self, Fault>> {
        if format == DataFormat::Protobuf {
            return Err(not_implemented("schemas of data format PROTOBUF"));
        }
        Ok(Self::read_json(format, text))
    }

    fn read_json(format: DataFormat, text: &str) -> Result<Self, Fault> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let language = match format {
            DataFormat::Avro => Language::Avro(avro::Schema::parse(&value)?),
            _ => Language::Json(json::Schema::parse(&value)?),
        };
        Ok(Self { canonical: sorted(&value).to_string(), language })
    }

    /// What two spellings of a definition share.
    // UNVERIFIED: how AWS brings definitions into one form before it hashes them.
    pub(crate) fn hash(&self) -> String {
        hex(&Sha256::digest(self.canonical.as_bytes()))
    }

    /// Whether a reader with this definition understands what a writer with the other one writes.
    pub(crate) fn reads(&self, writer: &Self) -> bool {
        match (&self.language, &writer.language) {
            (Language::Avro(reader), Language::Avro(writer)) => reader.reads(writer),
            (Language::Json(reader), Language::Json(writer)) => reader.accepts(writer),
            _ => false,
        }
    }

    /// The columns of a table whose rows it describes.
    ///
    /// # Errors
    /// It does not describe rows, or what Hive has no type for.
    pub(crate) fn columns(&self) -> Result<Vec<Column>, Fault> {
        match &self.language {
            Language::Avro(schema) => schema.columns(),
            Language::Json(schema) => schema.columns(),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The value with the members of objects in order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            Value::Object(members.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_definition_have_one_hash() {
        let read = |text| Parsed::read_json(DataFormat::Json, text).expect("a schema").hash();
        let one = read(r#"{"type": "object", "properties": {"b": {"type": "string"}, "a": {}}}"#);
        assert_eq!(one, read(r#"{"properties":{"a":{},"b":{"type":"string"}},"type":"object"}"#));
        assert_ne!(one, read(r#"{"type": "object"}"#));
    }
}
