use crate::{engines::Engine, rows};
use std::collections::BTreeSet;
use welkin_store::{Error, KeyRange, RangeOptions, Stamp, Store};

async fn append(store: &Store, log: &'static str, entries: u16) -> Stamp {
    loop {
        let mut transaction = store.begin().await.unwrap();
        (0..entries).for_each(|entry| transaction.put_stamped(log, entry.to_be_bytes().to_vec(), "x"));
        match transaction.commit().await {
            Err(Error::Conflict) => {}
            committed => return committed.unwrap().stamp.unwrap(),
        }
    }
}

pub(crate) async fn are_unique_and_increase(store: &Engine) {
    let nothing = store.begin().await.unwrap().commit().await.unwrap();
    assert_eq!(nothing.stamp, None);
    let mut last = None;
    let mut expected = Vec::new();
    for entries in [1, 3, 2] {
        let stamp = append(store, "log/", entries).await;
        assert!(Some(stamp) > last);
        last = Some(stamp);
        for entry in 0..entries {
            expected.push([b"log/".as_slice(), stamp.at(entry).as_bytes(), &entry.to_be_bytes()].concat());
        }
    }
    let keys: Vec<Vec<u8>> = rows(store).await.into_iter().map(|(key, _)| key.to_vec()).collect();
    assert_eq!(keys, expected);
}

/// Who reads a log from where it last stopped misses nothing, though many write.
pub(crate) async fn order_keys_as_they_were_committed(store: &Engine) {
    const WRITERS: usize = 4;
    const TIMES: usize = 25;
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let store = (**store).clone();
            tokio::spawn(async move {
                let mut stamps = BTreeSet::new();
                for _ in 0..TIMES {
                    stamps.insert(append(&store, "log/", 1).await);
                }
                stamps
            })
        })
        .collect();
    let mut seen = Vec::new();
    let mut position = KeyRange::prefix("log/");
    while seen.len() < WRITERS * TIMES {
        let mut transaction = store.begin().await.unwrap();
        let rows = transaction.range_snapshot(position.clone(), RangeOptions::default()).await;
        let Ok(rows) = rows else { continue };
        if let Some((last, _)) = rows.last() {
            position.start = [last.as_ref(), &[0]].concat().into();
        }
        seen.extend(rows.into_iter().map(|(key, _)| key));
        tokio::task::yield_now().await;
    }
    let mut stamps = BTreeSet::new();
    for writer in writers {
        stamps.extend(writer.await.unwrap());
    }
    assert_eq!(stamps.len(), WRITERS * TIMES, "every stamp is unique");
    let expected: Vec<Vec<u8>> =
        stamps.iter().map(|stamp| [b"log/".as_slice(), stamp.as_bytes(), &[0, 0]].concat()).collect();
    assert_eq!(seen, expected);
}
