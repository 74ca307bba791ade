use crate::{engines, engines::Engine, put, retry, rows};
use welkin_store::{Error, KeyRange};

async fn filled(store: &Engine) -> Vec<u8> {
    retry(store, async |transaction| {
        (0..500_u32).for_each(|n| transaction.put(n.to_be_bytes().to_vec(), vec![n as u8; 700]));
        transaction.put("long", vec![0xff; 1_000_000]);
        transaction.put("other", "not asked for");
        transaction.put_stamped("stamped/", "", "x");
        Ok(())
    })
    .await;
    let mut export = Vec::new();
    let ranges = [KeyRange::new("", "m"), KeyRange::prefix("stamped/")];
    assert_eq!(store.export(&mut export, &ranges).await.unwrap(), 502);
    export
}

pub(crate) async fn an_export_is_imported_elsewhere(store: &Engine) {
    let export = filled(store).await;
    let mut expected = rows(store).await;
    expected.retain(|(key, _)| key != "other");
    for target in [engines::memory().await, engines::embedded().await] {
        put(&target, "kept", "as it was").await;
        put(&target, "long", "replaced").await;
        let imported = target.import(&mut export.as_slice()).await.unwrap();
        assert_eq!(imported.records, 502);
        let mut found = rows(&target).await;
        found.retain(|(key, _)| key != "kept");
        assert!(found == expected);
        let mut transaction = target.begin().await.unwrap();
        transaction.put_stamped("stamped/", "", "later");
        transaction.commit().await.unwrap();
        assert_eq!(rows(&target).await.last().unwrap().1, "later", "a later stamp is greater than an imported one");
    }
    store.clear(KeyRange::all()).await.unwrap();
    store.import(&mut export.as_slice()).await.unwrap();
    assert!(rows(store).await == expected, "back into the same store");
}

pub(crate) async fn an_export_is_of_one_moment(store: &Engine) {
    let writer = {
        let store = (**store).clone();
        tokio::spawn(async move {
            for round in 0..60_u8 {
                loop {
                    let mut transaction = store.begin().await.unwrap();
                    (0..50_u8).for_each(|key| transaction.put(vec![key + 1], vec![round; 2_000]));
                    match transaction.commit().await {
                        Err(Error::Conflict) => {}
                        result => break assert!(result.unwrap().stamp.is_some()),
                    }
                }
            }
        })
    };
    let mut exports = 0;
    while !writer.is_finished() || exports == 0 {
        let mut export = Vec::new();
        match store.export(&mut export, &[KeyRange::all()]).await {
            Err(Error::Conflict) => continue,
            result => drop(result.unwrap()),
        }
        let target = engines::memory().await;
        target.import(&mut export.as_slice()).await.unwrap();
        let rows = rows(&target).await;
        assert!(rows.len() == 50 || rows.is_empty());
        assert!(rows.iter().all(|(_, value)| value == &rows[0].1));
        exports += 1;
    }
    writer.await.unwrap();
}

pub(crate) async fn damage_is_noticed(store: &Engine) {
    let export = filled(store).await;
    let refused = async |bytes: &[u8]| {
        let target = engines::memory().await;
        let result = target.import(&mut &*bytes).await;
        assert!(matches!(result, Err(Error::Transfer(_))), "{result:?}");
        result.unwrap_err().to_string()
    };
    for at in [24, 200, export.len() / 2, export.len() - 1] {
        let mut bad = export.clone();
        bad[at] ^= 0x40;
        refused(&bad).await;
    }
    for length in [0, 10, 20, 25, export.len() / 2, export.len() - 1] {
        assert!(refused(&export[..length]).await.contains("cut short"), "{length} bytes");
    }
    let mut newer = export.clone();
    newer[8] = 2;
    assert!(refused(&newer).await.contains("version 2"));
    assert!(refused(&[7; 100]).await.contains("not an export"));
}
