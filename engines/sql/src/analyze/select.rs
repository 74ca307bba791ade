//! SELECT: from rows, through groups and windows, to columns.

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::expr::Sort;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};

use super::expression::path;
use super::query::ordinal;
use super::scope::{Env, Field, Scope};
use super::{Analyzer, Planned, Typed, column, planning};
use crate::error::{Code, Position, Result, SqlError};
use crate::syntax::ast::{self, Kind, Query, Select, SelectItem};
use crate::types::Type;

/// A column of the result in the making.
pub(super) struct Item {
    pub(super) typed: Typed,
    pub(super) name: Option<String>,
    pub(super) relation: Vec<String>,
    pub(super) shown: String,
    pub(super) at: Position,
}

/// Whether an expression has a part that the test finds.
pub(super) fn has(expr: &Expr, test: fn(&Expr) -> bool) -> bool {
    let mut found = false;
    // INVARIANT: the visitor never fails.
    let _ = expr.apply(|node| {
        found |= test(node);
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    found
}

pub(super) fn is_aggregate(expr: &Expr) -> bool {
    matches!(expr, Expr::AggregateFunction(_))
}

pub(super) fn is_window(expr: &Expr) -> bool {
    matches!(expr, Expr::WindowFunction(_))
}

impl Analyzer<'_> {
    pub(super) fn select(
        &self,
        select: &Select,
        query: &Query,
        env: &Env,
        outer: Option<&Scope<'_>>,
    ) -> Result<Planned> {
        let from = self.from(&select.from, env, outer)?;
        let mut scope = Scope::new(from.fields, env, outer);
        scope.windows = select.windows.iter().map(|(name, window)| (name.lower(), window.clone())).collect();
        let mut plan = from.plan;
        if let Some(filter) = &select.filter {
            let condition = self.typed(filter, &scope, &Type::Boolean, "WHERE clause")?;
            self.scalar_only(&condition, filter, "WHERE clause")?;
            plan = LogicalPlanBuilder::from(plan)
                .filter(condition)
                .and_then(LogicalPlanBuilder::build)
                .map_err(planning)?;
        }
        let mut items = self.items(&select.items, &scope, select.at)?;
        let mut keys = self.order_keys(select, query, &items, &mut scope)?;
        let mut having = match &select.having {
            Some(having) => Some((self.typed(having, &scope, &Type::Boolean, "HAVING clause")?, having)),
            None => None,
        };
        let exprs = items.iter().map(|item| &item.typed.expr).chain(keys.iter().map(|key| &key.expr));
        let aggregates = exprs.chain(having.iter().map(|(having, _)| having)).any(|expr| has(expr, is_aggregate));
        if select.group.is_some() || having.is_some() || aggregates {
            plan = self.grouped(plan, select, &scope, &mut items, &mut keys, &mut having, &query.order)?;
        }
        if let Some((having, _)) = having {
            plan =
                LogicalPlanBuilder::from(plan).filter(having).and_then(LogicalPlanBuilder::build).map_err(planning)?;
        }
        plan = self.windowed(plan, &mut items, &mut keys)?;
        self.projected(plan, select, query, items, keys)
    }

    /// The columns of SELECT, with `*` made the columns that it stands for.
    fn items(&self, list: &[SelectItem], scope: &Scope<'_>, at: Position) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        for item in list {
            match item {
                SelectItem::Expr(expr, alias) => {
                    let typed = self.expr(expr, scope)?;
                    let name = alias.as_ref().map(|alias| alias.text.clone()).or_else(|| implied(expr));
                    items.push(Item { typed, name, relation: Vec::new(), shown: expr.to_string(), at: expr.at });
                }
                SelectItem::All { of, aliases, at } => self.all(of.as_ref(), aliases, *at, scope, &mut items)?,
            }
        }
        if items.is_empty() {
            return Err(SqlError::at(
                Code::ColumnNameNotSpecified,
                at,
                "SELECT * not allowed from relation that has no columns",
            ));
        }
        Ok(items)
    }

    fn all(
        &self,
        of: Option<&ast::Expr>,
        aliases: &[ast::Name],
        at: Position,
        scope: &Scope<'_>,
        items: &mut Vec<Item>,
    ) -> Result<()> {
        let start = items.len();
        let whole = |field: &Field| Item {
            typed: Typed::new(field.expr(), field.ty.clone()),
            name: field.name.clone(),
            relation: field.relation.clone(),
            shown: field.name.clone().unwrap_or_default(),
            at,
        };
        match of {
            None if scope.fields.is_empty() => {
                return Err(SqlError::at(
                    Code::ColumnNameNotSpecified,
                    at,
                    "SELECT * not allowed in queries without FROM clause",
                ));
            }
            None => items.extend(scope.fields.iter().filter(|field| !field.hidden).map(whole)),
            Some(of) => {
                let relation: Option<Vec<String>> = path(of).map(|path| path.iter().map(ast::Name::lower).collect());
                let of_relation =
                    |field: &&Field| relation.as_ref().is_some_and(|relation| field.of(relation)) && !field.hidden;
                items.extend(scope.fields.iter().filter(of_relation).map(whole));
                if items.len() == start {
                    self.row_items(of, at, scope, items)?;
                }
            }
        }
        if !aliases.is_empty() {
            if aliases.len() != items.len() - start {
                let message = format!(
                    "Column alias list has {} entries but relation has {} columns",
                    aliases.len(),
                    items.len() - start
                );
                return Err(SqlError::at(Code::MismatchedColumnAliases, at, message));
            }
            for (item, alias) in items[start..].iter_mut().zip(aliases) {
                item.name = Some(alias.text.clone());
            }
        }
        Ok(())
    }

    /// `row.*`
    fn row_items(&self, of: &ast::Expr, at: Position, scope: &Scope<'_>, items: &mut Vec<Item>) -> Result<()> {
        let typed = self.expr(of, scope).map_err(|error| match error.code {
            Code::ColumnNotFound => SqlError::at(Code::TableNotFound, at, format!("Unable to resolve reference {of}")),
            _ => error,
        })?;
        let Type::Row(fields) = &typed.ty else {
            return Err(SqlError::at(
                Code::TypeMismatch,
                at,
                format!("expected expression of type Row, got {}", typed.ty),
            ));
        };
        for (n, (name, ty)) in fields.iter().enumerate() {
            let one = super::expression::field_of(&typed, n, ty.clone());
            items.push(Item { typed: one, name: name.clone(), relation: Vec::new(), shown: of.to_string(), at });
        }
        Ok(())
    }

    /// What ORDER BY sorts by: a place, an alias, or an expression of either.
    fn order_keys(&self, select: &Select, query: &Query, items: &[Item], scope: &mut Scope<'_>) -> Result<Vec<Sort>> {
        let named = items.iter().filter_map(|item| Some((item.name.as_ref()?.to_lowercase(), item.typed.clone())));
        scope.aliases = named.collect();
        let mut keys = Vec::new();
        for item in &query.order {
            let typed = match ordinal(&item.expr, items.len(), "ORDER BY")? {
                Some(n) => items[n].typed.clone(),
                None => self.expr(&item.expr, scope)?,
            };
            if select.distinct && !items.iter().any(|item| item.typed == typed) {
                let message = "For SELECT DISTINCT, ORDER BY expressions must appear in select list";
                return Err(SqlError::at(Code::ExpressionNotInDistinct, item.expr.at, message));
            }
            keys.push(self.sort_key(typed, item)?);
        }
        scope.aliases.clear();
        Ok(keys)
    }

    pub(super) fn scalar_only(&self, expr: &Expr, ast: &ast::Expr, clause: &str) -> Result<()> {
        if has(expr, |node| is_aggregate(node) || is_window(node)) {
            let message =
                format!("{clause} cannot contain aggregations, window functions or grouping operations: [{ast}]");
            return Err(SqlError::at(Code::ExpressionNotScalar, ast.at, message));
        }
        Ok(())
    }

    /// The columns of the result, in order, distinct and cut.
    fn projected(
        &self,
        plan: LogicalPlan,
        select: &Select,
        query: &Query,
        items: Vec<Item>,
        keys: Vec<Sort>,
    ) -> Result<Planned> {
        let mut fields = Vec::new();
        let mut exprs = Vec::new();
        for item in &items {
            let name = self.fresh();
            exprs.push(self.counted(item.typed.expr.clone())?.alias(&name));
            let name_of = item.name.clone();
            fields.push(Field {
                relation: item.relation.clone(),
                name: name_of,
                ty: item.typed.ty.clone(),
                column: name,
                hidden: false,
            });
        }
        if select.distinct {
            for item in &items {
                if !item.typed.ty.is_comparable() {
                    let message =
                        format!("DISTINCT can only be applied to comparable types (actual: {})", item.typed.ty);
                    return Err(SqlError::at(Code::TypeMismatch, item.at, message));
                }
            }
        }
        let mut sort = Vec::new();
        for key in keys {
            let there = items.iter().position(|item| item.typed.expr == key.expr);
            let name = there.map_or_else(|| self.fresh(), |n| fields[n].column.clone());
            if there.is_none() {
                exprs.push(self.counted(key.expr)?.alias(&name));
            }
            sort.push(Sort { expr: column(&name), ..key });
        }
        let extra = exprs.len() > fields.len();
        let mut builder = LogicalPlanBuilder::from(plan).project(exprs).map_err(planning)?;
        if select.distinct {
            builder = builder.distinct().map_err(planning)?;
        }
        let mut plan = self.limited(builder.build().map_err(planning)?, sort, query)?;
        if extra {
            let own: Vec<Expr> = fields.iter().map(Field::expr).collect();
            plan = LogicalPlanBuilder::from(plan).project(own).and_then(LogicalPlanBuilder::build).map_err(planning)?;
        }
        Ok(Planned { plan, fields })
    }
}

/// The name that an expression gives its column by itself: that of a column or field.
fn implied(expr: &ast::Expr) -> Option<String> {
    match &expr.kind {
        Kind::Name(name) | Kind::Field(_, name) => Some(name.text.clone()),
        _ => None,
    }
}
