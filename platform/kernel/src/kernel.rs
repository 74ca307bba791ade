//! The kernel: everything that a running Welkin has, in one place.

use std::sync::Arc;

use welkin_blob::BlobStore;
use welkin_model as model;
use welkin_sigv4::KeyCache;
use welkin_store::{KeyBuilder, Store, Watched};

use crate::documents::Documents;
use crate::explain::Decisions;
use crate::gate::Gate;
use crate::limit::Buckets;
use crate::resource::family;
use crate::runner::Runner;
use crate::whole_state::{self, HalfDone, clock_key};
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
    pub(crate) gate: Gate,
    /// Held while the clock is set, or read from the state.
    setting_clock: tokio::sync::Mutex<()>,
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

/// How long after a failure the clock is read again.
const RETRY: std::time::Duration = std::time::Duration::from_secs(1);

/// Why a kernel did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Operations or errors do not fit the model.
    #[error("services do not fit the API model:\n{}", .0.join("\n"))]
    Faults(Vec<String>),
    /// The store failed.
    #[error("the state cannot be read: {0}")]
    Store(#[from] welkin_store::Error),
    /// A removal of everything, which a crash had left half done, failed again.
    #[error("the removal of everything cannot be finished: {0}")]
    Removal(whole_state::ReplaceError),
    /// A crash left the state half replaced by an archive.
    #[error("an import was broken off: the state is neither what it was nor what the archive holds")]
    HalfReplaced,
    /// The store's secrets were sealed with another root key.
    #[error("the secrets in the state were sealed with another root key")]
    RootKey,
}

/// Makes sure that the sealer has the root key that it had when the store was new.
async fn check_root_key(store: &Store, sealer: &Sealer) -> std::result::Result<(), StartError> {
    let key = KeyBuilder::new().u64(family::SETTINGS).string("root key").build();
    let print = sealer.derive("which root key it is");
    loop {
        let mut transaction = store.begin().await?;
        match transaction.get(&key).await? {
            Some(stored) if stored == print.as_slice() => return Ok(()),
            Some(_) => return Err(StartError::RootKey),
            None => transaction.put(key.clone(), print.to_vec()),
        }
        match transaction.commit().await {
            // Whether it was written is seen when it is read again.
            Err(welkin_store::Error::Conflict | welkin_store::Error::CommitUnknown(_)) => {}
            other => return Ok(other.map(drop)?),
        }
    }
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
        match whole_state::half_done(&store).await? {
            None => {}
            Some(HalfDone::Removal) => whole_state::clear(&store, &blobs).await.map_err(StartError::Removal)?,
            Some(HalfDone::Replacement) => return Err(StartError::HalfReplaced),
        }
        check_root_key(&store, &sealer).await?;
        let runner = Runner::new(chance.uuid(), settings.job_limit);
        let kernel = Arc::new(Self {
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
            gate: Gate::default(),
            setting_clock: tokio::sync::Mutex::default(),
        });
        kernel.read_clock().await?;
        Ok(kernel)
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

    /// Sets the clock to where the state says that it stands.
    pub(crate) async fn read_clock(&self) -> std::result::Result<(), welkin_store::Error> {
        let stored = self.store.begin().await?.get(&clock_key()).await?;
        if let Some(offset) = stored.and_then(|stored| <[u8; 8]>::try_from(stored.as_ref()).ok()) {
            self.clock.set_offset(i64::from_le_bytes(offset));
        }
        Ok(())
    }

    /// Sets the clock and keeps it so over restarts. Jobs that are due then run by themselves.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_clock(&self, to: Timestamp) -> Result<()> {
        let _alone = self.setting_clock.lock().await;
        self.clock.set(to);
        loop {
            let mut transaction = self.store.begin().await?;
            transaction.put(clock_key(), self.clock.offset_micros().to_le_bytes().to_vec());
            match transaction.commit().await {
                // Another process that shares the state has set it at the same moment.
                Err(error) if error.is_conflict() => {}
                other => return other.map(|_| ()).map_err(Into::into),
            }
        }
    }

    /// Keeps the clock where the other processes that share the state set it, for ever: milliseconds after them.
    pub async fn follow_clock(self: Arc<Self>) {
        while self.store.is_shared() {
            let mut changed = self.store.watch(&[Watched::key(clock_key())]);
            let read = {
                let _alone = self.setting_clock.lock().await;
                self.read_clock().await
            };
            match read {
                Ok(()) => changed.changed().await,
                Err(error) => {
                    tracing::error!(%error, "the clock of the other processes cannot be read");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }
}
