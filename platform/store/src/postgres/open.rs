//! Prepares a database.

use super::{
    connection::{Pool, STAMP_LOCK, connect},
    words,
};
use crate::{Durability, Location, OpenError, limits::RESERVED};
use std::{sync::Arc, time::Duration};
use tokio_postgres::{Client, Config, config::SslMode, error::SqlState};

/// The format of the data: raised when an older program could not read it any more.
const FORMAT: u32 = 1;
const FORMAT_KEY: [u8; 2] = [RESERVED, b'f'];

pub(super) async fn open(url: &str, durability: Durability) -> Result<Arc<Pool>, OpenError> {
    let at = Location::Postgres(url.to_owned());
    let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
        OpenError::new("the PostgreSQL URL cannot be read", words(&error), "write `postgres://USER@HOST:PORT/DATABASE`")
    })?;
    if config.get_ssl_mode() == SslMode::Require {
        return Err(OpenError::new(
            "connections to PostgreSQL cannot be encrypted by this program",
            at,
            "leave `sslmode=require` out, and connect through a local proxy (stunnel, pgbouncer) that encrypts",
        ));
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(10));
    }
    config.application_name("welkin");
    let client = connect(&config).await.map_err(|error| {
        let detail = format!("{at}: {}", words(&error));
        OpenError::new(
            "cannot connect to the PostgreSQL server",
            detail,
            "check that it runs and that the URL is right",
        )
    })?;
    let found = prepare(&client).await.map_err(|error| {
        let hint = match error.code() {
            Some(&SqlState::INSUFFICIENT_PRIVILEGE) => "let the user create tables: GRANT CREATE ON SCHEMA public TO …",
            _ => "",
        };
        OpenError::new("cannot prepare the PostgreSQL database", format!("{at}: {}", words(&error)), hint)
    })?;
    match found.as_slice().try_into().map(u32::from_be_bytes) {
        Ok(FORMAT) => Ok(Pool::new(config, durability)),
        Ok(format) if format > FORMAT => Err(OpenError::new(
            "the database was written by a newer version of this program",
            format!("{at}: format {format}; this program reads format {FORMAT}"),
            "use that version, or name another database",
        )),
        _ => Err(OpenError::new("the note of the database's format is damaged", at, "restore it from an export")),
    }
}

/// Creates what is missing. Returns the format of the data.
async fn prepare(client: &Client) -> Result<Vec<u8>, tokio_postgres::Error> {
    // Two processes that begin at the same time would trip over each other's `CREATE`.
    client.execute("SELECT pg_advisory_lock($1)", &[&(STAMP_LOCK - 1)]).await?;
    client
        .batch_execute(
            "SET client_min_messages = warning;
             CREATE TABLE IF NOT EXISTS kv (k bytea PRIMARY KEY, v bytea NOT NULL);
             CREATE SEQUENCE IF NOT EXISTS kv_stamp;",
        )
        .await?;
    let (key, format) = (FORMAT_KEY.as_slice(), FORMAT.to_be_bytes());
    let note = "INSERT INTO kv (k, v) VALUES ($1, $2) ON CONFLICT (k) DO NOTHING";
    client.execute(note, &[&key, &format.as_slice()]).await?;
    client.query_one("SELECT v FROM kv WHERE k = $1", &[&key]).await?.try_get(0)
}
