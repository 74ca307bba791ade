//! What of a table a call reaches, as the condition keys of fine-grained access say.
//!
//! Reference: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html>

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use welkin_expressions::{Item, Value};
use welkin_kernel::Access;

use crate::table::Table;

/// Partition keys and attributes that a call names, and what else policies ask for.
#[derive(Default)]
pub(crate) struct Reach {
    leading: BTreeSet<String>,
    attributes: BTreeSet<String>,
    keys: Vec<(&'static str, String)>,
}

/// The text by which a policy names a partition key.
// UNVERIFIED: that numbers are as they are stored, and bytes in base64.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::S(text) => Some(text.clone()),
        Value::N(number) => Some(number.to_string()),
        Value::B(bytes) => Some(STANDARD.encode(bytes)),
        _ => None,
    }
}

impl Reach {
    /// An item or a key: its attributes, and its partition.
    pub(crate) fn item(mut self, table: Option<&Table>, item: &Item) -> Self {
        self.attributes.extend(item.keys().cloned());
        match table.and_then(|table| item.get(&table.partition.name)) {
            Some(value) => self.partition(value),
            None => self,
        }
    }

    /// A partition.
    pub(crate) fn partition(mut self, value: &Value) -> Self {
        self.leading.extend(text(value));
        self
    }

    /// Attributes that an expression names.
    pub(crate) fn names<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.attributes.extend(names.into_iter().map(str::to_owned));
        self
    }

    /// What is asked for of the items that are found: `dynamodb:Select`.
    pub(crate) fn select(self, given: Option<&str>, is_projected: bool) -> Self {
        let by_itself = if is_projected { "SPECIFIC_ATTRIBUTES" } else { "ALL_ATTRIBUTES" };
        self.key("dynamodb:Select", Some(given.unwrap_or(by_itself)))
    }

    /// Another parameter of the call, if it is there.
    pub(crate) fn key(mut self, name: &'static str, value: Option<&str>) -> Self {
        self.keys.extend(value.map(|value| (name, value.to_owned())));
        self
    }

    /// Says all of it of an access.
    pub(crate) fn of(self, mut access: Access) -> Access {
        for (name, values) in [("dynamodb:LeadingKeys", self.leading), ("dynamodb:Attributes", self.attributes)] {
            if !values.is_empty() {
                access = access.keys(name, values);
            }
        }
        self.keys.into_iter().fold(access, |access, (name, value)| access.key(name, value))
    }
}
