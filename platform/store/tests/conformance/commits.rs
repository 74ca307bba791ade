use crate::{engines::Engine, get, put, retry, row, rows};
use bytes::Bytes;
use welkin_store::{
    Error, KeyRange,
    limits::{CHUNK_BYTES, VALUE_BYTES},
};

pub(crate) async fn what_is_committed_is_there_and_nothing_else(store: &Engine) {
    let mut transaction = store.begin().await.unwrap();
    transaction.put("a", "1");
    transaction.put("b", "2");
    assert_eq!(get(store, "a").await, None, "before the commit");
    transaction.commit().await.unwrap();
    let mut forgotten = store.begin().await.unwrap();
    forgotten.put("c", "3");
    drop(forgotten);
    let mut transaction = store.begin().await.unwrap();
    transaction.delete("a");
    transaction.delete("never there");
    transaction.put("b", "22");
    transaction.commit().await.unwrap();
    assert_eq!(rows(store).await, [row("b", "22")]);
}

pub(crate) async fn a_transaction_reads_its_own_writes(store: &Engine) {
    put(store, "a", "old").await;
    put(store, "b", "old").await;
    let mut transaction = store.begin().await.unwrap();
    transaction.put("a", "new");
    assert_eq!(transaction.get(b"a").await.unwrap().unwrap(), "new");
    transaction.delete("a");
    assert_eq!(transaction.get(b"a").await.unwrap(), None);
    transaction.put("a", "newer");
    transaction.delete_range(KeyRange::prefix("b"));
    transaction.put("b2", "in the cleared range");
    assert_eq!(transaction.get(b"b").await.unwrap(), None);
    assert_eq!(transaction.get(b"b2").await.unwrap().unwrap(), "in the cleared range");
    transaction.commit().await.unwrap();
    assert_eq!(rows(store).await, [row("a", "newer"), row("b2", "in the cleared range")]);
}

pub(crate) async fn blind_writes_do_not_conflict(store: &Engine) {
    let mut first = store.begin().await.unwrap();
    let mut second = store.begin().await.unwrap();
    first.put("a", "1");
    second.put("a", "2");
    second.commit().await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(get(store, "a").await.unwrap(), "1");
}

pub(crate) async fn values_of_every_length_survive(store: &Engine) {
    for len in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 300_000, VALUE_BYTES] {
        for first in [0x00, 0xff] {
            let mut value: Vec<u8> = (0..len).map(|at| (at ^ at >> 7) as u8).collect();
            if let Some(byte) = value.first_mut() {
                *byte = first;
            }
            let mut transaction = store.begin().await.unwrap();
            transaction.put("value", value.clone());
            transaction.put("values", "behind it");
            assert_eq!(transaction.get(b"value").await.unwrap().unwrap(), value);
            transaction.commit().await.unwrap();
            assert!(get(store, "value").await.unwrap() == value, "{len} bytes");
            let rows = rows(store).await;
            assert_eq!(rows.len(), 2, "{len} bytes");
            assert!(rows[0].1 == value && rows[1].1 == "behind it", "{len} bytes");
        }
    }
}

pub(crate) async fn long_values_leave_nothing_behind(store: &Engine) {
    let long = |byte: u8, len: usize| Bytes::from(vec![byte; len]);
    for step in 0..4 {
        retry(store, async |transaction| {
            match step {
                0 => transaction.put("a", long(1, 5 * CHUNK_BYTES)),
                1 => transaction.put("a", long(2, 2 * CHUNK_BYTES)),
                2 => transaction.put("a", "short"),
                _ => transaction.put("a", long(3, 3 * CHUNK_BYTES)),
            }
            Ok(())
        })
        .await;
        let value = get(store, "a").await.unwrap();
        let expected = [long(1, 5 * CHUNK_BYTES), long(2, 2 * CHUNK_BYTES), "short".into(), long(3, 3 * CHUNK_BYTES)];
        assert!(value == expected[step], "step {step}");
    }
    retry(store, async |transaction| {
        transaction.delete_range(KeyRange::all());
        Ok(())
    })
    .await;
    assert_eq!(rows(store).await, []);
}

pub(crate) async fn clearing_takes_any_number_of_keys(store: &Engine) {
    for first in 0..3_u32 {
        retry(store, async |transaction| {
            for key in first * 400..(first + 1) * 400 {
                transaction.put(key.to_be_bytes().to_vec(), "x");
            }
            Ok(())
        })
        .await;
    }
    put(store, "kept", "y").await;
    store.clear(KeyRange::new(1_u32.to_be_bytes().to_vec(), "a")).await.unwrap();
    assert_eq!(rows(store).await, [(Bytes::from_static(&[0; 4]), "x".into()), row("kept", "y")]);
    let refused = store.clear(KeyRange::new("a", vec![0xff, 1])).await;
    assert!(matches!(refused, Err(Error::InvalidKey(_))), "{refused:?}");
}
