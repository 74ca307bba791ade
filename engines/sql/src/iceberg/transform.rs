//! Transforms: how values of a column become values of a partition.
//!
//! <https://iceberg.apache.org/spec/#partition-transforms>

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::datum::{minimal, uuid};
use super::types::Primitive;
use crate::civil::{self, DAY as MICROS_OF_DAY, HOUR as MICROS_OF_HOUR};
use crate::value::Value;

/// A transform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transform {
    /// The value itself.
    Identity,
    /// One of so many numbers, by a hash.
    Bucket(u32),
    /// The beginning of a text, or the next lower multiple of a number.
    Truncate(u32),
    /// Years since 1970.
    Year,
    /// Months since 1970-01.
    Month,
    /// Days since 1970-01-01.
    Day,
    /// Hours since 1970-01-01 00.
    Hour,
    /// Always NULL.
    Void,
    /// One that is not known: nothing is concluded from its values.
    Unknown(String),
}

impl FromStr for Transform {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let argument = |name: &str| {
            let number = text.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?.trim().parse().ok();
            number.filter(|number| (1..=i32::MAX as u32).contains(number))
        };
        Ok(match text {
            "identity" => Transform::Identity,
            "year" => Transform::Year,
            "month" => Transform::Month,
            "day" => Transform::Day,
            "hour" => Transform::Hour,
            "void" => Transform::Void,
            _ => match (argument("bucket"), argument("truncate")) {
                (Some(count), _) => Transform::Bucket(count),
                (_, Some(width)) => Transform::Truncate(width),
                _ => Transform::Unknown(text.to_owned()),
            },
        })
    }
}

impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Transform::Identity => f.write_str("identity"),
            Transform::Bucket(count) => write!(f, "bucket[{count}]"),
            Transform::Truncate(width) => write!(f, "truncate[{width}]"),
            Transform::Year => f.write_str("year"),
            Transform::Month => f.write_str("month"),
            Transform::Day => f.write_str("day"),
            Transform::Hour => f.write_str("hour"),
            Transform::Void => f.write_str("void"),
            Transform::Unknown(name) => f.write_str(name),
        }
    }
}

impl Serialize for Transform {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Transform {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // INVARIANT: every text is a transform, a known one or not.
        String::deserialize(deserializer)?.parse().map_err(|never: Infallible| match never {})
    }
}

impl Transform {
    /// Whether there is this transform of values of a type.
    pub(super) fn takes(&self, source: Primitive) -> bool {
        use Primitive::{Binary, Boolean, Date, Double, Fixed, Float, Int, Long, Timestamp, Timestamptz};
        match self {
            Transform::Identity | Transform::Void => true,
            Transform::Bucket(_) => !matches!(source, Boolean | Float | Double),
            Transform::Truncate(_) => {
                matches!(source, Int | Long | Primitive::Decimal(..) | Primitive::String | Binary)
            }
            Transform::Year | Transform::Month | Transform::Day => matches!(source, Date | Timestamp | Timestamptz),
            Transform::Hour => matches!(source, Timestamp | Timestamptz),
            Transform::Unknown(_) => !matches!(source, Fixed(0)),
        }
    }

    /// The type of its values.
    pub(super) fn result(&self, source: Primitive) -> Primitive {
        match self {
            Transform::Identity | Transform::Truncate(_) | Transform::Void => source,
            Transform::Day => Primitive::Date,
            Transform::Bucket(_) | Transform::Year | Transform::Month | Transform::Hour => Primitive::Int,
            Transform::Unknown(_) => Primitive::String,
        }
    }

    /// The value of the partition of a value; NULL for what it has none for.
    pub(super) fn apply(&self, source: Primitive, value: &Value) -> Value {
        match self {
            Transform::Identity => value.clone(),
            Transform::Void | Transform::Unknown(_) => Value::Null,
            Transform::Bucket(count) => match hash(source, value) {
                Some(hash) => Value::Integer(i64::from((hash & 0x7fff_ffff) % count)),
                None => Value::Null,
            },
            Transform::Truncate(width) => truncate(value, *width),
            Transform::Year | Transform::Month | Transform::Day | Transform::Hour => self.of_time(value),
        }
    }

    fn of_time(&self, value: &Value) -> Value {
        let micros = match value {
            Value::Date(days) => i64::from(*days).saturating_mul(MICROS_OF_DAY),
            Value::Timestamp(micros) | Value::TimestampTz(micros, _) => *micros,
            _ => return Value::Null,
        };
        let days = micros.div_euclid(MICROS_OF_DAY);
        let (year, month, _) = civil::civil(days);
        match self {
            Transform::Year => Value::Integer(year - 1970),
            Transform::Month => Value::Integer((year - 1970) * 12 + month - 1),
            Transform::Hour => Value::Integer(micros.div_euclid(MICROS_OF_HOUR)),
            _ => i32::try_from(days).map_or(Value::Null, Value::Date),
        }
    }

    /// The least and the greatest value of the column that a value of the partition stands for, both included.
    pub(super) fn range(&self, source: Primitive, value: &Value) -> Option<(Value, Value)> {
        let micros = |first: i64, after: i64| match source {
            Primitive::Timestamp => Some((Value::Timestamp(first), Value::Timestamp(after - 1))),
            Primitive::Date => {
                let day = |micros: i64| i32::try_from(micros.div_euclid(MICROS_OF_DAY)).ok().map(Value::Date);
                Some((day(first)?, day(after - 1)?))
            }
            _ => None,
        };
        let first_of = |months: i64| {
            // What is further away than any timestamp.
            let year = Some(months.div_euclid(12)).filter(|year| year.abs() < 290_000)? + 1970;
            civil::days(year, months.rem_euclid(12) + 1, 1).checked_mul(MICROS_OF_DAY)
        };
        match (self, value) {
            (Transform::Identity, value) => Some((value.clone(), value.clone())),
            (Transform::Year, Value::Integer(it)) => {
                micros(first_of(it.checked_mul(12)?)?, first_of(it.checked_add(1)?.checked_mul(12)?)?)
            }
            (Transform::Month, Value::Integer(it)) => micros(first_of(*it)?, first_of(it.checked_add(1)?)?),
            (Transform::Day, Value::Date(it)) => {
                let first = i64::from(*it).checked_mul(MICROS_OF_DAY)?;
                micros(first, first.checked_add(MICROS_OF_DAY)?)
            }
            (Transform::Hour, Value::Integer(it)) => {
                let first = it.checked_mul(MICROS_OF_HOUR)?;
                micros(first, first.checked_add(MICROS_OF_HOUR)?)
            }
            (Transform::Truncate(width), Value::Integer(it)) => {
                Some((value.clone(), Value::Integer(it.checked_add(i64::from(*width) - 1)?)))
            }
            _ => None,
        }
    }

    /// A value of the partition as it is in the names of folders.
    pub(super) fn human(&self, result: Primitive, value: &Value) -> String {
        match (self, value) {
            (_, Value::Null) => "null".into(),
            (Transform::Year, Value::Integer(it)) => format!("{:04}", it + 1970),
            (Transform::Month, Value::Integer(it)) => {
                format!("{:04}-{:02}", it.div_euclid(12) + 1970, it.rem_euclid(12) + 1)
            }
            (Transform::Hour, Value::Integer(it)) => {
                let (year, month, day) = civil::civil(it.div_euclid(24));
                format!("{year:04}-{month:02}-{day:02}-{:02}", it.rem_euclid(24))
            }
            _ => crate::show(&result.ty(), value),
        }
    }
}

fn truncate(value: &Value, width: u32) -> Value {
    match value {
        Value::Integer(it) => Value::Integer(it.saturating_sub(it.rem_euclid(i64::from(width)))),
        Value::Decimal(digits, scale) => {
            Value::Decimal(digits.saturating_sub(digits.rem_euclid(i128::from(width))), *scale)
        }
        Value::Text(text) => Value::text(text.chars().take(width as usize).collect::<String>()),
        Value::Bytes(bytes) => Value::bytes(bytes.get(..width as usize).unwrap_or(bytes)),
        _ => Value::Null,
    }
}

/// The hash of a value: Murmur3 of 32 bits.
///
/// <https://iceberg.apache.org/spec/#appendix-b-32-bit-hash-requirements>
fn hash(source: Primitive, value: &Value) -> Option<u32> {
    Some(match value {
        Value::Integer(it) | Value::Time(it) | Value::Timestamp(it) | Value::TimestampTz(it, _) => {
            murmur(&it.to_le_bytes())
        }
        Value::Date(it) => murmur(&i64::from(*it).to_le_bytes()),
        Value::Decimal(digits, _) => murmur(&minimal(*digits)),
        Value::Text(text) if source == Primitive::Uuid => murmur(&uuid(text)?),
        Value::Text(text) => murmur(text.as_bytes()),
        Value::Bytes(bytes) => murmur(bytes),
        _ => return None,
    })
}

fn murmur(bytes: &[u8]) -> u32 {
    let mix = |k: u32| k.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let (words, rest) = bytes.as_chunks::<4>();
    let mut hash = 0u32;
    for word in words {
        hash = (hash ^ mix(u32::from_le_bytes(*word))).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let last = rest.iter().rev().fold(0u32, |all, byte| all << 8 | u32::from(*byte));
    hash ^= mix(last);
    hash ^= bytes.len() as u32;
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test values of the specification's appendix B.
    #[test]
    fn hashes_are_those_of_the_specification() {
        assert_eq!(hash(Primitive::Int, &Value::Integer(34)), Some(2_017_239_379));
        assert_eq!(hash(Primitive::Decimal(9, 2), &Value::Decimal(1420, 2)), Some((-500_754_589_i32) as u32));
        assert_eq!(hash(Primitive::Date, &Value::Date(17_486)), Some((-653_330_422_i32) as u32));
        assert_eq!(hash(Primitive::Time, &Value::Time(81_068_000_000)), Some((-662_762_989_i32) as u32));
        assert_eq!(
            hash(Primitive::Timestamp, &Value::Timestamp(1_510_871_468_000_000)),
            Some((-2_047_944_441_i32) as u32)
        );
        assert_eq!(hash(Primitive::String, &Value::text("iceberg")), Some(1_210_000_089));
        assert_eq!(hash(Primitive::Uuid, &Value::text("f79c3e09-677c-4bbd-a479-3f349cb785e7")), Some(1_488_055_340));
        assert_eq!(hash(Primitive::Binary, &Value::bytes([0, 1, 2, 3])), Some((-188_683_207_i32) as u32));
    }

    #[test]
    fn transforms_and_what_their_values_stand_for() {
        let at = Value::Timestamp(1_510_871_468_000_001);
        for (transform, shown) in
            [("year", "2017"), ("month", "2017-11"), ("day", "2017-11-16"), ("hour", "2017-11-16-22")]
        {
            let Ok(transform) = transform.parse::<Transform>();
            let value = transform.apply(Primitive::Timestamp, &at);
            assert_eq!(transform.human(transform.result(Primitive::Timestamp), &value), shown);
            let (low, high) = transform.range(Primitive::Timestamp, &value).expect("range");
            assert!(low.order(&at).is_lt() && high.order(&at).is_gt());
            assert!(
                transform.apply(Primitive::Timestamp, &low).same(&value)
                    && transform.apply(Primitive::Timestamp, &high).same(&value)
            );
        }
        let Ok(ten) = "truncate[10]".parse::<Transform>();
        assert!(ten.apply(Primitive::Int, &Value::Integer(-1)).same(&Value::Integer(-10)));
        let Ok(three) = "truncate[3]".parse::<Transform>();
        assert!(three.apply(Primitive::String, &Value::text("äöüß")).same(&Value::text("äöü")));
        assert_eq!("bucket[0]".parse(), Ok(Transform::Unknown("bucket[0]".into())));
    }
}
