//! The process that is killed: commits to a store from several tasks at once, and prints what has been
//! acknowledged.

use std::io::Write;
use welkin_store::{Error, Location, Store};

const TASKS: u32 = 8;
/// Keys of one transaction: all of them are there, or none.
const KEYS: u32 = 3;

/// Runs until it is killed.
#[tokio::main]
pub(crate) async fn run(directory: &str, round: u32) {
    let store = Store::open(&Location::parse(directory).unwrap()).await.unwrap();
    let tasks: Vec<_> = (0..TASKS).map(|task| tokio::spawn(write(store.clone(), round, task))).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn write(store: Store, round: u32, task: u32) {
    for number in 0_u32.. {
        loop {
            let mut transaction = store.begin().await.unwrap();
            for key in 0..KEYS {
                let value = [number.to_be_bytes().as_slice(), &vec![key as u8; 100 * (number as usize % 50)]].concat();
                transaction.put(format!("{round}/{task}/{number}/{key}"), value);
            }
            // A row that everybody changes, and a long one.
            let shared = transaction.get(b"shared").await.unwrap();
            let count = shared.map_or(0, |value| u64::from_be_bytes(value.as_ref().try_into().unwrap()));
            transaction.put("shared", (count + 1).to_be_bytes().to_vec());
            transaction.add("added", 1);
            transaction.put_stamped("log/", "", format!("{round}/{task}/{number}"));
            if number.is_multiple_of(40) {
                transaction.put(format!("long/{task}"), vec![number as u8; 200_000]);
            }
            match transaction.commit().await {
                Err(Error::Conflict) => {}
                result => break assert!(result.unwrap().stamp.is_some()),
            }
        }
        let mut out = std::io::stdout().lock();
        writeln!(out, "{task} {number}").unwrap();
        out.flush().unwrap();
    }
}
