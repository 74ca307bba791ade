//! Values of a query: dynamic, as what CSV and JSON hold.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::decimal::Decimal;
use super::time::Time;

/// A value. What is not there is not NULL.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Missing,
    Null,
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Float(f64),
    Text(String),
    Time(Time),
    List(Vec<Value>),
    /// Members in their order.
    Map(Vec<(String, Value)>),
}

/// A number of any kind.
#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    Int(i64),
    Decimal(Decimal),
    Float(f64),
}

impl Number {
    /// Reads a number as text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(int) = text.parse() {
            return Some(Self::Int(int));
        }
        if let Some(decimal) = Decimal::parse(text) {
            return Some(Self::Decimal(decimal));
        }
        // Words such as `inf` are no numbers here.
        let is_number = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
        text.parse().ok().filter(|_| is_number).map(Self::Float)
    }

    pub(super) fn to_float(self) -> f64 {
        match self {
            Self::Int(int) => int as f64,
            Self::Decimal(decimal) => decimal.to_float(),
            Self::Float(float) => float,
        }
    }

    /// It, unless it is a floating-point number.
    pub(super) fn to_decimal(self) -> Option<Decimal> {
        match self {
            Self::Int(int) => Some(Decimal::from_int(int)),
            Self::Decimal(decimal) => Some(decimal),
            Self::Float(_) => None,
        }
    }

    fn compare(self, other: Self) -> Option<Ordering> {
        match (self.to_decimal(), other.to_decimal()) {
            (Some(left), Some(right)) => Some(left.compare(right)),
            _ => self.to_float().partial_cmp(&other.to_float()),
        }
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        match number {
            Number::Int(int) => Self::Int(int),
            Number::Decimal(decimal) => Self::Decimal(decimal),
            Number::Float(float) => Self::Float(float),
        }
    }
}

impl Value {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Whether there is no value: NULL, or nothing.
    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Self::Missing | Self::Null)
    }

    /// It as a number: a text is one if it is written as one, because all of CSV is text.
    // UNVERIFIED: that text counts as a number without CAST; the reference only says that what is not cast is a string.
    pub(super) fn number(&self) -> Option<Number> {
        match self {
            Self::Int(int) => Some(Number::Int(*int)),
            Self::Decimal(decimal) => Some(Number::Decimal(*decimal)),
            Self::Float(float) => Some(Number::Float(*float)),
            Self::Text(text) => Number::parse(text),
            _ => None,
        }
    }

    /// How it compares with another one; `None` if that is not known, or makes no sense.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(left), Self::Text(right)) => Some(left.cmp(right)),
            (Self::Bool(left), Self::Bool(right)) => Some(left.cmp(right)),
            (Self::Text(text), Self::Bool(right)) => read_bool(text).map(|left| left.cmp(right)),
            (Self::Bool(left), Self::Text(text)) => read_bool(text).map(|right| left.cmp(&right)),
            (Self::Time(left), Self::Time(right)) => Some(left.compare(right)),
            (Self::Time(left), Self::Text(text)) => Time::parse(text).map(|right| left.compare(&right)),
            (Self::Text(text), Self::Time(right)) => Time::parse(text).map(|left| left.compare(right)),
            (Self::List(_) | Self::Map(_), _) => (self == other).then_some(Ordering::Equal),
            _ => self.number()?.compare(other.number()?),
        }
    }

    /// It as text, as it is shown in CSV: nothing for what is absent.
    pub(super) fn show(&self) -> String {
        match self {
            Self::Missing | Self::Null => String::new(),
            Self::Text(text) => text.clone(),
            Self::Time(time) => time.to_string(),
            other => other.to_json(),
        }
    }

    /// It as JSON.
    pub(super) fn to_json(&self) -> String {
        let mut json = String::new();
        // INVARIANT: writing to a string never fails.
        let _ = self.write_json(&mut json);
        json
    }

    /// Writes it as JSON; what is not there is left out of objects.
    pub(super) fn write_json(&self, out: &mut String) -> fmt::Result {
        match self {
            Self::Missing | Self::Null => out.write_str("null"),
            Self::Bool(it) => write!(out, "{it}"),
            Self::Int(int) => write!(out, "{int}"),
            Self::Decimal(decimal) => write!(out, "{decimal}"),
            Self::Float(float) if float.is_finite() => write!(out, "{}", serde_json::json!(float)),
            Self::Float(_) => out.write_str("null"),
            Self::Text(text) => write_text(text, out),
            Self::Time(time) => write_text(&time.to_string(), out),
            Self::List(all) => {
                out.push('[');
                for (n, value) in all.iter().enumerate() {
                    out.push_str(if n > 0 { "," } else { "" });
                    value.write_json(out)?;
                }
                out.push(']');
                Ok(())
            }
            Self::Map(all) => write_object(all.iter().map(|(name, value)| (name.as_str(), value)), out),
        }
    }
}

fn read_bool(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Writes an object of JSON.
pub(super) fn write_object<'a>(all: impl Iterator<Item = (&'a str, &'a Value)>, out: &mut String) -> fmt::Result {
    out.push('{');
    for (n, (name, value)) in all.filter(|(_, value)| **value != Value::Missing).enumerate() {
        out.push_str(if n > 0 { "," } else { "" });
        write_text(name, out)?;
        out.push(':');
        value.write_json(out)?;
    }
    out.push('}');
    Ok(())
}

fn write_text(text: &str, out: &mut String) -> fmt::Result {
    out.write_str(&serde_json::to_string(text).map_err(|_| fmt::Error)?)
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, it: bool) -> std::result::Result<Value, E> {
        Ok(Value::Bool(it))
    }

    fn visit_i64<E>(self, int: i64) -> std::result::Result<Value, E> {
        Ok(Value::Int(int))
    }

    fn visit_u64<E>(self, int: u64) -> std::result::Result<Value, E> {
        Ok(Number::parse(&int.to_string()).map_or(Value::Null, Value::from))
    }

    fn visit_f64<E>(self, float: f64) -> std::result::Result<Value, E> {
        // The shortest text that means the number: as it was written, in all but odd cases.
        let text = float.to_string();
        Ok(Decimal::parse(&text).filter(|_| text.contains('.')).map_or(Value::Float(float), Value::Decimal))
    }

    fn visit_str<E>(self, text: &str) -> std::result::Result<Value, E> {
        Ok(Value::text(text))
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> std::result::Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(value) = access.next_element()? {
            all.push(value);
        }
        Ok(Value::List(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> std::result::Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(entry) = access.next_entry()? {
            all.push(entry);
        }
        Ok(Value::Map(all))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn json_comes_out_as_it_went_in() {
        for json in
            [r#"{"b":1,"a":[true,null,{"x":"\"y\""}],"c":1.5,"d":-0.05}"#, "[]", "\"ä\"", "12345678901234567890"]
        {
            assert_eq!(serde_json::from_str::<Value>(json).unwrap().to_json(), json);
        }
        let with_nothing = Value::Map(vec![("a".to_owned(), Value::Missing), ("b".to_owned(), Value::Null)]);
        assert_eq!(with_nothing.to_json(), r#"{"b":null}"#);
    }

    #[test]
    fn values_compare_across_kinds() {
        let is = |left: Value, right: Value, expected| assert_eq!(left.compare(&right), expected, "{left:?} {right:?}");
        is(Value::text("10"), Value::Int(9), Some(Ordering::Greater));
        is(Value::text("10"), Value::text("9"), Some(Ordering::Less));
        is(Value::text("x"), Value::Int(9), None);
        is(Value::Decimal(Decimal::parse("1.0").unwrap()), Value::Int(1), Some(Ordering::Equal));
        is(Value::Float(0.5), Value::Int(1), Some(Ordering::Less));
        is(Value::Null, Value::Null, None);
        is(Value::text("TRUE"), Value::Bool(true), Some(Ordering::Equal));
    }
}
