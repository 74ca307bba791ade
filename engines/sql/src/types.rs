//! The types of values, as Trino has them.
//!
//! <https://trino.io/docs/current/language/types.html>,
//! <https://docs.aws.amazon.com/athena/latest/ug/data-types.html>

pub(crate) mod coerce;

use std::fmt;

use serde::{Deserialize, Serialize};

/// A type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Type {
    /// The type of NULL alone.
    Unknown,
    /// True or false.
    Boolean,
    /// 8 bits.
    Tinyint,
    /// 16 bits.
    Smallint,
    /// 32 bits.
    Integer,
    /// 64 bits.
    Bigint,
    /// 32-bit floating point.
    Real,
    /// 64-bit floating point.
    Double,
    /// Digits in all, digits after the point.
    Decimal(u8, u8),
    /// Characters, at most so many.
    Varchar(Option<u32>),
    /// Characters, padded to so many.
    Char(u32),
    /// Bytes.
    Varbinary,
    /// A day.
    Date,
    /// A time of day with so many digits of a second.
    Time(u8),
    /// A local date and time with so many digits of a second.
    Timestamp(u8),
    /// An instant with a zone, with so many digits of a second.
    TimestampTz(u8),
    /// Months.
    IntervalYearToMonth,
    /// Milliseconds.
    IntervalDayToSecond,
    /// A JSON value.
    Json,
    /// 128 bits, written with hyphens.
    Uuid,
    /// An IPv4 or IPv6 address.
    Ipaddress,
    /// A summary of values, which answers questions about them.
    Sketch(Sketch),
    /// A shape, or a square of a map.
    Spatial(Spatial),
    /// Elements of one type.
    Array(Box<Type>),
    /// Keys and values.
    Map(Box<Type>, Box<Type>),
    /// Fields, with names or without.
    Row(Vec<(Option<String>, Type)>),
    /// The type of a lambda: parameters and result.
    Function(Vec<Type>, Box<Type>),
}

/// Which summary of values.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Sketch {
    /// How many are different.
    HyperLogLog,
    /// The same, kept in another way.
    P4HyperLogLog,
    /// How much two sets have in common.
    SetDigest,
    /// Which shares are below which values.
    TDigest,
    /// The same, of numbers of a type.
    QDigest(Box<Type>),
}

/// Which kind of shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Spatial {
    /// On a plane.
    Geometry,
    /// On the Earth, in degrees.
    SphericalGeography,
    /// A square of a map of the Earth.
    BingTile,
}

impl Type {
    /// `varchar` without a bound.
    pub const VARCHAR: Type = Type::Varchar(None);

    /// An array of these.
    pub fn array(element: Type) -> Type {
        Type::Array(Box::new(element))
    }

    /// A map of these.
    pub fn map(key: Type, value: Type) -> Type {
        Type::Map(Box::new(key), Box::new(value))
    }

    pub(crate) fn is_integer(&self) -> bool {
        matches!(self, Type::Tinyint | Type::Smallint | Type::Integer | Type::Bigint)
    }

    pub(crate) fn is_numeric(&self) -> bool {
        self.is_integer() || matches!(self, Type::Real | Type::Double | Type::Decimal(..))
    }

    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Type::Varchar(_) | Type::Char(_))
    }

    pub(crate) fn is_float(&self) -> bool {
        matches!(self, Type::Real | Type::Double)
    }

    /// Whether values are equal exactly when their stored forms are, so that they can be compared as they lie.
    pub(crate) fn is_plain(&self) -> bool {
        !matches!(
            self,
            Type::Real
                | Type::Double
                | Type::TimestampTz(_)
                | Type::Array(_)
                | Type::Map(..)
                | Type::Row(_)
                | Type::Function(..)
                | Type::Sketch(_)
                | Type::Unknown
        )
    }

    /// Whether `=` is defined.
    pub(crate) fn is_comparable(&self) -> bool {
        match self {
            Type::Function(..) | Type::Sketch(_) => false,
            Type::Spatial(of) => *of == Spatial::BingTile,
            Type::Array(element) => element.is_comparable(),
            Type::Map(key, value) => key.is_comparable() && value.is_comparable(),
            Type::Row(fields) => fields.iter().all(|(_, field)| field.is_comparable()),
            _ => true,
        }
    }

    /// Whether `<` is defined.
    pub(crate) fn is_orderable(&self) -> bool {
        match self {
            Type::Function(..) | Type::Map(..) | Type::Json | Type::Sketch(_) | Type::Spatial(_) => false,
            Type::Array(element) => element.is_orderable(),
            Type::Row(fields) => fields.iter().all(|(_, field)| field.is_orderable()),
            _ => true,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Unknown => f.write_str("unknown"),
            Type::Boolean => f.write_str("boolean"),
            Type::Tinyint => f.write_str("tinyint"),
            Type::Smallint => f.write_str("smallint"),
            Type::Integer => f.write_str("integer"),
            Type::Bigint => f.write_str("bigint"),
            Type::Real => f.write_str("real"),
            Type::Double => f.write_str("double"),
            Type::Decimal(p, s) => write!(f, "decimal({p},{s})"),
            Type::Varchar(None) => f.write_str("varchar"),
            Type::Varchar(Some(n)) => write!(f, "varchar({n})"),
            Type::Char(n) => write!(f, "char({n})"),
            Type::Varbinary => f.write_str("varbinary"),
            Type::Date => f.write_str("date"),
            Type::Time(p) => write!(f, "time({p})"),
            Type::Timestamp(p) => write!(f, "timestamp({p})"),
            Type::TimestampTz(p) => write!(f, "timestamp({p}) with time zone"),
            Type::IntervalYearToMonth => f.write_str("interval year to month"),
            Type::IntervalDayToSecond => f.write_str("interval day to second"),
            Type::Json => f.write_str("json"),
            Type::Uuid => f.write_str("uuid"),
            Type::Ipaddress => f.write_str("ipaddress"),
            Type::Sketch(Sketch::HyperLogLog) => f.write_str("HyperLogLog"),
            Type::Sketch(Sketch::P4HyperLogLog) => f.write_str("P4HyperLogLog"),
            Type::Sketch(Sketch::SetDigest) => f.write_str("SetDigest"),
            Type::Sketch(Sketch::TDigest) => f.write_str("tdigest"),
            Type::Sketch(Sketch::QDigest(of)) => write!(f, "qdigest({of})"),
            Type::Spatial(Spatial::Geometry) => f.write_str("Geometry"),
            Type::Spatial(Spatial::SphericalGeography) => f.write_str("SphericalGeography"),
            Type::Spatial(Spatial::BingTile) => f.write_str("BingTile"),
            Type::Array(element) => write!(f, "array({element})"),
            Type::Map(key, value) => write!(f, "map({key}, {value})"),
            Type::Row(fields) => {
                f.write_str("row(")?;
                for (n, (name, field)) in fields.iter().enumerate() {
                    f.write_str(if n > 0 { ", " } else { "" })?;
                    match name {
                        Some(name) => write!(f, "{name} {field}")?,
                        None => write!(f, "{field}")?,
                    }
                }
                f.write_str(")")
            }
            Type::Function(parameters, result) => {
                f.write_str("function(")?;
                parameters.iter().try_for_each(|parameter| write!(f, "{parameter},"))?;
                write!(f, "{result})")
            }
        }
    }
}
