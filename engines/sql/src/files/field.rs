//! Values from the texts of fields.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::error::{Code, SqlError};
use crate::function::cast::convert;
use crate::function::datetime_format::read_java;
use crate::types::Type;
use crate::value::Value;

/// The value of a text, or nothing if it is none of its type.
pub(super) fn read(text: &str, ty: &Type) -> Option<Value> {
    match ty {
        Type::Boolean if text.eq_ignore_ascii_case("true") => Some(Value::Boolean(true)),
        Type::Boolean if text.eq_ignore_ascii_case("false") => Some(Value::Boolean(false)),
        Type::Boolean => None,
        Type::Tinyint => text.parse::<i8>().ok().map(|it| Value::Integer(it.into())),
        Type::Smallint => text.parse::<i16>().ok().map(|it| Value::Integer(it.into())),
        Type::Integer => text.parse::<i32>().ok().map(|it| Value::Integer(it.into())),
        Type::Bigint => text.parse::<i64>().ok().map(Value::Integer),
        Type::Real => real(text),
        Type::Varchar(None) => Some(Value::text(text)),
        Type::Varbinary => Some(Value::bytes(STANDARD.decode(text).unwrap_or_else(|_| text.as_bytes().to_vec()))),
        Type::Date => {
            // A time after the date is cut.
            let day = text.get(..10).filter(|_| text.as_bytes().get(10).is_some_and(|next| b" T".contains(next)));
            converted(day.unwrap_or(text), ty)
        }
        _ => converted(text, ty),
    }
}

/// The 32 bits that are next to what is written, which the 64 bits between them need not be.
fn real(text: &str) -> Option<Value> {
    let digits = text.trim().starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    match text.trim().parse::<f32>() {
        Ok(number) if digits && !number.is_nan() && !text.contains(['n', 'N']) => Some(Value::Real(number)),
        _ => converted(text, &Type::Real),
    }
}

fn converted(text: &str, ty: &Type) -> Option<Value> {
    convert(&Type::VARCHAR, ty, &Value::text(text)).ok()
}

/// A time by the formats that a table names (`timestamp.formats`), or else as JDBC and ISO write it.
pub(super) fn timestamp(text: &str, ty: &Type, formats: &[String]) -> Option<Value> {
    for format in formats {
        let read = match format.as_str() {
            "millis" => text.parse::<i64>().ok().and_then(|millis| millis.checked_mul(1000)),
            format => read_java(text, format).ok(),
        };
        if let Some(at) = read {
            return Some(Value::Timestamp(at));
        }
    }
    let plain = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    read(text, ty).or_else(|| read(&plain.replacen(['T', 't'], " ", 1), ty))
}

/// The formats of a property such as `yyyy-MM-dd'T'HH:mm:ss, millis`.
pub(super) fn formats(property: Option<&str>) -> Vec<String> {
    property.map(|all| all.split(',').map(|one| one.trim().to_owned()).collect()).unwrap_or_default()
}

/// The error of a text that is no value of its column's type.
///
/// <https://docs.aws.amazon.com/athena/latest/ug/troubleshooting-athena.html>
pub(super) fn bad(text: &str, column: usize) -> SqlError {
    let shown: String = text.chars().take(100).collect();
    let message = format!("Error parsing field value '{shown}' for field {column}: For input string: \"{shown}\"");
    SqlError::new(Code::HiveBadData, message)
}
