use crate::{all, engines::Engine};
use bytes::Bytes;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use std::collections::BTreeMap;
use welkin_store::{Error, KeyRange, RangeOptions, Transaction};

#[derive(Debug, Clone)]
enum Step {
    Put(Vec<u8>, Vec<u8>),
    Delete(Vec<u8>),
    DeleteRange(Vec<u8>, Vec<u8>),
    Add(Vec<u8>, i64),
    Get(Vec<u8>),
    Range(Vec<u8>, Vec<u8>, usize, bool),
    Savepoint,
    Rollback(usize),
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop_oneof![Just(0_u8), 1..4_u8, Just(0xfe)], 1..4)
}

fn step() -> impl Strategy<Value = Step> {
    let value = prop_oneof![
        Just(vec![0xff]),
        Just(vec![1; 8]),
        prop::collection::vec(any::<u8>(), 0..12),
        Just(vec![9; 200_000])
    ];
    prop_oneof![
        4 => (key(), value).prop_map(|(key, value)| Step::Put(key, value)),
        2 => key().prop_map(Step::Delete),
        1 => (key(), key()).prop_map(|(from, to)| Step::DeleteRange(from, to)),
        1 => (key(), -3..3_i64).prop_map(|(key, delta)| Step::Add(key, delta)),
        2 => key().prop_map(Step::Get),
        3 => (key(), key(), 0..6_usize, any::<bool>()).prop_map(|(from, to, limit, reverse)| {
            Step::Range(from, to, if limit == 5 { usize::MAX } else { limit }, reverse)
        }),
        1 => Just(Step::Savepoint),
        1 => (0..3_usize).prop_map(Step::Rollback),
    ]
}

type Map = BTreeMap<Vec<u8>, Vec<u8>>;

/// Adds to the model. `None` if there is no number to add to: the store would refuse the transaction.
fn add(map: &mut Map, key: &[u8], delta: i64) -> Option<()> {
    let old = match map.get(key) {
        None => 0,
        Some(value) => i64::from_le_bytes(value.as_slice().try_into().ok()?),
    };
    map.insert(key.to_vec(), old.wrapping_add(delta).to_le_bytes().to_vec());
    Some(())
}

async fn run(transaction: &mut Transaction, map: &mut Map, steps: &[Step]) {
    let mut savepoints = Vec::new();
    for step in steps {
        match step.clone() {
            Step::Put(key, value) => {
                map.insert(key.clone(), value.clone());
                transaction.put(key, value);
            }
            Step::Delete(key) => {
                map.remove(&key);
                transaction.delete(key);
            }
            Step::DeleteRange(from, to) => {
                map.retain(|key, _| !(from <= *key && *key < to));
                transaction.delete_range(KeyRange::new(from, to));
            }
            Step::Add(key, delta) => {
                if add(map, &key, delta).is_some() {
                    transaction.add(key, delta);
                }
            }
            Step::Get(key) => {
                let found = transaction.get(&key).await.unwrap();
                assert_eq!(found.as_deref(), map.get(&key).map(Vec::as_slice), "{steps:?}");
            }
            Step::Range(from, to, limit, reverse) => {
                let found = transaction.range(KeyRange::new(from.clone(), to.clone()), RangeOptions { limit, reverse });
                let found: Vec<(Bytes, Bytes)> = found.await.unwrap();
                let inside = map.iter().filter(|(key, _)| from <= **key && **key < to);
                let mut inside: Vec<_> = inside.map(|(key, value)| (key.as_slice(), value.as_slice())).collect();
                if reverse {
                    inside.reverse();
                }
                inside.truncate(limit);
                assert!(found.iter().map(|(key, value)| (key.as_ref(), value.as_ref())).eq(inside), "{steps:?}");
            }
            Step::Savepoint => savepoints.push((transaction.savepoint(), map.clone())),
            Step::Rollback(back) => {
                savepoints.truncate(savepoints.len().saturating_sub(back));
                if let Some((savepoint, saved)) = savepoints.last() {
                    transaction.rollback_to(*savepoint).unwrap();
                    *map = saved.clone();
                }
            }
        }
    }
}

/// Transactions of random steps, one after the other, against a map.
pub(crate) async fn random_transactions_agree_with_a_map(store: &Engine) {
    let mut runner = TestRunner::deterministic();
    let strategy = prop::collection::vec(step(), 0..25);
    let mut map = Map::new();
    for _ in 0..120 {
        let steps = strategy.new_tree(&mut runner).unwrap().current();
        let mut transaction = store.begin().await.unwrap();
        let mut after = map.clone();
        run(&mut transaction, &mut after, &steps).await;
        match transaction.commit().await {
            Ok(_) => map = after,
            Err(Error::TransactionTooLarge(_)) => {}
            Err(error) => panic!("{error}: {steps:?}"),
        }
        let rows = all(&mut store.begin().await.unwrap()).await;
        assert!(rows.iter().map(|(k, v)| (k.as_ref(), v.as_ref())).eq(map.iter().map(|(k, v)| (&k[..], &v[..]))));
    }
    assert!(!map.is_empty());
}
