//! What a query reads: `EXPLAIN (TYPE IO, FORMAT JSON)`.

use std::collections::{BTreeMap, HashMap};

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::logical_expr::LogicalPlan;
use serde_json::{Value, json};

use super::logical::found;
use crate::catalog::TableName;
use crate::files::provider::FileTable;
use crate::files::{Comparison, Predicate};
use crate::function::cast::show;
use crate::table::Known;

/// The tables that a plan reads, with what it asks of their partitions, as JSON.
pub(super) fn write(plan: &LogicalPlan, tables: &HashMap<TableName, Known>) -> Result<String> {
    let mut read: BTreeMap<TableName, Vec<Value>> = BTreeMap::new();
    plan.apply_with_subqueries(|part| {
        if let LogicalPlan::TableScan(scan) = part
            && let Some((name, _)) = found(scan, tables)
        {
            let files = match tables.get(name) {
                Some(Known::Table { provider, .. }) => provider.downcast_ref::<FileTable>(),
                _ => None,
            };
            let asked = files.map(|files| files.predicates(&scan.filters)).unwrap_or_default();
            let one = json!({
                "table": {
                    "catalog": name.catalog,
                    "schemaTable": { "schema": name.schema, "table": name.table },
                },
                "columnConstraints": asked.iter().map(constraint).collect::<Vec<_>>(),
                "estimate": estimate(),
            });
            read.entry(name.clone()).or_default().push(one);
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    let all: Vec<Value> = read.into_values().flatten().collect();
    let shown = json!({ "inputTableColumnInfos": all, "estimate": estimate() });
    // INVARIANT: all keys are text.
    Ok(serde_json::to_string_pretty(&shown).unwrap_or_default())
}

/// Nothing is known beforehand of how much there will be.
fn estimate() -> Value {
    let unknown = "NaN";
    json!({
        "outputRowCount": unknown,
        "outputSizeInBytes": unknown,
        "cpuCost": unknown,
        "maxMemory": unknown,
        "networkCost": unknown,
    })
}

/// What is asked of a column, as ranges of its values.
fn constraint(of: &Predicate) -> Value {
    let bound = |value: &crate::Value, kind: &str| json!({ "value": show(&of.ty, value), "bound": kind });
    let (none_below, none_above) = (json!({ "bound": "ABOVE" }), json!({ "bound": "BELOW" }));
    let range = |value: &crate::Value| match of.comparison {
        Comparison::In => json!({ "low": bound(value, "EXACTLY"), "high": bound(value, "EXACTLY") }),
        Comparison::Less => json!({ "low": none_below, "high": bound(value, "BELOW") }),
        Comparison::LessOrEqual => json!({ "low": none_below, "high": bound(value, "EXACTLY") }),
        Comparison::Greater => json!({ "low": bound(value, "ABOVE"), "high": none_above }),
        Comparison::GreaterOrEqual => json!({ "low": bound(value, "EXACTLY"), "high": none_above }),
    };
    json!({
        "columnName": of.column,
        "type": of.ty.to_string(),
        "domain": { "nullsAllowed": false, "ranges": of.values.iter().map(range).collect::<Vec<_>>() },
    })
}
