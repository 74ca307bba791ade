//! Tells other processes what has changed, and hears it from them.
//!
//! The notice is sent after the commit, by a connection of its own: within the transaction it would make all
//! commits of the server wait for one another. Should a process end between its commit and its notice, the others
//! look again at the next round.

use super::words;
use crate::watch::Hub;
use bytes::Bytes;
use futures_util::future::{Either, select};
use std::{
    fmt::Write,
    future::poll_fn,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinHandle,
};
use tokio_postgres::{AsyncMessage, Client, Config, NoTls};

const CHANNEL: &str = "welkin_kv";
/// Longest notice that PostgreSQL takes is 7,999 bytes.
const NOTICE: usize = 7_900;
/// Most notices about one batch of commits; if it takes more, one says that anything may have changed.
const NOTICES: usize = 8;
/// After this time every watch looks again.
const ROUND: Duration = Duration::from_secs(5);
/// Between attempts to connect.
const PAUSE: Duration = Duration::from_secs(1);

/// The handle to the courier; dropping it ends the courier.
pub(super) struct Courier {
    changes: UnboundedSender<Vec<Bytes>>,
    task: JoinHandle<()>,
}

impl Courier {
    pub(super) fn start(config: Config, hub: Arc<Hub>) -> Self {
        let (changes, receiver) = unbounded_channel();
        let task = tokio::spawn(run(config, hub, receiver));
        Self { changes, task }
    }

    /// Tells the other processes that `keys` have changed.
    pub(super) fn tell(&self, keys: Vec<Bytes>) {
        let _ = self.changes.send(keys);
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(config: Config, hub: Arc<Hub>, mut changes: UnboundedReceiver<Vec<Bytes>>) {
    loop {
        if let Err(error) = serve(&config, &hub, &mut changes).await {
            tracing::warn!(error = words(&error), "watches of other processes wait for the PostgreSQL server");
        }
        hub.changed_all();
        tokio::time::sleep(PAUSE).await;
    }
}

/// Listens and tells until the connection ends.
async fn serve(
    config: &Config,
    hub: &Hub,
    changes: &mut UnboundedReceiver<Vec<Bytes>>,
) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = config.connect(NoTls).await?;
    let own = AtomicI32::new(0);
    let listen = async {
        while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
            match message? {
                AsyncMessage::Notification(notice) if notice.process_id() != own.load(Ordering::Relaxed) => {
                    hear(hub, notice.payload());
                }
                _ => {}
            }
        }
        Ok(())
    };
    let tell = async {
        let backend = client.query_one("SELECT pg_backend_pid()", &[]).await?;
        own.store(backend.try_get(0)?, Ordering::Relaxed);
        client.batch_execute(&format!("LISTEN {CHANNEL}")).await?;
        hub.changed_all();
        tell(&client, hub, changes).await
    };
    match select(pin!(listen), pin!(tell)).await {
        Either::Left((result, _)) | Either::Right((result, _)) => result,
    }
}

async fn tell(
    client: &Client,
    hub: &Hub,
    changes: &mut UnboundedReceiver<Vec<Bytes>>,
) -> Result<(), tokio_postgres::Error> {
    loop {
        let Ok(first) = tokio::time::timeout(ROUND, changes.recv()).await else {
            hub.changed_all();
            continue;
        };
        let Some(mut keys) = first else { return Ok(()) };
        while let Ok(more) = changes.try_recv() {
            keys.extend(more);
        }
        for notice in notices(&keys) {
            client.execute("SELECT pg_notify($1, $2)", &[&CHANNEL, &notice]).await?;
        }
    }
}

/// Anything may have changed.
const ANYTHING: &str = "*";

/// The notices that tell that `keys` have changed: each a list of keys, in hexadecimal.
fn notices(keys: &[Bytes]) -> Vec<String> {
    let mut notices = vec![String::new()];
    for key in keys {
        if 2 * key.len() > NOTICE || notices.len() > NOTICES {
            return vec![ANYTHING.to_owned()];
        }
        if notices.last().is_some_and(|notice| notice.len() + 1 + 2 * key.len() > NOTICE) {
            notices.push(String::new());
        }
        if let Some(notice) = notices.last_mut() {
            if !notice.is_empty() {
                notice.push(' ');
            }
            for byte in key {
                // Writing to a string does not fail.
                let _ = write!(notice, "{byte:02x}");
            }
        }
    }
    notices
}

/// Wakes the watches of what a notice tells.
fn hear(hub: &Hub, notice: &str) {
    let keys: Option<Vec<Bytes>> = notice.split(' ').map(key).collect();
    match keys {
        Some(keys) => hub.changed(&keys),
        None => hub.changed_all(),
    }
}

fn key(hex: &str) -> Option<Bytes> {
    let (pairs, []) = hex.as_bytes().as_chunks::<2>() else { return None };
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let byte = |[high, low]: &[u8; 2]| Some((digit(*high)? << 4 | digit(*low)?) as u8);
    pairs.iter().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_are_short_and_heard() {
        let keys: Vec<Bytes> = (0..1000_u32).map(|number| Bytes::from(number.to_be_bytes().to_vec())).collect();
        let notices = notices(&keys);
        assert!(notices.iter().all(|notice| notice.len() <= NOTICE));
        let heard: Option<Vec<Bytes>> = notices.iter().flat_map(|notice| notice.split(' ').map(key)).collect();
        assert_eq!(heard, Some(keys));
    }

    #[test]
    fn too_much_is_anything() {
        assert_eq!(notices(&[Bytes::from(vec![1; 4000])]), [ANYTHING]);
        assert_eq!(notices(&vec![Bytes::from(vec![1; 3000]); 50]), [ANYTHING]);
        assert_eq!(key(ANYTHING), None);
    }
}
