//! The condition keys of a simulation: what is given, and what follows from the caller.

use std::collections::BTreeMap;

use serde::Deserialize;
use welkin_kernel::Result;
use welkin_policy::{Context, MapContext, ValueKind, Values};

use super::invalid;

/// Values of a condition key.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ContextEntry {
    context_key_name: Option<String>,
    context_key_values: Option<Vec<String>>,
    context_key_type: Option<ContextKeyType>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum ContextKeyType {
    String,
    StringList,
    Numeric,
    NumericList,
    Boolean,
    BooleanList,
    Ip,
    IpList,
    Binary,
    BinaryList,
    Date,
    DateList,
}

impl ContextKeyType {
    /// The kind of each value, and whether there may be several.
    fn kind(self) -> (ValueKind, bool) {
        match self {
            Self::String => (ValueKind::String, false),
            Self::StringList => (ValueKind::String, true),
            Self::Numeric => (ValueKind::Numeric, false),
            Self::NumericList => (ValueKind::Numeric, true),
            Self::Boolean => (ValueKind::Boolean, false),
            Self::BooleanList => (ValueKind::Boolean, true),
            Self::Ip => (ValueKind::Ip, false),
            Self::IpList => (ValueKind::Ip, true),
            Self::Binary => (ValueKind::Binary, false),
            Self::BinaryList => (ValueKind::Binary, true),
            Self::Date => (ValueKind::Date, false),
            Self::DateList => (ValueKind::Date, true),
        }
    }
}

/// The condition keys of a simulated call.
#[derive(Debug, Default)]
pub(super) struct Keys {
    given: BTreeMap<String, Vec<String>>,
    /// What follows from the caller, unless it is given.
    derived: MapContext,
}

impl Keys {
    /// Reads what is given.
    ///
    /// # Errors
    /// `InvalidInput` for a key without name or type, or a value that is not of its type.
    // UNVERIFIED: the wording.
    pub(super) fn read(entries: &[ContextEntry], derived: MapContext) -> Result<Self> {
        let mut given = BTreeMap::new();
        for entry in entries {
            let Some(name) = &entry.context_key_name else {
                return Err(invalid("A context entry must have a ContextKeyName."));
            };
            let Some(kind) = entry.context_key_type else {
                return Err(invalid(format!("The context entry {name} must have a ContextKeyType.")));
            };
            let values = entry.context_key_values.clone().unwrap_or_default();
            let (kind, many) = kind.kind();
            if values.len() > 1 && !many {
                return Err(invalid(format!("The context key {name} is of a type that has one value.")));
            }
            if let Some(value) = values.iter().find(|value| !kind.reads(value)) {
                return Err(invalid(format!("The value {value} of the context key {name} is not of its type.")));
            }
            if given.insert(name.to_ascii_lowercase(), values).is_some() {
                return Err(invalid(format!("The context key {name} is given more than once.")));
            }
        }
        Ok(Self { given, derived })
    }
}

impl Context for Keys {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match self.given.get(key) {
            Some(values) => match values.as_slice() {
                [value] => Some(Values::from(value.as_str())),
                values => Some(Values::from(values)),
            },
            None => self.derived.values(key),
        }
    }
}
