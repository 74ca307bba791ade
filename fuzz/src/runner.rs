//! Runs a target for a while: no panic, no long time, no much memory, and its valid inputs are taken.

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::chance::Chance;
use crate::mutate::mutate;
use crate::target::Target;

/// No input may take longer, however busy the machine.
const SLOWEST: Duration = Duration::from_secs(20);

/// Resident memory may not grow by more while a target runs, in kB. Inputs are at most 256 KB.
const MOST_GROWTH: u64 = 96 * 1024;

/// Inputs between two looks at the clock and the memory.
const ROUND: u64 = 64;

/// What a target's run came to.
pub(crate) struct Summary {
    pub(crate) inputs: u64,
    pub(crate) accepted: u64,
    pub(crate) slowest: Duration,
    pub(crate) growth_kb: u64,
}

/// Where the last panic was, for the report.
static PANIC: Mutex<String> = Mutex::new(String::new());

/// Panics are caught and told with their input; nothing is printed where they happen.
pub(crate) fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        if let Ok(mut last) = PANIC.lock() {
            *last = info.to_string();
        }
    }));
}

/// Runs a target.
///
/// # Errors
/// With the input and how to make it again, if something that must hold does not.
pub(crate) fn run(target: &dyn Target, name: &str, seed: u64, time: Duration) -> Result<Summary, String> {
    let mut chance = Chance::new(seed, name);
    let mut pool = Vec::new();
    for _ in 0..64 {
        let valid = target.seed(&mut chance);
        match attempt(target, &valid.bytes) {
            Ok(Ok(())) => pool.push(valid),
            Ok(Err(refused)) => return Err(tell("a valid input was refused", &refused, &valid.bytes)),
            Err(panic) => return Err(tell("panic", &panic, &valid.bytes)),
        }
    }
    let mut summary = Summary { inputs: 0, accepted: 0, slowest: Duration::ZERO, growth_kb: 0 };
    let (start, before) = (Instant::now(), most_resident_kb());
    while start.elapsed() < time {
        for _ in 0..ROUND {
            let (valid, other) = (chance.pick(&pool), chance.below(pool.len()));
            let mut input = valid.bytes.clone();
            mutate(&mut input, valid.kept, &pool[other].bytes, &mut chance);
            let begun = Instant::now();
            let outcome = attempt(target, &input).map_err(|panic| tell("panic", &panic, &input))?;
            let took = begun.elapsed();
            if took > SLOWEST {
                return Err(tell("too slow", &format!("{took:?}"), &input));
            }
            summary.slowest = summary.slowest.max(took);
            summary.inputs += 1;
            summary.accepted += u64::from(outcome.is_ok());
        }
        // Other valid inputs come in all the time.
        let fresh = target.seed(&mut chance);
        let place = chance.below(pool.len());
        pool[place] = fresh;
        summary.growth_kb = most_resident_kb().saturating_sub(before);
        if summary.growth_kb > MOST_GROWTH {
            return Err(format!("memory grew by {} MB within the last {ROUND} inputs", summary.growth_kb / 1024));
        }
    }
    Ok(summary)
}

/// One input; the outer error is a panic.
fn attempt(target: &dyn Target, input: &[u8]) -> Result<Result<(), String>, String> {
    catch_unwind(AssertUnwindSafe(|| target.run(input)))
        .map_err(|_| PANIC.lock().map(|last| last.clone()).unwrap_or_default())
}

fn tell(what: &str, detail: &str, input: &[u8]) -> String {
    let mut text = format!("{what}: {detail}\n  input, {} bytes: ", input.len());
    for part in input.get(..input.len().min(2_000)).unwrap_or_default().utf8_chunks() {
        text.push_str(&part.valid().escape_debug().to_string());
        for byte in part.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// The most memory that was ever resident, in kB; 0 where the system does not say.
fn most_resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::{self, Seed};

    /// Panics at a brace that follows another.
    struct Brittle;

    impl Target for Brittle {
        fn seed(&self, _: &mut Chance) -> Seed {
            b"{\"a\":1}".to_vec().into()
        }

        fn run(&self, input: &[u8]) -> Result<(), String> {
            assert!(!input.windows(2).any(|pair| pair == b"{{"), "two braces");
            Ok(())
        }
    }

    #[test]
    fn a_panic_is_found_and_told_with_its_input() {
        quiet_panics();
        let found = run(&Brittle, "brittle", 1, Duration::from_secs(20)).map(|_| ());
        let told = found.expect_err("two braces come sooner or later");
        assert!(told.contains("two braces") && told.contains("{{"), "{told}");
    }

    #[test]
    fn every_target_takes_its_valid_inputs_and_survives_some_others() {
        for (name, target) in target::all() {
            let summary = run(&*target, name, 1, Duration::from_millis(100));
            let summary = summary.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(summary.inputs > 0, "{name}");
        }
    }
}
