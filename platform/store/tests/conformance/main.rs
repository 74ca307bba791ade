//! One suite, run on every engine.
//!
//! PostgreSQL is a private cluster made from the binaries of the `postgresql` package, or the server at
//! `WELKIN_TEST_POSTGRES` (a URL without a database name, whose user may create databases).
#![allow(clippy::unwrap_used, missing_docs)]

mod bank;
mod commits;
mod counters;
mod engines;
mod isolation;
mod limits;
mod model;
mod postgres;
mod ranges;
mod savepoints;
mod stamps;
mod transfer;
mod watches;

use bytes::Bytes;
use welkin_store::{Error, KeyRange, RangeOptions, Store, Transaction};

/// Runs each test on each engine.
macro_rules! on_every_engine {
    ($($module:ident::$test:ident),* $(,)?) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let engine = crate::engines::memory().await;
                crate::$module::$test(&engine).await;
            })*
        }
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let engine = crate::engines::embedded().await;
                crate::$module::$test(&engine).await;
            })*
        }
        mod postgresql {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let engine = crate::engines::postgres().await;
                crate::$module::$test(&engine).await;
            })*
        }
    };
}

on_every_engine! {
    bank::transfers_keep_the_sum,
    commits::what_is_committed_is_there_and_nothing_else,
    commits::a_transaction_reads_its_own_writes,
    commits::blind_writes_do_not_conflict,
    commits::values_of_every_length_survive,
    commits::long_values_leave_nothing_behind,
    commits::clearing_takes_any_number_of_keys,
    counters::additions_add_up,
    counters::a_transaction_sees_its_additions,
    counters::only_integers_can_be_added_to,
    counters::concurrent_additions_lose_nothing,
    isolation::snapshots_do_not_move,
    isolation::lost_updates_conflict,
    isolation::write_skew_conflicts,
    isolation::phantoms_conflict,
    isolation::deletions_conflict_with_reads,
    isolation::the_read_only_anomaly_does_not_happen,
    isolation::readers_do_not_conflict,
    isolation::a_limited_range_depends_on_what_it_returned,
    limits::too_much_is_refused_and_nothing_is_written,
    model::random_transactions_agree_with_a_map,
    ranges::both_ways_with_limits,
    ranges::pending_writes_are_merged,
    ranges::long_ranges_are_whole,
    ranges::the_ends_of_a_queue_are_found,
    savepoints::writes_are_taken_back,
    savepoints::of_other_places_are_refused,
    stamps::are_unique_and_increase,
    stamps::order_keys_as_they_were_committed,
    transfer::an_export_is_imported_elsewhere,
    transfer::an_export_is_of_one_moment,
    transfer::damage_is_noticed,
    watches::wake_after_commits,
    watches::no_change_is_missed,
}

/// Every row of the store.
async fn rows(store: &Store) -> Vec<(Bytes, Bytes)> {
    all(&mut store.begin().await.unwrap()).await
}

async fn all(transaction: &mut Transaction) -> Vec<(Bytes, Bytes)> {
    transaction.range(KeyRange::all(), RangeOptions::default()).await.unwrap()
}

async fn put(store: &Store, key: &'static str, value: &'static str) {
    loop {
        let mut transaction = store.begin().await.unwrap();
        transaction.put(key, value);
        match transaction.commit().await {
            Err(Error::Conflict) => {}
            result => return assert!(result.unwrap().stamp.is_some()),
        }
    }
}

async fn get(store: &Store, key: &str) -> Option<Bytes> {
    store.begin().await.unwrap().get(key.as_bytes()).await.unwrap()
}

fn row(key: &'static str, value: &'static str) -> (Bytes, Bytes) {
    (Bytes::from_static(key.as_bytes()), Bytes::from_static(value.as_bytes()))
}

/// Runs `body` until it does not conflict.
async fn retry<T>(store: &Store, body: impl AsyncFn(&mut Transaction) -> Result<T, Error>) -> T {
    loop {
        let mut transaction = store.begin().await.unwrap();
        let result = match body(&mut transaction).await {
            Ok(value) => transaction.commit().await.map(|_| value),
            Err(error) => Err(error),
        };
        match result {
            Err(Error::Conflict) => {}
            result => return result.unwrap(),
        }
    }
}
