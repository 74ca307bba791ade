use crate::{all, engines::Engine, put, rows};
use welkin_store::{Error, KeyRange, RangeOptions, Transaction};

async fn commits(transaction: Transaction) -> bool {
    match transaction.commit().await {
        Ok(_) => true,
        Err(Error::Conflict) => false,
        Err(error) => panic!("{error}"),
    }
}

pub(crate) async fn snapshots_do_not_move(store: &Engine) {
    put(store, "a", "1").await;
    put(store, "b", "1").await;
    let mut reader = store.begin().await.unwrap();
    assert_eq!(reader.get(b"a").await.unwrap().unwrap(), "1");
    put(store, "a", "2").await;
    put(store, "b", "2").await;
    put(store, "c", "2").await;
    assert_eq!(reader.get(b"a").await.unwrap().unwrap(), "1");
    assert_eq!(reader.get(b"b").await.unwrap().unwrap(), "1");
    assert_eq!(reader.get(b"c").await.unwrap(), None);
    assert_eq!(all(&mut reader).await.len(), 2);
    assert!(commits(reader).await, "who only reads does not conflict");
}

pub(crate) async fn lost_updates_conflict(store: &Engine) {
    put(store, "n", "0").await;
    let mut first = store.begin().await.unwrap();
    let mut second = store.begin().await.unwrap();
    first.get(b"n").await.unwrap();
    second.get(b"n").await.unwrap();
    first.put("n", "first");
    second.put("n", "second");
    assert!(commits(first).await);
    assert!(!commits(second).await);
    assert_eq!(rows(store).await[0].1, "first");
}

pub(crate) async fn write_skew_conflicts(store: &Engine) {
    put(store, "alice", "on call").await;
    put(store, "bob", "on call").await;
    let mut alice = store.begin().await.unwrap();
    let mut bob = store.begin().await.unwrap();
    for transaction in [&mut alice, &mut bob] {
        assert_eq!(transaction.get(b"alice").await.unwrap().unwrap(), "on call");
        assert_eq!(transaction.get(b"bob").await.unwrap().unwrap(), "on call");
    }
    alice.put("alice", "off");
    bob.put("bob", "off");
    let both = [commits(alice).await, commits(bob).await];
    assert_eq!(both.iter().filter(|committed| **committed).count(), 1, "somebody stays on call");
}

pub(crate) async fn phantoms_conflict(store: &Engine) {
    let range = || KeyRange::prefix("booking/");
    let mut first = store.begin().await.unwrap();
    let mut second = store.begin().await.unwrap();
    assert!(first.range(range(), RangeOptions::default()).await.unwrap().is_empty());
    assert!(second.range(range(), RangeOptions::limit(1).reversed()).await.unwrap().is_empty());
    first.put("booking/1", "first");
    second.put("booking/2", "second");
    let both = [commits(first).await, commits(second).await];
    assert_eq!(both.iter().filter(|committed| **committed).count(), 1);
    assert_eq!(rows(store).await.len(), 1);
}

pub(crate) async fn deletions_conflict_with_reads(store: &Engine) {
    put(store, "a", "1").await;
    put(store, "b", "1").await;
    for single in [true, false] {
        let mut reader = store.begin().await.unwrap();
        assert_eq!(reader.get(if single { b"a" } else { b"b" }).await.unwrap().unwrap(), "1");
        let mut deleter = store.begin().await.unwrap();
        match single {
            true => deleter.delete("a"),
            false => deleter.delete_range(KeyRange::prefix("b")),
        }
        // On a server the reader has to do something that the deleter depends on.
        if store.is_server() {
            deleter.get(b"seen").await.unwrap();
        }
        reader.put("seen", "1");
        let both = [commits(deleter).await, commits(reader).await];
        assert!(!(both[0] && both[1]), "single: {single}");
        put(store, "a", "1").await;
        put(store, "b", "1").await;
    }
}

/// Fekete, O'Neil, O'Neil: A Read-Only Transaction Anomaly Under Snapshot Isolation (2004). Two accounts hold 0;
/// one transaction withdraws 10 with a fee of 1 if the sum goes below zero, one deposits 20, one prints both.
/// Who prints the deposit before the withdrawal must not see a fee charged.
pub(crate) async fn the_read_only_anomaly_does_not_happen(store: &Engine) {
    put(store, "x", "0").await;
    put(store, "y", "0").await;
    let mut withdraw = store.begin().await.unwrap();
    assert_eq!(withdraw.get(b"x").await.unwrap().unwrap(), "0");
    assert_eq!(withdraw.get(b"y").await.unwrap().unwrap(), "0");
    let mut deposit = store.begin().await.unwrap();
    assert_eq!(deposit.get(b"y").await.unwrap().unwrap(), "0");
    deposit.put("y", "20");
    assert!(commits(deposit).await);
    let mut print = store.begin().await.unwrap();
    let x = print.get(b"x").await.unwrap().unwrap();
    let y = print.get(b"y").await.unwrap().unwrap();
    let printed = commits(print).await;
    withdraw.put("x", "-11");
    let withdrawn = commits(withdraw).await;
    assert!(!(printed && withdrawn), "printed {x:?} and {y:?}, then the fee was charged");
}

pub(crate) async fn readers_do_not_conflict(store: &Engine) {
    put(store, "a", "1").await;
    let mut transaction = store.begin().await.unwrap();
    transaction.get_snapshot(b"a").await.unwrap();
    transaction.range_snapshot(KeyRange::all(), RangeOptions::default()).await.unwrap();
    put(store, "a", "2").await;
    put(store, "b", "2").await;
    transaction.put("z", "written");
    assert!(commits(transaction).await, "a snapshot read is no dependence");
    let mut transaction = store.begin().await.unwrap();
    transaction.get(b"a").await.unwrap();
    put(store, "b", "3").await;
    transaction.put("z", "written again");
    assert!(commits(transaction).await, "nothing it read has changed");
}

pub(crate) async fn a_limited_range_depends_on_what_it_returned(store: &Engine) {
    if store.is_server() {
        // PostgreSQL locks pages of the index, which may hold more.
        return snapshots_do_not_move(store).await;
    }
    for key in ["a", "c", "e", "g"] {
        put(store, key, "1").await;
    }
    for (written, reverse, conflicts) in
        [("b", false, true), ("d", false, false), ("f", true, true), ("d", true, false), ("c", false, true)]
    {
        let mut transaction = store.begin().await.unwrap();
        let options = RangeOptions { limit: 2, reverse };
        let read = transaction.range(KeyRange::all(), options).await.unwrap();
        assert_eq!(read.len(), 2);
        put(store, written, "2").await;
        transaction.put("z", "written");
        assert_eq!(!commits(transaction).await, conflicts, "{written}, reverse: {reverse}");
        store.clear(KeyRange::all()).await.unwrap();
        for key in ["a", "c", "e", "g"] {
            put(store, key, "1").await;
        }
    }
}
