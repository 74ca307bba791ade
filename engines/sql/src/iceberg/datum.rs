//! Single values as bytes, as bounds of columns have them.
//!
//! <https://iceberg.apache.org/spec/#appendix-d-single-value-serialization>

use std::sync::Arc;

use super::avro::Avro;
use super::types::Primitive;
use crate::value::Value;

/// A value as bytes; `None` for NULL.
pub(super) fn to_bytes(of: Primitive, value: &Value) -> Option<Vec<u8>> {
    Some(match (of, value) {
        (Primitive::Boolean, Value::Boolean(it)) => vec![u8::from(*it)],
        (Primitive::Int, Value::Integer(it)) => i32::try_from(*it).ok()?.to_le_bytes().to_vec(),
        (Primitive::Long, Value::Integer(it)) => it.to_le_bytes().to_vec(),
        (Primitive::Float, Value::Real(it)) => it.to_le_bytes().to_vec(),
        (Primitive::Double, Value::Double(it)) => it.to_le_bytes().to_vec(),
        (Primitive::Decimal(..), Value::Decimal(digits, _)) => minimal(*digits),
        (Primitive::Date, Value::Date(it)) => it.to_le_bytes().to_vec(),
        (Primitive::Time, Value::Time(it))
        | (Primitive::Timestamp, Value::Timestamp(it))
        | (Primitive::Timestamptz, Value::TimestampTz(it, _)) => it.to_le_bytes().to_vec(),
        (Primitive::String, Value::Text(it)) => it.as_bytes().to_vec(),
        (Primitive::Uuid, Value::Text(it)) => uuid(it)?.to_vec(),
        (Primitive::Fixed(_) | Primitive::Binary, Value::Bytes(it)) => it.to_vec(),
        _ => return None,
    })
}

/// The value that bytes are; `None` if they are none. Bounds that were written before a column got a wider type are
/// shorter.
pub(super) fn from_bytes(of: Primitive, bytes: &[u8]) -> Option<Value> {
    let int = || bytes.try_into().ok().map(i32::from_le_bytes);
    let long = || bytes.try_into().ok().map(i64::from_le_bytes);
    Some(match of {
        Primitive::Boolean => Value::Boolean(bytes.first()? != &0),
        Primitive::Int => Value::Integer(int()?.into()),
        Primitive::Long => Value::Integer(long().or_else(|| int().map(i64::from))?),
        Primitive::Float => Value::Real(f32::from_le_bytes(bytes.try_into().ok()?)),
        Primitive::Double => match bytes.try_into() {
            Ok(bytes) => Value::Double(f64::from_le_bytes(bytes)),
            Err(_) => Value::Double(f32::from_le_bytes(bytes.try_into().ok()?).into()),
        },
        Primitive::Decimal(_, scale) => Value::Decimal(unscaled(bytes)?, scale),
        Primitive::Date => Value::Date(int()?),
        Primitive::Time => Value::Time(long()?),
        Primitive::Timestamp => Value::Timestamp(long()?),
        Primitive::Timestamptz => Value::TimestampTz(long()?, Arc::from("UTC")),
        Primitive::String => Value::text(std::str::from_utf8(bytes).ok()?),
        Primitive::Uuid => Value::text(uuid_text(bytes)?),
        Primitive::Fixed(_) | Primitive::Binary => Value::bytes(bytes),
    })
}

/// A value of a partition as Avro has it.
pub(super) fn to_avro(of: Primitive, value: &Value) -> Avro {
    match (of, value) {
        (_, Value::Boolean(it)) => Avro::Boolean(*it),
        (_, Value::Integer(it) | Value::Time(it) | Value::Timestamp(it) | Value::TimestampTz(it, _)) => Avro::Long(*it),
        (_, Value::Date(it)) => Avro::Long((*it).into()),
        (_, Value::Real(it)) => Avro::Float(*it),
        (_, Value::Double(it)) => Avro::Double(*it),
        (Primitive::Decimal(precision, _), Value::Decimal(digits, _)) => {
            let all = digits.to_be_bytes();
            Avro::Bytes(all.get(all.len() - decimal_size(precision)..).unwrap_or_default().to_vec())
        }
        (Primitive::Uuid, Value::Text(it)) => uuid(it).map_or(Avro::Null, |bytes| Avro::Bytes(bytes.to_vec())),
        (_, Value::Text(it)) => Avro::String(it.to_string()),
        (_, Value::Bytes(it)) => Avro::Bytes(it.to_vec()),
        _ => Avro::Null,
    }
}

/// The value of a partition that Avro has.
pub(super) fn from_avro(of: Primitive, avro: &Avro) -> Value {
    match (of, avro) {
        (Primitive::Boolean, Avro::Boolean(it)) => Value::Boolean(*it),
        (Primitive::Int | Primitive::Long, Avro::Long(it)) => Value::Integer(*it),
        (Primitive::Float, Avro::Float(it)) => Value::Real(*it),
        (Primitive::Double, Avro::Double(it)) => Value::Double(*it),
        (Primitive::Double, Avro::Float(it)) => Value::Double((*it).into()),
        (Primitive::Date, Avro::Long(it)) => i32::try_from(*it).map_or(Value::Null, Value::Date),
        (Primitive::Time, Avro::Long(it)) => Value::Time(*it),
        (Primitive::Timestamp, Avro::Long(it)) => Value::Timestamp(*it),
        (Primitive::Timestamptz, Avro::Long(it)) => Value::TimestampTz(*it, Arc::from("UTC")),
        (Primitive::String, Avro::String(it)) => Value::text(it),
        (_, Avro::Bytes(bytes)) => from_bytes(of, bytes).unwrap_or(Value::Null),
        _ => Value::Null,
    }
}

/// How many bytes a decimal has in Avro's and Parquet's fixed ones.
pub(super) fn decimal_size(precision: u8) -> usize {
    // INVARIANT: 16 bytes hold 38 digits.
    (1..=16).find(|size| precision == 0 || decimal_digits(*size) >= u32::from(precision)).unwrap_or(16)
}

/// How many digits fit into so many bytes with a sign.
fn decimal_digits(size: usize) -> u32 {
    let most = if size >= 16 { i128::MAX } else { (1i128 << (8 * size - 1)) - 1 };
    most.ilog10()
}

/// The fewest bytes of a number, the most significant first.
pub(super) fn minimal(number: i128) -> Vec<u8> {
    let all = number.to_be_bytes();
    let redundant = |n: &usize| {
        let (byte, next) = (all.get(*n).copied(), all.get(n + 1).copied());
        matches!((byte, next), (Some(0), Some(next)) if next < 0x80)
            || matches!((byte, next), (Some(0xff), Some(next)) if next >= 0x80)
    };
    let skip = (0..all.len() - 1).take_while(redundant).count();
    all.get(skip..).unwrap_or_default().to_vec()
}

fn unscaled(bytes: &[u8]) -> Option<i128> {
    let first = *bytes.first()?;
    if bytes.len() > 16 {
        return None;
    }
    let sign = if first & 0x80 == 0 { 0 } else { -1i128 };
    Some(bytes.iter().fold(sign, |all, byte| all << 8 | i128::from(*byte)))
}

/// The bytes of a UUID; `None` if the text is none.
pub(super) fn uuid(text: &str) -> Option<[u8; 16]> {
    let is_one = text.len() == 36 && [8, 13, 18, 23].iter().all(|at| text.as_bytes().get(*at) == Some(&b'-'));
    if !is_one {
        return None;
    }
    hex::decode(text.replace('-', "")).ok()?.try_into().ok()
}

/// A UUID as text.
pub(super) fn uuid_text(bytes: &[u8]) -> Option<String> {
    let text = hex::encode(<[u8; 16]>::try_from(bytes).ok()?);
    Some([text.get(..8)?, text.get(8..12)?, text.get(12..16)?, text.get(16..20)?, text.get(20..)?].join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back() {
        let uuid = "f79c3e09-677c-4bbd-a479-3f349cb785e7";
        for (of, value) in [
            (Primitive::Int, Value::Integer(-7)),
            (Primitive::Long, Value::Integer(i64::MIN)),
            (Primitive::Decimal(9, 2), Value::Decimal(-129, 2)),
            (Primitive::Decimal(38, 0), Value::Decimal(i128::MIN / 2, 0)),
            (Primitive::Uuid, Value::text(uuid)),
            (Primitive::Date, Value::Date(-1)),
            (Primitive::Timestamptz, Value::TimestampTz(5, "UTC".into())),
            (Primitive::String, Value::text("ä")),
        ] {
            let back = to_bytes(of, &value).and_then(|bytes| from_bytes(of, &bytes)).expect("value");
            assert!(back.same(&value), "{value:?} {back:?}");
            assert!(from_avro(of, &to_avro(of, &value)).same(&value), "{value:?}");
        }
        assert_eq!(minimal(127), [127]);
        assert_eq!(minimal(128), [0, 128]);
        assert_eq!(minimal(-1), [255]);
        assert_eq!([1, 2, 3, 4, 9, 18, 19, 38].map(decimal_size), [1, 1, 2, 2, 4, 8, 9, 16]);
        assert!(from_bytes(Primitive::Long, &[1, 0, 0, 0]).is_some_and(|it| it.same(&Value::Integer(1))));
    }
}
