//! Subqueries: scalar, IN, EXISTS, and comparisons with ANY and ALL.

use std::cmp::Ordering;
use std::sync::Arc;

use datafusion::common::Spans;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::functions_aggregate::count::count;
use datafusion::logical_expr::expr::{Exists, InSubquery};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Subquery, lit};

use super::aggregate::{listed, single_value};
use super::expression::{boolean, mismatch};
use super::scope::Scope;
use super::{Analyzer, Planned, Typed, column, planning};
use crate::error::{Position, Result, SqlError};
use crate::function::cast::cast;
use crate::function::udf::{Kernel, RowUdf};
use crate::function::{Run, Types};
use crate::syntax::ast::{self, Body, CompareOp, Query};
use crate::types::Type;
use crate::value::Value;

/// How deep subqueries may nest within expressions: planning takes twice the time for each level.
const NESTED: usize = 12;

impl Analyzer<'_> {
    fn one_column(&self, query: &Query, scope: &Scope<'_>, at: Position) -> Result<(Planned, Type, String)> {
        shallow(scope, at)?;
        let planned = self.query(query, &scope.env, Some(scope))?;
        let [field] = planned.fields.as_slice() else {
            let message =
                format!("Multiple columns returned by subquery are not yet supported. Found {}", planned.fields.len());
            return Err(SqlError::at(crate::error::Code::NotSupported, at, message));
        };
        let (ty, name) = (field.ty.clone(), field.column.clone());
        Ok((planned, ty, name))
    }

    pub(super) fn scalar_subquery(&self, query: &Query, at: Position, scope: &Scope<'_>) -> Result<Typed> {
        let (planned, ty, name) = self.one_column(query, scope, at)?;
        let plan = if has_one_row(query) {
            planned.plan
        } else {
            let fresh = self.fresh();
            let value = single_value(column(&name), &ty).alias(&fresh);
            LogicalPlanBuilder::from(planned.plan)
                .aggregate(Vec::<Expr>::new(), vec![value])
                .and_then(LogicalPlanBuilder::build)
                .map_err(planning)?
        };
        Ok(Typed::new(Expr::ScalarSubquery(subquery(plan)), ty))
    }

    pub(super) fn exists(&self, query: &Query, scope: &Scope<'_>) -> Result<Typed> {
        shallow(scope, query.at)?;
        let planned = self.query(query, &scope.env, Some(scope))?;
        Ok(boolean(Expr::Exists(Exists { subquery: subquery(planned.plan), negated: false })))
    }

    /// EXISTS as a count and IN as a list, for where they are values: only conditions can be made joins.
    pub(super) fn counted(&self, expr: Expr) -> Result<Expr> {
        let counted = expr.transform(|node| match node {
            Expr::InSubquery(InSubquery { expr, subquery: of, negated }) => {
                let name = of.subquery.schema().field(0).name().clone();
                let ty = self.listed.borrow().get(&name).cloned().unwrap_or(Type::Unknown);
                let list = self.list_of(Arc::unwrap_or_clone(of.subquery), &name, &ty)?;
                let op = if negated { CompareOp::NotEqual } else { CompareOp::Equal };
                Ok(Transformed::yes(quantified(op, negated, *expr, list, &ty)))
            }
            Expr::Exists(Exists { subquery: of, negated }) => {
                let rows = count(lit(1_i64)).alias(self.fresh());
                let plan = LogicalPlanBuilder::from(Arc::unwrap_or_clone(of.subquery))
                    .aggregate(Vec::<Expr>::new(), vec![rows])
                    .and_then(LogicalPlanBuilder::build)?;
                let rows = Expr::ScalarSubquery(subquery(plan));
                Ok(Transformed::yes(if negated { rows.eq(lit(0_i64)) } else { rows.gt(lit(0_i64)) }))
            }
            other => Ok(Transformed::no(other)),
        });
        counted.map(|counted| counted.data).map_err(planning)
    }

    pub(super) fn in_query(
        &self,
        of: &ast::Expr,
        query: &Query,
        not: bool,
        at: Position,
        scope: &Scope<'_>,
    ) -> Result<Typed> {
        let typed = self.expr(of, scope)?;
        self.in_plan(typed, query, not, at, scope)
    }

    fn in_plan(&self, typed: Typed, query: &Query, not: bool, at: Position, scope: &Scope<'_>) -> Result<Typed> {
        let (planned, ty, name) = self.one_column(query, scope, at)?;
        let fail = || {
            mismatch(
                at,
                format!("Value expression and result of subquery must be of the same type: {} vs {ty}", typed.ty),
            )
        };
        let both = crate::types::coerce::common(&typed.ty, &ty).filter(Type::is_comparable).ok_or_else(fail)?;
        let fresh = self.fresh();
        let plan = LogicalPlanBuilder::from(planned.plan)
            .project(vec![cast(column(&name), &ty, &both).alias(&fresh)])
            .and_then(LogicalPlanBuilder::build)
            .map_err(planning)?;
        self.listed.borrow_mut().insert(fresh, both.clone());
        let expr = InSubquery { expr: Box::new(typed.into_type(&both)), subquery: subquery(plan), negated: not };
        Ok(boolean(Expr::InSubquery(expr)))
    }

    pub(super) fn quantified(
        &self,
        op: CompareOp,
        all: bool,
        left: &ast::Expr,
        query: &Query,
        at: Position,
        scope: &Scope<'_>,
    ) -> Result<Typed> {
        let typed = self.expr(left, scope)?;
        match (op, all) {
            (CompareOp::Equal, false) => self.in_plan(typed, query, false, at, scope),
            (CompareOp::NotEqual, true) => self.in_plan(typed, query, true, at, scope),
            _ => self.compared(op, all, typed, query, at, scope),
        }
    }

    /// A comparison with every value of a query, which are kept as a list.
    fn compared(
        &self,
        op: CompareOp,
        all: bool,
        typed: Typed,
        query: &Query,
        at: Position,
        scope: &Scope<'_>,
    ) -> Result<Typed> {
        let (planned, ty, name) = self.one_column(query, scope, at)?;
        let both = self.comparable(&op.to_string(), &typed.ty, &ty, at)?;
        let fresh = self.fresh();
        let plan = LogicalPlanBuilder::from(planned.plan)
            .project(vec![cast(column(&name), &ty, &both).alias(&fresh)])
            .and_then(LogicalPlanBuilder::build)
            .map_err(planning)?;
        let list = self.list_of(plan, &fresh, &both).map_err(planning)?;
        Ok(boolean(quantified(op, all, typed.into_type(&both), list, &both)))
    }

    /// The values of a plan's column as one value; NULL when there are none.
    fn list_of(&self, plan: LogicalPlan, name: &str, ty: &Type) -> datafusion::error::Result<Expr> {
        let list = listed(column(name), ty).alias(self.fresh());
        let plan = LogicalPlanBuilder::from(plan).aggregate(Vec::<Expr>::new(), vec![list])?.build()?;
        Ok(Expr::ScalarSubquery(subquery(plan)))
    }
}

/// `left op ALL list` or `left op ANY list`.
///
/// <https://trino.io/docs/current/functions/comparison.html#quantified-comparison-predicates-all-any-and-some>
fn quantified(op: CompareOp, all: bool, left: Expr, list: Expr, ty: &Type) -> Expr {
    let types =
        Types { args: vec![ty.clone(), Type::array(ty.clone()), Type::VARCHAR, Type::Boolean], result: Type::Boolean };
    let args = vec![left, list, lit(op.to_string()), lit(all)];
    RowUdf::call("quantified", Kernel::Row(Run::Plain(decide)), types, true, true, args)
}

/// What one comparison says of all settles it; otherwise one that is unknown leaves it unknown.
fn decide(args: &[Value]) -> Result<Value> {
    let (left, op, all) = (&args[0], args[2].as_str()?, args[3].as_bool()?);
    let list = if args[1].is_null() { &[] } else { args[1].as_array()? };
    let mut unknown = false;
    for right in list {
        let holds = match op {
            "=" => left.equals(right),
            "<>" => left.equals(right).map(|equal| !equal),
            "<" => left.compares(right).map(Ordering::is_lt),
            "<=" => left.compares(right).map(Ordering::is_le),
            ">" => left.compares(right).map(Ordering::is_gt),
            _ => left.compares(right).map(Ordering::is_ge),
        };
        match holds {
            Some(holds) if holds != all => return Ok(Value::Boolean(!all)),
            Some(_) => (),
            // A NaN compares as false, and so does nothing but a NULL compare as unknown.
            None if left.is_null() || right.is_null() => unknown = true,
            None if all => return Ok(Value::Boolean(false)),
            None => (),
        }
    }
    Ok(if unknown { Value::Null } else { Value::Boolean(all) })
}

/// Refuses a subquery within too many others.
fn shallow(scope: &Scope<'_>, at: Position) -> Result<()> {
    let around = std::iter::successors(Some(scope), |scope| scope.outer).count();
    if around > NESTED {
        return Err(SqlError::unsupported(at, format!("A subquery within {around} others")));
    }
    Ok(())
}

pub(super) fn subquery(plan: LogicalPlan) -> Subquery {
    let outer_ref_columns = plan.all_out_ref_exprs();
    Subquery { subquery: Arc::new(plan), outer_ref_columns, spans: Spans::new() }
}

/// Whether a query has exactly one row by its form: it aggregates without groups.
fn has_one_row(query: &Query) -> bool {
    let Body::Select(select) = &query.body else { return false };
    let plain = query.offset.is_none() && query.limit.is_none() && select.group.is_none() && select.having.is_none();
    let aggregates = |item: &ast::SelectItem| match item {
        ast::SelectItem::Expr(expr, _) => aggregates(expr),
        ast::SelectItem::All { .. } => false,
    };
    plain && select.items.iter().any(aggregates)
}

fn aggregates(expr: &ast::Expr) -> bool {
    use ast::Kind;
    match &expr.kind {
        Kind::Call(call) => {
            (call.over.is_none() && super::aggregate::is_aggregate_name(&call.name)) || call.args.iter().any(aggregates)
        }
        Kind::Binary(_, a, b) | Kind::Compare(_, a, b) => aggregates(a) || aggregates(b),
        Kind::Unary { of, .. } | Kind::Cast { of, .. } => aggregates(of),
        _ => false,
    }
}
