//! ORDER BY, OFFSET, LIMIT, and FETCH FIRST … WITH TIES.

use datafusion::functions_window::rank::Rank;
use datafusion::logical_expr::expr::{Sort, WindowFunction};
use datafusion::logical_expr::{
    LogicalPlan, LogicalPlanBuilder, WindowFrame, WindowFunctionDefinition, WindowUDF, lit,
};

use super::{Analyzer, Typed, column, planning};
use crate::error::{Code, Result, SqlError};
use crate::syntax::ast::{Expr, Kind, Query, SortItem};

impl Analyzer<'_> {
    /// A key to sort by. NULLs are last unless the query says otherwise.
    pub(super) fn sort_key(&self, typed: Typed, item: &SortItem) -> Result<Sort> {
        if !typed.ty.is_orderable() {
            let message =
                format!("Type {} is not orderable, and therefore cannot be used in ORDER BY: {}", typed.ty, item.expr);
            return Err(SqlError::at(Code::TypeMismatch, item.expr.at, message));
        }
        Ok(Sort { expr: typed.expr, asc: !item.descending, nulls_first: item.nulls_first })
    }

    /// The plan in order and cut.
    pub(super) fn limited(&self, plan: LogicalPlan, keys: Vec<Sort>, query: &Query) -> Result<LogicalPlan> {
        let skip = query.offset.as_ref().map(count).transpose()?.unwrap_or(0);
        let limit = query.limit.as_ref().map(|limit| Ok::<_, SqlError>((count(&limit.count)?, limit))).transpose()?;
        if let Some((rows, limit)) = limit
            && limit.ties
        {
            if keys.is_empty() {
                return Err(SqlError::at(
                    Code::SyntaxError,
                    query.at,
                    "FETCH FIRST WITH TIES clause requires ORDER BY",
                ));
            }
            return self.ties(plan, keys, skip, rows);
        }
        let mut builder = LogicalPlanBuilder::from(plan);
        // The order of a subquery that is not cut means nothing, but costs nothing either: the optimizer drops it.
        if !keys.is_empty() {
            builder = builder.sort(keys).map_err(planning)?;
        }
        if skip > 0 || limit.is_some() {
            builder = builder.limit(skip, limit.map(|(rows, _)| rows)).map_err(planning)?;
        }
        builder.build().map_err(planning)
    }

    /// Rows whose rank among those after the offset is within the limit.
    fn ties(&self, plan: LogicalPlan, keys: Vec<Sort>, skip: usize, rows: usize) -> Result<LogicalPlan> {
        let columns: Vec<_> = plan.schema().columns().into_iter().map(datafusion::logical_expr::Expr::Column).collect();
        let mut builder = LogicalPlanBuilder::from(plan);
        if skip > 0 {
            builder = builder.sort(keys.clone()).and_then(|it| it.limit(skip, None)).map_err(planning)?;
        }
        let rank = WindowFunctionDefinition::WindowUDF(WindowUDF::from(Rank::basic()).into());
        let mut rank = WindowFunction::new(rank, vec![]);
        rank.params.order_by = keys.clone();
        rank.params.window_frame = WindowFrame::new(Some(false));
        let rank = datafusion::logical_expr::Expr::WindowFunction(Box::new(rank));
        let name = rank.schema_name().to_string();
        let limit = lit(u64::try_from(rows).unwrap_or(u64::MAX));
        let plan =
            builder.build().and_then(|plan| LogicalPlanBuilder::window_plan(plan, vec![rank])).map_err(planning)?;
        let within = column(&name).lt_eq(limit);
        let builder = LogicalPlanBuilder::from(plan).filter(within).and_then(|it| it.sort(keys)).map_err(planning)?;
        builder.project(columns).and_then(LogicalPlanBuilder::build).map_err(planning)
    }
}

fn count(ast: &Expr) -> Result<usize> {
    let Kind::Integer(digits) = &ast.kind else {
        return Err(SqlError::at(Code::InvalidLiteral, ast.at, "a number of rows is needed"));
    };
    let rows: i64 = digits
        .parse()
        .map_err(|_| SqlError::at(Code::InvalidLiteral, ast.at, format!("Invalid numeric literal: {digits}")))?;
    Ok(usize::try_from(rows).unwrap_or(usize::MAX))
}
