//! The logical plan.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::common::JoinType;
use datafusion::datasource::source_as_provider;
use datafusion::logical_expr::logical_plan::{Aggregate, Join, Projection, TableScan};
use datafusion::logical_expr::{Expr, LogicalPlan};

use super::physical::table;
use super::{Names, Node, outputs, type_name};
use crate::catalog::{Column, TableName};
use crate::table::Known;

type Tables = HashMap<TableName, Known>;

/// A part of a plan, and all below it.
pub(super) fn node(plan: &LogicalPlan, tables: &Tables, names: &mut Names) -> Node {
    // Another name for the same columns.
    if let LogicalPlan::SubqueryAlias(alias) = plan {
        return node(&alias.input, tables, names);
    }
    let children: Vec<Node> = plan.inputs().into_iter().map(|input| node(input, tables, names)).collect();
    let (name, descriptor, details) = described(plan, tables, names);
    name_rest(plan, names);
    let outputs = match plan {
        LogicalPlan::TableScan(scan) => of_scan(scan, tables, names),
        _ => outputs_of(plan, names),
    };
    Node { name, descriptor, outputs, details, figures: None, children }
}

type Described = (String, Vec<(&'static str, String)>, Vec<String>);

fn described(plan: &LogicalPlan, tables: &Tables, names: &mut Names) -> Described {
    let show = |names: &Names, expr: &dyn std::fmt::Display| names.render(&expr.to_string());
    let list = |names: &Names, all: &[Expr]| {
        format!("[{}]", all.iter().map(|expr| show(names, expr)).collect::<Vec<_>>().join(", "))
    };
    match plan {
        LogicalPlan::Projection(projection) => ("Project".into(), Vec::new(), projected(projection, names)),
        LogicalPlan::Filter(filter) => {
            ("Filter".into(), vec![("filterPredicate", show(names, &filter.predicate))], Vec::new())
        }
        LogicalPlan::Aggregate(aggregate) => {
            let keys = list(names, &aggregate.group_expr);
            ("Aggregate".into(), vec![("keys", keys)], aggregated(aggregate, names))
        }
        LogicalPlan::Sort(sort) => {
            let order: Vec<String> = sort.expr.iter().map(|one| show(names, one)).collect();
            let order = ("orderBy", format!("[{}]", order.join(", ")));
            match sort.fetch {
                Some(count) => ("TopN".into(), vec![("count", count.to_string()), order], Vec::new()),
                None => ("Sort".into(), vec![order], Vec::new()),
            }
        }
        LogicalPlan::Join(join) => joined(join, names),
        LogicalPlan::TableScan(scan) => scanned(scan, tables, names),
        LogicalPlan::Limit(limit) => {
            let bound = |expr: &Option<Box<Expr>>| expr.as_ref().map(|expr| show(names, expr));
            let count = bound(&limit.fetch).map(|text| ("count", text));
            let offset = bound(&limit.skip).map(|text| ("offset", text));
            ("Limit".into(), count.into_iter().chain(offset).collect(), Vec::new())
        }
        LogicalPlan::Window(window) => {
            ("Window".into(), vec![("functions", list(names, &window.window_expr))], Vec::new())
        }
        LogicalPlan::Values(values) => ("Values".into(), vec![("rows", values.values.len().to_string())], Vec::new()),
        LogicalPlan::EmptyRelation(empty) => {
            ("Values".into(), vec![("rows", u8::from(empty.produce_one_row).to_string())], Vec::new())
        }
        LogicalPlan::Distinct(_) => ("Aggregate".into(), vec![("type", "DISTINCT".into())], Vec::new()),
        LogicalPlan::Union(_) => ("Union".into(), Vec::new(), Vec::new()),
        LogicalPlan::Unnest(_) => ("Unnest".into(), Vec::new(), Vec::new()),
        LogicalPlan::RecursiveQuery(_) => ("RecursiveQuery".into(), Vec::new(), Vec::new()),
        other => {
            let text = other.display().to_string();
            let name = text.split([':', ' ']).next().unwrap_or_default().to_owned();
            (name, Vec::new(), Vec::new())
        }
    }
}

/// What Trino calls a join.
pub(super) fn join_name(of: JoinType) -> &'static str {
    match of {
        JoinType::Inner => "InnerJoin",
        JoinType::Left => "LeftJoin",
        JoinType::Right => "RightJoin",
        JoinType::Full => "FullJoin",
        JoinType::LeftAnti | JoinType::RightAnti => "AntiJoin",
        _ => "SemiJoin",
    }
}

fn joined(join: &Join, names: &Names) -> Described {
    let pairs: Vec<String> = join.on.iter().map(|(left, right)| names.render(&format!("{left} = {right}"))).collect();
    let name = match (join.join_type, pairs.is_empty(), &join.filter) {
        (JoinType::Inner, true, None) => "CrossJoin",
        (kind, ..) => join_name(kind),
    };
    let criteria = (!pairs.is_empty()).then(|| ("criteria", pairs.join(" AND ")));
    let filter = join.filter.as_ref().map(|filter| ("filter", names.render(&filter.to_string())));
    (name.into(), criteria.into_iter().chain(filter).collect(), Vec::new())
}

/// What a projection computes; what it hands on keeps its name.
fn projected(projection: &Projection, names: &mut Names) -> Vec<String> {
    let mut details = Vec::new();
    for expr in &projection.expr {
        let Expr::Alias(alias) = expr else { continue };
        let text = alias.expr.to_string();
        if let Expr::Column(_) = alias.expr.as_ref() {
            names.same(&alias.name, &text);
        } else {
            let rendered = names.render(&text);
            let shown = names.give(&alias.name, "expr");
            details.push(format!("{shown} := {rendered}"));
        }
    }
    details
}

fn aggregated(aggregate: &Aggregate, names: &mut Names) -> Vec<String> {
    let mut details = Vec::new();
    for expr in &aggregate.aggr_expr {
        let (own, inner) = match expr {
            Expr::Alias(alias) => (alias.name.clone(), alias.expr.to_string()),
            other => (other.schema_name().to_string(), other.to_string()),
        };
        let rendered = names.render(&inner);
        let wanted: String = rendered.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let shown = names.give(&own, if wanted.is_empty() { "expr" } else { &wanted });
        details.push(format!("{shown} := {rendered}"));
    }
    details
}

/// The table of a scan.
pub(super) fn found<'a>(scan: &TableScan, tables: &'a Tables) -> Option<(&'a TableName, &'a [Column])> {
    let wanted = source_as_provider(&scan.source).ok()?;
    tables.iter().find_map(|(name, known)| match known {
        Known::Table { provider, columns, .. } if Arc::ptr_eq(provider, &wanted) => Some((name, columns.as_ref())),
        _ => None,
    })
}

/// The columns of a scan: names in the plan, and what the table calls them.
fn columns<'a>(scan: &TableScan, all: &'a [Column]) -> Vec<(String, &'a Column)> {
    let own = |name: &str| name.strip_prefix('x').and_then(|n| all.get(n.parse::<usize>().ok()?));
    let fields = scan.projected_schema.columns().into_iter();
    fields.filter_map(|column| own(&column.name).map(|of| (column.flat_name(), of))).collect()
}

fn scanned(scan: &TableScan, tables: &Tables, names: &mut Names) -> Described {
    let Some((name, all)) = found(scan, tables) else { return ("Values".into(), Vec::new(), Vec::new()) };
    let mut details = Vec::new();
    for (flat, column) in columns(scan, all) {
        let shown = names.give(&flat, &column.name);
        details.push(format!("{shown} := {}:{}", column.name, column.ty));
    }
    let mut descriptor = vec![("table", table(name))];
    if !scan.filters.is_empty() {
        let filters: Vec<String> = scan.filters.iter().map(|filter| names.render(&filter.to_string())).collect();
        descriptor.push(("constraint", filters.join(" AND ")));
    }
    ("TableScan".into(), descriptor, details)
}

fn of_scan(scan: &TableScan, tables: &Tables, names: &Names) -> Vec<(String, String)> {
    match found(scan, tables) {
        Some((_, all)) => {
            columns(scan, all).into_iter().map(|(flat, of)| (names.get(&flat), of.ty.to_string())).collect()
        }
        None => outputs(scan.projected_schema.as_arrow(), names),
    }
}

/// Columns that begin here and have no name yet.
fn name_rest(plan: &LogicalPlan, names: &mut Names) {
    if matches!(plan, LogicalPlan::TableScan(_)) {
        return;
    }
    for column in plan.schema().columns() {
        let flat = column.flat_name();
        if !names.knows(&flat) && flat.starts_with('c') {
            names.give(&flat, "expr");
        }
    }
}

fn outputs_of(plan: &LogicalPlan, names: &Names) -> Vec<(String, String)> {
    let schema = plan.schema();
    let columns = schema.columns().into_iter();
    columns
        .zip(schema.fields())
        .map(|(column, field)| (names.get(&column.flat_name()), type_name(field.data_type())))
        .collect()
}
