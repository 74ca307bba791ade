//! The kernel: everything that a running Welkin has, in one place.

use std::sync::Arc;

use welkin_blob::BlobStore;
use welkin_model as model;
use welkin_sigv4::KeyCache;
use welkin_store::{KeyBuilder, KeyRange, Store};

use crate::documents::Documents;
use crate::explain::Decisions;
use crate::limit::Buckets;
use crate::resource::family;
use crate::runner::Runner;
use crate::{Chance, Clock, Place, Region, Registry, Result, Sealer, Timestamp};

/// The kernel. One for each running Welkin; everything else reaches it through [`Cx`](crate::Cx).
pub struct Kernel {
    store: Store,
    blobs: BlobStore,
    clock: Clock,
    chance: Chance,
    sealer: Sealer,
    registry: Registry,
    settings: Settings,
    pub(crate) signing_keys: KeyCache,
    pub(crate) documents: Documents,
    pub(crate) buckets: Buckets,
    pub(crate) decisions: Decisions,
    pub(crate) runner: Runner,
}

/// What a kernel is made of.
pub struct Parts {
    /// State.
    pub store: Store,
    /// Bytes of objects.
    pub blobs: BlobStore,
    /// The clock; [`Kernel::start`] sets it to where it stood.
    pub clock: Clock,
    /// Randomness.
    pub chance: Chance,
    /// Seals secrets.
    pub sealer: Sealer,
    /// Services.
    pub registry: Registry,
    /// Settings.
    pub settings: Settings,
}

/// Settings of the operator.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Refuse the bootstrap keys: `test` and account ids.
    pub strict: bool,
    /// Base URL for what has no request to take it from, e.g. URLs in notifications.
    pub endpoint: String,
    /// Longest body of a request that does not stream, in bytes.
    pub body_limit: usize,
    /// Jobs at once.
    pub job_limit: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            strict: false,
            endpoint: "http://localhost:4566".to_owned(),
            body_limit: 64 * 1024 * 1024,
            job_limit: 16,
        }
    }
}

/// Why a kernel did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Operations or errors do not fit the model.
    #[error("services do not fit the API model:\n{}", .0.join("\n"))]
    Faults(Vec<String>),
    /// The store failed.
    #[error("the state cannot be read: {0}")]
    Store(#[from] welkin_store::Error),
}

impl Kernel {
    /// Starts a kernel: the clock stands where it stood. Jobs run once [`run_jobs`](Self::run_jobs) is spawned.
    ///
    /// # Errors
    /// When the store cannot be read; in debug builds also when a service does not fit the model.
    pub async fn start(parts: Parts) -> std::result::Result<Arc<Self>, StartError> {
        if cfg!(debug_assertions) {
            let faults = parts.registry.faults();
            if !faults.is_empty() {
                return Err(StartError::Faults(faults));
            }
        }
        let Parts { store, blobs, clock, chance, sealer, registry, settings } = parts;
        if let Some(stored) = store.begin().await?.get(&clock_key()).await?
            && let Ok(offset) = <[u8; 8]>::try_from(stored.as_ref())
        {
            clock.set_offset(i64::from_le_bytes(offset));
        }
        let runner = Runner::new(chance.uuid(), settings.job_limit);
        Ok(Arc::new(Self {
            store,
            blobs,
            clock,
            chance,
            sealer,
            registry,
            settings,
            signing_keys: KeyCache::default(),
            documents: Documents::default(),
            buckets: Buckets::default(),
            decisions: Decisions::default(),
            runner,
        }))
    }

    /// State.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Bytes of objects.
    pub fn blobs(&self) -> &BlobStore {
        &self.blobs
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Randomness.
    pub fn chance(&self) -> &Chance {
        &self.chance
    }

    /// Seals secrets at rest.
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// Services.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.settings.endpoint
    }

    /// Where a call of `service` at `place` runs: services with one end point for all Regions run in us-east-1.
    pub(crate) fn home(&self, service: &model::Service, place: Place) -> Place {
        let global = service.global_endpoint.is_some() && !matches!(service.id, "s3" | "sts");
        let region =
            if global && place.region.partition() == crate::Partition::Aws { Region::US_EAST_1 } else { place.region };
        Place { region, ..place }
    }

    /// Sets the clock and keeps it so over restarts. Jobs that are due then run by themselves.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_clock(&self, to: Timestamp) -> Result<()> {
        self.clock.set(to);
        let mut transaction = self.store.begin().await?;
        transaction.put(clock_key(), self.clock.offset_micros().to_le_bytes().to_vec());
        transaction.commit().await?;
        Ok(())
    }

    /// Removes all state; the clock stays where it stands. Blobs are swept, now that nothing refers to them.
    ///
    /// # Errors
    /// When the store fails; some of it is removed then.
    pub async fn reset(&self) -> Result<()> {
        for family in [family::JOBS, family::ACCOUNT, family::GLOBAL] {
            self.store.clear(KeyRange::prefix(KeyBuilder::new().u64(family).build())).await?;
        }
        Ok(())
    }
}

fn clock_key() -> bytes::Bytes {
    KeyBuilder::new().u64(family::SETTINGS).string("clock offset").build()
}
