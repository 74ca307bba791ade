//! Attribute values: types, comparison, sizes.
//!
//! Sizes: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>

use std::cmp::Ordering;
use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::Number;

/// An item: attributes by name.
pub type Item = BTreeMap<String, Value>;

/// The value of an attribute. Sets are kept in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// A string.
    S(String),
    /// A number.
    N(Number),
    /// Bytes.
    B(Bytes),
    /// A set of strings.
    SS(Vec<String>),
    /// A set of numbers.
    NS(Vec<Number>),
    /// A set of byte strings.
    BS(Vec<Bytes>),
    /// A map.
    M(Item),
    /// A list.
    L(Vec<Value>),
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
}

impl Value {
    /// Name of its type, as the API abbreviates it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::S(_) => "S",
            Self::N(_) => "N",
            Self::B(_) => "B",
            Self::SS(_) => "SS",
            Self::NS(_) => "NS",
            Self::BS(_) => "BS",
            Self::M(_) => "M",
            Self::L(_) => "L",
            Self::Null => "NULL",
            Self::Bool(_) => "BOOL",
        }
    }

    /// The order of two values; only strings, numbers and bytes of one type have any.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::S(a), Self::S(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
            (Self::N(a), Self::N(b)) => Some(a.cmp(b)),
            (Self::B(a), Self::B(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// Size in bytes, as limits and capacity count it.
    pub fn size(&self) -> usize {
        match self {
            Self::S(text) => text.len(),
            Self::N(number) => number.size(),
            Self::B(bytes) => bytes.len(),
            Self::SS(set) => set.iter().map(String::len).sum(),
            Self::NS(set) => set.iter().map(Number::size).sum(),
            Self::BS(set) => set.iter().map(Bytes::len).sum(),
            Self::M(map) => 3 + map.iter().map(|(name, value)| 1 + name.len() + value.size()).sum::<usize>(),
            Self::L(list) => 3 + list.iter().map(|value| 1 + value.size()).sum::<usize>(),
            Self::Null | Self::Bool(_) => 1,
        }
    }
}

/// Size of an item in bytes: names and values.
pub fn item_size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value.size()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_count_names_and_what_holds_others() {
        let list = Value::L(vec![Value::S("ab".into()), Value::Null]);
        assert_eq!(list.size(), 3 + 1 + 2 + 1 + 1);
        assert_eq!(item_size(&Item::from([("name".into(), Value::Bool(true)), ("é".into(), Value::S("é".into()))])), 9);
    }

    #[test]
    fn only_values_of_one_scalar_type_have_an_order() {
        assert_eq!(Value::S("a".into()).compare(&Value::S("b".into())), Some(Ordering::Less));
        assert_eq!(Value::S("a".into()).compare(&Value::Null), None);
        assert_eq!(Value::Bool(true).compare(&Value::Bool(true)), None);
    }
}
