//! What can be in the way of opening a store, and that closing it lets go of it.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{fs, time::Instant};
use welkin_store::{Durability, KeyRange, Location, Options, RangeOptions, Store};

fn directory() -> (tempfile::TempDir, Location) {
    let directory = tempfile::tempdir().unwrap();
    let location = Location::Directory(directory.path().join("data"));
    (directory, location)
}

async fn put(store: &Store, key: &'static str) {
    let mut transaction = store.begin().await.unwrap();
    transaction.put(key, "x");
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_directory_in_use_is_refused_until_it_is_closed() {
    let (_directory, location) = directory();
    let store = Store::open(&location).await.unwrap();
    let error = Store::open(&location).await.map(drop).unwrap_err();
    assert!(error.message.contains("in use"), "{error}");
    assert!(error.hint.contains("stop the other process"), "{error}");
    let transaction = store.begin().await.unwrap();
    drop(store);
    assert!(Store::open(&location).await.is_err(), "an open transaction keeps it open");
    drop(transaction);
    Store::open(&location).await.unwrap();
}

#[tokio::test]
async fn data_and_stamps_go_on_after_a_restart() {
    let (_directory, location) = directory();
    let mut last = None;
    for round in 0..4_u8 {
        let durability = if round == 2 { Durability::Buffered } else { Durability::Fsync };
        let store = Store::open_with(&location, Options { durability }).await.unwrap();
        let mut transaction = store.begin().await.unwrap();
        transaction.put(vec![round], vec![round; 200_000]);
        let stamp = transaction.commit().await.unwrap().stamp;
        assert!(stamp > last);
        last = stamp;
        let rows = store.begin().await.unwrap().range(KeyRange::all(), RangeOptions::default()).await.unwrap();
        assert_eq!(rows.len(), usize::from(round) + 1);
        assert!(rows.iter().all(|(key, value)| *value == vec![key[0]; 200_000]));
    }
}

#[tokio::test]
async fn newer_data_is_refused() {
    let (directory, location) = directory();
    put(&Store::open(&location).await.unwrap(), "a").await;
    let marker = directory.path().join("data/kv/version");
    let mut version = fs::read(&marker).unwrap();
    version[3] += 1;
    fs::write(&marker, &version).unwrap();
    let error = Store::open(&location).await.map(drop).unwrap_err();
    assert!(error.message.contains("newer version"), "{error}");
    version[3] -= 1;
    fs::write(&marker, version).unwrap();
    Store::open(&location).await.unwrap();
}

#[tokio::test]
async fn an_interrupted_creation_is_begun_again() {
    let (directory, location) = directory();
    let data = directory.path().join("data/kv");
    fs::create_dir_all(data.join("keyspaces")).unwrap();
    fs::write(data.join("0.jnl"), [0; 100]).unwrap();
    put(&Store::open(&location).await.unwrap(), "a").await;
}

#[tokio::test]
async fn what_cannot_be_a_directory_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "x").unwrap();
    let error = Store::open(&Location::Directory(file)).await.map(drop).unwrap_err();
    assert!(!error.message.is_empty() && !error.detail.is_empty() && !error.hint.is_empty(), "{error:?}");
}

#[tokio::test]
async fn an_unreachable_server_is_refused_with_a_hint_and_without_the_password() {
    for url in ["postgres://me:hidden@127.0.0.1:1/db", "postgres://me:hidden@127.0.0.1:1/db?sslmode=require"] {
        let begun = Instant::now();
        let error = Store::open(&Location::parse(url).unwrap()).await.map(drop).unwrap_err();
        assert!(!error.hint.is_empty(), "{error:?}");
        assert!(!error.to_string().contains("hidden"), "{error}");
        assert!(begun.elapsed().as_secs() < 5);
    }
    assert!(Store::open(&Location::parse("postgres://[::").unwrap()).await.is_err());
}
