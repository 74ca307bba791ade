//! What results tell of their columns, in the API and in the file beside the result.

use welkin_sql::{Column, Spatial, Type};

use crate::execution::ResultColumn;

/// A column of a query.
///
/// Precisions as in answers that AWS's documentation shows.
// UNVERIFIED: those of char, time, interval, uuid and ipaddress.
pub(super) fn of_column(column: &Column) -> ResultColumn {
    let (ty, precision, scale) = match &column.ty {
        Type::Unknown => ("unknown", 0, 0),
        Type::Boolean => ("boolean", 0, 0),
        Type::Tinyint => ("tinyint", 3, 0),
        Type::Smallint => ("smallint", 5, 0),
        Type::Integer => ("integer", 10, 0),
        Type::Bigint => ("bigint", 19, 0),
        Type::Real => ("float", 17, 0),
        Type::Double => ("double", 17, 0),
        Type::Decimal(precision, scale) => ("decimal", i32::from(*precision), i32::from(*scale)),
        Type::Varchar(length) => {
            ("varchar", length.map_or(i32::MAX, |length| length.try_into().unwrap_or(i32::MAX)), 0)
        }
        Type::Char(length) => ("char", (*length).try_into().unwrap_or(i32::MAX), 0),
        Type::Varbinary => ("varbinary", 1_073_741_824, 0),
        Type::Date => ("date", 0, 0),
        Type::Time(_) => ("time", 3, 0),
        Type::Timestamp(_) => ("timestamp", 3, 0),
        Type::TimestampTz(_) => ("timestamp with time zone", 3, 0),
        Type::IntervalYearToMonth => ("interval year to month", 0, 0),
        Type::IntervalDayToSecond => ("interval day to second", 0, 0),
        Type::Json => ("json", 0, 0),
        Type::Uuid => ("uuid", 0, 0),
        Type::Ipaddress => ("ipaddress", 0, 0),
        // UNVERIFIED: that a sketch is named as the bytes that are shown of it.
        Type::Sketch(_) => ("varbinary", 1_073_741_824, 0),
        // UNVERIFIED: that Athena names shapes as Trino does, in small letters.
        Type::Spatial(Spatial::Geometry) => ("geometry", 0, 0),
        Type::Spatial(Spatial::SphericalGeography) => ("sphericalgeography", 0, 0),
        Type::Spatial(Spatial::BingTile) => ("bingtile", 0, 0),
        Type::Array(_) => ("array", 0, 0),
        Type::Map(..) => ("map", 0, 0),
        Type::Row(_) => ("row", 0, 0),
        Type::Function(..) => ("function", 0, 0),
    };
    let case_sensitive = matches!(column.ty, Type::Varchar(_) | Type::Char(_));
    ResultColumn { name: column.name.clone(), ty: ty.to_owned(), precision, scale, case_sensitive }
}

/// A column of text, as statements of definitions have it.
pub(super) fn text(name: &str) -> ResultColumn {
    ResultColumn { name: name.to_owned(), ty: "string".to_owned(), precision: 0, scale: 0, case_sensitive: false }
}

/// The file of metadata: protocol buffers, one message for each column in field 4.
// UNVERIFIED: Athena says only that it is binary; the fields are those that readers of such files have found.
pub(super) fn file(columns: &[ResultColumn]) -> Vec<u8> {
    let mut all = Vec::new();
    for column in columns {
        let mut one = Vec::new();
        bytes(&mut one, 1, b"hive");
        bytes(&mut one, 4, column.name.as_bytes());
        bytes(&mut one, 5, column.name.as_bytes());
        bytes(&mut one, 6, column.ty.as_bytes());
        number(&mut one, 7, u64::try_from(column.precision).unwrap_or_default());
        number(&mut one, 8, u64::try_from(column.scale).unwrap_or_default());
        // "UNKNOWN" is the third way of being nullable.
        number(&mut one, 9, 3);
        number(&mut one, 10, u64::from(column.case_sensitive));
        bytes(&mut all, 4, &one);
    }
    all
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value as u8 & 0x7f) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn number(out: &mut Vec<u8>, field: u64, value: u64) {
    varint(out, field << 3);
    varint(out, value);
}

fn bytes(out: &mut Vec<u8>, field: u64, value: &[u8]) {
    varint(out, field << 3 | 2);
    varint(out, value.len() as u64);
    out.extend_from_slice(value);
}
