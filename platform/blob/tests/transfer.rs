//! What one store exports, another one restores, whatever the engines: every reference stays right.
#![allow(clippy::unwrap_used, missing_docs)]

use bytes::Bytes;
use std::io::Cursor;
use tempfile::TempDir;
use tokio::sync::mpsc;
use welkin_blob::{BlobId, BlobRef, BlobStore, Error, Location};

async fn local() -> (Option<TempDir>, BlobStore) {
    let directory = tempfile::tempdir().unwrap();
    let blobs = BlobStore::open(&Location::Directory(directory.path().into())).await.unwrap();
    (Some(directory), blobs)
}

async fn memory() -> (Option<TempDir>, BlobStore) {
    (None, BlobStore::open(&Location::Memory).await.unwrap())
}

fn bytes(id: u128, length: usize) -> Bytes {
    vec![id as u8; length].into()
}

async fn put(blobs: &BlobStore, id: u128, length: usize) -> BlobRef {
    blobs.put(BlobId(id), bytes(id, length)).await.unwrap()
}

async fn intact(blobs: &BlobStore, blob: &BlobRef) -> bool {
    let expected = bytes(blob.id().0, blob.len() as usize);
    blobs.get(blob, ..).await.is_ok_and(|found| found == expected)
}

async fn export(blobs: &BlobStore) -> Vec<u8> {
    let (out, mut pieces) = mpsc::channel(4);
    let sent = tokio::spawn({
        let blobs = blobs.clone();
        async move { blobs.export(out).await }
    });
    let mut whole = Vec::new();
    while let Some(piece) = pieces.recv().await {
        whole.extend_from_slice(&piece);
    }
    sent.await.unwrap().unwrap();
    whole
}

async fn restore(blobs: &BlobStore, export: &[u8]) -> Result<u64, Error> {
    blobs.restore(Box::new(Cursor::new(export.to_vec()))).await
}

const LENGTHS: [usize; 7] = [0, 1, 1000, 65_536, 300_000, 1_500_000, 6_000_000];

#[tokio::test]
async fn every_engine_restores_what_every_engine_exported() {
    for (from, to) in [(local().await, local().await), (local().await, memory().await)]
        .into_iter()
        .chain([(memory().await, local().await), (memory().await, memory().await)])
    {
        let ((_from, from), (_to, to)) = (from, to);
        let mut kept = Vec::new();
        for (id, length) in (1..).zip(LENGTHS.into_iter().cycle().take(9)) {
            let blob = put(&from, id, length).await;
            match id % 3 {
                0 => from.delete(&blob).await.unwrap(),
                _ => kept.push(blob),
            }
        }
        let before = put(&to, 99, 5000).await;
        let large_before = put(&to, 98, 5_000_000).await;
        let archive = export(&from).await;
        assert_eq!(restore(&to, &archive).await.unwrap(), kept.len() as u64, "{from:?} to {to:?}");
        for blob in &kept {
            assert!(intact(&to, blob).await, "{from:?} to {to:?}: {blob:?}");
        }
        assert!(to.get(&before, ..).await.is_err() && to.get(&large_before, ..).await.is_err());
        let scrubbed = to.scrub().await.unwrap();
        assert_eq!((scrubbed.blobs, scrubbed.damaged.len(), scrubbed.illegible.len()), (kept.len() as u64, 0, 0));
        let after = put(&to, 97, 5000).await;
        assert!(intact(&to, &after).await && intact(&to, kept.last().unwrap()).await);
        assert_eq!(restore(&to, &archive).await.unwrap(), kept.len() as u64, "again, after it was broken off, say");
        assert!(intact(&to, &kept[0]).await && to.get(&after, ..).await.is_err());
    }
}

#[tokio::test]
async fn what_was_restored_is_there_after_a_restart_and_marks_from_before_sweep_nothing() {
    let ((_from, from), (directory, to)) = (local().await, local().await);
    let directory = directory.unwrap();
    let blobs = [put(&from, 1, 2000).await, put(&from, 2, 2_000_000).await];
    put(&to, 3, 100_000).await;
    let mark = to.mark().await.unwrap();
    restore(&to, &export(&from).await).await.unwrap();
    assert_eq!(to.sweep(&mark, |_| false).await.unwrap().blobs, 0);
    drop(to);
    let to = BlobStore::open(&Location::Directory(directory.path().into())).await.unwrap();
    for blob in &blobs {
        assert!(intact(&to, blob).await);
    }
    let mark = to.mark().await.unwrap();
    assert_eq!(to.sweep(&mark, |_| false).await.unwrap().blobs, 2);
}

#[tokio::test]
async fn nothing_goes_away_while_it_is_held() {
    for (_directory, blobs) in [local().await, memory().await] {
        let (small, large) = (put(&blobs, 1, 100).await, put(&blobs, 2, 2_000_000).await);
        let (hold, other) = (blobs.hold(), blobs.hold());
        let mark = blobs.mark().await.unwrap();
        blobs.delete(&small).await.unwrap();
        assert_eq!(blobs.sweep(&mark, |_| false).await.unwrap().blobs, 0);
        drop(hold);
        assert!(intact(&blobs, &small).await && intact(&blobs, &large).await);
        drop(other);
        for _ in 0..100 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            if !intact(&blobs, &small).await {
                break;
            }
        }
        assert!(!intact(&blobs, &small).await, "deleted when nobody held it any more");
        assert!(intact(&blobs, &large).await);
    }
}

#[tokio::test]
async fn a_cleared_store_is_empty_and_takes_more() {
    for (_directory, blobs) in [local().await, memory().await] {
        let (small, large) = (put(&blobs, 1, 100).await, put(&blobs, 2, 2_000_000).await);
        blobs.clear().await.unwrap();
        let next = put(&blobs, 3, 100).await;
        assert!(blobs.get(&small, ..).await.is_err() && blobs.get(&large, ..).await.is_err());
        assert!(intact(&blobs, &next).await);
        assert_eq!(blobs.scrub().await.unwrap().blobs, 1);
    }
}

#[tokio::test]
async fn what_is_no_export_or_cut_short_is_refused() {
    let ((_from, from), (_to, to)) = (local().await, local().await);
    put(&from, 1, 2000).await;
    let archive = export(&from).await;
    let mut newer = archive.clone();
    newer[8] = 9;
    for (archive, told) in [
        (&b"something else altogether"[..], "not an export"),
        (&newer, "version 9"),
        (&archive[..archive.len() - 1], "cut short"),
        (&archive[..100], "cut short"),
    ] {
        let error = restore(&to, archive).await.unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
    assert_eq!(restore(&to, &archive).await.unwrap(), 1);
}
