//! A plan as a graph in the language DOT.
//!
//! <https://graphviz.org/doc/info/lang.html>

use std::fmt::Write as _;

use super::Node;

/// The graph of a plan in one fragment.
pub(super) fn write(name: &str, root: &Node) -> String {
    let mut out = format!("digraph {name} {{\nsubgraph cluster_0 {{\nlabel = \"SINGLE\"\n");
    let mut edges = String::new();
    root.walk(
        &mut 0,
        &mut |number, node, parent| {
            let more: Vec<String> = node.details.iter().map(|detail| escaped(detail)).collect();
            let label = format!("{{{}|{}}}", escaped(&node.title()), more.join("\\n"));
            // Writing to a text cannot fail.
            let _ = writeln!(out, "plannode_{number}[label=\"{label}\", style=\"rounded, filled\", shape=record];");
            if let Some(parent) = parent {
                let _ = writeln!(edges, "plannode_{parent} -> plannode_{number};");
            }
        },
        None,
    );
    out.push_str("}\n");
    out.push_str(&edges);
    out.push('}');
    out
}

/// Text within a label of the shape `record`, where some characters mean something.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '{' | '}' | '<' | '>' | '|') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_graph_has_nodes_and_edges() {
        let leaf =
            Node { name: "Filter".into(), descriptor: vec![("filterPredicate", "a > 1".into())], ..Node::default() };
        let root = Node { name: "Output".into(), children: vec![leaf], ..Node::default() };
        let text = write("logical_plan", &root);
        assert!(
            text.starts_with("digraph logical_plan {\n") && text.ends_with("plannode_0 -> plannode_1;\n}"),
            "{text}"
        );
        assert!(text.contains("plannode_1[label=\"{Filter[filterPredicate = a \\> 1]|}\""), "{text}");
    }
}
