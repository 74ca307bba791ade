//! FROM: tables, views, named queries, joins.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{JoinType, TableReference};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};

use super::expression::when_then;
use super::scope::{Env, Field, Meaning, Scope};
use super::select::{has, is_aggregate, is_window};
use super::{Analyzer, Planned, planning};
use crate::catalog::TableName;
use crate::error::{Code, Position, Result, SqlError};
use crate::iceberg::Version;
use crate::session::Session;
use crate::syntax::ast::{self, Alias, CompareOp, JoinKind, JoinOn, Name, Relation};
use crate::table::Known;
use crate::types::Type;

/// Views within views deeper than this are cyclic.
const VIEWS: usize = 100;

impl Analyzer<'_> {
    pub(super) fn from(&self, relations: &[Relation], env: &Env, outer: Option<&Scope<'_>>) -> Result<Planned> {
        let mut all: Option<Planned> = None;
        for relation in relations {
            all = Some(match all {
                None => self.relation(relation, env, outer)?,
                Some(left) => self.joined(JoinKind::Cross, left, relation, &JoinOn::None, env, outer)?,
            });
        }
        match all {
            Some(planned) => Ok(planned),
            None => {
                Ok(Planned { plan: LogicalPlanBuilder::empty(true).build().map_err(planning)?, fields: Vec::new() })
            }
        }
    }

    fn relation(&self, relation: &Relation, env: &Env, outer: Option<&Scope<'_>>) -> Result<Planned> {
        match relation {
            Relation::Table { name, version, alias, at } => {
                self.count_relation(*at)?;
                let version = version.as_ref().map(|(of, at)| self.version(*of, at)).transpose()?;
                self.table(name, version, alias.as_ref(), env)
            }
            Relation::Query { query, alias, .. } => aliased(self.query(query, env, outer)?, alias.as_ref()),
            Relation::Unnest { args, ordinality, alias, at } => {
                let plan = LogicalPlanBuilder::empty(true).build().map_err(planning)?;
                let left = Planned { plan, fields: Vec::new() };
                self.unnest(left, args, *ordinality, alias.as_ref(), *at, false, env, outer)
            }
            Relation::Join { kind, left, right, on, .. } => {
                let left = self.relation(left, env, outer)?;
                self.joined(*kind, left, right, on, env, outer)
            }
            Relation::Sample { of, percent, at } => self.sample(of, percent, *at, env, outer),
            Relation::Aliased { of, alias } => aliased(self.relation(of, env, outer)?, Some(alias)),
        }
    }

    /// Each row with this probability.
    fn sample(
        &self,
        of: &Relation,
        percent: &ast::Expr,
        at: Position,
        env: &Env,
        outer: Option<&Scope<'_>>,
    ) -> Result<Planned> {
        let planned = self.relation(of, env, outer)?;
        let scope = Scope::new(Vec::new(), env, None);
        let percent = self.typed(percent, &scope, &Type::Double, "Sample percentage")?;
        let random = self.function("random", &[], at, &scope)?;
        let hundred = datafusion::logical_expr::binary_expr(
            random.expr,
            datafusion::logical_expr::Operator::Multiply,
            lit(100.0),
        );
        let plan =
            LogicalPlanBuilder::from(planned.plan).filter(hundred.lt(percent)).and_then(LogicalPlanBuilder::build);
        Ok(Planned { plan: plan.map_err(planning)?, fields: planned.fields })
    }

    pub(super) fn table(
        &self,
        name: &[Name],
        version: Option<Version>,
        alias: Option<&Alias>,
        env: &Env,
    ) -> Result<Planned> {
        if let [name] = name
            && version.is_none()
            && let Some(meaning) = env.get(&name.lower())
        {
            let planned = match meaning {
                Meaning::Query(with, env) => {
                    let inner = self.query(&with.query, &env, None)?;
                    named(inner, &with.name, &with.columns)?
                }
                Meaning::Step(step) => step.scan(self, name)?,
            };
            return aliased(planned, alias);
        }
        let at = name.first().map_or(Position { line: 1, column: 1 }, |name| name.at);
        let full = match &*self.home.borrow() {
            Some(home) => home.qualify(name, at)?,
            None => self.session.qualify(name, at)?,
        };
        let full = TableName { version, ..full };
        let planned = match self.tables.get(&full) {
            None => {
                self.wanted.set(Some(full.clone()));
                return Err(SqlError::internal(format!("table {full} is not known yet")));
            }
            Some(Known::Missing(code, message)) => return Err(SqlError::at(*code, at, message.clone())),
            Some(Known::View { query, home: (catalog, schema), .. }) => {
                if self.views.get() >= VIEWS {
                    return Err(SqlError::at(Code::InvalidView, at, format!("View '{full}' is recursive")));
                }
                self.views.set(self.views.get() + 1);
                let home = Session { catalog: catalog.clone(), schema: Some(schema.clone()), ..self.session.clone() };
                let outside = self.home.replace(Some(home));
                let inner = self.query(query, &Env::default(), None).map_err(|error| {
                    let code = if self.views.get() >= VIEWS { Code::InvalidView } else { error.code };
                    let message = format!("Failed analyzing stored view '{full}': {error}");
                    if code == Code::InvalidView { error } else { SqlError::at(Code::InvalidView, at, message) }
                })?;
                self.home.replace(outside);
                self.views.set(self.views.get() - 1);
                relation_named(inner, full.parts())
            }
            Some(Known::Table { provider, columns, .. }) => {
                let scan = TableReference::bare(format!("t{}", self.fresh()));
                let source = provider_as_source(Arc::clone(provider));
                let builder = LogicalPlanBuilder::scan(scan, source, None).map_err(planning)?;
                let mut fields = Vec::new();
                let mut exprs = Vec::new();
                for (own, column) in builder.schema().columns().into_iter().zip(columns.iter()) {
                    let fresh = self.fresh();
                    exprs.push(Expr::Column(own).alias(&fresh));
                    fields.push(Field {
                        relation: full.parts(),
                        name: Some(column.name.clone()),
                        ty: column.ty.clone(),
                        column: fresh,
                        hidden: column.name.starts_with('$'),
                    });
                }
                let plan = builder.project(exprs).and_then(LogicalPlanBuilder::build).map_err(planning)?;
                Planned { plan, fields }
            }
        };
        aliased(planned, alias)
    }

    fn joined(
        &self,
        kind: JoinKind,
        left: Planned,
        right: &Relation,
        on: &JoinOn,
        env: &Env,
        outer: Option<&Scope<'_>>,
    ) -> Result<Planned> {
        self.count_join()?;
        if let Relation::Unnest { args, ordinality, alias, at } = right {
            let always = match on {
                JoinOn::None => true,
                JoinOn::On(condition) => matches!(condition.kind, ast::Kind::Boolean(true)),
                _ => false,
            };
            if !always || !matches!(kind, JoinKind::Cross | JoinKind::Inner | JoinKind::Left) {
                return Err(SqlError::unsupported(*at, "JOIN with UNNEST on other than condition ON TRUE"));
            }
            return self.unnest(left, args, *ordinality, alias.as_ref(), *at, kind == JoinKind::Left, env, outer);
        }
        if let Relation::Query { query, lateral: true, alias } = right {
            return self.lateral(kind, left, query, alias.as_ref(), on, env, outer);
        }
        let right = self.relation(right, env, outer)?;
        self.join(kind, left, right, on, env, outer)
    }

    fn join(
        &self,
        kind: JoinKind,
        left: Planned,
        right: Planned,
        on: &JoinOn,
        env: &Env,
        outer: Option<&Scope<'_>>,
    ) -> Result<Planned> {
        let join_type = match kind {
            JoinKind::Inner | JoinKind::Cross => JoinType::Inner,
            JoinKind::Left => JoinType::Left,
            JoinKind::Right => JoinType::Right,
            JoinKind::Full => JoinType::Full,
        };
        match on {
            JoinOn::None => {
                let fields = [left.fields, right.fields].concat();
                let plan =
                    LogicalPlanBuilder::from(left.plan).cross_join(right.plan).and_then(LogicalPlanBuilder::build);
                Ok(Planned { plan: plan.map_err(planning)?, fields })
            }
            JoinOn::On(condition) => {
                let fields = [left.fields, right.fields].concat();
                let scope = Scope::new(fields.clone(), env, outer);
                let on = self.typed(condition, &scope, &Type::Boolean, "JOIN ON clause")?;
                if has(&on, |node| is_aggregate(node) || is_window(node)) {
                    self.scalar_only(&on, condition, "JOIN clause")?;
                }
                let plan = LogicalPlanBuilder::from(left.plan)
                    .join_on(right.plan, join_type, [on])
                    .and_then(LogicalPlanBuilder::build);
                Ok(Planned { plan: plan.map_err(planning)?, fields })
            }
            JoinOn::Using(names) => self.join_using(join_type, left, right, names, env),
            JoinOn::Natural => {
                let at = Position { line: 1, column: 1 };
                let names: Vec<Name> = left
                    .fields
                    .iter()
                    .filter_map(|field| field.name.clone())
                    .filter(|name| {
                        right
                            .fields
                            .iter()
                            .any(|other| other.name.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(name)))
                    })
                    .map(|text| Name { text, quoted: false, at })
                    .collect();
                self.join_using(join_type, left, right, &names, env)
            }
        }
    }

    /// The named columns come first and once; the others follow, left before right.
    fn join_using(
        &self,
        join_type: JoinType,
        left: Planned,
        right: Planned,
        names: &[Name],
        env: &Env,
    ) -> Result<Planned> {
        let mut on = Vec::new();
        let (mut fields, mut exprs) = (Vec::new(), Vec::new());
        let (mut used_left, mut used_right) = (Vec::new(), Vec::new());
        for name in names {
            let side = |planned: &Planned, which: &str| {
                let scope = Scope::new(planned.fields.clone(), env, None);
                let missing = || {
                    SqlError::at(
                        Code::ColumnNotFound,
                        name.at,
                        format!("Column '{}' is missing from {which} side of join", name.text),
                    )
                };
                scope.resolve(std::slice::from_ref(name))?.map(|(typed, _)| typed).ok_or_else(missing)
            };
            let (a, b) = (side(&left, "left")?, side(&right, "right")?);
            on.push(self.compare(CompareOp::Equal, a.clone(), b.clone(), name.at)?);
            used_left.push(a.expr.clone());
            used_right.push(b.expr.clone());
            let ty = self.comparable("=", &a.ty, &b.ty, name.at)?;
            let (a, b) = (a.into_type(&ty), b.into_type(&ty));
            let both = match join_type {
                JoinType::Right => b,
                JoinType::Full => when_then(vec![(a.clone().is_not_null(), a)], b),
                _ => a,
            };
            let fresh = self.fresh();
            exprs.push(both.alias(&fresh));
            fields.push(Field {
                relation: Vec::new(),
                name: Some(name.text.clone()),
                ty,
                column: fresh,
                hidden: false,
            });
        }
        for (planned, used) in [(&left, &used_left), (&right, &used_right)] {
            for field in planned.fields.iter().filter(|field| !used.contains(&field.expr())) {
                exprs.push(field.expr());
                fields.push(field.clone());
            }
        }
        let on = on.into_iter().reduce(Expr::and).unwrap_or_else(|| lit(true));
        let plan = LogicalPlanBuilder::from(left.plan)
            .join_on(right.plan, join_type, [on])
            .and_then(|it| it.project(exprs))
            .and_then(LogicalPlanBuilder::build);
        Ok(Planned { plan: plan.map_err(planning)?, fields })
    }

    #[expect(clippy::too_many_arguments, reason = "a join has two sides, a condition and surroundings")]
    fn lateral(
        &self,
        kind: JoinKind,
        left: Planned,
        query: &ast::Query,
        alias: Option<&Alias>,
        on: &JoinOn,
        env: &Env,
        outer: Option<&Scope<'_>>,
    ) -> Result<Planned> {
        let scope = Scope::new(left.fields.clone(), env, outer);
        let right = aliased(self.query(query, env, Some(&scope))?, alias)?;
        let references = right.plan.all_out_ref_exprs();
        let right = if references.is_empty() {
            right
        } else if let (JoinKind::Cross, Some(exprs)) = (kind, of_one_row(&right.plan)) {
            return beside(left, right.fields, exprs);
        } else {
            let plan = LogicalPlan::Subquery(super::subquery::subquery(right.plan));
            Planned { plan, fields: right.fields }
        };
        match kind {
            JoinKind::Cross | JoinKind::Inner | JoinKind::Left => self.join(kind, left, right, on, env, outer),
            _ => Err(SqlError::unsupported(query.at, "LATERAL in a RIGHT or FULL JOIN")),
        }
    }
}

/// The columns of a query without FROM, which is one row.
fn of_one_row(plan: &LogicalPlan) -> Option<&[Expr]> {
    match plan {
        LogicalPlan::Projection(projection) => match projection.input.as_ref() {
            LogicalPlan::EmptyRelation(empty) if empty.produce_one_row => Some(&projection.expr),
            _ => None,
        },
        _ => None,
    }
}

/// Rows with columns that are computed of them.
fn beside(left: Planned, more: Vec<Field>, exprs: &[Expr]) -> Result<Planned> {
    let own = |name: &str| left.fields.iter().any(|field| field.column == name);
    let mut all: Vec<Expr> = left.fields.iter().map(|field| super::column(&field.column)).collect();
    for expr in exprs {
        let here = expr.clone().transform(|node| {
            Ok(match node {
                Expr::OuterReferenceColumn(_, column) if own(&column.name) => Transformed::yes(Expr::Column(column)),
                other => Transformed::no(other),
            })
        });
        all.push(here.map_err(planning)?.data);
    }
    let plan =
        LogicalPlanBuilder::from(left.plan).project(all).and_then(LogicalPlanBuilder::build).map_err(planning)?;
    Ok(Planned { plan, fields: left.fields.into_iter().chain(more).collect() })
}

/// A relation under the name of its alias, its columns too if the alias names them.
pub(super) fn aliased(planned: Planned, alias: Option<&Alias>) -> Result<Planned> {
    match alias {
        Some(alias) => named(planned, &alias.name, &alias.columns),
        None => Ok(planned),
    }
}

pub(super) fn relation_named(planned: Planned, relation: Vec<String>) -> Planned {
    let fields = planned.fields.into_iter().map(|field| Field { relation: relation.clone(), ..field }).collect();
    Planned { plan: planned.plan, fields }
}

pub(super) fn named(planned: Planned, name: &Name, columns: &[Name]) -> Result<Planned> {
    let mut planned = relation_named(planned, vec![name.lower()]);
    if columns.is_empty() {
        return Ok(planned);
    }
    let visible = planned.fields.iter().filter(|field| !field.hidden).count();
    if columns.len() != visible {
        let message = format!(
            "Column alias list has {} entries but '{}' has {visible} columns available",
            columns.len(),
            name.text.to_lowercase()
        );
        return Err(SqlError::at(Code::MismatchedColumnAliases, name.at, message));
    }
    for (field, column) in planned.fields.iter_mut().filter(|field| !field.hidden).zip(columns) {
        field.name = Some(column.text.clone());
    }
    Ok(planned)
}
