use crate::{all, engines::Engine, get, put, retry};
use bytes::Bytes;
use welkin_store::{Error, KeyRange};

fn number(value: i64) -> Bytes {
    Bytes::copy_from_slice(&value.to_le_bytes())
}

pub(crate) async fn additions_add_up(store: &Engine) {
    for delta in [5, -7, i64::MAX, 2, 255] {
        retry(store, async |transaction| {
            transaction.add("n", delta);
            Ok(())
        })
        .await;
    }
    assert_eq!(get(store, "n").await.unwrap(), number(i64::MAX.wrapping_add(255)));
}

pub(crate) async fn a_transaction_sees_its_additions(store: &Engine) {
    retry(store, async |transaction| {
        transaction.put("n", number(10));
        Ok(())
    })
    .await;
    let mut transaction = store.begin().await.unwrap();
    transaction.add("n", 1);
    transaction.add("n", 2);
    transaction.add("new", -1);
    assert_eq!(transaction.get(b"n").await.unwrap().unwrap(), number(13));
    assert_eq!(all(&mut transaction).await, [("n".into(), number(13)), ("new".into(), number(-1))]);
    transaction.delete("n");
    transaction.add("n", 4);
    transaction.delete_range(KeyRange::prefix("new"));
    transaction.add("new", 8);
    transaction.add("new", 8);
    transaction.commit().await.unwrap();
    assert_eq!(get(store, "n").await.unwrap(), number(4));
    assert_eq!(get(store, "new").await.unwrap(), number(16));
}

pub(crate) async fn only_integers_can_be_added_to(store: &Engine) {
    put(store, "text", "seven b").await;
    let mut transaction = store.begin().await.unwrap();
    transaction.add("text", 1);
    transaction.put("other", "x");
    assert!(matches!(transaction.get(b"text").await, Err(Error::NotAnInteger)));
    assert!(matches!(transaction.commit().await, Err(Error::NotAnInteger)));
    let mut transaction = store.begin().await.unwrap();
    transaction.put("other", "x");
    transaction.add("other", 1);
    assert!(matches!(transaction.commit().await, Err(Error::NotAnInteger)));
    assert_eq!(get(store, "text").await.unwrap(), "seven b");
    assert_eq!(get(store, "other").await, None);
}

pub(crate) async fn concurrent_additions_lose_nothing(store: &Engine) {
    const TASKS: i64 = 8;
    const TIMES: i64 = 25;
    let tasks = (0..TASKS).map(|_| {
        let (store, server) = ((**store).clone(), store.is_server());
        tokio::spawn(async move {
            for _ in 0..TIMES {
                loop {
                    let mut transaction = store.begin().await.unwrap();
                    transaction.add("n", 3);
                    match transaction.commit().await {
                        Err(Error::Conflict) => assert!(server, "additions conflict"),
                        result => break assert!(result.unwrap().stamp.is_some()),
                    }
                }
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_eq!(get(store, "n").await.unwrap(), number(TASKS * TIMES * 3));
}
