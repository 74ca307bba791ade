//! `cargo xtask test`: everything that has to hold, on a fresh machine, installing what it needs.

mod tools;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use clap::Args;

use crate::Failure;
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

/// A step: its name, what it shows, and how it is run.
struct Step {
    name: &'static str,
    shows: &'static str,
    run: fn(&Tools) -> Result<(), Failure>,
}

/// In the order in which they are run: cheap ones first.
const STEPS: &[Step] = &[
    Step { name: "format", shows: "the code is formatted", run: |_| cargo(&["fmt", "--all", "--check"]) },
    Step { name: "sizes", shows: "no hand-written file is above 30 KB", run: |_| sizes() },
    Step { name: "lint", shows: "clippy has nothing to say", run: |_| lint() },
    Step { name: "deny", shows: "licences, sources and bans of all dependencies", run: deny },
    Step { name: "rust", shows: "unit, property, conformance and registry tests", run: rust },
    Step {
        name: "model",
        shows: "facts of the model against botocore and policy_sentry",
        run: |t| t.pytest("tests/model"),
    },
    Step {
        name: "sigv4",
        shows: "signatures against botocore's suite and signers",
        run: |t| t.python("tests/sigv4/run.py", &[]),
    },
    Step { name: "wire", shows: "every operation of every service against botocore", run: wire },
    Step {
        name: "docs",
        shows: "excerpts and commands in the documentation are true",
        run: |t| t.pytest("tests/docs"),
    },
    Step { name: "services", shows: "services through boto3 and the AWS CLI", run: services },
    Step {
        name: "hostile",
        shows: "hostile input gets clear errors and harms nothing",
        run: |t| t.with_binary("tests/hostile/run.py", &[]),
    },
    Step { name: "fuzz", shows: "a minute of mutated input for the parsers", run: fuzz },
    Step {
        name: "crash",
        shows: "nothing acknowledged is lost by kill -9, and no bytes are left over",
        run: |t| t.with_binary("tests/crash/run.py", &["--rounds", "100"]),
    },
    Step { name: "disk", shows: "a full or failing disk gives clear errors and loses nothing", run: disk },
    Step { name: "shared", shows: "two front ends on PostgreSQL and an object store serve one another", run: shared },
    Step { name: "clients", shows: "S3 through the AWS CLI with both its engines, rclone, s3fs, curl", run: clients },
    Step { name: "examples", shows: "the systems run end to end", run: examples },
    Step { name: "bench", shows: "the benchmarks run and every answer in them is right", run: bench },
];

/// Runs the steps and prints what came of each.
pub(crate) fn run(options: &Test) -> Result<(), Failure> {
    if options.steps.iter().any(|step| step == "list") {
        STEPS.iter().for_each(|step| eprintln!("{:<10} {}", step.name, step.shows));
        return Ok(());
    }
    if let Some(unknown) = options.steps.iter().find(|name| !STEPS.iter().any(|step| step.name == **name)) {
        return Err(format!("there is no step '{unknown}'; 'cargo xtask test list' names them").into());
    }
    let tools = Tools::install()?;
    let mut outcomes: Vec<(&Step, Duration, Result<(), Failure>)> = Vec::new();
    for step in STEPS {
        if !options.steps.is_empty() && !options.steps.iter().any(|name| name == step.name) {
            continue;
        }
        eprintln!("\n== {}: {}", step.name, step.shows);
        let started = Instant::now();
        let outcome = (step.run)(&tools);
        let failed = outcome.is_err();
        if let Err(error) = &outcome {
            eprintln!("== {} failed: {error}", step.name);
        }
        outcomes.push((step, started.elapsed(), outcome));
        if failed && !options.keep_going {
            break;
        }
    }
    summary(&outcomes)
}

fn summary(outcomes: &[(&Step, Duration, Result<(), Failure>)]) -> Result<(), Failure> {
    eprintln!();
    for (step, time, outcome) in outcomes {
        let verdict = if outcome.is_ok() { "ok" } else { "FAILED" };
        eprintln!("{verdict:<7} {:<10} {:>6.1} s  {}", step.name, time.as_secs_f64(), step.shows);
    }
    let failed = outcomes.iter().filter(|(_, _, outcome)| outcome.is_err()).count();
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

fn cargo(arguments: &[&str]) -> Result<(), Failure> {
    run_command(Command::new("cargo").args(arguments))
}

fn lint() -> Result<(), Failure> {
    cargo(&["clippy", "--workspace", "--all-targets", "--profile", "fast", "--quiet", "--", "-D", "warnings"])
}

fn rust(tools: &Tools) -> Result<(), Failure> {
    tools.need_postgres()?;
    cargo(&["test", "--workspace", "--profile", "fast", "--no-fail-fast"])
}

fn deny(tools: &Tools) -> Result<(), Failure> {
    run_command(Command::new(tools.cargo_deny()?).args(["--all-features", "check", "licenses", "bans", "sources"]))
}

fn wire(tools: &Tools) -> Result<(), Failure> {
    tools.python("tests/wire/run.py", &["--welkin", &tools.binary()?.display().to_string()])
}

fn services(tools: &Tools) -> Result<(), Failure> {
    for folder in [
        "security",
        "sts",
        "iam",
        "organizations",
        "account",
        "kms",
        "s3",
        "s3control",
        "cloudtrail",
        "sqs",
        "authorization",
        "welkin",
    ] {
        tools.pytest(&format!("tests/{folder}"))?;
    }
    Ok(())
}

fn disk(tools: &Tools) -> Result<(), Failure> {
    tools.need_programs(&["strace"])?;
    tools.with_binary("tests/crash/disk.py", &[])
}

fn shared(tools: &Tools) -> Result<(), Failure> {
    tools.need_postgres()?;
    tools.with_binary("tests/crash/shared.py", &[])
}

fn clients(tools: &Tools) -> Result<(), Failure> {
    tools.need_programs(&["rclone", "curl"])?;
    tools.pytest_in(&tools.clients()?, "tests/clients")
}

fn fuzz(_: &Tools) -> Result<(), Failure> {
    cargo(&["run", "--quiet", "--profile", "fast", "--package", "welkin-fuzz", "--", "--seconds", "60"])
}

fn examples(tools: &Tools) -> Result<(), Failure> {
    tools.with_binary("examples/run.py", &[])
}

fn bench(tools: &Tools) -> Result<(), Failure> {
    let binary = tools.binary()?;
    let bench = ["run", "--quiet", "--profile", "fast", "--package", "welkin-bench", "--", "smoke"];
    run_command(Command::new("cargo").args(bench).env("WELKIN_BIN", binary))
}

/// Hand-written Rust files above 30 KB.
fn sizes() -> Result<(), Failure> {
    const MOST: u64 = 30 * 1024;
    let listed = Command::new("git").args(["ls-files", "*.rs"]).current_dir(root()).output()?;
    let mut large = Vec::new();
    for name in String::from_utf8(listed.stdout)?.lines() {
        let size = std::fs::metadata(root().join(name)).map_or(0, |file| file.len());
        if size > MOST {
            large.push(format!("{name} ({} KB)", size / 1024));
        }
    }
    if large.is_empty() { Ok(()) } else { Err(format!("split by thing: {}", large.join(", ")).into()) }
}
