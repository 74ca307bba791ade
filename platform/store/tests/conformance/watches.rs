use crate::{engines::Engine, get, put, retry};
use std::time::Duration;
use tokio::time::timeout;
use welkin_store::{KeyRange, Watched};

const SOON: Duration = Duration::from_secs(5);

pub(crate) async fn wake_after_commits(store: &Engine) {
    // A watch may wake without a change, which the courier of a server makes use of when it starts.
    let mut watch = store.watch(&[Watched::key("a"), Watched::prefix("p/")]);
    if store.is_server() {
        timeout(SOON, watch.changed()).await.unwrap();
    }
    // On a busy machine the courier is still starting.
    for _ in 0..10 {
        put(store, "b", "x").await;
        put(store, "aa", "x").await;
        if !(store.is_server() && watch.has_changed()) {
            break;
        }
        timeout(SOON, watch.changed()).await.unwrap();
    }
    assert!(!watch.has_changed());
    put(store, "a", "x").await;
    timeout(SOON, watch.changed()).await.unwrap();
    assert!(!watch.has_changed());
    put(store, "p/1", "x").await;
    timeout(SOON, watch.changed()).await.unwrap();
    let mut forgotten = store.begin().await.unwrap();
    forgotten.put("a", "never");
    drop(forgotten);
    assert!(!watch.has_changed(), "nothing was committed");
    for change in 0..4 {
        retry(store, async |transaction| {
            match change {
                0 => transaction.delete("a"),
                1 => transaction.delete_range(KeyRange::prefix("p/")),
                2 => transaction.add("p/n", 1),
                _ => transaction.put_stamped("p/s", "", "x"),
            }
            Ok(())
        })
        .await;
        timeout(SOON, watch.changed()).await.unwrap_or_else(|_| panic!("change {change}"));
    }
    if store.is_server() {
        let other = welkin_store::Store::open(&store.location).await.unwrap();
        put(&other, "a", "from another process, as it were").await;
        timeout(SOON, watch.changed()).await.unwrap();
        assert_eq!(get(store, "a").await.unwrap(), "from another process, as it were");
    }
}

/// A watch made before the read wakes for every change that the read did not see.
pub(crate) async fn no_change_is_missed(store: &Engine) {
    const CHANGES: u32 = 100;
    let reader = {
        let store = (**store).clone();
        tokio::spawn(async move {
            let mut last = None;
            while last != Some(CHANGES) {
                let mut watch = store.watch(&[Watched::key("n")]);
                let value = get(&store, "n").await.map(|value| u32::from_be_bytes(value.as_ref().try_into().unwrap()));
                assert!(value >= last);
                if value == last {
                    timeout(SOON, watch.changed()).await.expect("a change was missed");
                }
                last = value;
            }
        })
    };
    for number in 1..=CHANGES {
        retry(store, async |transaction| {
            transaction.put("n", number.to_be_bytes().to_vec());
            Ok(())
        })
        .await;
    }
    reader.await.unwrap();
}
