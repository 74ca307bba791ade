use crate::{engines::Engine, rows};
use welkin_store::{
    Error, KeyRange, Transaction,
    limits::{KEY_BYTES, TRANSACTION_BYTES, VALUE_BYTES},
};

pub(crate) async fn too_much_is_refused_and_nothing_is_written(store: &Engine) {
    type Case = (&'static str, fn(&mut Transaction), fn(&Error) -> bool);
    let cases: [Case; 8] = [
        ("empty key", |t| t.put("", "x"), |e| matches!(e, Error::InvalidKey(_))),
        ("long key", |t| t.put(vec![1; KEY_BYTES + 1], "x"), |e| matches!(e, Error::InvalidKey(_))),
        ("reserved key", |t| t.delete(vec![0xff, 1]), |e| matches!(e, Error::InvalidKey(_))),
        (
            "reserved range",
            |t| t.delete_range(KeyRange::new("a", [0xff, 0xff].to_vec())),
            |e| matches!(e, Error::InvalidKey(_)),
        ),
        (
            "long stamped key",
            |t| t.put_stamped("a", vec![1; KEY_BYTES - 10], "x"),
            |e| matches!(e, Error::InvalidKey(_)),
        ),
        (
            "long value",
            |t| t.put("a", vec![1; VALUE_BYTES + 1]),
            |e| matches!(e, Error::ValueTooLarge(len) if *len == VALUE_BYTES + 1),
        ),
        (
            "long stamped value",
            |t| t.put_stamped("a", "", vec![1; VALUE_BYTES + 1]),
            |e| matches!(e, Error::ValueTooLarge(_)),
        ),
        (
            "large transaction",
            |t| {
                (0..=(TRANSACTION_BYTES / 1_000_000) as u32)
                    .for_each(|n| t.put(n.to_be_bytes().to_vec(), vec![1; 1_000_000]))
            },
            |e| matches!(e, Error::TransactionTooLarge(_)),
        ),
    ];
    for (name, write, expected) in cases {
        let mut transaction = store.begin().await.unwrap();
        transaction.put("fine", "x");
        write(&mut transaction);
        let error = transaction.commit().await.unwrap_err();
        assert!(expected(&error), "{name}: {error:?}");
        assert!(!error.to_string().is_empty());
    }
    assert_eq!(rows(store).await, []);
    let mut transaction = store.begin().await.unwrap();
    transaction.put(vec![1; KEY_BYTES], vec![2; VALUE_BYTES]);
    transaction.commit().await.unwrap();
    assert_eq!(rows(store).await.len(), 1, "the limits themselves are allowed");
    assert_eq!(store.begin().await.unwrap().get(b"").await.unwrap(), None, "an empty key can be asked for");
}
