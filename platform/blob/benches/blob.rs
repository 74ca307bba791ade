//! How fast the engine for a directory is: `cargo bench -p welkin-blob [-- DIRECTORY]`.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use bytes::Bytes;
use futures_util::TryStreamExt;
use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};
use welkin_blob::{BlobId, BlobRef, BlobStore, Location};

const RUN: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return println!("this is a benchmark: run it with `cargo bench`");
    }
    let parent = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let parent = parent.map_or_else(std::env::temp_dir, PathBuf::from);
    let directory = tempfile::tempdir_in(parent).unwrap();
    let location = Location::Directory(directory.path().to_owned());
    let begun = Instant::now();
    let blobs = BlobStore::open(&location).await.unwrap();
    println!("create: {:.1?}; resident {}", begun.elapsed(), resident());
    let mut first = 0;
    for length in [1024, 1024 * 1024] {
        for tasks in [1, 16, 64] {
            let written = puts(&blobs, first << 96, length, tasks).await;
            first += 1;
            gets(&written, &blobs, tasks as usize).await;
        }
    }
    stream(&blobs).await;
    drop(blobs);
    let begun = Instant::now();
    drop(BlobStore::open(&location).await.unwrap());
    println!("open again: {:.1?}", begun.elapsed());
}

async fn puts(blobs: &BlobStore, first: u128, length: usize, tasks: u128) -> Vec<BlobRef> {
    let begun = Instant::now();
    let bytes = Bytes::from(vec![7; length]);
    let running: Vec<_> = (0..tasks)
        .map(|task| {
            let (blobs, bytes) = (blobs.clone(), bytes.clone());
            tokio::spawn(async move {
                let mut written = Vec::new();
                while begun.elapsed() < RUN && written.len() < 300_000_000 / tasks as usize / length {
                    let id = BlobId(first | task << 64 | written.len() as u128);
                    written.push(blobs.put(id, bytes.clone()).await.unwrap());
                }
                written
            })
        })
        .collect();
    let mut written = Vec::new();
    for task in running {
        written.extend(task.await.unwrap());
    }
    let rate = written.len() as f64 / begun.elapsed().as_secs_f64();
    println!("put {length} bytes, {tasks:2} at once: {rate:8.0}/s; resident {}", resident());
    written
}

async fn gets(written: &[BlobRef], blobs: &BlobStore, tasks: usize) {
    let begun = Instant::now();
    let running: Vec<_> = (0..tasks)
        .map(|task| {
            let (blobs, own) = (blobs.clone(), written.iter().skip(task).step_by(tasks).cloned().collect::<Vec<_>>());
            tokio::spawn(async move {
                let mut read = 0_u32;
                while begun.elapsed() < RUN / 3 {
                    for blob in own.iter().take(100) {
                        assert_eq!(blobs.get(blob, ..).await.unwrap().len() as u64, blob.len());
                        read += 1;
                    }
                }
                read
            })
        })
        .collect();
    let mut read = 0;
    for task in running {
        read += task.await.unwrap();
    }
    let rate = f64::from(read) / begun.elapsed().as_secs_f64();
    println!("get {} bytes, {tasks:2} at once: {rate:8.0}/s", written[0].len());
}

/// One gigabyte, written and read in pieces.
async fn stream(blobs: &BlobStore) {
    const LENGTH: u64 = 1 << 30;
    let piece = Bytes::from(vec![7; 64 * 1024]);
    let begun = Instant::now();
    let mut writer = blobs.create(BlobId(u128::MAX)).await.unwrap();
    while writer.length() < LENGTH {
        writer.write(piece.clone()).await.unwrap();
    }
    let blob = writer.finish().await.unwrap();
    let rate = LENGTH as f64 / 1e6 / begun.elapsed().as_secs_f64();
    println!("write 1 GB: {rate:.0} MB/s; resident {}", resident());
    let begun = Instant::now();
    let mut pieces = blobs.read(&blob, ..);
    let mut read = 0;
    while let Some(piece) = pieces.try_next().await.unwrap() {
        read += piece.len() as u64;
    }
    assert_eq!(read, LENGTH);
    let rate = LENGTH as f64 / 1e6 / begun.elapsed().as_secs_f64();
    println!("read 1 GB: {rate:.0} MB/s; resident {}", resident());
    blobs.delete(&blob).await.unwrap();
}

fn resident() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("?");
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap_or_default();
    format!("{:.1} MB", kilobytes as f64 / 1024.0)
}
