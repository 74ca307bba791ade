//! GROUP BY: groups, their aggregates, and what may be said of them.

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::expr::{GroupingSet, Sort};
use datafusion::logical_expr::{Aggregate, Expr, LogicalPlan, LogicalPlanBuilder};

use super::query::ordinal;
use super::scope::Scope;
use super::select::{Item, has, is_aggregate, is_window};
use super::{Analyzer, Typed, column, planning};
use crate::error::{Code, Position, Result, SqlError};
use crate::function::udf::{Kernel, RowUdf};
use crate::function::{Run, Types};
use crate::syntax::ast::{self, GroupElement, Kind, Select, SortItem};
use crate::types::Type;
use crate::value::Value;

/// The name of what `grouping(…)` is until its groups are known.
const GROUPING: &str = "grouping";

/// More sets than this are refused, as Trino does.
const SETS: usize = 2048;

/// The expressions that are grouped by, and the sets of them.
struct Groups {
    exprs: Vec<Typed>,
    sets: Option<Vec<Vec<usize>>>,
}

impl Groups {
    fn place(&mut self, typed: Typed) -> usize {
        self.exprs.iter().position(|known| *known == typed).unwrap_or_else(|| {
            self.exprs.push(typed);
            self.exprs.len() - 1
        })
    }
}

/// What stands for an expression after grouping.
struct Rebase {
    groups: Vec<(Expr, Expr)>,
    aggregates: Vec<(Expr, String)>,
    /// The id of the set of a row, and the columns of its bits from the highest.
    grouping: Option<(Expr, Vec<String>)>,
}

impl Analyzer<'_> {
    #[expect(clippy::too_many_arguments, reason = "everything that a SELECT says about its groups")]
    pub(super) fn grouped(
        &self,
        plan: LogicalPlan,
        select: &Select,
        scope: &Scope<'_>,
        items: &mut [Item],
        keys: &mut [Sort],
        having: &mut Option<(Expr, &ast::Expr)>,
        order: &[SortItem],
    ) -> Result<LogicalPlan> {
        let groups = self.groups(select, scope, items)?;
        let mut rebase = Rebase { groups: Vec::new(), aggregates: Vec::new(), grouping: None };
        // Columns that are grouped by keep their names, so that subqueries that refer to them stay right.
        let mut before: Vec<Expr> = plan.schema().columns().into_iter().map(Expr::Column).collect();
        let mut names = Vec::new();
        for typed in &groups.exprs {
            let name = match &typed.expr {
                Expr::Column(own) => own.name.clone(),
                other => {
                    let name = self.fresh();
                    before.push(other.clone().alias(&name));
                    name
                }
            };
            rebase.groups.push((typed.expr.clone(), column(&name)));
            names.push(name);
        }
        let exprs = items.iter().map(|item| &item.typed.expr).chain(keys.iter().map(|key| &key.expr));
        for expr in exprs.chain(having.iter().map(|(having, _)| having)) {
            self.collect(expr, &mut rebase.aggregates)?;
        }
        let mut aggregates: Vec<Expr> = rebase.aggregates.iter().map(|(expr, name)| expr.clone().alias(name)).collect();
        if aggregates.is_empty() && groups.exprs.is_empty() {
            aggregates.push(super::aggregate::count_rows().alias(self.fresh()));
        }
        let by = match &groups.sets {
            None => names.iter().map(|name| column(name)).collect(),
            Some(sets) => {
                let sets = sets.iter().map(|set| set.iter().map(|n| column(&names[*n])).collect()).collect();
                vec![Expr::GroupingSet(GroupingSet::GroupingSets(sets))]
            }
        };
        let plan = LogicalPlanBuilder::from(plan)
            .project(before)
            .and_then(|it| it.aggregate(by, aggregates))
            .and_then(LogicalPlanBuilder::build)
            .map_err(planning)?;
        if groups.sets.is_some() {
            // The plan has its own order of the columns, which the bits of the id follow.
            let columns = plan.schema().columns();
            let id = columns.iter().position(|own| own.name == Aggregate::INTERNAL_GROUPING_ID);
            rebase.grouping = id.map(|id| {
                (Expr::Column(columns[id].clone()), columns[..id].iter().map(|own| own.name.clone()).collect())
            });
        }
        for item in items {
            item.typed.expr = rebase.apply(&item.typed.expr, &item.shown, item.at)?;
        }
        for (key, item) in keys.iter_mut().zip(order) {
            key.expr = rebase.apply(&key.expr, &item.expr.to_string(), item.expr.at)?;
        }
        if let Some((having, ast)) = having {
            *having = rebase.apply(having, &ast.to_string(), ast.at)?;
        }
        Ok(plan)
    }

    fn collect(&self, expr: &Expr, all: &mut Vec<(Expr, String)>) -> Result<()> {
        expr.apply(|node| {
            if is_aggregate(node) {
                if !all.iter().any(|(known, _)| known == node) {
                    all.push((node.clone(), self.fresh()));
                }
                return Ok(TreeNodeRecursion::Jump);
            }
            Ok(TreeNodeRecursion::Continue)
        })
        .map_err(planning)?;
        Ok(())
    }

    fn groups(&self, select: &Select, scope: &Scope<'_>, items: &[Item]) -> Result<Groups> {
        let mut groups = Groups { exprs: Vec::new(), sets: None };
        let Some(group) = &select.group else { return Ok(groups) };
        // Each element is a list of sets; together they are every combination.
        let mut combined: Vec<Vec<usize>> = vec![Vec::new()];
        let mut simple = true;
        for element in &group.elements {
            let mut place = |expr: &ast::Expr| self.group_key(expr, scope, items).map(|typed| groups.place(typed));
            let mut list = |exprs: &[ast::Expr]| exprs.iter().map(&mut place).collect::<Result<Vec<usize>>>();
            let sets: Vec<Vec<usize>> = match element {
                GroupElement::Expr(expr) => vec![list(std::slice::from_ref(expr))?],
                GroupElement::Simple(exprs) => vec![list(exprs)?],
                GroupElement::Sets(sets) => sets.iter().map(|set| list(set)).collect::<Result<_>>()?,
                GroupElement::Rollup(sets) => {
                    let parts = sets.iter().map(|set| list(set)).collect::<Result<Vec<_>>>()?;
                    (0..=parts.len()).rev().map(|n| parts[..n].concat()).collect()
                }
                GroupElement::Cube(sets) => {
                    let parts = sets.iter().map(|set| list(set)).collect::<Result<Vec<_>>>()?;
                    cube(&parts, select.at)?
                }
            };
            simple &= matches!(element, GroupElement::Expr(_) | GroupElement::Simple(_));
            if combined.len().saturating_mul(sets.len()) > SETS {
                return Err(too_many(select.at));
            }
            combined = combined.iter().flat_map(|base| sets.iter().map(move |set| joined(base, set))).collect();
        }
        if group.distinct {
            let mut seen: Vec<Vec<usize>> = Vec::new();
            combined.retain(|set| {
                let mut sorted = set.clone();
                sorted.sort_unstable();
                let new = !seen.contains(&sorted);
                seen.push(sorted);
                new
            });
        }
        if !simple {
            groups.sets = Some(combined);
        }
        Ok(groups)
    }

    fn group_key(&self, expr: &ast::Expr, scope: &Scope<'_>, items: &[Item]) -> Result<Typed> {
        let typed = match ordinal(expr, items.len(), "GROUP BY")? {
            Some(n) => items[n].typed.clone(),
            None => self.expr(expr, scope)?,
        };
        self.scalar_only(&typed.expr, expr, "GROUP BY clause")?;
        if !typed.ty.is_comparable() {
            let message = format!("{} is not comparable, and therefore cannot be used in GROUP BY", typed.ty);
            return Err(SqlError::at(Code::TypeMismatch, expr.at, message));
        }
        Ok(typed)
    }

    /// `grouping(a, b)`: it is told from the set of the row when that is known.
    pub(super) fn grouping(&self, args: &[ast::Expr], at: Position, scope: &Scope<'_>) -> Result<Typed> {
        let args = args.iter().map(|arg| self.expr(arg, scope)).collect::<Result<Vec<_>>>()?;
        if args.len() > 63 {
            return Err(SqlError::at(Code::InvalidFunctionArgument, at, "GROUPING supports up to 31 column arguments"));
        }
        let result = if args.len() > 31 { Type::Bigint } else { Type::Integer };
        let types = Types { args: args.iter().map(|arg| arg.ty.clone()).collect(), result: result.clone() };
        let never = Run::Plain(|_| Err(SqlError::internal("grouping without groups")));
        let args = args.into_iter().map(|arg| arg.expr).collect();
        Ok(Typed::new(RowUdf::call(GROUPING, Kernel::Row(never), types, true, true, args), result))
    }
}

fn too_many(at: Position) -> SqlError {
    SqlError::at(Code::NotSupported, at, format!("GROUP BY has more than {SETS} grouping sets"))
}

fn cube(parts: &[Vec<usize>], at: Position) -> Result<Vec<Vec<usize>>> {
    if parts.len() > 11 {
        return Err(too_many(at));
    }
    let masks = (0..1_usize << parts.len()).rev();
    Ok(masks
        .map(|mask| {
            (0..parts.len()).filter(|n| mask >> (parts.len() - 1 - n) & 1 == 1).flat_map(|n| parts[n].clone()).collect()
        })
        .collect())
}

fn joined(base: &[usize], more: &[usize]) -> Vec<usize> {
    let mut all = base.to_vec();
    for n in more {
        if !all.contains(n) {
            all.push(*n);
        }
    }
    all
}

impl Rebase {
    fn apply(&self, expr: &Expr, shown: &str, at: Position) -> Result<Expr> {
        let ungrouped = std::cell::Cell::new(false);
        let rebased = expr
            .clone()
            .transform_down(|node| {
                if let Some(column) = self.replacement(&node) {
                    return Ok(Transformed::new(column, true, TreeNodeRecursion::Jump));
                }
                if matches!(node, Expr::Column(_)) {
                    ungrouped.set(true);
                }
                Ok(Transformed::no(node))
            })
            .map_err(planning)?;
        if ungrouped.get() {
            let message = format!("'{shown}' must be an aggregate expression or appear in GROUP BY clause");
            return Err(SqlError::at(Code::ExpressionNotAggregate, at, message));
        }
        Ok(rebased.data)
    }

    fn replacement(&self, node: &Expr) -> Option<Expr> {
        if let Some((_, column)) = self.groups.iter().find(|(known, _)| known == node) {
            return Some(column.clone());
        }
        if let Some((_, name)) = self.aggregates.iter().find(|(known, _)| known == node) {
            return Some(column(name));
        }
        match node {
            Expr::ScalarFunction(call) if call.func.name().starts_with("grouping:") => self.grouping(&call.args),
            _ => None,
        }
    }

    /// One bit for each argument, which is set when the row's set is without it.
    fn grouping(&self, args: &[Expr]) -> Option<Expr> {
        let names: Vec<&str> = args
            .iter()
            .map(|arg| match self.groups.iter().find(|(known, _)| known == arg) {
                Some((_, Expr::Column(own))) => Some(own.name.as_str()),
                _ => None,
            })
            .collect::<Option<_>>()?;
        let result = if args.len() > 31 { Type::Bigint } else { Type::Integer };
        let Some((id, all)) = &self.grouping else {
            return Some(super::literal::constant(result, &Value::Integer(0)).ok()?.expr);
        };
        let bits: Vec<Value> = names
            .iter()
            .map(|name| all.iter().position(|own| own == name).map(|n| Value::Integer((all.len() - 1 - n) as i64)))
            .collect::<Option<_>>()?;
        let places = super::literal::constant(Type::array(Type::Bigint), &Value::array(bits)).ok()?.expr;
        let wide = datafusion::logical_expr::cast(id.clone(), datafusion::arrow::datatypes::DataType::Int64);
        let types = Types { args: vec![Type::Bigint, Type::array(Type::Bigint)], result };
        let run = Run::Plain(|args| {
            let id = args[0].as_int()?;
            let bits = args[1].as_array()?.iter().map(Value::as_int).collect::<Result<Vec<_>>>()?;
            Ok(Value::Integer(bits.iter().fold(0, |all, bit| all << 1 | (id >> bit & 1))))
        });
        Some(RowUdf::call("grouping bits", Kernel::Row(run), types, false, true, vec![wide, places]))
    }
}

/// Refuses an aggregate within another.
pub(super) fn no_nesting(exprs: &[Expr], name: &str, at: Position) -> Result<()> {
    if exprs.iter().any(|expr| has(expr, is_aggregate)) {
        return Err(SqlError::at(
            Code::NestedAggregation,
            at,
            format!("Cannot nest aggregations inside aggregation '{name}'"),
        ));
    }
    if exprs.iter().any(|expr| has(expr, is_window)) {
        return Err(SqlError::at(
            Code::NestedWindow,
            at,
            format!("Cannot nest window functions inside aggregation '{name}'"),
        ));
    }
    Ok(())
}

/// A value that was asked to be constant.
pub(super) fn constant_int(ast: &ast::Expr) -> Option<i64> {
    match &ast.kind {
        Kind::Integer(digits) => digits.parse().ok(),
        Kind::Unary { minus: true, of } => constant_int(of).and_then(i64::checked_neg),
        _ => None,
    }
}
