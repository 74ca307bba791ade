//! Fresh stores.

use crate::postgres;
use std::ops::Deref;
use welkin_store::{Location, Store};

/// An empty store, and what has to live as long.
pub(crate) struct Engine {
    store: Store,
    pub(crate) location: Location,
    _directory: Option<tempfile::TempDir>,
}

impl Deref for Engine {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl Engine {
    /// Whether conflicts are decided by a server, which knows fewer exceptions.
    pub(crate) fn is_server(&self) -> bool {
        matches!(self.location, Location::Postgres(_))
    }
}

pub(crate) async fn memory() -> Engine {
    let location = Location::Memory;
    Engine { store: Store::open(&location).await.unwrap(), location, _directory: None }
}

pub(crate) async fn embedded() -> Engine {
    let directory = tempfile::tempdir().unwrap();
    let location = Location::Directory(directory.path().join("data"));
    Engine { store: Store::open(&location).await.unwrap(), location, _directory: Some(directory) }
}

pub(crate) async fn postgres() -> Engine {
    let location = Location::Postgres(postgres::fresh_database().await);
    Engine { store: Store::open(&location).await.unwrap(), location, _directory: None }
}
