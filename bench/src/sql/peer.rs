//! Other engines: programs that take work as a JSON document and answer a line of JSON for each query.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::shown;
use crate::failure::{Failure, Result};
use crate::table::median;

/// Where a table's rows are.
pub(super) enum Source {
    /// A file of Parquet.
    Parquet(PathBuf),
    /// A folder of JSON lines in gzip.
    Lines(PathBuf),
}

/// What to run.
pub(super) struct Work<'a> {
    pub(super) tables: &'a [(&'a str, Source)],
    pub(super) queries: &'a [String],
    pub(super) rounds: usize,
}

/// What came of a query.
pub(super) struct Answer {
    pub(super) rows: usize,
    /// In milliseconds, of each round.
    pub(super) times: Vec<f64>,
}

impl Answer {
    pub(super) fn median(&self) -> f64 {
        median(self.times.iter().copied())
    }
}

/// Who runs it.
pub(super) enum Peer<'a> {
    /// The program of `bench/bare`.
    Program(&'a Path),
    /// DuckDB in this Python.
    DuckDb(&'a Path),
}

/// Runs the work that comes in on DuckDB.
const DUCKDB: &str = r#"
import json, sys, time
import duckdb
work = json.load(sys.stdin)
connection = duckdb.connect()
for name, source in work["tables"].items():
    (kind, path), = source.items()
    read = f"read_parquet('{path}')" if kind == "parquet" else f"read_ndjson_auto('{path}/*.json.gz')"
    connection.execute(f"CREATE VIEW {name} AS SELECT * FROM {read}")
for query in work["queries"]:
    times, rows = [], 0
    for _ in range(work["rounds"]):
        start = time.perf_counter()
        rows = len(connection.execute(query).fetchall())
        times.append((time.perf_counter() - start) * 1e3)
    print(json.dumps({"rows": rows, "times": times}), flush=True)
"#;

impl Peer<'_> {
    pub(super) fn run(&self, work: &Work<'_>) -> Result<Vec<Answer>> {
        let mut command = match self {
            Peer::Program(program) => Command::new(program),
            Peer::DuckDb(python) => {
                let mut command = Command::new(python);
                command.args(["-c", DUCKDB]);
                command
            }
        };
        let source = |source: &Source| match source {
            Source::Parquet(file) => json!({ "parquet": shown(file) }),
            Source::Lines(folder) => json!({ "lines": shown(folder) }),
        };
        let tables: serde_json::Map<String, Value> =
            work.tables.iter().map(|(name, of)| ((*name).to_owned(), source(of))).collect();
        let document = json!({ "tables": tables, "queries": work.queries, "rounds": work.rounds });
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut input = process.stdin.take().ok_or("the peer takes no input")?;
        input.write_all(document.to_string().as_bytes())?;
        drop(input);
        let done = process.wait_with_output()?;
        if !done.status.success() {
            return Err(format!("{command:?}: {}", done.status).into());
        }
        String::from_utf8_lossy(&done.stdout).lines().map(answer).collect()
    }
}

fn answer(line: &str) -> Result<Answer> {
    let answer: Value = serde_json::from_str(line)?;
    let wrong = || Failure::from(format!("a peer answered {line}"));
    let rows = answer["rows"].as_u64().and_then(|rows| usize::try_from(rows).ok()).ok_or_else(wrong)?;
    let times = answer["times"].as_array().ok_or_else(wrong)?;
    Ok(Answer { rows, times: times.iter().filter_map(Value::as_f64).collect() })
}
