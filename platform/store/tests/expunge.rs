//! What was deleted can be removed from the files of an embedded store.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;

use welkin_store::{Location, Store};

/// Whether any file below `directory` holds these bytes.
fn is_on_disk(directory: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(directory).unwrap().flatten().any(|entry| {
        let path = entry.path();
        match path.is_dir() {
            true => is_on_disk(&path, bytes),
            false => std::fs::read(path).is_ok_and(|file| memchr::memmem::find(&file, bytes).is_some()),
        }
    })
}

async fn put(store: &Store, key: &'static str, value: &[u8]) {
    let mut transaction = store.begin().await.unwrap();
    transaction.put(key, value.to_vec());
    transaction.commit().await.unwrap();
}

async fn delete(store: &Store, key: &'static str) {
    let mut transaction = store.begin().await.unwrap();
    transaction.delete(key);
    transaction.commit().await.unwrap();
}

/// Bytes that nothing compresses, and that no other test has.
fn unlike(seed: u8) -> Vec<u8> {
    (0..64u8).map(|at| at.wrapping_mul(167).wrapping_add(seed) ^ at.rotate_left(3)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_and_overwritten_values_are_in_no_file_any_more() {
    let directory = tempfile::tempdir().unwrap();
    let location = Location::parse(directory.path().to_str().unwrap()).unwrap();
    let (deleted, overwritten, kept) = (unlike(1), unlike(2), unlike(3));
    {
        let store = Store::open(&location).await.unwrap();
        put(&store, "deleted", &deleted).await;
        put(&store, "overwritten", &overwritten).await;
        put(&store, "kept", &kept).await;
    }
    // After a restart the values come out of the journal; a first removal puts them into tables.
    let store = Store::open(&location).await.unwrap();
    assert!(store.expunge().await.unwrap());
    for value in [&deleted, &overwritten, &kept] {
        assert!(is_on_disk(directory.path(), value), "what is stored is there");
    }
    delete(&store, "deleted").await;
    put(&store, "overwritten", b"anew").await;
    assert!(is_on_disk(directory.path(), &deleted), "a deletion alone leaves it there");
    assert!(store.expunge().await.unwrap());
    assert!(!is_on_disk(directory.path(), &deleted) && !is_on_disk(directory.path(), &overwritten));
    assert!(is_on_disk(directory.path(), &kept));
    drop(store);
    let store = Store::open(&location).await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    assert_eq!(transaction.get(b"kept").await.unwrap().as_deref(), Some(kept.as_slice()));
    assert_eq!(transaction.get(b"overwritten").await.unwrap().as_deref(), Some(&b"anew"[..]));
    assert_eq!(transaction.get(b"deleted").await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_works_beside_writers_and_waits_for_old_readers() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&Location::parse(directory.path().to_str().unwrap()).unwrap()).await.unwrap();
    let secret = unlike(4);
    put(&store, "secret", &secret).await;
    let mut old = store.begin().await.unwrap();
    assert!(old.get(b"secret").await.unwrap().is_some());
    delete(&store, "secret").await;

    let writer = tokio::spawn({
        let store = store.clone();
        async move {
            for turn in 0..2000u32 {
                let mut transaction = store.begin().await.unwrap();
                transaction.put(format!("busy {}", turn % 50), turn.to_be_bytes().to_vec());
                transaction.commit().await.unwrap();
            }
        }
    });
    let removal = tokio::spawn({
        let store = store.clone();
        async move { store.expunge().await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(!removal.is_finished(), "the old reader may still want to see it");
    drop(old);
    assert!(removal.await.unwrap().unwrap());
    writer.await.unwrap();
    assert!(!is_on_disk(directory.path(), &secret));
    let mut transaction = store.begin().await.unwrap();
    assert_eq!(transaction.get(b"busy 49").await.unwrap().as_deref(), Some(&1999u32.to_be_bytes()[..]));
}
