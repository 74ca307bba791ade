//! `welkin up`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use welkin_blob::BlobStore;
use welkin_gateway::{Config, Cors, DEFAULT_PORT, Gateway, Tls};
use welkin_kernel::{Chance, Clock, Kernel, Parts, Settings, Timestamp};
use welkin_store::Store;

use crate::admin::{Started, clock};
use crate::data::Data;
use crate::fault::Fault;
use crate::server::Server;
use crate::{screen, services};

/// Start Welkin and serve until interrupted.
#[derive(Args, Debug)]
pub(crate) struct Up {
    /// Where to listen; both loopback addresses unless told otherwise (port 0: any free port)
    #[arg(long, value_name = "ADDR:PORT", env = "WELKIN_LISTEN")]
    listen: Vec<SocketAddr>,
    /// Folder for everything that is kept; one per user unless told otherwise
    #[arg(long, value_name = "DIR", env = "WELKIN_DATA", conflicts_with = "memory")]
    data: Option<PathBuf>,
    /// Keep everything in memory: it is gone when Welkin stops
    #[arg(long)]
    memory: bool,
    /// Where the state is: 'memory', a folder, or postgres://…
    #[arg(long, value_name = "URL", env = "WELKIN_STORE")]
    store: Option<String>,
    /// Where objects' bytes are: 'memory', a folder, or s3://bucket/prefix?endpoint=…
    #[arg(long, value_name = "URL", env = "WELKIN_BLOBS")]
    blobs: Option<String>,
    /// Refuse the bootstrap access keys: only keys made by IAM and STS are taken
    #[arg(long, env = "WELKIN_STRICT")]
    strict: bool,
    /// Set the clock at the start, e.g. 2026-01-01T00:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    clock: Option<Timestamp>,
    /// Web pages that may call the AWS API: 'local', 'none', '*' or origins
    #[arg(long, value_name = "ORIGINS", env = "WELKIN_CORS")]
    cors: Option<Cors>,
    /// Token that opens the operator's API to other machines
    #[arg(long, env = "WELKIN_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// What to log, e.g. info, debug, welkin_kernel=trace
    #[arg(long, default_value = "warn", env = "WELKIN_LOG")]
    log: String,
    /// Print the banner and the log as JSON
    #[arg(long)]
    json: bool,
}

fn time(text: &str) -> Result<Timestamp, String> {
    clock::parse_time(text).ok_or_else(|| "a time has the form 2026-01-01T00:00:00Z".to_owned())
}

impl Up {
    pub(crate) fn run(self) -> Result<(), Fault> {
        self.start_log()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime =
            runtime.map_err(|e| Fault::new("the program cannot start", e, "free some file handles or memory"))?;
        runtime.block_on(self.serve())
    }

    fn start_log(&self) -> Result<(), Fault> {
        use tracing_subscriber::EnvFilter;
        let filter = EnvFilter::try_new(&self.log).map_err(|e| {
            Fault::new(format!("--log {} is not a filter", self.log), e, "try --log info or --log debug")
        })?;
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        if self.json {
            log.json().init();
        } else {
            log.init();
        }
        Ok(())
    }

    async fn serve(self) -> Result<(), Fault> {
        let data = self.data()?;
        data.prepare()?;
        let (kernel, store, blobs) = self.kernel(&data).await?;
        let tls = Tls { ca: data.ca()?, clock: Arc::new(Clock::machine_now) };
        let config = Config {
            listen: if self.listen.is_empty() { Config::loopback(DEFAULT_PORT) } else { self.listen.clone() },
            tls: Some(tls),
            cors: self.cors.clone().unwrap_or_default(),
            operator_token: self.token.clone(),
            ..Config::default()
        };
        let folder = match &data {
            Data::Memory => None,
            Data::Folder(folder) => Some(folder.clone()),
        };
        let place = if store == "memory" { "memory".to_owned() } else { format!("{store}, {blobs}") };
        let started = Started { version: env!("CARGO_PKG_VERSION"), data: place.clone(), strict: self.strict, folder };
        let server = Arc::new(Server { kernel: Arc::clone(&kernel), started });
        let wanted = config.listen.clone();
        let gateway = Gateway::bind(config, server).await.map_err(|error| {
            let addresses: Vec<_> = wanted.iter().map(ToString::to_string).collect();
            Fault::new(
                format!("cannot listen on {}", addresses.join(" and ")),
                error,
                "another Welkin may be running there; choose another place with --listen 127.0.0.1:PORT",
            )
        })?;
        self.banner(&gateway.addresses(), &place);
        let jobs = tokio::spawn(Arc::clone(&kernel).run_jobs());
        gateway.serve(interrupted()).await;
        jobs.abort();
        Ok(())
    }

    fn data(&self) -> Result<Data, Fault> {
        match &self.data {
            _ if self.memory => Ok(Data::Memory),
            Some(folder) => Ok(Data::Folder(folder.clone())),
            None => Data::of_user().map(Data::Folder),
        }
    }

    async fn kernel(&self, data: &Data) -> Result<(Arc<Kernel>, String, String), Fault> {
        let chance = Chance::from_system();
        let store = self.store.clone().unwrap_or_else(|| data.state());
        let blobs = self.blobs.clone().unwrap_or_else(|| data.blobs());
        let parts = Parts {
            store: Store::open(&welkin_store::Location::parse(&store)?).await?,
            blobs: BlobStore::open(&welkin_blob::Location::parse(&blobs)?).await?,
            clock: Clock::machine(0),
            sealer: data.sealer(&chance)?,
            chance,
            registry: services::registry(),
            settings: Settings { strict: self.strict, ..Settings::default() },
        };
        let kernel =
            Kernel::start(parts).await.map_err(|e| Fault::new("Welkin cannot start", e, "see the lines above"))?;
        if let Some(time) = self.clock {
            kernel.set_clock(time).await.map_err(|e| Fault::new("the clock cannot be set", e, ""))?;
        }
        Ok((kernel, store, blobs))
    }

    fn banner(&self, addresses: &[SocketAddr], data: &str) {
        let endpoint = addresses.first().map(|address| format!("http://{address}")).unwrap_or_default();
        if self.json {
            let banner = serde_json::json!({ "endpoint": endpoint, "data": data, "strict": self.strict });
            screen::line(&banner.to_string());
            return;
        }
        let row = |name: &str, text: &str| screen::line(&format!("  {}  {text}", screen::dim(&format!("{name:<10}"))));
        screen::line(&format!("{} {}", screen::bold("welkin"), env!("CARGO_PKG_VERSION")));
        row("endpoint", &screen::green(&endpoint));
        let accounts = if self.strict {
            "keys made by IAM and STS only (--strict)"
        } else {
            "access key 'test' is root of 000000000000; any 12-digit account id is root of that account; any secret"
        };
        row("accounts", accounts);
        row(
            "enforced",
            "signatures, IAM, resource, session, service-control and resource-control policies; every call",
        );
        row("data", data);
        row("clients", "eval \"$(welkin env)\"");
    }
}

/// Returns when the program is told to stop.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}
