//! The engine in memory with faults and crashes.
#![allow(clippy::unwrap_used, missing_docs)]

use welkin_store::{Durability, Error, Faults, KeyRange, Options, RangeOptions, Simulation, Store};

const FAULTS: Faults =
    Faults { seed: 7, conflict_rate: 0.1, error_rate: 0.1, unknown_rate: 0.2, read_error_rate: 0.05 };

/// Counts up by one, many times, with crashes; returns what happened, for comparison.
async fn run(faults: Faults) -> (Vec<String>, Store) {
    let (mut store, mut simulation) = Store::simulated(faults, Options::default());
    let mut story = Vec::new();
    let (mut acknowledged, mut unknown) = (0_u32, 0_u32);
    for step in 0..500_u32 {
        if step % 50 == 49 {
            (store, simulation) = simulation.crash();
        }
        let outcome = count_up(&store, step).await;
        match &outcome {
            Ok(()) => acknowledged += 1,
            Err(Error::CommitUnknown(_)) => unknown += 1,
            Err(Error::Conflict | Error::Unavailable(_)) => {}
            Err(error) => panic!("{error}"),
        }
        story.push(format!("{outcome:?}"));
    }
    simulation.set_faults(Faults::default());
    let rows = store.begin().await.unwrap().range(KeyRange::prefix("n/"), RangeOptions::default()).await.unwrap();
    let found = rows.len() as u32;
    assert!(acknowledged <= found && found <= acknowledged + unknown, "{acknowledged} + {unknown}: {found}");
    assert!(unknown > 0 && acknowledged > 100);
    (story, store)
}

async fn count_up(store: &Store, step: u32) -> Result<(), Error> {
    let mut transaction = store.begin().await?;
    transaction.get(b"n").await?;
    transaction.add("n", 1);
    transaction.put(format!("n/{step}"), "x");
    transaction.commit().await.map(drop)
}

#[tokio::test]
async fn acknowledged_commits_survive_and_a_seed_repeats_itself() {
    let (first, store) = run(FAULTS).await;
    let (second, again) = run(FAULTS).await;
    assert_eq!(first, second);
    let mut exports = [Vec::new(), Vec::new()];
    store.export(&mut exports[0], &[KeyRange::all()]).await.unwrap();
    again.export(&mut exports[1], &[KeyRange::all()]).await.unwrap();
    assert!(exports[0] == exports[1]);
    let (other, _) = run(Faults { seed: 8, ..FAULTS }).await;
    assert_ne!(first, other);
}

async fn put(store: &Store, key: &'static str) {
    let mut transaction = store.begin().await.unwrap();
    transaction.put(key, "x");
    transaction.commit().await.unwrap();
}

async fn keys(store: &Store) -> Vec<String> {
    let rows = store.begin().await.unwrap().range(KeyRange::all(), RangeOptions::default()).await.unwrap();
    rows.into_iter().map(|(key, _)| String::from_utf8(key.to_vec()).unwrap()).collect()
}

fn buffered() -> (Store, Simulation) {
    Store::simulated(Faults::default(), Options { durability: Durability::Buffered })
}

#[tokio::test]
async fn a_crash_takes_what_was_not_synced() {
    let (store, simulation) = buffered();
    put(&store, "a").await;
    simulation.sync();
    put(&store, "b").await;
    let mut open = store.begin().await.unwrap();
    open.put("c", "x");
    let (after, _) = simulation.crash();
    assert_eq!(keys(&after).await, ["a"]);
    assert!(matches!(open.commit().await, Err(Error::Unavailable(_))));
    assert!(matches!(store.begin().await.map(drop), Err(Error::Unavailable(_))));
}

#[tokio::test]
async fn forks_go_their_own_ways() {
    let (store, simulation) = buffered();
    put(&store, "a").await;
    let (fork, _) = simulation.fork();
    put(&store, "b").await;
    put(&fork, "c").await;
    assert_eq!(keys(&store).await, ["a", "b"]);
    assert_eq!(keys(&fork).await, ["a", "c"]);
}
