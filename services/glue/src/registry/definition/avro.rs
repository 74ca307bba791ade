//! Schemas of Apache Avro: <https://avro.apache.org/docs/1.11.4/specification/>

mod columns;
mod default;
mod parse;
mod resolve;

use serde_json::Value;

/// A schema: its types, of which named ones may refer to each other.
#[derive(Debug)]
pub(super) struct Schema {
    types: Vec<Type>,
    root: Ref,
}

/// Which of the types of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Ref(usize);

#[derive(Clone, Debug, PartialEq)]
enum Type {
    Null,
    Boolean,
    Int(Option<Logical>),
    Long(Option<Logical>),
    Float,
    Double,
    Bytes(Option<Logical>),
    String,
    Array(Ref),
    Map(Ref),
    Union(Vec<Ref>),
    Fixed {
        name: Name,
        size: u64,
        logical: Option<Logical>,
    },
    Enum {
        name: Name,
        symbols: Vec<String>,
        default: Option<String>,
    },
    Record {
        name: Name,
        fields: Vec<Field>,
    },
    /// A named type whose definition is still being read.
    Unfinished,
}

/// What a primitive type stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Logical {
    Date,
    Timestamp,
    Decimal { precision: u64, scale: u64 },
}

/// The name of a named type, and the other ones by which it may be read.
#[derive(Clone, Debug, PartialEq)]
struct Name {
    full: String,
    aliases: Vec<String>,
}

impl Name {
    /// Without the name space.
    fn simple(&self) -> &str {
        self.full.rsplit('.').next().unwrap_or(&self.full)
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Field {
    name: String,
    aliases: Vec<String>,
    doc: Option<String>,
    kind: Ref,
    default: Option<Value>,
}

impl Schema {
    /// The type that is referred to.
    fn get(&self, at: Ref) -> &Type {
        // INVARIANT: references are made by the parser, which made their types.
        self.types.get(at.0).unwrap_or(&Type::Null)
    }
}
