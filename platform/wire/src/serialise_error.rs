//! Why a value could not be written.

use std::fmt;

use welkin_model::Shape;

use crate::Value;

/// Why a value could not be written: it does not fit the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialiseError {
    /// Where in the value, e.g. `Queues[2].Name`.
    pub path: String,
    /// What is wrong there.
    pub problem: Problem,
}

/// What does not fit the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The model knows no member of this name.
    UnknownMember(String),
    /// The value is of another kind than the shape.
    Kind {
        /// Name of the shape.
        shape: &'static str,
        /// Kind of the value.
        found: &'static str,
    },
    /// A null stands in a list or map that has none.
    Null,
    /// A union has no member, or several.
    Union,
    /// Text that a header or label cannot hold.
    Text,
    /// A label of the path or host is missing or empty.
    Label(String),
    /// The service does not define the protocol.
    Protocol,
    /// Nested deeper than [`crate::MAX_DEPTH`].
    TooDeep,
}

impl SerialiseError {
    pub(crate) fn new(problem: Problem) -> Self {
        Self { path: String::new(), problem }
    }

    pub(crate) fn unknown(name: &str) -> Self {
        Self::new(Problem::UnknownMember(name.to_owned()))
    }

    pub(crate) fn kind(shape: &'static Shape, found: &Value) -> Self {
        Self::new(Problem::Kind { shape: shape.name, found: value_kind(found) })
    }

    /// The error, one member further up.
    pub(crate) fn within(mut self, name: &str) -> Self {
        let separator = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{name}{separator}{}", self.path);
        self
    }

    /// The error, one list further up.
    pub(crate) fn at(self, index: usize) -> Self {
        self.within(&format!("[{index}]"))
    }
}

fn value_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) => "integer",
        Value::Float(_) => "float",
        Value::Decimal(_) => "decimal",
        Value::String(_) => "string",
        Value::Blob(_) => "blob",
        Value::Timestamp(_) => "timestamp",
        Value::List(_) => "list",
        Value::Map(_) => "map",
        Value::Document(_) => "document",
        Value::Stream(_) => "stream",
    }
}

impl fmt::Display for SerialiseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        match &self.problem {
            Problem::UnknownMember(name) => write!(f, "the model has no member {name}"),
            Problem::Kind { shape, found } => write!(f, "found a {found} where the model has the shape {shape}"),
            Problem::Null => f.write_str("found null where the model has none"),
            Problem::Union => f.write_str("a union needs exactly one member"),
            Problem::Text => f.write_str("the text does not fit a header"),
            Problem::Label(name) => write!(f, "the label {name} is missing or empty"),
            Problem::Protocol => f.write_str("the service does not define this protocol"),
            Problem::TooDeep => f.write_str("nested too deeply"),
        }
    }
}

impl std::error::Error for SerialiseError {}
