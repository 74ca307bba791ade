//! Services and the registry of all of them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use welkin_model as model;

use crate::job::JobEntry;
use crate::operation::OperationEntry;
use crate::service_event::Subscription;
use crate::{
    DataLake, Directory, ErrorSpec, EventBuses, Guardrails, Job, Meters, Operation, OptIns, PublicFiles, Recorder,
    ServiceEvent, TableCatalog, WebPages, WebSites,
};

/// A service: its operations, jobs and errors. The `lib.rs` of a service's crate lists them.
pub struct Service {
    id: &'static str,
    operations: Vec<OperationEntry>,
    jobs: Vec<JobEntry>,
    subscriptions: Vec<Subscription>,
    errors: &'static [ErrorSpec],
    directory: Option<Arc<dyn Directory>>,
    guardrails: Option<Arc<dyn Guardrails>>,
    opt_ins: Option<Arc<dyn OptIns>>,
    recorder: Option<Arc<dyn Recorder>>,
    pages: Option<Arc<dyn WebPages>>,
    sites: Option<Arc<dyn WebSites>>,
    files: Option<Arc<dyn PublicFiles>>,
    event_buses: Option<Arc<dyn EventBuses>>,
    meters: Option<Arc<dyn Meters>>,
    lake: Option<Arc<dyn DataLake>>,
    tables: Option<Arc<dyn TableCatalog>>,
}

impl Service {
    /// A service by its name in the model, e.g. `"sqs"`.
    pub fn new(id: &'static str) -> Self {
        Self {
            id,
            operations: Vec::new(),
            jobs: Vec::new(),
            subscriptions: Vec::new(),
            errors: &[],
            directory: None,
            guardrails: None,
            opt_ins: None,
            recorder: None,
            pages: None,
            sites: None,
            files: None,
            event_buses: None,
            meters: None,
            lake: None,
            tables: None,
        }
    }

    /// Adds an operation.
    #[must_use]
    pub fn operation<T: Operation>(mut self) -> Self {
        self.operations.push(OperationEntry::of::<T>());
        self
    }

    /// Adds a kind of job.
    #[must_use]
    pub fn job<T: Job>(mut self) -> Self {
        self.jobs.push(JobEntry::of::<T>());
        self
    }

    /// Enqueues a job `T` for every event of this source and detail type.
    #[must_use]
    pub fn on_event<T: Job + From<ServiceEvent>>(mut self, source: &'static str, detail_type: &'static str) -> Self {
        self.subscriptions.push(Subscription::of::<T>(source, detail_type));
        self.job::<T>()
    }

    /// Declares the errors that [`errors!`](crate::errors) listed.
    #[must_use]
    pub fn errors(mut self, errors: &'static [ErrorSpec]) -> Self {
        self.errors = errors;
        self
    }

    /// The service knows identities.
    #[must_use]
    pub fn directory(mut self, directory: impl Directory + 'static) -> Self {
        self.directory = Some(Arc::new(directory));
        self
    }

    /// The service knows organizations.
    #[must_use]
    pub fn guardrails(mut self, guardrails: impl Guardrails + 'static) -> Self {
        self.guardrails = Some(Arc::new(guardrails));
        self
    }

    /// The service knows which opt-in Regions accounts have.
    #[must_use]
    pub fn opt_ins(mut self, opt_ins: impl OptIns + 'static) -> Self {
        self.opt_ins = Some(Arc::new(opt_ins));
        self
    }

    /// The service is told of the records of every call.
    #[must_use]
    pub fn recorder(mut self, recorder: impl Recorder + 'static) -> Self {
        self.recorder = Some(Arc::new(recorder));
        self
    }

    /// The service knows which web pages may see its answers.
    #[must_use]
    pub fn pages(mut self, pages: impl WebPages + 'static) -> Self {
        self.pages = Some(Arc::new(pages));
        self
    }

    /// The service hosts web sites.
    #[must_use]
    pub fn sites(mut self, sites: impl WebSites + 'static) -> Self {
        self.sites = Some(Arc::new(sites));
        self
    }

    /// The service has files that anybody may fetch.
    #[must_use]
    pub fn files(mut self, files: impl PublicFiles + 'static) -> Self {
        self.files = Some(Arc::new(files));
        self
    }

    /// The service has event buses.
    #[must_use]
    pub fn event_buses(mut self, buses: impl EventBuses + 'static) -> Self {
        self.event_buses = Some(Arc::new(buses));
        self
    }

    /// The service keeps what services measure.
    #[must_use]
    pub fn meters(mut self, meters: impl Meters + 'static) -> Self {
        self.meters = Some(Arc::new(meters));
        self
    }

    /// The service knows what Lake Formation permits.
    #[must_use]
    pub fn lake(mut self, lake: impl DataLake + 'static) -> Self {
        self.lake = Some(Arc::new(lake));
        self
    }

    /// The service knows databases and tables.
    #[must_use]
    pub fn tables(mut self, tables: impl TableCatalog + 'static) -> Self {
        self.tables = Some(Arc::new(tables));
        self
    }
}

/// All services of a running Welkin.
pub struct Registry {
    operations: HashMap<(&'static str, &'static str), OperationEntry>,
    jobs: HashMap<&'static str, JobEntry>,
    subscriptions: Vec<Subscription>,
    errors: Vec<(&'static str, &'static [ErrorSpec])>,
    pub(crate) directory: Option<Arc<dyn Directory>>,
    pub(crate) guardrails: Option<Arc<dyn Guardrails>>,
    pub(crate) opt_ins: Option<Arc<dyn OptIns>>,
    pub(crate) recorders: Vec<Arc<dyn Recorder>>,
    pub(crate) pages: Option<Arc<dyn WebPages>>,
    pub(crate) sites: Option<Arc<dyn WebSites>>,
    pub(crate) files: Vec<Arc<dyn PublicFiles>>,
    pub(crate) event_buses: Option<Arc<dyn EventBuses>>,
    pub(crate) meters: Option<Arc<dyn Meters>>,
    pub(crate) lake: Option<Arc<dyn DataLake>>,
    pub(crate) tables: Option<Arc<dyn TableCatalog>>,
    twice: Vec<String>,
}

/// What is there of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Its name in the model.
    pub service: &'static str,
    /// Operations that work.
    pub works: Vec<&'static str>,
    /// Operations that answer `NotImplemented`.
    pub refuses: Vec<&'static str>,
}

impl Registry {
    /// The registry of `services`.
    pub fn new(services: impl IntoIterator<Item = Service>) -> Self {
        let mut registry = Self {
            operations: HashMap::new(),
            jobs: HashMap::new(),
            subscriptions: Vec::new(),
            errors: Vec::new(),
            directory: None,
            guardrails: None,
            opt_ins: None,
            recorders: Vec::new(),
            pages: None,
            sites: None,
            files: Vec::new(),
            event_buses: None,
            meters: None,
            lake: None,
            tables: None,
            twice: Vec::new(),
        };
        for service in services {
            registry.add(service);
        }
        registry
    }

    fn add(&mut self, service: Service) {
        for operation in service.operations {
            let name = operation.name;
            if self.operations.insert((service.id, name), operation).is_some() {
                self.twice.push(format!("{}: {name} is registered twice", service.id));
            }
        }
        for job in service.jobs {
            self.jobs.insert(job.name, job);
        }
        self.subscriptions.extend(service.subscriptions);
        self.errors.push((service.id, service.errors));
        if service.directory.is_some() {
            self.directory = service.directory;
        }
        if service.guardrails.is_some() {
            self.guardrails = service.guardrails;
        }
        if service.opt_ins.is_some() {
            self.opt_ins = service.opt_ins;
        }
        self.recorders.extend(service.recorder);
        self.files.extend(service.files);
        if service.event_buses.is_some() {
            self.event_buses = service.event_buses;
        }
        if service.meters.is_some() {
            self.meters = service.meters;
        }
        if service.pages.is_some() {
            self.pages = service.pages;
        }
        if service.sites.is_some() {
            self.sites = service.sites;
        }
        if service.lake.is_some() {
            self.lake = service.lake;
        }
        if service.tables.is_some() {
            self.tables = service.tables;
        }
    }

    pub(crate) fn operation(&self, service: &'static str, operation: &'static str) -> Option<&OperationEntry> {
        self.operations.get(&(service, operation))
    }

    pub(crate) fn job(&self, name: &str) -> Option<&JobEntry> {
        self.jobs.get(name)
    }

    pub(crate) fn subscriptions(&self) -> &[Subscription] {
        &self.subscriptions
    }

    /// What works and what is refused, by service; services of which nothing works are left out
    /// unless `all`.
    pub fn coverage(&self, all: bool) -> Vec<Coverage> {
        let mut services: BTreeMap<&'static str, Coverage> = BTreeMap::new();
        for (service, operation) in self.operations.keys() {
            let empty = Coverage { service, works: Vec::new(), refuses: Vec::new() };
            services.entry(service).or_insert(empty).works.push(operation);
        }
        if all {
            for entry in model::services() {
                let empty = Coverage { service: entry.id, works: Vec::new(), refuses: Vec::new() };
                services.entry(entry.id).or_insert(empty);
            }
        }
        for coverage in services.values_mut() {
            coverage.works.sort_unstable();
            let operations = model::service(coverage.service).map(|s| s.operations.as_slice()).unwrap_or_default();
            coverage.refuses =
                operations.iter().map(|o| o.name).filter(|name| coverage.works.binary_search(name).is_err()).collect();
        }
        services.into_values().collect()
    }

    /// Holds every operation and error against the model. Nothing is served by a registry with faults.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = self.twice.clone();
        for ((id, name), entry) in &self.operations {
            let Some(service) = model::service(id) else {
                faults.push(format!("{id}: the model has no such service"));
                continue;
            };
            match service.operation(name) {
                None => faults.push(format!("{id}: the model has no operation {name}")),
                Some(operation) => {
                    faults.extend((entry.check)(service, operation).into_iter().map(|f| format!("{id}.{name}: {f}")));
                }
            }
        }
        for (id, errors) in &self.errors {
            let service = model::service(id);
            for error in errors.iter().filter(|e| e.unmodelled.is_none()) {
                if service.and_then(|s| s.error(error.name)).is_none() {
                    faults.push(format!("{id}: the model has no error {}", error.name));
                }
            }
        }
        faults.sort_unstable();
        faults
    }
}
