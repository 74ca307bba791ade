//! WITH RECURSIVE.
//!
//! <https://trino.io/docs/current/sql/select.html#with-recursive-clause>

use std::rc::Rc;
use std::sync::Arc;

use datafusion::arrow::datatypes::{Field as ArrowField, Schema};
use datafusion::catalog::cte_worktable::CteWorkTable;
use datafusion::common::TableReference;
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, Operator, binary_expr, lit};

use super::query::aligned;
use super::relation::named;
use super::scope::{Env, Field, Meaning};
use super::{Analyzer, Planned, column, planning};
use crate::arrow::data_type;
use crate::error::{Code, Result, SqlError};
use crate::function::udf::{Kernel, RowUdf};
use crate::function::{Run, Types};
use crate::syntax::ast::{Body, Name, Query, Relation, SetOp, With};
use crate::types::Type;
use crate::types::coerce::coerces;
use crate::value::Value;

/// How often the step may be taken. Trino's default; Athena has no setting for it.
const DEPTH: i64 = 10;

/// The rows of the step before, or those of all steps.
pub(crate) struct Step {
    name: String,
    columns: Vec<(Name, Type)>,
    names: Vec<String>,
    depth: String,
    whole: Option<Planned>,
}

impl Step {
    pub(super) fn scan(&self, analyzer: &Analyzer<'_>, alias: &Name) -> Result<Planned> {
        let (plan, sources) = match &self.whole {
            Some(planned) => {
                (planned.plan.clone(), planned.fields.iter().map(|field| field.column.clone()).collect::<Vec<_>>())
            }
            None => {
                let fields = self
                    .columns
                    .iter()
                    .zip(&self.names)
                    .map(|((_, ty), name)| ArrowField::new(name, data_type(ty), true));
                let depth = ArrowField::new(&self.depth, data_type(&Type::Bigint), true);
                let schema = Schema::new(fields.chain([depth]).collect::<Vec<_>>());
                let source = provider_as_source(Arc::new(CteWorkTable::new(&self.name, Arc::new(schema))));
                let plan = LogicalPlanBuilder::scan(TableReference::bare(self.name.clone()), source, None)
                    .and_then(LogicalPlanBuilder::build);
                (plan.map_err(planning)?, self.names.clone())
            }
        };
        let (mut fields, mut exprs) = (Vec::new(), Vec::new());
        let own = plan.schema().columns();
        for (source, (name, ty)) in sources.iter().zip(&self.columns) {
            let fresh = analyzer.fresh();
            let from = own
                .iter()
                .find(|column| column.name == *source)
                .ok_or_else(|| SqlError::internal("a column of the step"))?;
            exprs.push(Expr::Column(from.clone()).alias(&fresh));
            fields.push(Field {
                relation: vec![alias.lower()],
                name: Some(name.text.clone()),
                ty: ty.clone(),
                column: fresh,
                hidden: false,
            });
        }
        if self.whole.is_none()
            && let Some(depth) = own.iter().find(|column| column.name == self.depth)
        {
            // Each step knows how deep it is, through whatever the query does with the rest.
            exprs.push(Expr::Column(depth.clone()).alias(&self.depth));
            let ty = Type::Bigint;
            fields.push(Field {
                relation: vec!["$recursive".into()],
                name: Some("$depth".into()),
                ty,
                column: self.depth.clone(),
                hidden: true,
            });
        }
        let plan =
            LogicalPlanBuilder::from(plan).project(exprs).and_then(LogicalPlanBuilder::build).map_err(planning)?;
        Ok(Planned { plan, fields })
    }
}

impl Analyzer<'_> {
    pub(super) fn recursive(&self, with: &With, env: &Env) -> Result<Meaning> {
        let at = with.name.at;
        let Body::Set { op: SetOp::Union, all: true, left, right, .. } = &with.query.body else {
            return Err(SqlError::at(
                Code::InvalidRecursiveReference,
                at,
                "Recursive query must be a UNION ALL of an anchor and a step",
            ));
        };
        if with.columns.is_empty() {
            return Err(SqlError::at(
                Code::InvalidRecursiveReference,
                at,
                "missing column aliases in recursive WITH query",
            ));
        }
        if !with.query.order.is_empty()
            || with.query.limit.is_some()
            || with.query.offset.is_some()
            || !with.query.with.is_empty()
        {
            return Err(SqlError::unsupported(at, "WITH, ORDER BY or LIMIT in a recursive query"));
        }
        let anchor = named(self.body(left, env, None)?, &with.name, &with.columns)?;
        let columns: Vec<(Name, Type)> =
            with.columns.iter().cloned().zip(anchor.fields.iter().map(|field| field.ty.clone())).collect();
        let types: Vec<Type> = columns.iter().map(|(_, ty)| ty.clone()).collect();
        let names: Vec<String> = columns.iter().map(|_| self.fresh()).collect();
        let (table, depth) = (format!("recursive{}", self.fresh()), self.fresh());
        let anchor = aligned(anchor, &types, &names)?;
        let mut exprs: Vec<Expr> = names.iter().map(|name| column(name)).collect();
        exprs.push(lit(0_i64).alias(&depth));
        let anchor = LogicalPlanBuilder::from(anchor).project(exprs).map_err(planning)?;

        let step = Step {
            name: table.clone(),
            columns: columns.clone(),
            names: names.clone(),
            depth: depth.clone(),
            whole: None,
        };
        let inner = env.with(with.name.lower(), Meaning::Step(Rc::new(step)));
        let step = self.step(right, &inner, with, &types)?;
        let deeper =
            step.fields.iter().find(|field| field.name.as_deref() == Some("$depth")).map(|field| column(&field.column));
        let deeper = deeper.ok_or_else(|| {
            SqlError::unsupported(at, "A recursive reference within a subquery, an aggregation or DISTINCT")
        })?;
        let mut exprs: Vec<Expr> = step
            .fields
            .iter()
            .zip(&types)
            .zip(&names)
            .map(|((field, ty), name)| crate::function::cast::cast(column(&field.column), &field.ty, ty).alias(name))
            .collect();
        exprs.push(checked(binary_expr(deeper, Operator::Plus, lit(1_i64))).alias(&depth));
        let step =
            LogicalPlanBuilder::from(step.plan).project(exprs).and_then(LogicalPlanBuilder::build).map_err(planning)?;
        let plan =
            anchor.to_recursive_query(table, step, false).and_then(LogicalPlanBuilder::build).map_err(planning)?;
        // The depth is read, so that it is computed and checked.
        let kept = column(&depth).gt_eq(lit(0_i64));
        let plan = LogicalPlanBuilder::from(plan).filter(kept).and_then(LogicalPlanBuilder::build).map_err(planning)?;
        let fields = names.iter().zip(&columns).map(|(own, (name, ty))| Field {
            relation: Vec::new(),
            name: Some(name.text.clone()),
            ty: ty.clone(),
            column: own.clone(),
            hidden: false,
        });
        let whole = Some(Planned { plan, fields: fields.collect() });
        Ok(Meaning::Step(Rc::new(Step { name: String::new(), columns, names, depth, whole })))
    }

    /// The step's plan, with the depth as its last column.
    fn step(&self, body: &Body, env: &Env, with: &With, types: &[Type]) -> Result<Planned> {
        let Body::Select(select) = body else {
            return Err(SqlError::unsupported(with.name.at, "A recursive step that is no SELECT"));
        };
        let mut select = select.as_ref().clone();
        let at = select.at;
        let depth = crate::syntax::ast::Kind::Name(Name { text: "$depth".into(), quoted: true, at });
        let depth = crate::syntax::ast::Expr { kind: depth, at };
        let grouped = select.group.is_some() || select.distinct || select.having.is_some();
        if grouped {
            return Err(SqlError::unsupported(at, "GROUP BY or DISTINCT in a recursive step"));
        }
        select.items.push(crate::syntax::ast::SelectItem::Expr(depth, None));
        let step = self.body(&Body::Select(Box::new(select)), env, None)?;
        let visible = step.fields.len() - 1;
        if visible != types.len() {
            let message = format!("UNION query has different number of fields: {}, {visible}", types.len());
            return Err(SqlError::at(Code::TypeMismatch, at, message));
        }
        for (n, (field, ty)) in step.fields.iter().zip(types).enumerate() {
            if !coerces(&field.ty, ty) {
                let message = format!(
                    "recursion step relation output type ({}) is not coercible to recursion base relation output type ({ty}) at column {}",
                    field.ty,
                    n + 1
                );
                return Err(SqlError::at(Code::TypeMismatch, at, message));
            }
        }
        Ok(step)
    }
}

/// The depth, or an error when it is too deep.
fn checked(depth: Expr) -> Expr {
    let run = Run::Plain(|args| match args[0] {
        Value::Integer(depth) if depth > DEPTH => {
            let message = format!(
                "Recursion depth limit exceeded ({DEPTH}). Use 'max_recursion_depth' session property to modify the limit."
            );
            Err(SqlError::new(Code::NotSupported, message))
        }
        ref other => Ok(other.clone()),
    });
    let types = Types { args: vec![Type::Bigint], result: Type::Bigint };
    RowUdf::call("recursion depth", Kernel::Row(run), types, false, true, vec![depth])
}

/// Whether a query of WITH names itself in a FROM of its second half.
pub(super) fn is_recursive(with: &With) -> bool {
    let name = with.name.lower();
    fn relation(of: &Relation, name: &str) -> bool {
        match of {
            Relation::Table { name: path, .. } => path.len() == 1 && path[0].lower() == name,
            Relation::Query { query: inner, .. } => query(inner, name),
            Relation::Join { left, right, .. } => relation(left, name) || relation(right, name),
            Relation::Sample { of, .. } | Relation::Aliased { of, .. } => relation(of, name),
            Relation::Unnest { .. } => false,
        }
    }
    fn body(of: &Body, name: &str) -> bool {
        match of {
            Body::Select(select) => select.from.iter().any(|from| relation(from, name)),
            Body::Query(inner) => query(inner, name),
            Body::Set { left, right, .. } => body(left, name) || body(right, name),
            Body::Table(path) => path.len() == 1 && path[0].lower() == name,
            Body::Values(..) => false,
        }
    }
    fn query(of: &Query, name: &str) -> bool {
        body(&of.body, name)
    }
    query(&with.query, &name)
}
