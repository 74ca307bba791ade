//! What a plan is told of a scan beforehand: it decides which side of a join is kept in memory.

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{DataType, SchemaRef, UInt64Type};
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::stats::Precision;
use datafusion::common::{Column, ColumnStatistics, ScalarValue, Statistics};
use datafusion::functions_aggregate::min_max::{MaxAccumulator, MinAccumulator};
use datafusion::logical_expr::Accumulator;

/// What a value takes in memory whose type does not tell it.
const WIDTH: usize = 24;

/// What is known of so many rows with these columns, of which these tell something. Nothing of it is taken for exact:
/// no answer comes out of it.
pub(crate) fn of(schema: &SchemaRef, rows: usize, told: &[&dyn PruningStatistics]) -> Statistics {
    let columns: Vec<ColumnStatistics> = schema
        .fields()
        .iter()
        .map(|field| {
            let name = Column::from_name(field.name());
            let width = field.data_type().primitive_width().unwrap_or(WIDTH);
            ColumnStatistics {
                null_count: nulls(&name, told),
                min_value: least(&name, field.data_type(), told),
                max_value: most(&name, field.data_type(), told),
                byte_size: Precision::Inexact(rows.saturating_mul(width)),
                ..ColumnStatistics::new_unknown()
            }
        })
        .collect();
    let bytes = columns.iter().filter_map(|column| column.byte_size.get_value()).sum();
    Statistics {
        num_rows: Precision::Inexact(rows),
        total_byte_size: Precision::Inexact(bytes),
        column_statistics: columns,
    }
}

fn nulls(column: &Column, told: &[&dyn PruningStatistics]) -> Precision<usize> {
    let mut all = 0_u64;
    for one in told {
        let Some(counts) = one.null_counts(column).filter(|counts| counts.null_count() == 0) else {
            return Precision::Absent;
        };
        let Some(counts) = counts.as_primitive_opt::<UInt64Type>() else { return Precision::Absent };
        all = all.saturating_add(counts.values().iter().sum());
    }
    Precision::Inexact(usize::try_from(all).unwrap_or(usize::MAX))
}

fn least(column: &Column, ty: &DataType, told: &[&dyn PruningStatistics]) -> Precision<ScalarValue> {
    let bounds = told.iter().map(|one| one.min_values(column));
    bound(MinAccumulator::try_new(ty).ok(), bounds)
}

fn most(column: &Column, ty: &DataType, told: &[&dyn PruningStatistics]) -> Precision<ScalarValue> {
    let bounds = told.iter().map(|one| one.max_values(column));
    bound(MaxAccumulator::try_new(ty).ok(), bounds)
}

/// The bound of all, if each tells one.
fn bound(
    accumulator: Option<impl Accumulator>,
    bounds: impl Iterator<Item = Option<ArrayRef>>,
) -> Precision<ScalarValue> {
    let all = || {
        let mut accumulator = accumulator?;
        for bounds in bounds {
            let bounds = bounds.filter(|bounds| bounds.null_count() == 0)?;
            accumulator.update_batch(&[bounds]).ok()?;
        }
        accumulator.evaluate().ok().filter(|value| !value.is_null())
    };
    all().map_or(Precision::Absent, Precision::Inexact)
}
