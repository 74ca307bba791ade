use crate::{engines::Engine, put, retry, row};
use bytes::Bytes;
use welkin_store::{KeyRange, RangeOptions, Transaction};

async fn keys(transaction: &mut Transaction, range: KeyRange, options: RangeOptions) -> Vec<String> {
    let rows = transaction.range(range, options).await.unwrap();
    rows.into_iter().map(|(key, _)| String::from_utf8(key.to_vec()).unwrap()).collect()
}

pub(crate) async fn both_ways_with_limits(store: &Engine) {
    for key in ["a", "b", "b1", "b2", "c", "d"] {
        put(store, key, "x").await;
    }
    let mut transaction = store.begin().await.unwrap();
    let t = &mut transaction;
    assert_eq!(keys(t, KeyRange::prefix("b"), RangeOptions::default()).await, ["b", "b1", "b2"]);
    assert_eq!(keys(t, KeyRange::prefix("b"), RangeOptions::default().reversed()).await, ["b2", "b1", "b"]);
    assert_eq!(keys(t, KeyRange::new("b", "c"), RangeOptions::limit(2)).await, ["b", "b1"]);
    assert_eq!(keys(t, KeyRange::new("b", "d"), RangeOptions::limit(2).reversed()).await, ["c", "b2"]);
    assert_eq!(keys(t, KeyRange::all(), RangeOptions::limit(100)).await.len(), 6);
    assert!(keys(t, KeyRange::all(), RangeOptions::limit(0)).await.is_empty());
    assert!(keys(t, KeyRange::new("d", "a"), RangeOptions::default()).await.is_empty());
    assert!(keys(t, KeyRange::new("b", "b"), RangeOptions::default()).await.is_empty());
    assert_eq!(keys(t, KeyRange::single(&"b1".into()), RangeOptions::default()).await, ["b1"]);
    let everything = KeyRange::new("", vec![0xff, 0xff]);
    assert_eq!(keys(t, everything, RangeOptions::default()).await.len(), 6, "the store's own keys are not seen");
}

pub(crate) async fn pending_writes_are_merged(store: &Engine) {
    for key in ["b", "d", "f", "h"] {
        put(store, key, "old").await;
    }
    let mut transaction = store.begin().await.unwrap();
    transaction.put("a", "new");
    transaction.delete("b");
    transaction.put("d", "new");
    transaction.put("e", "new");
    transaction.delete_range(KeyRange::new("f", "g"));
    transaction.put("i", "new");
    let expected = [row("a", "new"), row("d", "new"), row("e", "new"), row("h", "old"), row("i", "new")];
    for limit in 0..7 {
        let taken = limit.min(expected.len());
        let forward = transaction.range(KeyRange::all(), RangeOptions::limit(limit)).await.unwrap();
        assert_eq!(forward, expected[..taken], "limit {limit}");
        let mut backward = transaction.range(KeyRange::all(), RangeOptions::limit(limit).reversed()).await.unwrap();
        backward.reverse();
        assert_eq!(backward, expected[expected.len() - taken..], "limit {limit}");
    }
}

pub(crate) async fn long_ranges_are_whole(store: &Engine) {
    const ROWS: u32 = 3_000;
    for first in (0..ROWS).step_by(1000) {
        retry(store, async |transaction| {
            (first..first + 1000).for_each(|n| transaction.put(n.to_be_bytes().to_vec(), vec![n as u8; 100]));
            Ok(())
        })
        .await;
    }
    // More than one page by bytes.
    retry(store, async |transaction| {
        (0..60_u32).for_each(|n| transaction.put((ROWS + n).to_be_bytes().to_vec(), vec![7; 100_000]));
        Ok(())
    })
    .await;
    let numbers = |rows: Vec<(Bytes, Bytes)>| -> Vec<u32> {
        rows.iter().map(|(key, _)| u32::from_be_bytes(key.as_ref().try_into().unwrap())).collect()
    };
    let mut transaction = store.begin().await.unwrap();
    // Every other row is deleted in the transaction itself.
    (0..ROWS).step_by(2).for_each(|n| transaction.delete(n.to_be_bytes().to_vec()));
    let expected: Vec<u32> = (0..ROWS).filter(|n| n % 2 == 1).chain(ROWS..ROWS + 60).collect();
    let forward = transaction.range(KeyRange::all(), RangeOptions::default()).await.unwrap();
    assert_eq!(numbers(forward), expected);
    let backward = transaction.range(KeyRange::all(), RangeOptions::limit(1500).reversed()).await.unwrap();
    assert_eq!(numbers(backward), expected.into_iter().rev().take(1500).collect::<Vec<_>>());
}

/// Keys are put at both ends and in the middle, and taken from both ends, while old snapshots look on.
pub(crate) async fn the_ends_of_a_queue_are_found(store: &Engine) {
    let mut expected = std::collections::BTreeSet::new();
    let mut state = 7_u32;
    let mut looking_on = Vec::new();
    for step in 0..600_u32 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let reverse = state >> 8 & 1 == 1;
        let number = match state >> 9 & 3 {
            0 => 1_000_000 - step,
            1 => 1_000_000 + (state >> 16) % 600,
            _ => 1_000_000 + step,
        };
        let taken = retry(store, async |transaction| {
            let options = RangeOptions { limit: 1, reverse };
            let taken = transaction.range(KeyRange::prefix(&[0][..]), options).await?;
            if state >> 12 & 3 != 0 {
                taken.iter().for_each(|(key, _)| transaction.delete(key.clone()));
            }
            transaction.put([&[0][..], &number.to_be_bytes()].concat(), "x");
            Ok(taken)
        })
        .await;
        let end = if reverse { expected.last() } else { expected.first() };
        let number_of = |key: &Bytes| u32::from_be_bytes(key[1..].try_into().unwrap());
        assert_eq!(taken.first().map(|(key, _)| number_of(key)), end.copied(), "step {step}");
        if state >> 12 & 3 != 0 {
            expected.retain(|number| taken.iter().all(|(key, _)| number_of(key) != *number));
        }
        expected.insert(number);
        if step % 97 == 0 && !store.is_server() {
            looking_on.push((store.begin().await.unwrap(), expected.clone()));
        }
    }
    for (mut transaction, expected) in looking_on {
        for reverse in [false, true] {
            let rows = transaction
                .range(KeyRange::prefix(&[0][..]), RangeOptions { limit: usize::MAX, reverse })
                .await
                .unwrap();
            assert_eq!(rows.len(), expected.len());
        }
    }
}
