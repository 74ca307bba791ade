//! `welkin explain`: why a request was allowed or denied, and what would allow it.

use clap::Args;
use serde_json::Value as Json;

use super::Target;
use super::operate::{get, text};
use crate::fault::Fault;
use crate::screen;

/// Tell why a request was allowed or denied, and what would allow it.
#[derive(Args, Debug)]
pub(crate) struct Explain {
    #[command(flatten)]
    target: Target,
    /// The request id that the answer carried
    request_id: String,
}

impl Explain {
    pub(crate) fn run(self) -> Result<(), Fault> {
        let decisions = get(&self.target, &format!("decisions/{}", self.request_id))?;
        if self.target.json {
            screen::line(&decisions.to_string());
            return Ok(());
        }
        let records = list(&decisions);
        for (number, record) in records.iter().enumerate() {
            if number > 0 {
                screen::line("");
            }
            print(record);
        }
        Ok(())
    }
}

fn list(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}

fn texts(json: &Json) -> String {
    list(json).iter().filter_map(Json::as_str).collect::<Vec<_>>().join(", ")
}

/// A line with its name in a column of its own.
fn row(name: &str, value: &str) {
    screen::line(&format!("  {} {value}", screen::dim(&format!("{name:<10}"))));
}

fn print(record: &Json) {
    let decision = &record["decision"];
    let denied = text(decision, "outcome") != "Allow";
    let outcome = if denied { screen::red("Denied ") } else { screen::green("Allowed") };
    screen::line(&format!("{outcome} {} on {}", screen::bold(text(record, "action")), text(record, "resource")));
    let via = record.get("via").and_then(Json::as_str).map(|via| format!(" via {via}")).unwrap_or_default();
    row("caller", &format!("{}{via}", text(record, "principal")));
    row("because", &because(decision));
    if denied {
        conditions(decision);
        policies(decision);
        advice(record);
    }
}

/// The kinds of policy as AWS's messages call them.
fn kind(json: &Json) -> &str {
    match json.as_str().unwrap_or_default() {
        "Identity" => "identity-based policy",
        "Resource" => "resource-based policy",
        "Trust" => "role trust policy",
        "Boundary" => "permissions boundary",
        "Session" => "session policy",
        "Scp" => "service control policy",
        "Rcp" => "resource control policy",
        "VpcEndpoint" => "VPC endpoint policy",
        other => other,
    }
}

fn statement(json: &Json) -> String {
    let sid = json["sid"].as_str().map(|sid| format!(" ({sid})")).unwrap_or_default();
    let line = json["line"].as_u64().map(|line| format!(", line {line}")).unwrap_or_default();
    format!("statement {}{sid}{line}", json["statement"].as_u64().unwrap_or_default() + 1)
}

fn because(decision: &Json) -> String {
    let by = &decision["by"];
    if !by.is_null() {
        let level = by["level"].as_str().map(|level| format!(" attached to {level}")).unwrap_or_default();
        return format!("{} {}{level}, {}", kind(&by["kind"]), text(by, "policy"), statement(by));
    }
    if text(decision, "outcome") == "Allow" {
        return "the caller is the root user of its account".to_owned();
    }
    let missing: Vec<_> =
        list(&decision["missing"]).iter().map(|missing| format!("no {} allows it", kind(missing))).collect();
    missing.join(", ")
}

/// The conditions that mattered: those of statements that deny, and those that keep others from allowing.
fn conditions(decision: &Json) {
    let mut shown = Vec::new();
    for policy in list(&decision["policies"]) {
        for statement in list(&policy["statements"]) {
            let denies = text(statement, "effect") == "Deny" && statement["failed"].is_null();
            for condition in list(&statement["conditions"]) {
                let holds = condition["holds"].as_bool() == Some(true);
                let matters = if text(statement, "effect") == "Deny" { denies } else { !holds };
                let given = match &condition["given"] {
                    Json::Null => "not in the request".to_owned(),
                    values => texts(values),
                };
                let line = format!(
                    "{} {}: wanted {}, given {given}",
                    text(condition, "operator"),
                    text(condition, "key"),
                    texts(&condition["wanted"])
                );
                if matters && !shown.contains(&line) {
                    row("condition", &line);
                    shown.push(line);
                }
            }
        }
    }
}

fn policies(decision: &Json) {
    let rows: Vec<Vec<String>> = list(&decision["policies"])
        .iter()
        .map(|policy| {
            let level = policy["level"].as_str().unwrap_or_default();
            let says = match text(policy, "outcome") {
                "Allow" => "allows",
                "ExplicitDeny" => "denies",
                _ => "does not allow",
            };
            vec![
                format!("  {}", kind(&policy["kind"])),
                text(policy, "policy").to_owned(),
                level.to_owned(),
                says.to_owned(),
            ]
        })
        .collect();
    if !rows.is_empty() {
        screen::table(&["  TYPE", "POLICY", "AT", "SAYS"], &rows);
    }
}

fn advice(record: &Json) {
    let lines: Vec<_> = list(&record["advice"]).iter().filter_map(Json::as_str).collect();
    if !lines.is_empty() {
        screen::line(&screen::bold("  What would allow it"));
    }
    for line in lines {
        match line.strip_prefix("  ") {
            // Something to know about the line before.
            Some(note) => screen::line(&format!("      {}", screen::dim(note))),
            None => screen::line(&format!("    {} {line}", screen::green("-"))),
        }
    }
}
