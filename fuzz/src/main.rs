//! Mutated input for every parser, on stable Rust: valid inputs are generated, changed, and parsed. What is looked for
//! are panics, overflowing stacks, long times and much memory, and results that contradict themselves.
//!
//! `cargo run --profile fast -p welkin-fuzz -- --seconds 60 --seed N [TARGET…]`; a seed repeats its run.

mod chance;
mod mutate;
mod runner;
mod target;
mod value;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

/// As much stack as a worker of the server has.
const STACK: usize = 2 * 1024 * 1024;

/// Feed mutated input to the parsers
#[derive(Parser, Debug)]
struct Line {
    /// Targets; all unless named
    targets: Vec<String>,
    /// Time for all of them together
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// The same seed makes the same inputs in the same order
    #[arg(long)]
    seed: Option<u64>,
}

fn main() -> ExitCode {
    let line = Line::parse();
    let seed = line.seed.unwrap_or_else(|| u64::from(std::process::id()));
    let all = target::all();
    if let Some(unknown) = line.targets.iter().find(|name| !all.iter().any(|(known, _)| known == name)) {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        say(&format!("there is no target {unknown}; there are {}", names.join(", ")));
        return ExitCode::FAILURE;
    }
    drop(all);
    // The stack is what the server's is, so that a parser that goes too deep is found here.
    let run = std::thread::Builder::new().stack_size(STACK).spawn(move || run(&line, seed));
    match run.map(std::thread::JoinHandle::join) {
        Ok(Ok(true)) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Whether everything held.
fn run(line: &Line, seed: u64) -> bool {
    runner::quiet_panics();
    let wanted = |name: &str| line.targets.is_empty() || line.targets.iter().any(|target| target == name);
    let targets: Vec<_> = target::all().into_iter().filter(|(name, _)| wanted(name)).collect();
    let share = Duration::from_secs(line.seconds) / u32::try_from(targets.len()).unwrap_or(1).max(1);
    let mut held = true;
    for (name, target) in &targets {
        // Said before it runs: an overflowing stack ends the process.
        say(&format!("{name} (seed {seed})"));
        match runner::run(&**target, name, seed, share) {
            Ok(summary) => say(&format!(
                "  {} inputs, {} accepted; slowest {:.1} ms; memory +{} MB",
                summary.inputs,
                summary.accepted,
                summary.slowest.as_secs_f64() * 1e3,
                summary.growth_kb / 1024
            )),
            Err(error) => {
                held = false;
                say(&format!("  FAILED {error}"));
            }
        }
    }
    held
}

fn say(text: &str) {
    // Nobody is left to be told if the reader went away.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}
