//! Steps that run side by side: clients mostly wait for the server and it for them, so one step leaves a core idle.

use std::fs::File;
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use super::steps::Step;
use super::tools::Tools;
use super::{Outcome, root};
use crate::Failure;

/// Runs the steps, as many at once as there are processors, each in a process of its own whose output is shown when it
/// has ended. After a failure no other step is begun, unless `keep_going`.
pub(super) fn run(
    steps: &[&'static Step],
    program: &Path,
    tools: &Tools,
    keep_going: bool,
) -> Result<Vec<Outcome>, Failure> {
    let binary = &tools.binary()?;
    let logs = binary.parent().unwrap_or(binary).join("test-logs");
    std::fs::create_dir_all(&logs)?;
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let outcomes = Mutex::new(Vec::new());
    let work = || {
        while keep_going || !failed.load(Ordering::SeqCst) {
            let Some(step) = steps.get(next.fetch_add(1, Ordering::SeqCst)) else { return };
            let started = Instant::now();
            let log = logs.join(step.name);
            let result = child(step, program, binary, &log).map_err(|error| error.to_string());
            failed.fetch_or(result.is_err(), Ordering::SeqCst);
            // INVARIANT: no holder of the lock panics.
            let mut outcomes = outcomes.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            eprintln!("\n== {}: {}\n{}", step.name, step.shows, std::fs::read_to_string(&log).unwrap_or_default());
            if let Err(error) = &result {
                eprintln!("== {} failed: {error}", step.name);
            }
            outcomes.push(Outcome { step, time: started.elapsed(), result });
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(work))));
    Ok(outcomes.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
}

/// Runs one step as this program would when it were asked for it alone.
fn child(step: &Step, program: &Path, binary: &Path, log: &Path) -> Result<(), Failure> {
    let output = File::create(log)?;
    let mut command = Command::new(program);
    command.args(["test", step.name]).env("WELKIN_BIN", binary).current_dir(root());
    let status = command.stdout(output.try_clone()?).stderr(output).status()?;
    if status.success() { Ok(()) } else { Err(format!("step {}: {status}", step.name).into()) }
}
