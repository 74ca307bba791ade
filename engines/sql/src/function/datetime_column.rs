//! Parts of dates and timestamps of whole columns, as queries group by them.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array};
use datafusion::arrow::datatypes::{Date32Type, Int64Type, TimestampMicrosecondType};

use super::Types;
use crate::civil::{DAY, civil};
use crate::error::{Result, SqlError};
use crate::types::Type;

/// How a function is computed of whole columns.
pub(crate) type OfColumns = fn(&Types, &[ArrayRef]) -> Result<ArrayRef>;

/// The function of this name for columns of this type, if it is one of these.
pub(crate) fn part(name: &str, of: &Type) -> Option<OfColumns> {
    let run: OfColumns = match name {
        "year" => |types, args| each(types, &args[0], |day| civil(day).0),
        "quarter" => |types, args| each(types, &args[0], |day| (civil(day).1 + 2) / 3),
        "month" => |types, args| each(types, &args[0], |day| civil(day).1),
        "day" | "day_of_month" => |types, args| each(types, &args[0], |day| civil(day).2),
        _ => return None,
    };
    matches!(of, Type::Date | Type::Timestamp(_)).then_some(run)
}

fn each(types: &Types, column: &ArrayRef, of: fn(i64) -> i64) -> Result<ArrayRef> {
    let parts: Int64Array = match types.args.first() {
        Some(Type::Date) => column.as_primitive::<Date32Type>().unary::<_, Int64Type>(|day| of(i64::from(day))),
        Some(Type::Timestamp(_)) => {
            column.as_primitive::<TimestampMicrosecondType>().unary::<_, Int64Type>(|at| of(at.div_euclid(DAY)))
        }
        other => return Err(SqlError::internal(format!("{other:?} has no parts"))),
    };
    Ok(Arc::new(parts))
}
