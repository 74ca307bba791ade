//! How fast the embedded engine is: `cargo bench -p welkin-store [-- DIRECTORY]`. The directory decides which disk.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};
use welkin_store::{Durability, KeyRange, Location, Options, RangeOptions, Store};

const RUN: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return println!("this is a benchmark: run it with `cargo bench`");
    }
    let parent = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let parent = parent.map_or_else(std::env::temp_dir, PathBuf::from);
    let directory = tempfile::tempdir_in(parent).unwrap();
    println!("resident before: {}", resident());
    opening(&directory.path().join("empty")).await;
    for durability in [Durability::Fsync, Durability::Buffered] {
        for tasks in [1, 16, 64] {
            let location = Location::Directory(directory.path().join(format!("{durability:?}-{tasks}")));
            commits(&location, durability, tasks).await;
        }
    }
    let location = Location::Directory(directory.path().join("Fsync-64"));
    reads(&location).await;
    queue(&Location::Directory(directory.path().join("queue"))).await;
}

async fn opening(path: &std::path::Path) {
    let location = Location::Directory(path.to_owned());
    for what in ["create", "open again"] {
        let begun = Instant::now();
        let store = Store::open(&location).await.unwrap();
        let opened = begun.elapsed();
        let begun = Instant::now();
        drop(store);
        println!("{what}: {opened:.1?}, close: {:.1?}", begun.elapsed());
    }
    let store = Store::open(&location).await.unwrap();
    println!("resident with an idle store: {}", resident());
    drop(store);
}

/// Transactions that read one key and write three, of 200 bytes each.
async fn commits(location: &Location, durability: Durability, tasks: u64) {
    let store = Store::open_with(location, Options { durability }).await.unwrap();
    let begun = Instant::now();
    let tasks_running: Vec<_> = (0..tasks)
        .map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                for number in 0_u64.. {
                    if begun.elapsed() > RUN {
                        break;
                    }
                    let start = Instant::now();
                    let mut transaction = store.begin().await.unwrap();
                    transaction.get(&task.to_be_bytes()).await.unwrap();
                    for key in 0..3_u8 {
                        transaction
                            .put([&task.to_be_bytes()[..], &number.to_be_bytes(), &[key]].concat(), vec![7; 200]);
                    }
                    transaction.commit().await.unwrap();
                    latencies.push(start.elapsed());
                }
                latencies
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for task in tasks_running {
        latencies.extend(task.await.unwrap());
    }
    let seconds = begun.elapsed().as_secs_f64();
    latencies.sort_unstable();
    println!(
        "{durability:?}, {tasks:2} at once: {:8.0} commits/s, median {:.1?}, 99 % {:.1?}; resident {}",
        latencies.len() as f64 / seconds,
        latencies[latencies.len() / 2],
        latencies[latencies.len() * 99 / 100],
        resident(),
    );
}

async fn reads(location: &Location) {
    let begun = Instant::now();
    let store = Store::open(location).await.unwrap();
    println!("open after the run above: {:.1?}; resident {}", begun.elapsed(), resident());
    let rows = store.begin().await.unwrap().range(KeyRange::all(), RangeOptions::limit(20_000)).await.unwrap();
    let begun = Instant::now();
    let mut read = 0_u32;
    while begun.elapsed() < RUN {
        for (key, _) in rows.iter().step_by(97) {
            let mut transaction = store.begin().await.unwrap();
            assert!(transaction.get(key).await.unwrap().is_some());
            transaction.commit().await.unwrap();
            read += 1;
        }
    }
    println!("begin, get, commit, one task: {:.0}/s", f64::from(read) / begun.elapsed().as_secs_f64());
}

/// A queue: what is put at the end is taken from the front, which an LSM tree dislikes.
async fn queue(location: &Location) {
    let store = Store::open_with(location, Options { durability: Durability::Buffered }).await.unwrap();
    let begun = Instant::now();
    let mut taken = 0_u32;
    let mut worst = Duration::ZERO;
    while begun.elapsed() < RUN {
        let mut transaction = store.begin().await.unwrap();
        transaction.put_stamped("q/", "", vec![7; 200]);
        transaction.commit().await.unwrap();
        let start = Instant::now();
        let mut transaction = store.begin().await.unwrap();
        let rows = transaction.range(KeyRange::prefix("q/"), RangeOptions::limit(1)).await.unwrap();
        worst = worst.max(start.elapsed());
        transaction.delete(rows[0].0.clone());
        transaction.commit().await.unwrap();
        taken += 1;
    }
    let rate = f64::from(taken) / begun.elapsed().as_secs_f64();
    println!("queue, put and take: {rate:.0}/s, slowest look at the front after {taken}: {worst:.1?}");
}

fn resident() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("?");
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap_or_default();
    format!("{:.1} MB", kilobytes as f64 / 1024.0)
}
