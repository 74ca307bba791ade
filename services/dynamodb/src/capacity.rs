//! What calls use of a table's capacity.
//!
//! Reference: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::Result;

use crate::errors::not_implemented;

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ConsumedCapacity.html>
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ConsumedCapacity {
    table_name: String,
    capacity_units: f64,
}

/// Units of a write: one for each kilobyte that is begun.
pub(crate) fn of_write(size: usize) -> f64 {
    units(size, 1024)
}

/// Units of a read: one for every four kilobytes that are begun, half of it unless it is consistent.
pub(crate) fn of_read(size: usize, consistent: bool) -> f64 {
    units(size, 4096) * if consistent { 1.0 } else { 0.5 }
}

fn units(size: usize, of: usize) -> f64 {
    u32::try_from(size.div_ceil(of).max(1)).map_or(f64::MAX, f64::from)
}

/// What a call answers of the capacity that it used, if it was asked to.
///
/// # Errors
/// `NotImplemented`: the share of indexes is asked for.
pub(crate) fn answer(wish: Option<&str>, table: &str, units: f64) -> Result<Option<ConsumedCapacity>> {
    match wish {
        None | Some("NONE") => Ok(None),
        Some("TOTAL") => Ok(Some(ConsumedCapacity { table_name: table.to_owned(), capacity_units: units })),
        Some(wish) => Err(not_implemented(format_args!("ReturnConsumedCapacity {wish}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_begun_ones() {
        assert_eq!([of_write(0), of_write(1024), of_write(1025)], [1.0, 1.0, 2.0]);
        assert_eq!([of_read(0, false), of_read(4097, false), of_read(4097, true)], [0.5, 1.0, 2.0]);
    }
}
