//! What the engine for a directory does beyond.
#![allow(clippy::unwrap_used, missing_docs)]

use bytes::Bytes;
use futures_util::TryStreamExt;
use std::{
    fs::{self, File},
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
};
use welkin_blob::{BlobId, BlobRef, BlobStore, Error, Location};

struct Fixture {
    directory: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    async fn open(&self) -> BlobStore {
        BlobStore::open(&Location::Directory(self.directory.path().into())).await.unwrap()
    }

    fn path(&self, of: &str) -> PathBuf {
        self.directory.path().join(of)
    }

    fn segments(&self) -> Vec<PathBuf> {
        files(&self.path("segments"))
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

async fn put(blobs: &BlobStore, id: u128, length: usize) -> BlobRef {
    blobs.put(BlobId(id), Bytes::from(vec![id as u8; length])).await.unwrap()
}

async fn intact(blobs: &BlobStore, blob: &BlobRef) -> bool {
    blobs.get(blob, ..).await.is_ok_and(|bytes| bytes == vec![blob.id().0 as u8; blob.len() as usize])
}

fn flip(path: &Path, offset: u64) {
    let file = File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).unwrap();
    file.write_all_at(&[byte[0] ^ 1], offset).unwrap();
}

#[tokio::test]
async fn small_blobs_share_files_and_large_ones_do_not() {
    let fixture = Fixture::new();
    let blobs = fixture.open().await;
    for id in 0..100 {
        put(&blobs, id, 1 << 20).await;
    }
    put(&blobs, 1000, (1 << 20) + 1).await;
    assert_eq!(fixture.segments().len(), 2, "segments of 64 MB");
    assert_eq!(files(&fixture.path("large")).len(), 1);
    assert_eq!(files(&fixture.path("writing")).len(), 0);
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let fixture = Fixture::new();
    let mut written = Vec::new();
    for round in 0..5 {
        let blobs = fixture.open().await;
        for id in 0..20 {
            written.push(put(&blobs, round * 100 + id, id as usize * 100_000).await);
        }
        for blob in &written {
            assert!(intact(&blobs, blob).await);
        }
    }
    assert!(fixture.segments().len() <= 3, "a short segment is continued");
}

#[tokio::test]
async fn one_process_at_a_time() {
    let fixture = Fixture::new();
    let blobs = fixture.open().await;
    let location = Location::Directory(fixture.directory.path().into());
    let error = BlobStore::open(&location).await.unwrap_err();
    assert!(error.message.contains("in use") && !error.hint.is_empty(), "{error}");
    drop(blobs);
    drop(fixture.open().await);
    fs::write(fixture.path("format"), "2\n").unwrap();
    let error = BlobStore::open(&location).await.unwrap_err();
    assert!(error.message.contains("newer version"), "{error}");
}

#[tokio::test]
async fn torn_tails_are_cut_off() {
    let fixture = Fixture::new();
    let kept = [put(&fixture.open().await, 1, 5000).await];
    let segment = fixture.segments().pop().unwrap();
    let whole = fs::metadata(&segment).unwrap().len();
    for tail in [1_usize, 63, 64, 100, 5000] {
        for byte in [0, 0x57] {
            let file = File::options().write(true).open(&segment).unwrap();
            file.write_all_at(&vec![byte; tail], whole).unwrap();
            drop(file);
            let blobs = fixture.open().await;
            assert_eq!(fs::metadata(&segment).unwrap().len(), whole, "{tail} bytes of {byte}");
            assert!(intact(&blobs, &kept[0]).await);
        }
    }
    // A record whose header is there, and not all of its frames.
    let torn = put(&fixture.open().await, 2, 5000).await;
    File::options().write(true).open(&segment).unwrap().set_len(whole + 1000).unwrap();
    let blobs = fixture.open().await;
    let next = put(&blobs, 3, 100).await;
    assert!(intact(&blobs, &kept[0]).await && intact(&blobs, &next).await && !intact(&blobs, &torn).await);
    assert_eq!(blobs.scrub().await.unwrap().blobs, 2);
    fs::write(fixture.path("writing").join("00000000000000000000000000000009"), "unfinished").unwrap();
    drop(blobs);
    fixture.open().await;
    assert_eq!(files(&fixture.path("writing")).len(), 0);
}

#[tokio::test]
async fn damage_is_found_and_nothing_beside_it_is_lost() {
    let fixture = Fixture::new();
    let blobs = fixture.open().await;
    let mut written = Vec::new();
    for id in 0..10 {
        written.push(put(&blobs, id, 150_000).await);
    }
    let large = put(&blobs, 50, 2_000_000).await;
    flip(&fixture.segments()[0], 3 * 150_000 + 70_000);
    flip(&files(&fixture.path("large"))[0], 1_999_999);
    let found = blobs.scrub().await.unwrap();
    assert_eq!(found.blobs, 11);
    assert_eq!(found.damaged, [BlobId(3), BlobId(50)]);
    assert!(matches!(blobs.get(&written[3], ..).await, Err(Error::Damaged(BlobId(3)))));
    assert!(matches!(blobs.get(&large, ..).await, Err(Error::Damaged(BlobId(50)))));
    assert!(blobs.get(&large, ..1_900_000).await.is_ok(), "what is intact can be read");
    // Pieces before the damage are returned, then the error.
    let mut pieces = blobs.read(&large, 1_000_000..);
    assert!(pieces.try_next().await.unwrap().is_some());
    assert!(pieces.try_collect::<Vec<_>>().await.is_err());
    // A header in the middle: everything behind it is still there, and no sweep takes it.
    let segment = fs::read(&fixture.segments()[0]).unwrap();
    let mut headers = (0..segment.len()).step_by(64).filter(|at| segment[*at..].starts_with(b"WBR1"));
    let header = headers.nth(5).unwrap();
    flip(&fixture.segments()[0], header as u64 + 10);
    drop(blobs);
    let blobs = fixture.open().await;
    assert_eq!(blobs.scrub().await.unwrap().illegible.len(), 1);
    let mark = blobs.mark().await.unwrap();
    blobs.sweep(&mark, |_| false).await.unwrap();
    assert!(intact(&blobs, &written[9]).await);
    let next = put(&blobs, 60, 10).await;
    assert!(intact(&blobs, &next).await);
}

#[tokio::test]
async fn space_is_given_back() {
    let fixture = Fixture::new();
    let blobs = fixture.open().await;
    let used = || -> u64 {
        let all = fixture.segments().into_iter().chain(files(&fixture.path("large")));
        all.map(|file| fs::metadata(file).unwrap().blocks() * 512).sum()
    };
    let mut written = Vec::new();
    for id in 0..1500 {
        written.push(put(&blobs, id, if id < 1400 { 60_000 } else { 1_100_000 }).await);
    }
    let full = used();
    assert!(full > 180_000_000);
    for blob in &written[..300] {
        blobs.delete(blob).await.unwrap();
    }
    assert!(used() < full - 15_000_000, "deleting makes holes: {} of {full}", used());
    // One blob in a hundred lives.
    let mark = blobs.mark().await.unwrap();
    blobs.sweep(&mark, |id| id.0.is_multiple_of(100)).await.unwrap();
    assert!(used() < full / 20, "{} of {full}", used());
    for blob in written.iter().skip(300).step_by(100) {
        assert!(intact(&blobs, blob).await);
    }
    let mark = blobs.mark().await.unwrap();
    blobs.sweep(&mark, |_| false).await.unwrap();
    assert_eq!(fixture.segments().len(), 1, "segments in which nothing lives are removed, but the last");
    assert!(used() < 1_000_000, "{}", used());
    drop(blobs);
    let blobs = fixture.open().await;
    let next = put(&blobs, 5000, 100).await;
    assert!(intact(&blobs, &next).await);
    assert!(matches!(blobs.get(&written[1], ..).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_room_again_is_enough() {
    let Some(disk) = SmallDisk::mount() else {
        // Without the right to mount there is no small disk to fill.
        assert_ne!(fs::metadata("/proc/self").unwrap().uid(), 0, "root can mount a file system");
        return;
    };
    let blobs = BlobStore::open(&Location::Directory(disk.path.join("blobs"))).await.unwrap();
    let mut written = Vec::new();
    let error = loop {
        match blobs.put(BlobId(written.len() as u128), vec![written.len() as u8; 700_000].into()).await {
            Ok(blob) => written.push(blob),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::Full), "{error:?}");
    assert!(written.len() > 3);
    let large = blobs.put(BlobId(1000), vec![1; 12_000_000].into()).await;
    assert!(matches!(large, Err(Error::Full)), "{large:?}");
    for blob in &written {
        assert!(intact(&blobs, blob).await);
    }
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    blobs.delete(&written[0]).await.unwrap();
    blobs.delete(&written[1]).await.unwrap();
    let next = put(&blobs, 2000, 600_000).await;
    assert!(intact(&blobs, &next).await);
    assert_eq!(blobs.scrub().await.unwrap().damaged, []);
}

/// A file system of 8 MB in memory.
struct SmallDisk {
    path: PathBuf,
    _directory: tempfile::TempDir,
}

impl SmallDisk {
    fn mount() -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("disk");
        fs::create_dir(&path).unwrap();
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=8m", "welkin-test"]).arg(&path);
        mount.status().is_ok_and(|status| status.success()).then_some(Self { path, _directory: directory })
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.path).status();
    }
}
