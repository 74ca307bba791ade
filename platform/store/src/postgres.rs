//! The engine for several processes: one table in a database that speaks the PostgreSQL wire protocol.

use crate::{Durability, Error, KeyRange, OpenError, Stamp, engine::Page, overlay::Writes, watch::Hub};
use bytes::Bytes;
use std::sync::Arc;

/// A store in a PostgreSQL database.
pub(crate) enum Postgres {}

impl Postgres {
    pub(crate) async fn open(_: &str, _: Durability, _: Arc<Hub>) -> Result<Self, OpenError> {
        Err(OpenError::new("this build cannot open PostgreSQL stores", "", "name a directory"))
    }

    pub(crate) async fn begin(&self) -> Result<View, Error> {
        match *self {}
    }

    pub(crate) async fn advance(&self, _: u64) -> Result<(), Error> {
        match *self {}
    }
}

/// One transaction.
pub(crate) enum View {}

impl View {
    pub(crate) async fn get(&mut self, _: &[u8]) -> Result<Option<Bytes>, Error> {
        match *self {}
    }

    pub(crate) async fn range(&mut self, _: &KeyRange, _: usize, _: bool) -> Result<Page, Error> {
        match *self {}
    }

    pub(crate) async fn newest_commit(&mut self) -> Result<u64, Error> {
        match *self {}
    }

    pub(crate) async fn commit(self, _: Writes) -> Result<Option<Stamp>, Error> {
        match self {}
    }
}
