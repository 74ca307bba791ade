//! The plan that is run, and what each part of it did.

use datafusion::physical_plan::joins::{HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan};

use super::logical::join_name;
use super::{Names, Node, outputs};
use crate::error::Result;
use crate::files::ReadFiles;

/// What a part of a plan did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Rows that came out.
    pub(crate) rows: u64,
    /// Time that it computed, in nanoseconds, all threads together.
    pub(crate) nanos: u64,
    /// Bytes that it put on disk for want of memory.
    pub(crate) spilled: u64,
}

/// The names that Trino has for what these do.
const OPERATORS: &[(&str, &str)] = &[
    ("AggregateExec", "Aggregate"),
    ("BoundedWindowAggExec", "Window"),
    ("CoalesceBatchesExec", "LocalExchange"),
    ("CoalescePartitionsExec", "LocalExchange"),
    ("BroadcastExec", "LocalExchange"),
    ("CrossJoinExec", "CrossJoin"),
    ("DataSourceExec", "Values"),
    ("DistributedExec", "RemoteGather"),
    ("EmptyExec", "Values"),
    ("FilterExec", "Filter"),
    ("GlobalLimitExec", "Limit"),
    ("LocalLimitExec", "LimitPartial"),
    ("NetworkBroadcastExec", "RemoteExchange"),
    ("NetworkCoalesceExec", "RemoteExchange"),
    ("NetworkShuffleExec", "RemoteExchange"),
    ("PlaceholderRowExec", "Values"),
    ("ProjectionExec", "Project"),
    ("ReadFiles", "TableScan"),
    ("RepartitionExec", "LocalExchange"),
    ("SortExec", "Sort"),
    ("SortPreservingMergeExec", "LocalMerge"),
    ("UnionExec", "Union"),
    ("UnnestExec", "Unnest"),
    ("WindowAggExec", "Window"),
];

/// A part of a plan, and all below it.
pub(super) fn node(plan: &dyn ExecutionPlan, names: &mut Names, ran: bool) -> Result<Node> {
    let mut children = Vec::new();
    for child in plan.children() {
        children.push(node(child.as_ref(), names, ran)?);
    }
    let descriptor = descriptor(plan, names);
    let details = name_columns(plan, names);
    let outputs = outputs(&plan.schema(), names);
    Ok(Node { name: name(plan), descriptor, outputs, details, figures: ran.then(|| figures(plan)), children })
}

fn name(plan: &dyn ExecutionPlan) -> String {
    if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
        return join_name(*join.join_type()).into();
    }
    if let Some(join) = plan.downcast_ref::<SortMergeJoinExec>() {
        return join_name(join.join_type()).into();
    }
    if let Some(join) = plan.downcast_ref::<NestedLoopJoinExec>() {
        return join_name(*join.join_type()).into();
    }
    let own = plan.name();
    let found = OPERATORS.iter().find(|(theirs, _)| *theirs == own);
    found.map_or_else(|| own.trim_end_matches("Exec").to_owned(), |(_, name)| (*name).to_owned())
}

struct Shown<'a>(&'a dyn ExecutionPlan);

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        DisplayAs::fmt_as(self.0, DisplayFormatType::Default, f)
    }
}

/// What a part works with.
fn descriptor(plan: &dyn ExecutionPlan, names: &Names) -> Vec<(&'static str, String)> {
    if let Some(scan) = plan.downcast_ref::<ReadFiles>() {
        let mut all = vec![("table", table(scan.table())), ("files", scan.file_count().to_string())];
        all.extend(scan.pruned_by().map(|predicate| ("constraint", names.render(&predicate))));
        return all;
    }
    if plan.downcast_ref::<ProjectionExec>().is_some() {
        return Vec::new();
    }
    let text = Shown(plan).to_string();
    match text.split_once(": ") {
        Some((_, rest)) if !rest.is_empty() => vec![("how", names.render(rest))],
        _ => Vec::new(),
    }
}

/// `awsdatacatalog:db:t`
pub(super) fn table(name: &crate::catalog::TableName) -> String {
    name.parts().join(":")
}

/// Gives names to columns that begin here.
fn name_columns(plan: &dyn ExecutionPlan, names: &mut Names) -> Vec<String> {
    let mut details = Vec::new();
    if let Some(scan) = plan.downcast_ref::<ReadFiles>() {
        for (field, (column, is_key)) in plan.schema().fields().iter().zip(scan.columns()) {
            let shown = names.give(field.name(), &column.name);
            let kind = if is_key { "PARTITION_KEY" } else { "REGULAR" };
            details.push(format!("{shown} := {}:{}:{kind}", column.name, column.ty));
        }
        return details;
    }
    if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        for one in projection.expr() {
            let text = one.expr.to_string();
            let plain = text.split('@').next().unwrap_or_default();
            if names.knows(plain) && text.rsplit_once('@').is_some_and(|(_, n)| n.parse::<usize>().is_ok()) {
                names.same(&one.alias, plain);
            } else {
                let rendered = names.render(&text);
                let shown = names.give(&one.alias, "expr");
                details.push(format!("{shown} := {rendered}"));
            }
        }
        return details;
    }
    for field in plan.schema().fields() {
        if !names.knows(field.name()) && field.name().starts_with('c') {
            let wanted = if plan.name() == "AggregateExec" { "aggregate" } else { "expr" };
            names.give(field.name(), wanted);
        }
    }
    details
}

fn figures(plan: &dyn ExecutionPlan) -> Figures {
    let Some(all) = plan.metrics() else { return Figures::default() };
    let number = |found: Option<usize>| found.and_then(|it| u64::try_from(it).ok()).unwrap_or_default();
    Figures {
        rows: number(all.output_rows()),
        nanos: number(all.elapsed_compute()),
        spilled: number(all.spilled_bytes()),
    }
}
