//! A kernel in memory, for unit tests of what needs a store.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use welkin_kernel::{
    AccountId, Chance, Clock, Cx, Kernel, Parts, Place, ROOT_KEY_LEN, Region, Registry, Sealer, Settings, Timestamp,
};
use welkin_store::{Location, Store};

/// A kernel that knows SQS alone. Its clock stands still.
pub(crate) struct World(Arc<Kernel>);

impl World {
    pub(crate) async fn start() -> Self {
        let parts = Parts {
            store: Store::open(&Location::Memory).await.unwrap(),
            blobs: welkin_kernel::blob::BlobStore::open(&welkin_kernel::blob::Location::parse("memory").unwrap())
                .await
                .unwrap(),
            clock: Clock::manual(Timestamp::from_secs(1_700_000_000)),
            chance: Chance::from_seed(7),
            sealer: Sealer::new(&[7; ROOT_KEY_LEN]),
            registry: Registry::new([crate::service()]),
            settings: Settings::default(),
        };
        Self(Kernel::start(parts).await.unwrap())
    }

    /// A context in the default account. What is written through it is lost with it.
    pub(crate) async fn cx(&self) -> Cx {
        self.0.observe(Place::new(AccountId::DEFAULT, Region::US_EAST_1)).await.unwrap()
    }
}
