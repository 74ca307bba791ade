//! The SQL engine: TPC-H, and a scan of CloudTrail's logs, beside DataFusion alone and DuckDB on the same files.

mod logs;
mod peer;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use welkin_sql::{Engine, Limits, Session};
use welkin_tpch::{Lake, QUERIES, Scale, Table, file, write};

use crate::failure::{Failure, Result};
use crate::screen;
use crate::table::median;
use peer::{Answer, Peer, Source, Work};

/// Which peers to run beside Welkin's engine
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Peers {
    /// The program of bench/bare, built for release: DataFusion alone
    #[arg(long, value_name = "FILE")]
    datafusion: Option<PathBuf>,
    /// A Python that has duckdb
    #[arg(long, value_name = "FILE")]
    duckdb: Option<PathBuf>,
    /// How often each query is run; medians are told
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Where the files are, or are made; in a temporary folder unless told
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// TPC-H's 22 queries
#[derive(Args, Clone, Debug)]
pub(crate) struct Tpch {
    /// The scale: 1 is about a gigabyte
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    #[command(flatten)]
    peers: Peers,
}

/// A scan of CloudTrail's logs
#[derive(Args, Clone, Debug)]
pub(crate) struct Logs {
    /// How many megabytes of JSON, before they are compressed
    #[arg(long, default_value_t = 1024)]
    megabytes: u64,
    #[command(flatten)]
    peers: Peers,
}

/// The briefest run of both, for the tests: every query is answered.
pub(crate) async fn smoke() -> Result<()> {
    let peers = Peers { rounds: 1, ..Peers::default() };
    Tpch { scale: 0.001, peers: peers.clone() }.run().await?;
    Logs { megabytes: 1, peers }.run().await
}

/// A column of the result: who ran, and what came of each query.
type Column = (&'static str, Vec<Answer>);

impl Peers {
    fn folder(&self) -> Result<(PathBuf, Option<tempfile::TempDir>)> {
        match &self.folder {
            Some(folder) => Ok((folder.clone(), None)),
            None => {
                let own = tempfile::tempdir()?;
                Ok((own.path().to_owned(), Some(own)))
            }
        }
    }

    /// What the peers that were given make of the same queries, in their own words.
    fn run(&self, tables: &[(&str, Source)], datafusion: &[String], duckdb: &[String]) -> Result<Vec<Column>> {
        let mut columns = Vec::new();
        if let Some(program) = &self.datafusion {
            let work = Work { tables, queries: datafusion, rounds: self.rounds };
            columns.push(("DataFusion", Peer::Program(program).run(&work)?));
        }
        if let Some(python) = &self.duckdb {
            let work = Work { tables, queries: duckdb, rounds: self.rounds };
            columns.push(("DuckDB", Peer::DuckDb(python).run(&work)?));
        }
        Ok(columns)
    }
}

impl Tpch {
    pub(crate) async fn run(self) -> Result<()> {
        let (folder, _kept) = self.peers.folder()?;
        let folder = folder.join(format!("tpch-{}", self.scale));
        screen::note(&format!("TPC-H at scale {} in {}", self.scale, folder.display()));
        write(&folder, Scale(self.scale)).map_err(Failure::of)?;
        let queries: Vec<String> = QUERIES.iter().map(|&query| query.to_owned()).collect();
        let mut columns = vec![("Welkin", own(&Lake::tpch(&folder), &queries, self.peers.rounds).await?)];
        let tables: Vec<(&str, Source)> =
            Table::ALL.iter().map(|table| (table.name(), Source::Parquet(file(&folder, *table)))).collect();
        columns.extend(self.peers.run(&tables, &queries, &queries)?);
        let names: Vec<String> = (1..=queries.len()).map(|n| format!("Q{n}")).collect();
        agree(&columns, &names)?;
        report(&columns, &names);
        Ok(())
    }
}

impl Logs {
    pub(crate) async fn run(self) -> Result<()> {
        let (folder, _kept) = self.peers.folder()?;
        let folder = folder.join(format!("logs-{}", self.megabytes));
        screen::note(&format!("{} MB of CloudTrail's logs in {}", self.megabytes, folder.display()));
        logs::write(&folder, self.megabytes << 20)?;
        let query = |name: &str, source: &str, table: &str| {
            format!(
                "SELECT {name}, count(*) AS n FROM {table} WHERE {source} = 'kms.amazonaws.com' GROUP BY {name} ORDER BY n DESC, 1"
            )
        };
        let ours = ["trail", "hive_trail", "openx"].map(|table| query("eventname", "eventsource", table));
        let names = ["CloudTrailSerde", "Hive JSON", "OpenX JSON"].map(str::to_owned);
        let mut columns = vec![("Welkin", own(&logs::lake(&folder), &ours, self.peers.rounds).await?)];
        // The peers know no SerDe for CloudTrail's files; they read the same records as lines, and so are one row each.
        let theirs = vec![query("\"eventName\"", "\"eventSource\"", "lines"); names.len()];
        let tables = [("lines", Source::Lines(folder.join(logs::LINES)))];
        columns.extend(self.peers.run(&tables, &theirs, &theirs)?);
        agree(&columns, &names)?;
        report(&columns, &names);
        Ok(())
    }
}

/// Runs queries on Welkin's engine; the first of all with the engine made anew, as after a start.
async fn own(lake: &Lake, queries: &[String], rounds: usize) -> Result<Vec<Answer>> {
    let start = Instant::now();
    let engine = Engine::new(Limits::default())?;
    let session = Session { catalog: "awsdatacatalog".into(), schema: Some("bench".into()), now: 0, seed: 1 };
    let mut answers = Vec::new();
    for sql in queries {
        let (mut times, mut rows) = (Vec::new(), 0);
        for _ in 0..rounds {
            let begun = Instant::now();
            rows = engine.query(sql, &session, lake).await?.all().await?.len();
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        if answers.is_empty() {
            screen::note(&format!("engine made and first query answered {rounds} times: {:?}", start.elapsed()));
            screen::line(&format!("First query: {:.1} ms.", times.first().copied().unwrap_or(f64::NAN)));
        }
        answers.push(Answer { rows, times });
    }
    screen::line(&format!("Most memory that was resident: {} MB.", most_resident_mb()));
    Ok(answers)
}

/// Whether all answered every query with as many rows.
fn agree(columns: &[Column], names: &[String]) -> Result<()> {
    for (n, name) in names.iter().enumerate() {
        let rows: Vec<Option<usize>> = columns.iter().map(|(_, all)| all.get(n).map(|answer| answer.rows)).collect();
        if rows.windows(2).any(|pair| pair[0] != pair[1]) || rows.contains(&None) {
            return Err(format!("{name}: the answers have {rows:?} rows").into());
        }
    }
    Ok(())
}

/// A table in Markdown: medians in milliseconds, and Welkin's as a ratio of each peer's.
fn report(columns: &[Column], names: &[String]) {
    let mut head: Vec<String> = columns.iter().map(|(name, _)| format!("{name} ms")).collect();
    head.extend(columns.iter().skip(1).map(|(name, _)| format!("Welkin ÷ {name}")));
    screen::line(&format!("| query | {} |", head.join(" | ")));
    screen::line(&format!("|---|{}", "---:|".repeat(head.len())));
    let mut ratios = vec![Vec::new(); columns.len()];
    for (n, name) in names.iter().enumerate() {
        let times: Vec<f64> = columns.iter().map(|(_, all)| all.get(n).map_or(f64::NAN, Answer::median)).collect();
        let mut cells: Vec<String> = times.iter().map(|time| format!("{time:.1}")).collect();
        for (peer, time) in times.iter().enumerate().skip(1) {
            let ratio = times[0] / time;
            ratios[peer].push(ratio);
            cells.push(format!("{ratio:.2}"));
        }
        screen::line(&format!("| {name} | {} |", cells.join(" | ")));
    }
    for ((name, _), ratios) in columns.iter().zip(&ratios).skip(1) {
        screen::line(&format!("Welkin ÷ {name}, median over the queries: {:.2}.", median(ratios.iter().copied())));
    }
}

fn most_resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse::<u64>().ok()).unwrap_or_default() / 1024
}

/// The folder of a table, which peers are given.
fn shown(path: &Path) -> String {
    path.display().to_string()
}
