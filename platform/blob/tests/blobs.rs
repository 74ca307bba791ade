//! What every engine does.
#![allow(clippy::unwrap_used, missing_docs)]

use bytes::Bytes;
use futures_util::TryStreamExt;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use std::{collections::HashSet, sync::Arc};
use welkin_blob::{BlobId, BlobRef, BlobStore, Error, Location};

struct Engine {
    blobs: BlobStore,
    _directory: tempfile::TempDir,
}

async fn engines() -> [Engine; 2] {
    let directory = tempfile::tempdir().unwrap();
    let local = Location::Directory(directory.path().join("blobs"));
    [
        Engine { blobs: BlobStore::open(&local).await.unwrap(), _directory: directory },
        Engine { blobs: BlobStore::open(&Location::Memory).await.unwrap(), _directory: tempfile::tempdir().unwrap() },
    ]
}

/// Bytes that are different everywhere.
fn pattern(seed: u64, length: usize) -> Bytes {
    (0..length as u64).map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(seed) >> 32) as u8).collect()
}

async fn put(blobs: &BlobStore, id: u128, length: usize) -> BlobRef {
    blobs.put(BlobId(id), pattern(id as u64, length)).await.unwrap()
}

const LENGTHS: [usize; 10] = [0, 1, 1000, 65_535, 65_536, 65_537, 1 << 20, (1 << 20) + 1, 3 << 20, 6 << 20];

#[tokio::test]
async fn blobs_of_every_length_are_read_as_written() {
    for Engine { blobs, .. } in engines().await {
        for (id, length) in LENGTHS.into_iter().enumerate() {
            let blob = put(&blobs, id as u128, length).await;
            assert_eq!((blob.id(), blob.len()), (BlobId(id as u128), length as u64));
            let stored: BlobRef = serde_json::from_str(&serde_json::to_string(&blob).unwrap()).unwrap();
            assert_eq!(stored, blob, "a reference survives serialisation");
            assert!(blobs.get(&stored, ..).await.unwrap() == pattern(id as u64, length), "{length} bytes");
        }
        let scrubbed = blobs.scrub().await.unwrap();
        assert_eq!((scrubbed.blobs, scrubbed.damaged, scrubbed.illegible), (LENGTHS.len() as u64, vec![], vec![]));
    }
}

#[tokio::test]
async fn any_range_is_read() {
    let mut runner = TestRunner::deterministic();
    for Engine { blobs, .. } in engines().await {
        for (id, length) in LENGTHS.into_iter().enumerate() {
            let expected = pattern(id as u64, length);
            let blob = put(&blobs, id as u128, length).await;
            for _ in 0..20 {
                let bounds = (0..=length, 0..=length).new_tree(&mut runner).unwrap().current();
                let (from, to) = (bounds.0.min(bounds.1), bounds.0.max(bounds.1));
                let pieces: Vec<Bytes> = blobs.read(&blob, from as u64..to as u64).try_collect().await.unwrap();
                assert!(pieces.iter().all(|piece| !piece.is_empty() && piece.len() <= 65_536));
                assert!(pieces.concat() == expected[from..to], "{from}..{to} of {length}");
            }
            let length = length as u64;
            for refused in [0..length + 1, length + 1..length + 1, length + 5..length + 9] {
                let result = blobs.get(&blob, refused).await;
                assert!(matches!(result, Err(Error::InvalidRange(is)) if is == length), "{result:?}");
            }
            assert!(blobs.get(&blob, length..).await.unwrap().is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]
    #[test]
    fn pieces_of_any_size_make_one_blob(pieces in prop::collection::vec(prop_oneof![0..100_usize, 0..700_000_usize], 0..9)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            for Engine { blobs, .. } in engines().await {
                let whole = pattern(3, pieces.iter().sum());
                let mut writer = blobs.create(BlobId(3)).await.unwrap();
                let mut rest = whole.clone();
                for piece in &pieces {
                    writer.write(rest.split_to(*piece)).await.unwrap();
                }
                let blob = writer.finish().await.unwrap();
                assert!(blobs.get(&blob, ..).await.unwrap() == whole);
            }
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_write_and_read_at_once() {
    for Engine { blobs, .. } in engines().await {
        let tasks: Vec<_> = (0..32_u128)
            .map(|id| {
                let blobs = blobs.clone();
                tokio::spawn(async move {
                    let mut written = Vec::new();
                    for round in 0..10 {
                        let length = if round == 7 { 1_500_000 } else { (id as usize * 997 + round * 7919) % 90_000 };
                        written.push(put(&blobs, id << 64 | round as u128, length).await);
                    }
                    for blob in &written {
                        let expected = pattern(blob.id().0 as u64, blob.len() as usize);
                        assert!(blobs.get(blob, ..).await.unwrap() == expected);
                    }
                    written.len()
                })
            })
            .collect();
        let mut written = 0;
        for task in tasks {
            written += task.await.unwrap();
        }
        assert_eq!(blobs.scrub().await.unwrap().blobs, written as u64);
    }
}

#[tokio::test]
async fn what_is_deleted_is_gone_and_nothing_else() {
    for Engine { blobs, .. } in engines().await {
        let mut kept = Vec::new();
        for (id, length) in LENGTHS.into_iter().enumerate() {
            let before = put(&blobs, id as u128 * 3, 500).await;
            let deleted = put(&blobs, id as u128 * 3 + 1, length.max(1)).await;
            kept.extend([before, put(&blobs, id as u128 * 3 + 2, length).await]);
            blobs.delete(&deleted).await.unwrap();
            assert!(matches!(blobs.get(&deleted, ..).await, Err(Error::NotFound(id)) if id == deleted.id()));
            assert!(matches!(blobs.get(&deleted, 0..1).await, Err(Error::NotFound(_))));
        }
        for blob in kept {
            assert!(blobs.get(&blob, ..).await.unwrap() == pattern(blob.id().0 as u64, blob.len() as usize));
        }
        assert_eq!(blobs.scrub().await.unwrap().damaged, []);
    }
}

#[tokio::test]
async fn dropped_writers_leave_nothing() {
    for Engine { blobs, .. } in engines().await {
        for length in [10, 3 << 20, 6 << 20] {
            let mut writer = blobs.create(BlobId(length as u128)).await.unwrap();
            writer.write(pattern(1, length)).await.unwrap();
            drop(writer);
        }
        // The id is free again.
        put(&blobs, 10, 10).await;
        assert_eq!(blobs.scrub().await.unwrap().blobs, 1);
    }
}

#[tokio::test]
async fn a_sweep_takes_what_is_old_and_dead() {
    for Engine { blobs, .. } in engines().await {
        let mut old = Vec::new();
        for id in 0..60 {
            old.push(put(&blobs, id, if id % 10 == 9 { 1_300_000 } else { 20_000 }).await);
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        let mark = blobs.mark().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        let new = [put(&blobs, 100, 1000).await, put(&blobs, 101, 1_300_000).await];
        let live: Arc<HashSet<BlobId>> = Arc::new(old.iter().map(BlobRef::id).filter(|id| id.0 % 4 == 1).collect());
        let known = live.clone();
        let swept = blobs.sweep(&mark, move |id| known.contains(id)).await.unwrap();
        assert_eq!(swept.blobs, 45);
        assert!(swept.bytes > 45 * 20_000, "{swept:?}");
        for blob in old.iter().chain(&new) {
            let result = blobs.get(blob, ..).await;
            if live.contains(&blob.id()) || blob.id().0 >= 100 {
                assert!(result.unwrap() == pattern(blob.id().0 as u64, blob.len() as usize));
            } else {
                assert!(matches!(result, Err(Error::NotFound(_))), "{result:?}");
            }
        }
        let known = live.clone();
        assert_eq!(blobs.sweep(&mark, move |id| known.contains(id)).await.unwrap().blobs, 0, "there is no more");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        let later = blobs.mark().await.unwrap();
        assert_eq!(blobs.sweep(&later, |_| false).await.unwrap().blobs, 17, "what was new is old now");
        assert_eq!(blobs.scrub().await.unwrap().blobs, 0);
        put(&blobs, 200, 1000).await;
    }
}
