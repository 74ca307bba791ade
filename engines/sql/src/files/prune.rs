//! What filters say about columns whose values are known before a file is opened.

use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{AsArray, RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::Schema;
use datafusion::catalog::Session;
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::logical_expr::expr::{Between, InList};
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};

use super::{Comparison, Files, Predicate};
use crate::arrow::{column, data_type, value};
use crate::catalog::Column;
use crate::error::{Result, from_datafusion};
use crate::types::Type;
use crate::value::Value;

/// Rows of values of some columns.
pub(super) struct Known(RecordBatch);

impl Known {
    /// Rows of the columns in the range, of all columns of the table.
    pub(super) fn new(files: &Files, columns: Range<usize>, rows: &[&[Value]]) -> Result<Known> {
        let all = files.all_columns();
        let schema = crate::table::schema(&all);
        let (mut fields, mut arrays) = (Vec::new(), Vec::new());
        for (at, n) in columns.enumerate() {
            let values: Vec<Value> = rows.iter().map(|row| row.get(at).cloned().unwrap_or(Value::Null)).collect();
            fields.push(Arc::clone(&schema.fields()[n]));
            arrays.push(column(&all[n].ty, &values)?);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let batch = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options);
        Ok(Known(batch.map_err(|why| from_datafusion(why.into()))?))
    }

    /// For each row whether the filters that these columns decide are true.
    pub(super) fn kept(&self, session: &dyn Session, filters: &[Expr]) -> Result<Vec<bool>> {
        let mut kept = vec![true; self.0.num_rows()];
        let schema = self.0.schema();
        let decides = |expr: &&Expr| {
            let columns = expr.column_refs();
            !columns.is_empty() && columns.iter().all(|column| schema.index_of(&column.name).is_ok())
        };
        let names = DFSchema::try_from(Arc::clone(&schema)).map_err(from_datafusion)?;
        for filter in filters.iter().filter(decides) {
            let physical = session.create_physical_expr(filter.clone(), &names).map_err(from_datafusion)?;
            // An error is one of the query only if a row that is read makes it: the filter is above the scan, too.
            let Ok(result) = physical.evaluate(&self.0).and_then(|it| it.into_array(self.0.num_rows())) else {
                continue;
            };
            if let Some(result) = result.as_boolean_opt() {
                kept.iter_mut().zip(result).for_each(|(kept, here)| *kept &= here == Some(true));
            }
        }
        Ok(kept)
    }
}

/// Columns of a table about which filters are asked, and the place of the first of them.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) first: usize,
    pub(crate) columns: &'a [Column],
}

/// What the filters say of single columns, in comparison with constants.
pub(crate) fn predicates(filters: &[Expr], asked: Asked<'_>) -> Vec<Predicate> {
    let mut all = Vec::new();
    filters.iter().for_each(|filter| collect(filter, asked, &mut all));
    all
}

fn collect(expr: &Expr, asked: Asked<'_>, all: &mut Vec<Predicate>) {
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
            collect(left, asked, all);
            collect(right, asked, all);
        }
        Expr::Between(Between { expr, negated: false, low, high }) => {
            all.extend(single(expr, Operator::GtEq, low, asked));
            all.extend(single(expr, Operator::LtEq, high, asked));
        }
        Expr::BinaryExpr(BinaryExpr { op: Operator::Or, .. }) | Expr::InList(_) => all.extend(one_of(expr, asked)),
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            let found = single(left, *op, right, asked);
            all.extend(found.or_else(|| single(right, op.swap()?, left, asked)));
        }
        _ => {}
    }
}

/// `a = 1 OR a = 2 OR a IN (3)`.
fn one_of(expr: &Expr, asked: Asked<'_>) -> Option<Predicate> {
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            let (mut left, right) = (one_of(left, asked)?, one_of(right, asked)?);
            if left.column != right.column {
                return None;
            }
            left.values.extend(right.values);
            Some(left)
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
            single(left, Operator::Eq, right, asked).or_else(|| single(right, Operator::Eq, left, asked))
        }
        Expr::InList(InList { expr, list, negated: false }) => {
            let (column, ty) = asked_column(expr, asked)?;
            let values = list.iter().map(|one| constant(one, &ty)).collect::<Option<Vec<_>>>()?;
            Some(Predicate { column, ty, comparison: Comparison::In, values })
        }
        _ => None,
    }
}

fn single(column: &Expr, op: Operator, literal: &Expr, asked: Asked<'_>) -> Option<Predicate> {
    let comparison = match op {
        Operator::Eq => Comparison::In,
        Operator::Lt => Comparison::Less,
        Operator::LtEq => Comparison::LessOrEqual,
        Operator::Gt => Comparison::Greater,
        Operator::GtEq => Comparison::GreaterOrEqual,
        _ => return None,
    };
    let (column, ty) = asked_column(column, asked)?;
    let values = vec![constant(literal, &ty)?];
    Some(Predicate { column, ty, comparison, values })
}

fn asked_column(expr: &Expr, asked: Asked<'_>) -> Option<(String, Type)> {
    let Expr::Column(column) = expr else { return None };
    let n: usize = column.name.strip_prefix('x')?.parse().ok()?;
    let own = asked.columns.get(n.checked_sub(asked.first)?)?;
    Some((own.name.clone(), own.ty.clone()))
}

fn constant(expr: &Expr, ty: &Type) -> Option<Value> {
    let Expr::Literal(scalar, _) = expr else { return None };
    literal(scalar, ty)
}

fn literal(scalar: &ScalarValue, ty: &Type) -> Option<Value> {
    if scalar.is_null() || scalar.data_type() != data_type(ty) {
        return None;
    }
    Some(value(ty, &scalar.to_array().ok()?, 0))
}
