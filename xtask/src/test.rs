//! `cargo xtask test`: everything that has to hold, on a fresh machine, installing what it needs.

mod beside;
mod steps;
mod tools;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use clap::Args;

use crate::Failure;
use steps::{STEPS, Step};
use tools::Tools;

/// Run every test, or those named.
#[derive(Args)]
pub(crate) struct Test {
    /// Steps to run, by name; all of them unless named. 'list' names them.
    steps: Vec<String>,
    /// Go on after a step has failed.
    #[arg(long)]
    keep_going: bool,
}

/// What came of a step: nothing, or what it failed with.
struct Outcome {
    step: &'static Step,
    time: Duration,
    result: Result<(), String>,
}

/// Runs the steps and prints what came of each.
pub(crate) fn run(options: &Test) -> Result<(), Failure> {
    if options.steps.iter().any(|step| step == "list") {
        STEPS.iter().for_each(|step| eprintln!("{:<14} {}", step.name, step.shows));
        return Ok(());
    }
    if let Some(unknown) = options.steps.iter().find(|name| !STEPS.iter().any(|step| step.name == **name)) {
        return Err(format!("there is no step '{unknown}'; 'cargo xtask test list' names them").into());
    }
    // Asked for now: the build replaces this program's file, and its name would not be found afterwards.
    let program = std::env::current_exe()?;
    let tools = Tools::install()?;
    let wanted = |step: &&Step| options.steps.is_empty() || options.steps.iter().any(|name| name == step.name);
    let steps: Vec<&'static Step> = STEPS.iter().filter(wanted).collect();
    let mut outcomes: Vec<Outcome> = Vec::new();
    for group in steps.chunk_by(|a, b| a.beside && b.beside) {
        match group {
            [step] => outcomes.push(alone(step, &tools)),
            many => outcomes.extend(beside::run(many, &program, &tools, options.keep_going)?),
        }
        if !options.keep_going && outcomes.iter().any(|outcome| outcome.result.is_err()) {
            break;
        }
    }
    summary(&outcomes)
}

/// Runs a step by itself, its output as it comes.
fn alone(step: &'static Step, tools: &Tools) -> Outcome {
    eprintln!("\n== {}: {}", step.name, step.shows);
    let started = Instant::now();
    let result = (step.run)(tools).map_err(|error| error.to_string());
    if let Err(error) = &result {
        eprintln!("== {} failed: {error}", step.name);
    }
    Outcome { step, time: started.elapsed(), result }
}

fn summary(outcomes: &[Outcome]) -> Result<(), Failure> {
    eprintln!();
    for Outcome { step, time, result } in outcomes {
        let verdict = if result.is_ok() { "ok" } else { "FAILED" };
        eprintln!("{verdict:<7} {:<14} {:>6.1} s  {}", step.name, time.as_secs_f64(), step.shows);
    }
    let failed = outcomes.iter().filter(|outcome| outcome.result.is_err()).count();
    #[allow(clippy::print_stdout)] // The line that CI reads.
    {
        println!("{} passed, {failed} failed", outcomes.len() - failed);
    }
    if failed == 0 { Ok(()) } else { Err(format!("{failed} steps failed").into()) }
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    // INVARIANT: xtask is a folder of the workspace.
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

/// Runs a command in the root; its failure is told with the command.
pub(crate) fn run_command(command: &mut Command) -> Result<(), Failure> {
    let status = command.current_dir(root()).status().map_err(|e| format!("{command:?}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}
