//! Values of Avro made values of the table's types.
//!
//! <https://avro.apache.org/docs/1.11.1/specification/#binary-encoding>

use std::sync::Arc;

use serde_json::Value as Json;

use super::Bad;
use super::schema::Schema;
use crate::function::cast::convert;
use crate::types::Type;
use crate::value::Value;

/// An array or a map has at most this many elements.
const MOST: u64 = 1 << 24;

/// A number of 7 bits a byte, the lowest first, with its sign in the lowest.
pub(super) fn long(bytes: &mut &[u8]) -> Result<i64, Bad> {
    let mut value = 0u64;
    for shift in (0..70).step_by(7) {
        let (first, rest) = bytes.split_first().ok_or_else(Bad::end)?;
        *bytes = rest;
        value |= u64::from(first & 0x7f).checked_shl(shift).unwrap_or(0);
        if first & 0x80 == 0 {
            return Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
        }
    }
    Err(Bad::new("a number is too long"))
}

fn cut<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], Bad> {
    if length > bytes.len() {
        return Err(Bad::end());
    }
    let (here, rest) = bytes.split_at(length);
    *bytes = rest;
    Ok(here)
}

fn fixed<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Bad> {
    cut(bytes, N)?.try_into().map_err(|_| Bad::end())
}

fn piece<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], Bad> {
    let length = usize::try_from(long(bytes)?).map_err(|_| Bad::new("a length is below zero"))?;
    cut(bytes, length)
}

/// Calls for each element of an array or a map.
fn blocks(bytes: &mut &[u8], mut each: impl FnMut(&mut &[u8]) -> Result<(), Bad>) -> Result<(), Bad> {
    let mut all = 0u64;
    loop {
        let count = long(bytes)?;
        if count == 0 {
            return Ok(());
        }
        if count < 0 {
            long(bytes)?;
        }
        all = all.saturating_add(count.unsigned_abs());
        if all > MOST {
            return Err(Bad::new("a list is too long"));
        }
        for _ in 0..count.unsigned_abs() {
            each(bytes)?;
        }
    }
}

fn branch<'a>(of: &'a [Arc<Schema>], bytes: &mut &[u8]) -> Result<&'a Schema, Bad> {
    let n = long(bytes)?;
    let found = usize::try_from(n).ok().and_then(|n| of.get(n));
    found.map(Arc::as_ref).ok_or_else(|| Bad::new("a union has no such branch"))
}

/// Goes over a value.
pub(super) fn skip(schema: &Schema, bytes: &mut &[u8]) -> Result<(), Bad> {
    match schema {
        Schema::Null => Ok(()),
        Schema::Boolean => cut(bytes, 1).map(drop),
        Schema::Int | Schema::Long | Schema::Date | Schema::Timestamp(_) | Schema::Enum(_) => long(bytes).map(drop),
        Schema::Float => cut(bytes, 4).map(drop),
        Schema::Double => cut(bytes, 8).map(drop),
        Schema::Bytes | Schema::Text | Schema::Decimal(None, ..) => piece(bytes).map(drop),
        Schema::Fixed(size) | Schema::Decimal(Some(size), ..) => cut(bytes, *size).map(drop),
        Schema::Array(of) => blocks(bytes, |bytes| skip(of, bytes)),
        Schema::Map(of) => blocks(bytes, |bytes| piece(bytes).and_then(|_| skip(of, bytes))),
        Schema::Union(all) => skip(branch(all, bytes)?, bytes),
        Schema::Record(fields) => fields.iter().try_for_each(|field| skip(&field.schema, bytes)),
    }
}

/// Reads a value as one of a type.
pub(super) fn read(schema: &Schema, ty: &Type, bytes: &mut &[u8]) -> Result<Value, Bad> {
    match (schema, ty) {
        (Schema::Null, _) => Ok(Value::Null),
        (Schema::Union(all), _) => read(branch(all, bytes)?, ty, bytes),
        (Schema::Array(of), Type::Array(element)) => {
            let mut all = Vec::new();
            blocks(bytes, |bytes| {
                all.push(read(of, element, bytes)?);
                Ok(())
            })?;
            Ok(Value::array(all))
        }
        (Schema::Map(of), Type::Map(key, value)) => {
            let mut all = Vec::new();
            blocks(bytes, |bytes| {
                let name = Value::text(String::from_utf8_lossy(piece(bytes)?));
                all.push((fit(&Type::VARCHAR, key, &name)?, read(of, value, bytes)?));
                Ok(())
            })?;
            Ok(Value::Map(all.into()))
        }
        (Schema::Record(fields), Type::Row(own)) => {
            let mut row = vec![Value::Null; own.len()];
            for field in fields {
                let same = |name: &Option<String>| name.as_deref() == Some(field.name.to_lowercase().as_str());
                match own.iter().zip(&mut row).find(|((name, _), _)| same(name)) {
                    Some(((_, ty), value)) => *value = read(&field.schema, ty, bytes)?,
                    None => skip(&field.schema, bytes)?,
                }
            }
            Ok(Value::Row(row.into()))
        }
        (schema, ty) => plain(schema, ty, bytes),
    }
}

/// Reads what has nothing within it.
fn plain(schema: &Schema, ty: &Type, bytes: &mut &[u8]) -> Result<Value, Bad> {
    let text = |bytes: &[u8]| Value::text(String::from_utf8_lossy(bytes));
    let (own, value) = match (schema, ty) {
        (Schema::Boolean, Type::Boolean) => {
            let [byte] = fixed(bytes)?;
            (Type::Boolean, Value::Boolean(byte != 0))
        }
        (Schema::Int | Schema::Long, Type::Real | Type::Double) => (Type::Bigint, Value::Integer(long(bytes)?)),
        (Schema::Int, _) if ty.is_integer() => (Type::Bigint, Value::Integer(long(bytes)?)),
        (Schema::Long | Schema::Timestamp(_), Type::Bigint) => (Type::Bigint, Value::Integer(long(bytes)?)),
        (Schema::Float, Type::Real | Type::Double) => (Type::Real, Value::Real(f32::from_le_bytes(fixed(bytes)?))),
        (Schema::Double, Type::Double) => (Type::Double, Value::Double(f64::from_le_bytes(fixed(bytes)?))),
        (Schema::Bytes | Schema::Text, Type::Varbinary) => (Type::Varbinary, Value::bytes(piece(bytes)?)),
        (Schema::Bytes | Schema::Text, _) if ty.is_text() => (Type::VARCHAR, text(piece(bytes)?)),
        (Schema::Fixed(size), Type::Varbinary) => (Type::Varbinary, Value::bytes(cut(bytes, *size)?)),
        (Schema::Enum(symbols), _) if ty.is_text() => {
            let n = usize::try_from(long(bytes)?).ok();
            let symbol = n.and_then(|n| symbols.get(n)).ok_or_else(|| Bad::new("an enum has no such symbol"))?;
            (Type::VARCHAR, Value::text(symbol))
        }
        (Schema::Date, Type::Date) => {
            let day = i32::try_from(long(bytes)?).map_err(|_| Bad::new("a date is out of range"))?;
            (Type::Date, Value::Date(day))
        }
        (Schema::Timestamp(unit), Type::Timestamp(_)) => {
            let micros = long(bytes)?.checked_mul(*unit).ok_or_else(|| Bad::new("a time is out of range"))?;
            (Type::Timestamp(6), Value::Timestamp(micros))
        }
        (Schema::Decimal(size, _, scale), Type::Decimal(..)) => {
            let digits = match size {
                Some(size) => cut(bytes, *size)?,
                None => piece(bytes)?,
            };
            (Type::Decimal(38, *scale), Value::Decimal(whole(digits)?, *scale))
        }
        (schema, ty) => {
            let shown: String = format!("{schema:?}").chars().take(40).collect();
            return Err(Bad(format!("{shown} is no {ty}")));
        }
    };
    fit(&own, ty, &value)
}

/// A value as one of the table's type.
fn fit(own: &Type, ty: &Type, value: &Value) -> Result<Value, Bad> {
    convert(own, ty, value).map_err(|why| Bad(why.message))
}

/// A number in two's complement, the highest byte first.
fn whole(bytes: &[u8]) -> Result<i128, Bad> {
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let start = if negative { -1i128 } else { 0 };
    let mut value = start;
    for (n, byte) in bytes.iter().rev().enumerate() {
        if n >= 16 {
            // What is beyond 128 bits must be nothing but the sign.
            if *byte != if negative { 0xff } else { 0 } {
                return Err(Bad::new("a decimal has too many digits"));
            }
            continue;
        }
        let shift = u32::try_from(n * 8).unwrap_or(0);
        value = (value & !(0xffi128 << shift)) | (i128::from(*byte) << shift);
    }
    Ok(value)
}

/// The default of a field, as its schema writes it. What has something within it is NULL.
pub(super) fn default(json: &Json, ty: &Type) -> Value {
    let (own, value) = match json {
        Json::Bool(it) => (Type::Boolean, Value::Boolean(*it)),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(it), _) => (Type::Bigint, Value::Integer(it)),
            (None, Some(it)) => (Type::Double, Value::Double(it)),
            (None, None) => return Value::Null,
        },
        Json::String(text) => (Type::VARCHAR, Value::text(text)),
        _ => return Value::Null,
    };
    convert(&own, ty, &value).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read() {
        assert_eq!(long(&mut &[0x03][..]).ok(), Some(-2));
        assert_eq!(long(&mut &[0x80, 0x01][..]).ok(), Some(64));
        assert!(long(&mut &[0x80][..]).is_err() && long(&mut &[0xff; 20][..]).is_err());
        assert_eq!(whole(&[0xff, 0x38]).ok(), Some(-200));
        assert_eq!(whole(&[0; 20]).ok(), Some(0));
        assert!(whole(&[1; 20]).is_err());
    }

    #[test]
    fn schemas_do_not_lie_within_themselves() {
        let itself = r#"{"type":"record","name":"a","fields":[{"name":"next","type":["null","a"]}]}"#;
        assert!(Schema::parse(itself).is_err());
        assert!(Schema::parse(&"[".repeat(100_000)).is_err());
    }
}
