use crate::engines::Engine;
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};
use welkin_store::{Error, KeyRange, RangeOptions, Store, Transaction};

const ACCOUNTS: u8 = 6;
const TASKS: u32 = 8;
const TRANSFERS: u32 = 40;
const BALANCE: i64 = 100;

async fn balance(transaction: &mut Transaction, account: u8) -> Result<i64, Error> {
    let value = transaction.get(&[b'b', account]).await?.unwrap();
    Ok(i64::from_le_bytes(value.as_ref().try_into().unwrap()))
}

async fn transfer(store: &Store, from: u8, to: u8, amount: i64) -> Result<(), Error> {
    let mut transaction = store.begin().await?;
    let (source, target) = (balance(&mut transaction, from).await?, balance(&mut transaction, to).await?);
    tokio::task::yield_now().await;
    if source < amount || from == to {
        return Ok(());
    }
    transaction.put(vec![b'b', from], (source - amount).to_le_bytes().to_vec());
    transaction.put(vec![b'b', to], (target + amount).to_le_bytes().to_vec());
    transaction.add("transfers", 1);
    transaction.commit().await.map(drop)
}

async fn sum(store: &Store) -> Result<i64, Error> {
    let mut transaction = store.begin().await?;
    let rows = transaction.range(KeyRange::prefix("b"), RangeOptions::default()).await?;
    transaction.commit().await?;
    Ok(rows.iter().map(|(_, value)| i64::from_le_bytes(value.as_ref().try_into().unwrap())).sum())
}

/// Many transfers at once between few accounts; at every moment the sum is the same and no balance is negative.
pub(crate) async fn transfers_keep_the_sum(store: &Engine) {
    let mut transaction = store.begin().await.unwrap();
    (0..ACCOUNTS).for_each(|account| transaction.put(vec![b'b', account], BALANCE.to_le_bytes().to_vec()));
    transaction.commit().await.unwrap();
    let conflicts = Arc::new(AtomicU32::new(0));
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let (store, conflicts) = ((**store).clone(), conflicts.clone());
            tokio::spawn(async move {
                let mut state = task.wrapping_mul(0x9e37_79b9) | 1;
                for _ in 0..TRANSFERS {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let (from, to) = ((state >> 8) as u8 % ACCOUNTS, (state >> 16) as u8 % ACCOUNTS);
                    loop {
                        match transfer(&store, from, to, i64::from(state >> 24) % 30).await {
                            Err(Error::Conflict) => conflicts.fetch_add(1, Ordering::Relaxed),
                            result => break result.unwrap(),
                        };
                    }
                    match sum(&store).await {
                        Err(Error::Conflict) => {}
                        sum => assert_eq!(sum.unwrap(), i64::from(ACCOUNTS) * BALANCE),
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(sum(store).await.unwrap(), i64::from(ACCOUNTS) * BALANCE);
    let mut transaction = store.begin().await.unwrap();
    for account in 0..ACCOUNTS {
        assert!(balance(&mut transaction, account).await.unwrap() >= 0);
    }
    assert!(transaction.get(b"transfers").await.unwrap().is_some());
    assert!(conflicts.load(Ordering::Relaxed) > 0, "so much at once must conflict sometimes");
}
