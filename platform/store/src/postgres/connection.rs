//! Connections to the server.

use super::{failed, words};
use crate::{Durability, Error};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::{Client, Config, NoTls, Statement};

/// Connections of one process. A transaction holds one from its first read to its end; further ones wait.
const CONNECTIONS: usize = 32;

/// The statements that every connection prepares.
pub(super) struct Statements {
    pub(super) get: Statement,
    pub(super) get_many: Statement,
    pub(super) ascending: Statement,
    pub(super) descending: Statement,
    pub(super) put: Statement,
    pub(super) delete: Statement,
    pub(super) delete_range: Statement,
    pub(super) stamp: Statement,
    pub(super) ordered_stamp: Statement,
}

/// The number of the advisory lock under which stamped keys are numbered: "WELKINKV".
pub(super) const STAMP_LOCK: i64 = 0x5745_4c4b_494e_4b56;

impl Statements {
    async fn prepare(client: &Client) -> Result<Self, tokio_postgres::Error> {
        Ok(Self {
            get: client.prepare("SELECT v FROM kv WHERE k = $1").await?,
            get_many: client.prepare("SELECT k, v FROM kv WHERE k = ANY($1)").await?,
            ascending: client.prepare("SELECT k, v FROM kv WHERE k >= $1 AND k < $2 ORDER BY k LIMIT $3").await?,
            descending: client.prepare("SELECT k, v FROM kv WHERE k >= $1 AND k < $2 ORDER BY k DESC LIMIT $3").await?,
            put: client
                .prepare(
                    "INSERT INTO kv (k, v) SELECT * FROM unnest($1::bytea[], $2::bytea[]) \
                     ON CONFLICT (k) DO UPDATE SET v = excluded.v",
                )
                .await?,
            delete: client.prepare("DELETE FROM kv WHERE k = ANY($1)").await?,
            delete_range: client.prepare("DELETE FROM kv WHERE k >= $1 AND k < $2 RETURNING k").await?,
            stamp: client.prepare("SELECT nextval('kv_stamp')").await?,
            ordered_stamp: client
                .prepare("SELECT nextval('kv_stamp') FROM (SELECT pg_advisory_xact_lock($1)) AS locked")
                .await?,
        })
    }
}

/// A connection and what it has prepared.
struct Connection {
    client: Client,
    statements: Statements,
}

/// The connections of one store.
pub(super) struct Pool {
    config: Config,
    durability: Durability,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Pool {
    pub(super) fn new(config: Config, durability: Durability) -> Arc<Self> {
        let permits = Arc::new(Semaphore::new(CONNECTIONS));
        Arc::new(Self { config, durability, idle: Mutex::default(), permits })
    }

    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// A connection, as soon as there is one.
    pub(super) async fn lease(self: &Arc<Self>) -> Result<Lease, Error> {
        let closed = |_| Error::Unavailable("the store is closed".to_owned());
        let permit = self.permits.clone().acquire_owned().await.map_err(closed)?;
        let connection = match self.take_idle() {
            Some(connection) => connection,
            None => self.connect().await.map_err(failed)?,
        };
        Ok(Lease { pool: self.clone(), connection: Some(connection), begun: false, _permit: permit })
    }

    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(connection) = idle.pop() {
            if !connection.client.is_closed() {
                return Some(connection);
            }
        }
        None
    }

    fn give_back(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }

    async fn connect(&self) -> Result<Connection, tokio_postgres::Error> {
        let client = connect(&self.config).await?;
        if self.durability == Durability::Buffered {
            client.batch_execute("SET synchronous_commit = off").await?;
        }
        let statements = Statements::prepare(&client).await?;
        Ok(Connection { client, statements })
    }
}

pub(super) async fn connect(config: &Config) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(error = words(&error), "a connection to the PostgreSQL server ended");
        }
    });
    Ok(client)
}

/// A connection that belongs to one transaction. Dropping it gives it back, and rolls back what was begun.
pub(super) struct Lease {
    pool: Arc<Pool>,
    connection: Option<Connection>,
    begun: bool,
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    pub(super) fn client(&self) -> &Client {
        &self.connection().client
    }

    pub(super) fn statements(&self) -> &Statements {
        &self.connection().statements
    }

    pub(super) async fn begin(&mut self) -> Result<(), Error> {
        self.begun = true;
        self.client().batch_execute("BEGIN ISOLATION LEVEL SERIALIZABLE").await.map_err(failed)
    }

    /// Ends the transaction.
    pub(super) async fn commit(&mut self) -> Result<(), tokio_postgres::Error> {
        self.client().batch_execute("COMMIT").await?;
        self.ended();
        Ok(())
    }

    /// Notes that the transaction has ended.
    pub(super) fn ended(&mut self) {
        self.begun = false;
    }

    fn connection(&self) -> &Connection {
        // INVARIANT: only `drop` takes the connection.
        #[allow(clippy::expect_used)]
        self.connection.as_ref().expect("a lease holds its connection until it is dropped")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if !self.begun {
            self.pool.give_back(connection);
            return;
        }
        // Without a runtime the connection is closed, which rolls back as well.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let pool = self.pool.clone();
            runtime.spawn(async move {
                if connection.client.batch_execute("ROLLBACK").await.is_ok() {
                    pool.give_back(connection);
                }
            });
        }
    }
}
