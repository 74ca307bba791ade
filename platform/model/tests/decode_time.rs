//! Prints how long decoding takes; run with `--nocapture`, in a release build for figures that count.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::time::{Duration, Instant};

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = work();
    (start.elapsed(), result)
}

#[test]
fn decode_times() {
    let (index, services) = timed(welkin_model::services);
    let mut times: Vec<_> = services.iter().map(|entry| (timed(|| entry.service()).0, entry.id)).collect();
    times.sort();
    let (median, largest) = (times[times.len() / 2], times[times.len() - 1]);
    let (again, _) = timed(|| welkin_model::service("ec2").unwrap());
    println!("index {index:?}, median {median:?}, largest {largest:?}, decoded before {again:?}");
    println!("all {:?}", times.iter().map(|(time, _)| *time).sum::<Duration>());
    let (actions, _) = timed(|| welkin_model::actions::service("kms").unwrap());
    println!("actions: index and kms {actions:?}");
    assert_eq!(times.len(), services.len());
}
