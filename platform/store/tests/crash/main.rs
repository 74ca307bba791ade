//! A process that commits is killed at random moments: nothing that it acknowledged may be lost, nothing may be
//! there in part. `WELKIN_CRASH_ROUNDS` sets the number of rounds.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

mod child;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};
use welkin_store::{KeyRange, Location, RangeOptions, Store};

/// Runs the child for a while. Returns the highest number that each of its tasks has seen acknowledged.
fn run_and_kill(directory: &Path, round: u32, after: Duration) -> BTreeMap<u32, u32> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_child", "--ignored", "--nocapture"])
        .env("WELKIN_CRASH_DIRECTORY", directory)
        .env("WELKIN_CRASH_ROUND", round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let reader = thread::spawn(move || {
        let mut acknowledged = BTreeMap::new();
        for line in out.lines() {
            let line = line.unwrap();
            // The test harness writes lines of its own, and the last one may be cut short.
            let Some((task, number)) = line.split_once(' ') else { continue };
            let (Ok(task), Ok(number)) = (task.parse(), number.parse::<u32>()) else { continue };
            acknowledged.insert(task, number);
        }
        acknowledged
    });
    thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

#[test]
#[ignore = "the process that the other test kills"]
fn the_child() {
    let variable = |name| std::env::var(name).expect("the other test sets it");
    child::run(&variable("WELKIN_CRASH_DIRECTORY"), variable("WELKIN_CRASH_ROUND").parse().unwrap());
}

struct Found {
    shared: u64,
    added: i64,
    log: u64,
}

async fn check(store: &Store, round: u32, acknowledged: &BTreeMap<u32, u32>) -> Found {
    let mut transaction = store.begin().await.unwrap();
    let rows = transaction.range(KeyRange::prefix(format!("{round}/")), RangeOptions::default()).await.unwrap();
    let mut found: BTreeMap<(u32, u32), BTreeSet<u32>> = BTreeMap::new();
    for (key, value) in rows {
        let key = String::from_utf8(key.to_vec()).unwrap();
        let parts: Vec<u32> = key.split('/').map(|part| part.parse().unwrap()).collect();
        assert_eq!(value[..4], parts[2].to_be_bytes(), "{key} holds what was written");
        assert_eq!(value.len() - 4, 100 * (parts[2] as usize % 50));
        assert!(value[4..].iter().all(|byte| u32::from(*byte) == parts[3]));
        found.entry((parts[1], parts[2])).or_default().insert(parts[3]);
    }
    for (transaction, keys) in &found {
        assert_eq!(keys.len(), 3, "transaction {transaction:?} of round {round} is there in part");
    }
    for (task, last) in acknowledged {
        for number in 0..=*last {
            assert!(found.contains_key(&(*task, number)), "acknowledged {task} {number} of round {round} is lost");
        }
    }
    for row in transaction.range(KeyRange::prefix("long/"), RangeOptions::default()).await.unwrap() {
        assert_eq!(row.1.len(), 200_000);
        assert!(row.1.iter().all(|byte| *byte == row.1[0]));
    }
    let shared = transaction.get(b"shared").await.unwrap().map_or([0; 8], |value| value.as_ref().try_into().unwrap());
    let added = transaction.get(b"added").await.unwrap().map_or([0; 8], |value| value.as_ref().try_into().unwrap());
    let log = transaction.range(KeyRange::prefix("log/"), RangeOptions::default()).await.unwrap().len();
    Found { shared: u64::from_be_bytes(shared), added: i64::from_le_bytes(added), log: log as u64 }
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_and_nothing_is_torn() {
    let rounds: u32 = std::env::var("WELKIN_CRASH_ROUNDS").map_or(20, |rounds| rounds.parse().unwrap());
    let directory = tempfile::tempdir().unwrap();
    let mut acknowledged_before = 0;
    for round in 0..rounds {
        let after = Duration::from_millis(5 + u64::from(round.wrapping_mul(2_654_435_761) % 250));
        let acknowledged = run_and_kill(directory.path(), round, after);
        let store = Store::open(&Location::Directory(directory.path().into())).await.unwrap();
        let found = check(&store, round, &acknowledged).await;
        acknowledged_before += acknowledged.values().map(|last| u64::from(*last) + 1).sum::<u64>();
        assert!(found.shared >= acknowledged_before, "{} of {acknowledged_before}", found.shared);
        assert_eq!(found.added, found.shared as i64, "every transaction did both");
        assert_eq!(found.log, found.shared, "every transaction did both");
    }
    assert!(acknowledged_before > u64::from(rounds), "the child got something done: {acknowledged_before}");
}
