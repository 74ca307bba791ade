//! The command line.

mod ca;
mod call;
mod completions;
mod env;
mod explain;
mod maintain;
mod operate;
mod outbox;
mod policy;
mod sql;
mod transfer;
mod up;
mod wire;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::fault::Fault;

/// The AWS cloud as one program that really does what it says.
#[derive(Parser)]
#[command(name = "welkin", version, propagate_version = true, arg_required_else_help = true)]
pub(crate) struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start Welkin and serve until interrupted
    Up(up::Up),
    /// Run stages of SQL queries for a Welkin that is started with --sql-workers
    SqlWorker(sql::SqlWorker),
    /// Print shell exports that point AWS clients here: eval "$(welkin env)"
    Env(env::Env),
    /// Call any operation of any service, signed, by the API model
    Call(call::Call),
    /// Tell why a request was allowed or denied
    Explain(explain::Explain),
    /// Show, advance or set the clock
    Clock(operate::Clock),
    /// List the jobs that are waiting to run
    Jobs(operate::Jobs),
    /// List what services have sent to people and devices: mail, text messages, push notifications
    Outbox(outbox::Outbox),
    /// List which operations work and which are refused
    Coverage(operate::Coverage),
    /// Write everything that a running Welkin holds to a file
    Export(transfer::Export),
    /// Replace everything that a running Welkin holds by what a file has
    Import(transfer::Import),
    /// Remove everything that a running Welkin holds
    Reset(operate::Reset),
    /// Remove the stored bytes that nothing refers to; a running Welkin does it once a day by itself
    Sweep(maintain::Sweep),
    /// Verify the checksums of everything that is stored
    Scrub(maintain::Scrub),
    Expunge(maintain::Expunge),
    /// Print the certificate of Welkin's own authority, for clients that use TLS
    Ca(ca::PrintCa),
    /// Print completions for a shell
    Completions(completions::Completions),
    /// Read and write AWS protocols as JSON lines, for the tests of the wire
    #[command(hide = true)]
    Wire,
    /// Decide requests over policies as JSON lines, for the tests of authorisation
    #[command(hide = true)]
    Policy,
}

/// How a running Welkin is reached.
#[derive(Args, Clone, Debug)]
pub(crate) struct Target {
    /// Where Welkin listens
    #[arg(long, env = "AWS_ENDPOINT_URL", default_value = "http://127.0.0.1:4566", global = true)]
    pub(crate) endpoint: String,
    /// The operator's token, to reach a Welkin on another machine
    #[arg(long, env = "WELKIN_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(line: Line) -> Result<ExitCode, Fault> {
    match line.command {
        Command::Up(command) => command.run(),
        Command::SqlWorker(command) => command.run(),
        Command::Env(command) => command.run(),
        Command::Call(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Clock(command) => command.run(),
        Command::Jobs(command) => command.run(),
        Command::Outbox(command) => command.run(),
        Command::Coverage(command) => command.run(),
        Command::Export(command) => command.run(),
        Command::Import(command) => command.run(),
        Command::Reset(command) => command.run(),
        Command::Sweep(command) => command.run(),
        Command::Scrub(command) => command.run(),
        Command::Expunge(command) => command.run(),
        Command::Ca(command) => command.run(),
        Command::Completions(command) => command.run(),
        Command::Wire => wire::run(),
        Command::Policy => policy::run(),
    }
    .map(|()| ExitCode::SUCCESS)
}

/// Runs a future on a small runtime: for commands that make a request or two.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Fault::new("the program cannot start", e, "free some file handles or memory"))?;
    runtime.block_on(future)
}
