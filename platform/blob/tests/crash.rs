//! A process that writes blobs is killed at random moments: nothing that it acknowledged may be lost.
//! `WELKIN_CRASH_ROUNDS` sets the number of rounds.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};
use welkin_blob::{BlobId, BlobRef, BlobStore, Location};

const TASKS: u128 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process that the other test kills"]
async fn the_child() {
    let variable = |name| std::env::var(name).expect("the other test sets it");
    let blobs = BlobStore::open(&Location::parse(&variable("WELKIN_CRASH_DIRECTORY")).unwrap()).await.unwrap();
    let round: u128 = variable("WELKIN_CRASH_ROUND").parse().unwrap();
    let tasks: Vec<_> = (0..TASKS).map(|task| tokio::spawn(write(blobs.clone(), round << 64 | task << 32))).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn write(blobs: BlobStore, first: u128) {
    for id in first.. {
        let length = if id.is_multiple_of(20) { 1_500_000 } else { (id as usize % 64) * 1_000 };
        let blob = blobs.put(BlobId(id), vec![id as u8; length].into()).await.unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", serde_json::to_string(&blob).unwrap()).unwrap();
        out.flush().unwrap();
    }
}

fn run_and_kill(directory: &Path, round: u32, after: Duration) -> Vec<BlobRef> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_child", "--ignored", "--nocapture"])
        .env("WELKIN_CRASH_DIRECTORY", directory)
        .env("WELKIN_CRASH_ROUND", round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    // The test harness writes lines of its own, and the last one may be cut short.
    let reader = thread::spawn(move || {
        out.lines().map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok()).collect()
    });
    thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

#[tokio::test]
async fn nothing_acknowledged_is_lost() {
    let rounds: u32 = std::env::var("WELKIN_CRASH_ROUNDS").map_or(8, |rounds| rounds.parse().unwrap());
    let directory = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..rounds {
        let after = Duration::from_millis(5 + u64::from(round.wrapping_mul(2_654_435_761) % 200));
        acknowledged.extend(run_and_kill(directory.path(), round, after));
        let blobs = BlobStore::open(&Location::Directory(directory.path().into())).await.unwrap();
        for blob in &acknowledged {
            let bytes = blobs.get(blob, ..).await.unwrap();
            assert_eq!(bytes.len() as u64, blob.len());
            assert!(bytes.iter().all(|byte| *byte == blob.id().0 as u8));
        }
        let scrubbed = blobs.scrub().await.unwrap();
        assert!(scrubbed.damaged.is_empty() && scrubbed.illegible.is_empty(), "{scrubbed:?}");
        assert!(scrubbed.blobs >= acknowledged.len() as u64);
        // Half of the blobs are deleted, as holes in segments and as files.
        let deleted = acknowledged.len() / 2;
        for blob in acknowledged.drain(..deleted) {
            blobs.delete(&blob).await.unwrap();
        }
    }
    assert!(!acknowledged.is_empty(), "the child got something done");
}
