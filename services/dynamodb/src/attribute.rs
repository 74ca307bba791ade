//! Attribute values as the API writes them.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_expressions::{Item, Number, Value};
use welkin_kernel::Result;

use crate::errors::{invalid, parameter};

/// A value: a union of which one member is there.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html>
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) struct AttributeValue {
    s: Option<String>,
    n: Option<String>,
    b: Option<Bytes>,
    ss: Option<Vec<String>>,
    ns: Option<Vec<String>>,
    bs: Option<Vec<Bytes>>,
    m: Option<Attributes>,
    l: Option<Vec<AttributeValue>>,
    null: Option<bool>,
    bool: Option<bool>,
}

/// Attributes by name.
pub(crate) type Attributes = BTreeMap<String, AttributeValue>;

/// Levels of maps and lists within one another at most.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-attributes>
const DEPTH: usize = 32;

/// The item that the API's attributes are.
///
/// # Errors
/// `ValidationException`
pub(crate) fn item(attributes: &Attributes) -> Result<Item> {
    read_all(attributes, 0)
}

fn read_all(attributes: &Attributes, depth: usize) -> Result<Item> {
    attributes.iter().map(|(name, value)| Ok((name.clone(), read(value, depth)?))).collect()
}

fn number(text: &str) -> Result<Number> {
    text.parse().map_err(invalid)
}

fn read(value: &AttributeValue, depth: usize) -> Result<Value> {
    if depth > DEPTH {
        return Err(invalid("Nesting Levels have exceeded supported limits"));
    }
    let mut found = Vec::new();
    found.extend(value.s.clone().map(Value::S));
    found.extend(value.n.as_deref().map(number).transpose()?.map(Value::N));
    found.extend(value.b.clone().map(Value::B));
    found.extend(value.ss.clone().map(|set| set_of(set, "string")).transpose()?.map(Value::SS));
    let numbers = value.ns.as_ref().map(|set| set.iter().map(|text| number(text)).collect::<Result<Vec<_>>>());
    found.extend(numbers.transpose()?.map(|set| set_of(set, "number")).transpose()?.map(Value::NS));
    found.extend(value.bs.clone().map(|set| set_of(set, "binary")).transpose()?.map(Value::BS));
    found.extend(value.m.as_ref().map(|map| read_all(map, depth + 1)).transpose()?.map(Value::M));
    let list = value.l.as_ref().map(|list| list.iter().map(|value| read(value, depth + 1)).collect::<Result<_>>());
    found.extend(list.transpose()?.map(Value::L));
    match value.null {
        Some(true) => found.push(Value::Null),
        Some(false) => return Err(parameter("Null attribute value types must have the value of true")),
        None => {}
    }
    found.extend(value.bool.map(Value::Bool));
    match (found.pop(), found.is_empty()) {
        (Some(value), true) => Ok(value),
        (None, _) => {
            Err(invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"))
        }
        _ => Err(invalid(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
        )),
    }
}

/// A set in order; one without elements, or with one twice, is none.
fn set_of<T: Ord>(mut set: Vec<T>, kind: &str) -> Result<Vec<T>> {
    if set.is_empty() {
        return Err(parameter(format_args!("An {kind} set  may not be empty")));
    }
    let all = set.len();
    set.sort();
    set.dedup();
    if set.len() != all {
        return Err(parameter("Input collection contains duplicates."));
    }
    Ok(set)
}

/// An item as the API writes it.
pub(crate) fn written(item: &Item) -> Attributes {
    item.iter().map(|(name, value)| (name.clone(), AttributeValue::from(value))).collect()
}

/// An item as a member of an error.
pub(crate) fn document(item: &Item) -> welkin_kernel::Value {
    let attributes = item.iter().map(|(name, value)| (name.clone().into(), member(value)));
    welkin_kernel::Value::Map(attributes.collect())
}

fn member(value: &Value) -> welkin_kernel::Value {
    use welkin_kernel::Value as Wire;
    let texts = |set: &mut dyn Iterator<Item = String>| Wire::List(set.map(Wire::String).collect());
    let inner = match value {
        Value::S(text) => Wire::String(text.clone()),
        Value::N(number) => Wire::String(number.to_string()),
        Value::B(bytes) => Wire::Blob(bytes.clone()),
        Value::SS(set) => texts(&mut set.iter().cloned()),
        Value::NS(set) => texts(&mut set.iter().map(Number::to_string)),
        Value::BS(set) => Wire::List(set.iter().cloned().map(Wire::Blob).collect()),
        Value::M(map) => document(map),
        Value::L(list) => Wire::List(list.iter().map(member).collect()),
        Value::Null => Wire::Bool(true),
        Value::Bool(value) => Wire::Bool(*value),
    };
    Wire::Map(std::iter::once((value.type_name().into(), inner)).collect())
}

impl From<&Value> for AttributeValue {
    fn from(value: &Value) -> Self {
        let mut written = Self::default();
        match value {
            Value::S(text) => written.s = Some(text.clone()),
            Value::N(number) => written.n = Some(number.to_string()),
            Value::B(bytes) => written.b = Some(bytes.clone()),
            Value::SS(set) => written.ss = Some(set.clone()),
            Value::NS(set) => written.ns = Some(set.iter().map(Number::to_string).collect()),
            Value::BS(set) => written.bs = Some(set.clone()),
            Value::M(map) => written.m = Some(self::written(map)),
            Value::L(list) => written.l = Some(list.iter().map(Self::from).collect()),
            Value::Null => written.null = Some(true),
            Value::Bool(value) => written.bool = Some(*value),
        }
        written
    }
}
