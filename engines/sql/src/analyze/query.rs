//! Queries: WITH, set operations, VALUES, and ORDER BY and LIMIT over them.

use std::rc::Rc;
use std::sync::Arc;

use datafusion::arrow::datatypes::{Field as ArrowField, Schema};
use datafusion::common::DFSchema;
use datafusion::functions_window::row_number::RowNumber;
use datafusion::logical_expr::expr::WindowFunction;
use datafusion::logical_expr::{Expr as DfExpr, LogicalPlan, LogicalPlanBuilder, WindowFunctionDefinition};

use super::scope::{Env, Field, Meaning, Scope};
use super::{Analyzer, Planned, Typed, column, planning};
use crate::arrow::data_type;
use crate::error::{Code, Position, Result, SqlError};
use crate::function::cast::cast;
use crate::syntax::ast::{Body, Expr, Kind, Query, SetOp};
use crate::types::Type;
use crate::types::coerce::common;

impl Analyzer<'_> {
    /// Plans a query.
    pub(super) fn query(&self, query: &Query, env: &Env, outer: Option<&Scope<'_>>) -> Result<Planned> {
        let mut env = env.clone();
        let mut names = Vec::new();
        for with in &query.with {
            let name = with.name.lower();
            if names.contains(&name) {
                let message = format!("WITH query name '{name}' specified more than once");
                return Err(SqlError::at(Code::DuplicateNamedQuery, with.name.at, message));
            }
            names.push(name.clone());
            let meaning = match query.recursive && super::recursive::is_recursive(with) {
                true => self.recursive(with, &env)?,
                false => Meaning::Query(Rc::new(with.clone()), env.clone()),
            };
            // What nothing reads must be right all the same.
            if let Meaning::Query(with, inner) = &meaning {
                self.query(&with.query, inner, None)?;
            }
            env = env.with(name, meaning);
        }
        match &query.body {
            Body::Select(select) => self.select(select, query, &env, outer),
            body => {
                let planned = self.body(body, &env, outer)?;
                self.ordered(planned, query, &env, outer)
            }
        }
    }

    /// ORDER BY, OFFSET and LIMIT of what has no FROM of its own.
    fn ordered(&self, planned: Planned, query: &Query, env: &Env, outer: Option<&Scope<'_>>) -> Result<Planned> {
        let scope = Scope::new(planned.fields.clone(), env, outer);
        let mut keys = Vec::new();
        for item in &query.order {
            let typed = match ordinal(&item.expr, planned.fields.len(), "ORDER BY")? {
                Some(n) => Typed::new(planned.fields[n].expr(), planned.fields[n].ty.clone()),
                None => self.expr(&item.expr, &scope)?,
            };
            keys.push(self.sort_key(typed, item)?);
        }
        let plan = self.limited(planned.plan, keys, query)?;
        Ok(Planned { plan, fields: planned.fields })
    }

    pub(super) fn body(&self, body: &Body, env: &Env, outer: Option<&Scope<'_>>) -> Result<Planned> {
        match body {
            Body::Select(select) => self.select(select, &bare(select.at), env, outer),
            Body::Query(query) => self.query(query, env, outer),
            Body::Values(rows, at) => self.values(rows, *at, env, outer),
            Body::Table(name) => self.table(name, None, None, env),
            Body::Set { op, all, left, right, at } => self.set(*op, *all, (left, right), *at, env, outer),
        }
    }

    fn values(&self, rows: &[Expr], at: Position, env: &Env, outer: Option<&Scope<'_>>) -> Result<Planned> {
        let scope = Scope::new(Vec::new(), env, outer);
        let mut types: Vec<Type> = Vec::new();
        let mut table: Vec<Vec<Typed>> = Vec::new();
        for row in rows {
            let columns: &[Expr] = if let Kind::Row(fields) = &row.kind { fields } else { std::slice::from_ref(row) };
            let typed = columns.iter().map(|one| self.expr(one, &scope)).collect::<Result<Vec<_>>>()?;
            if table.is_empty() {
                types = vec![Type::Unknown; typed.len()];
            }
            if types.len() != typed.len() {
                let message = format!("Values rows have mismatched sizes: {} vs {}", types.len(), typed.len());
                return Err(SqlError::at(Code::TypeMismatch, at, message));
            }
            for (known, one) in types.iter_mut().zip(&typed) {
                *known = common(known, &one.ty).ok_or_else(|| {
                    SqlError::at(
                        Code::TypeMismatch,
                        row.at,
                        format!("Values rows have mismatched types: {known} vs {}", one.ty),
                    )
                })?;
            }
            table.push(typed);
        }
        let names: Vec<String> = types.iter().map(|_| self.fresh()).collect();
        // The plan calls its columns column1, column2 …, in every VALUES.
        let named = names
            .iter()
            .enumerate()
            .map(|(n, name)| column(&format!("column{}", n + 1)).alias(name))
            .collect::<Vec<_>>();
        let table: Vec<Vec<_>> = table
            .into_iter()
            .map(|row| row.into_iter().zip(&types).map(|(one, ty)| one.into_type(ty)).collect())
            .collect();
        let arrow =
            names.iter().zip(&types).map(|(name, ty)| ArrowField::new(name, data_type(ty), true)).collect::<Vec<_>>();
        let schema = DFSchema::try_from(Schema::new(arrow)).map_err(planning)?;
        let plan = LogicalPlanBuilder::values_with_schema(table, &schema.into())
            .and_then(|it| it.project(named))
            .and_then(LogicalPlanBuilder::build)
            .map_err(planning)?;
        let fields = plan.schema().columns().into_iter().zip(types).map(|(column, ty)| Field {
            relation: Vec::new(),
            name: None,
            ty,
            column: column.name,
            hidden: false,
        });
        let fields = fields.collect();
        Ok(Planned { plan, fields })
    }

    fn set(
        &self,
        op: SetOp,
        all: bool,
        (left, right): (&Body, &Body),
        at: Position,
        env: &Env,
        outer: Option<&Scope<'_>>,
    ) -> Result<Planned> {
        let (left, right) = (self.body(left, env, outer)?, self.body(right, env, outer)?);
        if left.fields.len() != right.fields.len() {
            let name = match op {
                SetOp::Union => "UNION",
                SetOp::Intersect => "INTERSECT",
                SetOp::Except => "EXCEPT",
            };
            let message =
                format!("{name} query has different number of fields: {}, {}", left.fields.len(), right.fields.len());
            return Err(SqlError::at(Code::TypeMismatch, at, message));
        }
        let mut types = Vec::new();
        for (n, (a, b)) in left.fields.iter().zip(&right.fields).enumerate() {
            types.push(common(&a.ty, &b.ty).ok_or_else(|| {
                let message = format!("column {} in UNION query has incompatible types: {}, {}", n + 1, a.ty, b.ty);
                SqlError::at(Code::TypeMismatch, at, message)
            })?);
        }
        let names: Vec<String> = types.iter().map(|_| self.fresh()).collect();
        let fields = left.fields.iter().zip(&types).zip(&names).map(|((field, ty), name)| Field {
            relation: Vec::new(),
            name: field.name.clone(),
            ty: ty.clone(),
            column: name.clone(),
            hidden: false,
        });
        let fields = fields.collect();
        let (mut left, mut right) = (aligned(left, &types, &names)?, aligned(right, &types, &names)?);
        if all && op != SetOp::Union {
            // Each of several equal rows is another one: they are numbered, and so no two of a side are the same.
            let number = self.fresh();
            (left, right) = (numbered(left, &names, &number)?, numbered(right, &names, &number)?);
        }
        let plan = match (op, all) {
            (SetOp::Union, true) => LogicalPlanBuilder::from(left).union(right),
            (SetOp::Union, false) => LogicalPlanBuilder::from(left).union(right).and_then(LogicalPlanBuilder::distinct),
            (SetOp::Intersect, all) => LogicalPlanBuilder::intersect(left, right, all).map(LogicalPlanBuilder::from),
            (SetOp::Except, all) => LogicalPlanBuilder::except(left, right, all).map(LogicalPlanBuilder::from),
        };
        // The result is named as its first query is, whatever the operation made of that.
        let plan = plan.and_then(LogicalPlanBuilder::build).map_err(planning)?;
        let renamed =
            plan.schema().columns().into_iter().zip(&names).map(|(own, name)| DfExpr::Column(own).alias(name));
        let renamed: Vec<_> = renamed.collect();
        let plan =
            LogicalPlanBuilder::from(plan).project(renamed).and_then(LogicalPlanBuilder::build).map_err(planning)?;
        Ok(Planned { plan, fields })
    }
}

/// The rows with a number that tells equal ones apart.
fn numbered(plan: LogicalPlan, names: &[String], number: &str) -> Result<LogicalPlan> {
    let definition = WindowFunctionDefinition::WindowUDF(Arc::new(RowNumber::new().into()));
    let mut function = WindowFunction::new(definition, Vec::new());
    function.params.partition_by = names.iter().map(|name| column(name)).collect();
    let expr = DfExpr::WindowFunction(Box::new(function));
    let counted = column(&expr.schema_name().to_string()).alias(number);
    let columns = names.iter().map(|name| column(name)).chain([counted]).collect::<Vec<_>>();
    let plan = LogicalPlanBuilder::window_plan(plan, [expr]).map_err(planning)?;
    LogicalPlanBuilder::from(plan).project(columns).and_then(LogicalPlanBuilder::build).map_err(planning)
}

/// The columns cast and named.
pub(super) fn aligned(planned: Planned, types: &[Type], names: &[String]) -> Result<LogicalPlan> {
    let exprs: Vec<_> = planned
        .fields
        .iter()
        .zip(types)
        .zip(names)
        .map(|((field, ty), name)| cast(column(&field.column), &field.ty, ty).alias(name))
        .collect();
    LogicalPlanBuilder::from(planned.plan).project(exprs).and_then(LogicalPlanBuilder::build).map_err(planning)
}

/// The place that a number in GROUP BY or ORDER BY means, from 0.
pub(super) fn ordinal(ast: &Expr, count: usize, clause: &str) -> Result<Option<usize>> {
    let Kind::Integer(digits) = &ast.kind else { return Ok(None) };
    match digits.parse::<usize>() {
        Ok(n) if n >= 1 && n <= count => Ok(Some(n - 1)),
        _ => {
            let message = format!("{clause} position {digits} is not in select list");
            Err(SqlError::at(Code::InvalidColumnReference, ast.at, message))
        }
    }
}

/// A query that adds nothing to its body.
fn bare(at: Position) -> Query {
    let body = Body::Values(Vec::new(), at);
    Query { recursive: false, with: Vec::new(), body, order: Vec::new(), offset: None, limit: None, at }
}
