//! Commands that talk to the operator's API of a running Welkin.

use clap::Args;
use http::Method;
use serde_json::{Value as Json, json};

use super::{Target, block_on};
use crate::fault::Fault;
use crate::{admin_client, screen};

pub(super) fn get(target: &Target, path: &str) -> Result<Json, Fault> {
    block_on(admin_client::json(target, Method::GET, path, None))
}

pub(super) fn text<'a>(json: &'a Json, name: &str) -> &'a str {
    json.get(name).and_then(Json::as_str).unwrap_or("-")
}

/// Show, advance or set the clock.
#[derive(Args, Debug)]
pub(crate) struct Clock {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    change: Option<Change>,
}

#[derive(clap::Subcommand, Debug)]
enum Change {
    /// Move the clock on, through every job that is due by then
    Advance {
        /// How far: 90s, 15m, 2h, 90d
        by: String,
    },
    /// Set the clock
    Set {
        /// To when: 2026-01-01T00:00:00Z
        to: String,
    },
}

impl Clock {
    pub(crate) fn run(self) -> Result<(), Fault> {
        let body = match self.change {
            None => None,
            Some(Change::Advance { by }) => Some(json!({ "advance": by })),
            Some(Change::Set { to }) => Some(json!({ "set": to })),
        };
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let clock = block_on(admin_client::json(&self.target, method, "clock", body))?;
        let shown = if self.target.json { clock.to_string() } else { text(&clock, "now").to_owned() };
        screen::line(&shown);
        Ok(())
    }
}

/// List the jobs that are waiting to run.
#[derive(Args, Debug)]
pub(crate) struct Jobs {
    #[command(flatten)]
    target: Target,
}

impl Jobs {
    pub(crate) fn run(self) -> Result<(), Fault> {
        let jobs = get(&self.target, "jobs")?;
        if self.target.json {
            screen::line(&jobs.to_string());
            return Ok(());
        }
        let rows: Vec<Vec<String>> = jobs
            .as_array()
            .into_iter()
            .flatten()
            .map(|job| {
                let mut row: Vec<String> =
                    ["due", "name", "account", "region", "error"].iter().map(|n| text(job, n).to_owned()).collect();
                row.insert(4, job["attempts"].to_string());
                row
            })
            .collect();
        screen::table(&["DUE", "JOB", "ACCOUNT", "REGION", "FAILED", "ERROR"], &rows);
        Ok(())
    }
}

/// List which operations work and which are refused.
#[derive(Args, Debug)]
pub(crate) struct Coverage {
    /// Only this service, with its operations by name
    service: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Also services of which nothing works
    #[arg(long)]
    all: bool,
    /// Print the page COVERAGE.md
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
}

impl Coverage {
    pub(crate) fn run(self) -> Result<(), Fault> {
        let wanted = self.service.as_deref();
        let all = self.all || wanted.is_some();
        let mut coverage = crate::services::registry().coverage(all);
        coverage.retain(|c| wanted.is_none_or(|service| service == c.service));
        if let (Some(service), true) = (wanted, coverage.is_empty()) {
            return Err(Fault::new(
                format!("there is no service '{service}'"),
                "",
                "'welkin coverage --all' lists their names",
            ));
        }
        if self.json {
            let entries =
                coverage.iter().map(|c| (c.service.to_owned(), json!({ "works": c.works, "refuses": c.refuses })));
            screen::line(&Json::Object(entries.collect()).to_string());
        } else if self.markdown {
            markdown(&coverage);
        } else if wanted.is_some() {
            for c in &coverage {
                c.works.iter().for_each(|name| screen::line(&format!("{} {name}", screen::green("works  "))));
                c.refuses.iter().for_each(|name| screen::line(&format!("{} {name}", screen::dim("refuses"))));
            }
        } else {
            let rows: Vec<_> = coverage
                .iter()
                .map(|c| vec![c.service.to_owned(), c.works.len().to_string(), c.refuses.len().to_string()])
                .collect();
            screen::table(&["SERVICE", "WORKS", "REFUSES"], &rows);
        }
        Ok(())
    }
}

fn markdown(coverage: &[welkin_kernel::Coverage]) {
    screen::line("# Coverage\n");
    screen::line(
        "What works, by service. Every other operation of every service answers `NotImplemented` by name, after",
    );
    screen::line(
        "its caller was authenticated and authorised. This page is the output of `welkin coverage --markdown`.\n",
    );
    for c in coverage {
        screen::line(&format!("## {}: {} of {}\n", c.service, c.works.len(), c.works.len() + c.refuses.len()));
        screen::line(&format!("{}\n", c.works.join(", ")));
    }
}

/// Remove everything that a running Welkin holds.
#[derive(Args, Debug)]
pub(crate) struct Reset {
    #[command(flatten)]
    target: Target,
}

impl Reset {
    pub(crate) fn run(self) -> Result<(), Fault> {
        let answer = block_on(admin_client::json(&self.target, Method::POST, "reset", None))?;
        screen::line(&if self.target.json { answer.to_string() } else { "everything is removed".to_owned() });
        Ok(())
    }
}
