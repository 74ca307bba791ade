//! Scalars as text: numbers, booleans, base64, timestamps of every protocol.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use welkin_model::{Kind, Member, Protocol, Shape, TimestampFormat};

use crate::parse_error::{Fail, ParseErrorKind};
use crate::{Fraction, Timestamp, Value};

/// Decodes base64 with padding.
pub(crate) fn decode_base64(text: &str) -> Result<Bytes, Fail> {
    match STANDARD.decode(text) {
        Ok(bytes) => Ok(Bytes::from(bytes)),
        Err(error) => Err(Fail::new(ParseErrorKind::Blob, format!("Invalid base64: {error}.")).of("", text)),
    }
}

/// Decodes base64 that XML or people may have broken into lines.
pub(crate) fn decode_base64_lines(text: &str) -> Result<Bytes, Fail> {
    if text.bytes().any(|b| b.is_ascii_whitespace()) {
        let joined: String = text.split_ascii_whitespace().collect();
        return decode_base64(&joined);
    }
    decode_base64(text)
}

pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads an integer, also written as `1.0` or `1E3`, within the bounds of its kind.
pub(crate) fn integer(kind: &Kind, text: &str) -> Result<i64, Fail> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let int = digits.parse::<i64>().ok().or_else(|| {
        let float: f64 = if digits.contains(['.', 'e', 'E']) { digits.parse().ok()? } else { return None };
        // Up to 2^53 every integral float is exact.
        (float.fract() == 0.0 && float.abs() <= 9_007_199_254_740_992.0).then_some(float as i64)
    });
    let bounded = int.filter(|i| matches!(kind, Kind::Long) || i32::try_from(*i).is_ok());
    bounded.ok_or_else(|| {
        let what = if matches!(kind, Kind::Long) { "a 64-bit integer" } else { "a 32-bit integer" };
        Fail::new(ParseErrorKind::Number, format!("Must be {what}.")).of("", text)
    })
}

/// Reads a float, or `NaN`, `Infinity`, `-Infinity`.
pub(crate) fn float(text: &str) -> Result<f64, Fail> {
    special_float(text)
        .or_else(|| text.parse::<f64>().ok().filter(|f| f.is_finite()))
        .ok_or_else(|| Fail::new(ParseErrorKind::Number, "Must be a number.").of("", text))
}

pub(crate) fn special_float(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// A number of no particular shape: an integer, a float, or decimal text if neither holds it.
pub(crate) fn any_number(text: &str) -> Value {
    if !text.contains(['.', 'e', 'E']) {
        return text.parse().map_or_else(|_| Value::Decimal(text.into()), Value::Int);
    }
    match text.parse::<f64>() {
        Ok(float) if float.is_finite() => Value::Float(float),
        _ => Value::Decimal(text.into()),
    }
}

/// A float as text.
pub(crate) fn float_text(float: f64) -> String {
    if float.is_nan() {
        "NaN".to_owned()
    } else if float.is_infinite() {
        if float > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
    } else {
        // `Debug` writes the shortest text that reads back the same, with an exponent where that is long.
        format!("{float:?}")
    }
}

/// Format of a timestamp: the reference's, the shape's, or the protocol's for that place.
pub(crate) fn timestamp_format(member: Option<&Member>, shape: &Shape, default: TimestampFormat) -> TimestampFormat {
    let own = match shape.kind {
        Kind::Timestamp { format } => format,
        _ => None,
    };
    member.and_then(|m| m.timestamp_format).or(own).unwrap_or(default)
}

/// Reads a scalar from text, as XML, forms, labels, query strings and headers hold it.
pub(crate) fn from_text(
    shape: &Shape,
    member: Option<&Member>,
    text: &str,
    times: TimestampFormat,
) -> Result<Value, Fail> {
    Ok(match &shape.kind {
        Kind::String { .. } => Value::String(text.to_owned()),
        Kind::Boolean => match text.trim() {
            t if t.eq_ignore_ascii_case("true") || t == "1" => Value::Bool(true),
            t if t.eq_ignore_ascii_case("false") || t == "0" => Value::Bool(false),
            t => return Err(Fail::new(ParseErrorKind::Type, "Must be true or false.").of("", t)),
        },
        Kind::Integer | Kind::Long => Value::Int(integer(&shape.kind, text.trim())?),
        Kind::Float | Kind::Double => Value::Float(float(text.trim())?),
        Kind::Timestamp { .. } => {
            let format = timestamp_format(member, shape, times);
            match Timestamp::parse(format, text.trim()) {
                Some(timestamp) => Value::Timestamp(timestamp),
                None => return Err(bad_timestamp(text)),
            }
        }
        Kind::Blob { .. } => Value::Blob(decode_base64_lines(text)?),
        Kind::List { .. } | Kind::Map { .. } | Kind::Structure(_) => {
            return Err(Fail::new(ParseErrorKind::Type, "Unexpected text where a structure, list or map is expected."));
        }
    })
}

pub(crate) fn bad_timestamp(text: &str) -> Fail {
    Fail::new(ParseErrorKind::Timestamp, "Must be a timestamp in the documented format.").of("", text)
}

/// The text of a scalar, for the same places; `None` if `value` does not fit `shape`.
pub(crate) fn to_text(
    shape: &Shape,
    member: Option<&Member>,
    value: &Value,
    times: TimestampFormat,
    fraction: Fraction,
) -> Option<String> {
    Some(match (&shape.kind, value) {
        (Kind::String { .. }, Value::String(text)) => text.clone(),
        (Kind::Boolean, Value::Bool(bool)) => bool.to_string(),
        (Kind::Integer | Kind::Long, Value::Int(int)) => int.to_string(),
        (Kind::Float | Kind::Double, Value::Int(int)) => int.to_string(),
        (Kind::Float | Kind::Double, Value::Float(float)) => float_text(*float),
        (Kind::Integer | Kind::Long | Kind::Float | Kind::Double, Value::Decimal(text)) => text.to_string(),
        (Kind::Timestamp { .. }, Value::Timestamp(t)) => t.format(timestamp_format(member, shape, times), fraction),
        (Kind::Blob { .. }, Value::Blob(bytes)) => encode_base64(bytes),
        _ => return None,
    })
}

/// Fraction that timestamps of a service's XML answers carry.
pub(crate) fn fraction(service: &str, protocol: Protocol) -> Fraction {
    match protocol {
        Protocol::Ec2 => Fraction::Millis,
        Protocol::RestXml if service == "s3" => Fraction::Millis,
        _ => Fraction::AsNeeded,
    }
}
