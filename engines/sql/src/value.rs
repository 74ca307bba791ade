//! Values, one at a time.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{Result, SqlError};

/// A value of any type. Which type it is of is told beside it, where rows are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Value {
    /// NULL.
    Null,
    /// `boolean`.
    Boolean(bool),
    /// `tinyint`, `smallint`, `integer` or `bigint`.
    Integer(i64),
    /// `real`.
    Real(f32),
    /// `double`.
    Double(f64),
    /// `decimal`: the digits without the point, and how many are after it.
    Decimal(i128, u8),
    /// `varchar`, `char`, `json` or `uuid`.
    Text(Arc<str>),
    /// `varbinary` or `ipaddress` (16 bytes, IPv4 as mapped).
    Bytes(Arc<[u8]>),
    /// `date`: days since 1970-01-01.
    Date(i32),
    /// `time`: microseconds since midnight.
    Time(i64),
    /// `timestamp`: microseconds since 1970-01-01 00:00 on the same clock.
    Timestamp(i64),
    /// `timestamp with time zone`: microseconds since 1970-01-01 00:00 UTC, and the zone to show it in.
    TimestampTz(i64, Arc<str>),
    /// `interval year to month`: months.
    Months(i32),
    /// `interval day to second`: milliseconds.
    Millis(i64),
    /// `array`.
    Array(Arc<[Value]>),
    /// `map`.
    Map(Arc<[(Value, Value)]>),
    /// `row`.
    Row(Arc<[Value]>),
    /// A lambda, as an argument of a function.
    #[doc(hidden)]
    #[serde(skip)]
    Lambda(Lambda),
}

/// Evaluates a lambda for many arguments at once.
#[doc(hidden)]
#[derive(Clone)]
pub struct Lambda(pub(crate) Arc<LambdaBody>);

pub(crate) type LambdaBody = dyn Fn(&[Vec<Value>]) -> Result<Vec<Value>> + Send + Sync;

impl fmt::Debug for Lambda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lambda")
    }
}

impl Value {
    /// Text.
    pub fn text(text: impl AsRef<str>) -> Value {
        Value::Text(Arc::from(text.as_ref()))
    }

    /// Bytes.
    pub fn bytes(bytes: impl AsRef<[u8]>) -> Value {
        Value::Bytes(Arc::from(bytes.as_ref()))
    }

    /// An array.
    pub fn array(elements: Vec<Value>) -> Value {
        Value::Array(elements.into())
    }

    /// Whether it is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    pub(crate) fn as_bool(&self) -> Result<bool> {
        match self {
            Value::Boolean(it) => Ok(*it),
            other => Err(other.unexpected("boolean")),
        }
    }

    pub(crate) fn as_int(&self) -> Result<i64> {
        match self {
            Value::Integer(it) => Ok(*it),
            other => Err(other.unexpected("integer")),
        }
    }

    pub(crate) fn as_f64(&self) -> Result<f64> {
        match self {
            Value::Double(it) => Ok(*it),
            Value::Real(it) => Ok(f64::from(*it)),
            Value::Integer(it) => Ok(*it as f64),
            other => Err(other.unexpected("double")),
        }
    }

    pub(crate) fn as_str(&self) -> Result<&str> {
        match self {
            Value::Text(it) => Ok(it),
            other => Err(other.unexpected("varchar")),
        }
    }

    pub(crate) fn as_bytes(&self) -> Result<&[u8]> {
        match self {
            Value::Bytes(it) => Ok(it),
            other => Err(other.unexpected("varbinary")),
        }
    }

    pub(crate) fn as_array(&self) -> Result<&[Value]> {
        match self {
            Value::Array(it) | Value::Row(it) => Ok(it),
            other => Err(other.unexpected("array")),
        }
    }

    pub(crate) fn as_map(&self) -> Result<&[(Value, Value)]> {
        match self {
            Value::Map(it) => Ok(it),
            other => Err(other.unexpected("map")),
        }
    }

    pub(crate) fn as_lambda(&self) -> Result<&Lambda> {
        match self {
            Value::Lambda(it) => Ok(it),
            other => Err(other.unexpected("function")),
        }
    }

    fn unexpected(&self, wanted: &str) -> SqlError {
        SqlError::internal(format!("{self:?} is no {wanted}"))
    }

    /// `=`: `None` when it is NULL. Values must be of one type.
    pub(crate) fn equals(&self, other: &Value) -> Option<bool> {
        match (self, other) {
            (Value::Null, _) | (_, Value::Null) => None,
            (Value::Double(a), Value::Double(b)) => Some(a == b),
            (Value::Real(a), Value::Real(b)) => Some(a == b),
            (Value::Array(a), Value::Array(b)) if a.len() != b.len() => Some(false),
            (Value::Array(a), Value::Array(b)) | (Value::Row(a), Value::Row(b)) => {
                all(a.iter().zip(b.iter()).map(|(a, b)| a.equals(b)))
            }
            (Value::Map(a), Value::Map(b)) if a.len() != b.len() => Some(false),
            (Value::Map(a), Value::Map(b)) => {
                all(a.iter().map(|(key, value)| match b.iter().find(|(other, _)| other.same(key)) {
                    Some((_, other)) => value.equals(other),
                    None => Some(false),
                }))
            }
            _ => Some(self.order(other) == Ordering::Equal),
        }
    }

    /// `<`, `=` or `>`: `None` when it is NULL, or when a NaN is compared.
    pub(crate) fn compares(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::Null, _) | (_, Value::Null) => None,
            (Value::Double(a), Value::Double(b)) => a.partial_cmp(b),
            (Value::Real(a), Value::Real(b)) => a.partial_cmp(b),
            _ => Some(self.order(other)),
        }
    }

    /// Whether both are the same for DISTINCT and GROUP BY: NULL and NaN are as themselves.
    pub(crate) fn same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Map(a), Value::Map(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .all(|(key, value)| b.iter().any(|(other, theirs)| other.same(key) && theirs.same(value)))
            }
            _ => self.order(other) == Ordering::Equal,
        }
    }

    /// The order of ORDER BY: NULL last, NaN above every number.
    pub(crate) fn order(&self, other: &Value) -> Ordering {
        match (self, other) {
            (Value::Null, Value::Null) => Ordering::Equal,
            (Value::Null, _) => Ordering::Greater,
            (_, Value::Null) => Ordering::Less,
            (Value::Boolean(a), Value::Boolean(b)) => a.cmp(b),
            (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
            (Value::Double(a), Value::Double(b)) => floats(*a, *b),
            (Value::Real(a), Value::Real(b)) => floats(f64::from(*a), f64::from(*b)),
            (Value::Decimal(a, _), Value::Decimal(b, _)) => a.cmp(b),
            (Value::Text(a), Value::Text(b)) => a.cmp(b),
            (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
            (Value::Date(a), Value::Date(b)) | (Value::Months(a), Value::Months(b)) => a.cmp(b),
            (Value::Time(a), Value::Time(b))
            | (Value::Timestamp(a), Value::Timestamp(b))
            | (Value::TimestampTz(a, _), Value::TimestampTz(b, _))
            | (Value::Millis(a), Value::Millis(b)) => a.cmp(b),
            (Value::Array(a), Value::Array(b)) | (Value::Row(a), Value::Row(b)) => lists(a, b),
            _ => Ordering::Equal,
        }
    }
}

fn floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

fn lists(a: &[Value], b: &[Value]) -> Ordering {
    let first = a.iter().zip(b).map(|(a, b)| a.order(b)).find(|order| order.is_ne());
    first.unwrap_or_else(|| a.len().cmp(&b.len()))
}

fn all(mut each: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = true;
    let differ = each.any(|one| {
        known &= one.is_some();
        one == Some(false)
    });
    if differ { Some(false) } else { known.then_some(true) }
}

/// Finds the first of each of several equal values, in `ORDER`-able time.
pub(crate) fn distinct(values: impl IntoIterator<Item = Value>) -> Vec<Value> {
    let mut seen = std::collections::BTreeSet::new();
    values.into_iter().filter(|value| seen.insert(Ordered(value.clone()))).collect()
}

/// A value as a key of a sorted collection.
#[derive(Clone, Debug)]
pub(crate) struct Ordered(pub(crate) Value);

impl PartialEq for Ordered {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Ordered {}
impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Value::Map(a), Value::Map(b)) => sorted(a).cmp(&sorted(b)),
            (a, b) => a.order(b),
        }
    }
}

fn sorted(map: &[(Value, Value)]) -> Vec<(Ordered, Ordered)> {
    let mut entries: Vec<_> = map.iter().map(|(k, v)| (Ordered(k.clone()), Ordered(v.clone()))).collect();
    entries.sort();
    entries
}
