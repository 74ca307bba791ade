//! Closed-loop load on Welkin, side by side with a bare hyper server that gives the same bytes and with a peer.
//!
//! `docs/benchmarks.md` says how to run it and what it found.

mod authorization;
mod canned;
mod client;
mod compare;
mod failure;
mod load;
mod many;
mod peer;
mod process;
mod rules;
mod scenario;
mod screen;
mod server;
mod sql;
mod start;
mod stream;
mod table;
mod trail;
mod turns;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::failure::{Failure, Result};

/// Measure Welkin
#[derive(Parser, Debug)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Everything: operations, start, memory, streams; as Markdown
    All(compare::Compare),
    /// Operations only
    Operations(compare::Compare),
    /// Time to the first answer, and idle memory
    Start(Program),
    /// Time and memory of one large object, up and down
    Stream(stream::Stream),
    /// Very many small objects: put, listed, deleted, the restart with them
    Many(many::Many),
    /// Whether every operation is answered rightly; no times
    Smoke(Program),
    /// What authorisation adds to a call, by what is known of the caller
    Authorization(authorization::Authorization),
    /// What a trail adds to a call
    Trail(trail::TrailCost),
    /// Events put to buses with more and more rules
    Rules(rules::Rules),
    /// TPC-H on the SQL engine, beside DataFusion alone and DuckDB
    Tpch(sql::Tpch),
    /// A scan of CloudTrail's logs on the SQL engine, beside the same
    Logs(sql::Logs),
    /// Load one operation alone, e.g. under a profiler
    Hold(compare::Hold),
    Peer(peer::Peer),
}

/// Which Welkin to measure
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Program {
    /// The program; beside this one unless told otherwise
    #[arg(long, value_name = "FILE", env = "WELKIN_BIN")]
    welkin: Option<PathBuf>,
}

impl Program {
    pub(crate) fn path(&self) -> Result<PathBuf> {
        let beside = || Ok::<_, Failure>(std::env::current_exe()?.with_file_name("welkin"));
        let path = self.welkin.clone().map_or_else(beside, Ok)?;
        if path.is_file() { Ok(path) } else { Err(format!("{} is not there: build it first", path.display()).into()) }
    }
}

fn main() -> ExitCode {
    let line = Line::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            screen::note(&format!("error: {error}"));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(line.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            screen::note(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<()> {
    match command {
        Command::All(compare) => {
            compare.run().await?;
            start::run(&compare.program).await?;
            stream::Stream::full(&compare).run().await
        }
        Command::Operations(compare) => compare.run().await,
        Command::Start(program) => start::run(&program).await,
        Command::Stream(stream) => stream.run().await,
        Command::Many(many) => many.run().await,
        Command::Smoke(program) => {
            compare::smoke(&program).await?;
            many::smoke(&program).await?;
            authorization::smoke(program.clone()).await?;
            trail::smoke(program.clone()).await?;
            rules::smoke(program).await?;
            sql::smoke().await
        }
        Command::Authorization(authorization) => authorization.run().await,
        Command::Trail(trail) => trail.run().await,
        Command::Rules(rules) => rules.run().await,
        Command::Tpch(tpch) => tpch.run().await,
        Command::Logs(logs) => logs.run().await,
        Command::Hold(hold) => hold.run().await,
        Command::Peer(peer) => peer.run().await,
    }
}
