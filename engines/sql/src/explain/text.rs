//! A plan as a tree of lines.

use super::{Figures, Node};

/// What is known beforehand of how much there will be: nothing.
const ESTIMATES: &str = "Estimates: {rows: ? (?), cpu: ?, memory: ?, network: ?}";

/// A logical plan.
pub(super) fn logical(node: &Node) -> String {
    let mut lines = Vec::new();
    add(&mut lines, node, "", "", 0);
    lines.join("\n")
}

/// A plan that is run in one fragment. `ran` is how many bytes were read, if it was.
pub(super) fn distributed(node: &Node, ran: Option<u64>) -> String {
    let mut lines = vec!["Fragment 0 [SINGLE]".to_owned()];
    let mut cpu = 0;
    if let Some(bytes) = ran {
        let (mut input, mut output) = (0u64, None);
        node.walk(
            &mut 0,
            &mut |_, node, _| {
                if let Some(figures) = &node.figures {
                    cpu += figures.nanos;
                    output = output.or(Some(figures.rows));
                    if node.children.is_empty() {
                        input += figures.rows;
                    }
                }
            },
            None,
        );
        let output = output.unwrap_or_default();
        lines.push(format!("    CPU: {}, Input: {input} rows ({bytes}B), Output: {output} rows", time(cpu)));
    }
    lines.push(format!("    Output layout: {}", node.output_names()));
    lines.push("    Output partitioning: SINGLE []".to_owned());
    add(&mut lines, node, "    ", "    ", cpu);
    lines.join("\n")
}

/// Adds a node, whose first line begins with `first` and whose others with `rest`.
fn add(lines: &mut Vec<String>, node: &Node, first: &str, rest: &str, cpu: u64) {
    lines.push(format!("{first}{}", node.title()));
    let under = if node.children.is_empty() { "    " } else { "│   " };
    let mut more = |text: String| lines.push(format!("{rest}{under}{text}"));
    more(format!("Layout: {}", node.layout()));
    match &node.figures {
        None => more(ESTIMATES.to_owned()),
        Some(figures) => more(shown(figures, cpu)),
    }
    node.details.iter().cloned().for_each(more);
    for (n, child) in node.children.iter().enumerate() {
        let is_last = n + 1 == node.children.len();
        let (begin, go_on) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        add(lines, child, &format!("{rest}{begin}"), &format!("{rest}{go_on}"), cpu);
    }
}

/// `CPU: 1.25ms (40.00%), Output: 3 rows`
fn shown(figures: &Figures, cpu: u64) -> String {
    let share = if cpu == 0 { 0.0 } else { figures.nanos as f64 * 100.0 / cpu as f64 };
    let spilled = if figures.spilled == 0 { String::new() } else { format!(", Spilled: {}B", figures.spilled) };
    format!("CPU: {} ({share:.2}%), Output: {} rows{spilled}", time(figures.nanos), figures.rows)
}

/// A time as Trino writes it: `1.25ms`.
fn time(nanos: u64) -> String {
    const UNITS: &[(f64, &str)] = &[(1e9, "s"), (1e6, "ms"), (1e3, "us")];
    let nanos = nanos as f64;
    match UNITS.iter().find(|(size, _)| nanos >= *size) {
        Some((size, unit)) => format!("{:.2}{unit}", nanos / size),
        None => format!("{nanos:.2}ns"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_has_branches() {
        let leaf = |name: &str| Node { name: name.into(), details: vec!["more".into()], ..Node::default() };
        let join = Node { name: "CrossJoin".into(), children: vec![leaf("A"), leaf("B")], ..Node::default() };
        let text = logical(&join);
        let shape: Vec<&str> = text.lines().filter(|line| !line.contains("Estimates")).collect();
        assert_eq!(
            shape,
            [
                "CrossJoin[]",
                "│   Layout: []",
                "├─ A[]",
                "│      Layout: []",
                "│      more",
                "└─ B[]",
                "       Layout: []",
                "       more",
            ]
        );
        assert_eq!((time(1_250_000).as_str(), time(7).as_str()), ("1.25ms", "7.00ns"));
    }
}
