//! A plan as JSON.

use serde_json::{Map, Value, json};

use super::Node;

/// A logical plan: its root.
pub(super) fn logical(node: &Node) -> String {
    written(&of(node, &mut 0))
}

/// A plan that is run: its fragments by their numbers. `ran` is how many bytes were read, if it was.
// UNVERIFIED: Trino's names of figures in JSON.
pub(super) fn distributed(node: &Node, ran: Option<u64>) -> String {
    let mut fragment = of(node, &mut 0);
    if let Some(bytes) = ran {
        fragment["scannedBytes"] = json!(bytes);
    }
    written(&json!({ "0": fragment }))
}

fn written(value: &Value) -> String {
    // INVARIANT: all keys are text.
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn of(node: &Node, number: &mut usize) -> Value {
    let id = number.to_string();
    let descriptor: Map<String, Value> =
        node.descriptor.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    let outputs: Vec<Value> = node.outputs.iter().map(|(name, ty)| json!({ "symbol": name, "type": ty })).collect();
    let mut children = Vec::new();
    for child in &node.children {
        *number += 1;
        children.push(of(child, number));
    }
    let unknown = "NaN";
    let mut shown = json!({
        "id": id,
        "name": node.name,
        "descriptor": descriptor,
        "outputs": outputs,
        "details": node.details,
        "estimates": [{
            "outputRowCount": unknown,
            "outputSizeInBytes": unknown,
            "cpuCost": unknown,
            "memoryCost": unknown,
            "networkCost": unknown,
        }],
        "children": children,
    });
    if let Some(figures) = &node.figures {
        shown["outputRows"] = json!(figures.rows);
        shown["cpuNanos"] = json!(figures.nanos);
        shown["spilledBytes"] = json!(figures.spilled);
    }
    shown
}
