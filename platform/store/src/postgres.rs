//! The engine for several processes: one table in a database that speaks the PostgreSQL wire protocol.
//!
//! ```sql
//! CREATE TABLE kv (k bytea PRIMARY KEY, v bytea NOT NULL);
//! CREATE SEQUENCE kv_stamp;
//! ```
//!
//! Transactions are those of the server, `SERIALIZABLE`; a serialisation failure (SQLSTATE 40001) is a conflict.
//! Beyond the table only what the server has anyway is used, so that its relatives fit: `unnest`, `ON CONFLICT`,
//! an advisory lock (to number stamped keys in commit order) and `NOTIFY` (to wake the watches of other processes).
//! Long values are not split: the server does that itself.

mod commit;
mod connection;
mod courier;
mod open;

use crate::{
    Durability, Error, KeyRange, OpenError,
    engine::{PAGE_BYTES, Page},
    watch::Hub,
};
use bytes::Bytes;
use connection::{Lease, Pool};
use courier::Courier;
use futures_util::TryStreamExt;
use std::{pin::pin, sync::Arc};
use tokio_postgres::{Row, error::SqlState, types::ToSql};

/// Most rows in one page.
const PAGE_ROWS: i64 = 1024;

/// A store in a PostgreSQL database.
pub(crate) struct Postgres {
    shared: Arc<Shared>,
}

struct Shared {
    pool: Arc<Pool>,
    hub: Arc<Hub>,
    courier: Courier,
}

impl Postgres {
    pub(crate) async fn open(url: &str, durability: Durability, hub: Arc<Hub>) -> Result<Self, OpenError> {
        let pool = open::open(url, durability).await?;
        let courier = Courier::start(pool.config().clone(), hub.clone());
        Ok(Self { shared: Arc::new(Shared { pool, hub, courier }) })
    }

    /// The server's transaction begins with the first statement.
    pub(crate) async fn begin(&self) -> Result<View, Error> {
        Ok(View { shared: self.shared.clone(), lease: None })
    }

    pub(crate) async fn advance(&self, version: u64) -> Result<(), Error> {
        let version = i64::try_from(version).map_err(|_| Error::Transfer("a commit number is too large".to_owned()))?;
        let lease = self.shared.pool.lease().await?;
        let sql = "SELECT setval('kv_stamp', GREATEST(last_value, $1)) FROM kv_stamp";
        lease.client().query(sql, &[&version.max(1)]).await.map(drop).map_err(failed)
    }
}

/// One transaction.
pub(crate) struct View {
    shared: Arc<Shared>,
    /// Boxed, since it is much larger than what other engines keep.
    lease: Option<Box<Lease>>,
}

impl View {
    pub(crate) async fn get(&mut self, key: &[u8]) -> Result<Option<Bytes>, Error> {
        let lease = self.transaction().await?;
        let row = lease.client().query_opt(&lease.statements().get, &[&key]).await.map_err(failed)?;
        row.map(|row| bytes(&row, 0)).transpose()
    }

    pub(crate) async fn range(&mut self, range: &KeyRange, limit: usize, reverse: bool) -> Result<Page, Error> {
        let lease = self.transaction().await?;
        let statements = lease.statements();
        let statement = if reverse { &statements.descending } else { &statements.ascending };
        let limit = i64::try_from(limit).unwrap_or(i64::MAX).min(PAGE_ROWS);
        let (start, end) = (range.start.as_ref(), range.end.as_ref());
        let bounds: [&(dyn ToSql + Sync); 3] = [&start, &end, &limit];
        let rows = lease.client().query_raw(statement, bounds).await;
        let mut rows = pin!(rows.map_err(failed)?);
        let mut page = Page::default();
        let mut size = 0;
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            let (key, value) = (bytes(&row, 0)?, bytes(&row, 1)?);
            size += key.len() + value.len();
            page.rows.push((key, value));
            if size >= PAGE_BYTES {
                page.more = true;
                return Ok(page);
            }
        }
        page.more = page.rows.len() as i64 >= limit;
        Ok(page)
    }

    pub(crate) async fn newest_commit(&mut self) -> Result<u64, Error> {
        let lease = self.transaction().await?;
        let row = lease.client().query_one("SELECT last_value FROM kv_stamp", &[]).await.map_err(failed)?;
        let value: i64 = row.try_get(0).map_err(failed)?;
        Ok(value.cast_unsigned())
    }

    /// The connection, in a transaction.
    async fn transaction(&mut self) -> Result<&mut Lease, Error> {
        let lease = match self.lease.take() {
            Some(lease) => lease,
            None => {
                let mut lease = Box::new(self.shared.pool.lease().await?);
                lease.begin().await?;
                lease
            }
        };
        Ok(self.lease.insert(lease))
    }
}

fn bytes(row: &Row, column: usize) -> Result<Bytes, Error> {
    row.try_get::<_, &[u8]>(column).map(Bytes::copy_from_slice).map_err(failed)
}

fn failed(error: tokio_postgres::Error) -> Error {
    match error.code() {
        Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => Error::Conflict,
        Some(code) if *code == SqlState::DISK_FULL => Error::Full,
        _ => Error::Unavailable(words(&error)),
    }
}

/// What the server or the connection says, in full.
fn words(error: &tokio_postgres::Error) -> String {
    use std::error::Error;
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
