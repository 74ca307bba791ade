//! `welkin up`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};
use welkin_blob::BlobStore;
use welkin_gateway::{Config, Cors, DEFAULT_PORT, Gateway, Tls};
use welkin_kernel::{Chance, Clock, Kernel, Parts, Settings, StartError, Timestamp};
use welkin_sql::remote::Cluster;
use welkin_store::Store;

use super::sql::SqlWorkers;
use crate::admin::{Started, clock, transfer};
use crate::data::Data;
use crate::fault::Fault;
use crate::server::Server;
use crate::{screen, services};

/// Start Welkin and serve until interrupted.
#[derive(Args, Debug)]
pub(crate) struct Up {
    /// Where to listen, several times if need be; port 4566 of both loopback addresses unless told otherwise. Port 0 is
    /// any free one
    #[arg(long, value_name = "ADDR:PORT", env = "WELKIN_LISTEN", value_delimiter = ',', value_parser = listen)]
    listen: Vec<Listen>,
    /// Folder for everything that is kept; one per user unless told otherwise
    #[arg(long, value_name = "DIR", env = "WELKIN_DATA", conflicts_with = "memory")]
    data: Option<PathBuf>,
    /// Keep everything in memory: it is gone when Welkin stops
    #[arg(long, conflicts_with_all = ["store", "blobs"])]
    memory: bool,
    /// Where the state is: 'memory', a folder, or postgres://…
    #[arg(long, value_name = "URL", env = "WELKIN_STORE")]
    store: Option<String>,
    /// Where objects' bytes are: 'memory', a folder, or s3://bucket/prefix?endpoint=…
    #[arg(long, value_name = "URL", env = "WELKIN_BLOBS")]
    blobs: Option<String>,
    /// Memory that queries may take together, e.g. 512MB; what they need beyond is put on disk. 1GB unless told otherwise
    #[arg(long, value_name = "SIZE", env = "WELKIN_QUERY_MEMORY", value_parser = size)]
    query_memory: Option<usize>,
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
    #[command(flatten)]
    sql: SqlWorkers,
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

/// Bytes, or with KB, MB or GB behind the number so many times 1024 of the one before.
fn size(text: &str) -> Result<usize, String> {
    let units = [("KB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30), ("", 1)];
    let number = |(unit, factor): (&str, usize)| text.strip_suffix(unit)?.parse::<usize>().ok()?.checked_mul(factor);
    let found = units.into_iter().find_map(number).filter(|bytes| *bytes > 0);
    found.ok_or_else(|| "a size has the form 512MB".to_owned())
}

impl Up {
    pub(crate) fn run(self) -> Result<(), Fault> {
        start_log(&self.log, self.json)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime =
            runtime.map_err(|e| Fault::new("the program cannot start", e, "free some file handles or memory"))?;
        runtime.block_on(self.serve())
    }

    async fn serve(self) -> Result<(), Fault> {
        let data = self.data()?;
        if let Some(bytes) = self.query_memory {
            welkin_athena::set_memory(bytes);
        }
        let place = self.place(&data)?;
        data.prepare()?;
        let workers = self.sql.find().await?;
        if let Some(workers) = &workers {
            welkin_athena::run_queries_by(Arc::clone(workers) as Arc<dyn Cluster>);
        }
        let kernel = self.kernel(&data, &place).await?;
        let tls = Tls { ca: data.ca()?, clock: Arc::new(Clock::machine_now) };
        let config = Config {
            listen: self.addresses(),
            tls: Some(tls),
            cors: self.cors.clone().unwrap_or_default(),
            operator_token: self.token.clone(),
            ..Config::default()
        };
        let folder = match &data {
            Data::Memory => None,
            Data::Folder(folder) => Some(folder.clone()),
        };
        let started =
            Started { version: env!("CARGO_PKG_VERSION"), data: place.to_string(), strict: self.strict, folder };
        let server = Arc::new(Server { kernel: Arc::clone(&kernel), started, workers, importing: Default::default() });
        let gateway = Gateway::bind(config, server).await.map_err(|error| {
            Fault::new(
                "cannot listen",
                error,
                "stop what listens there, or choose another place: --listen 127.0.0.1:PORT",
            )
        })?;
        if let Some(time) = self.clock {
            kernel.set_clock(time).await.map_err(|e| Fault::new("the clock cannot be set", e, "see Welkin's log"))?;
        }
        let signals = Signals::notice()?;
        self.banner(&gateway.addresses(), &place.to_string());
        let jobs = tokio::spawn(Arc::clone(&kernel).run_jobs());
        let sweeps = tokio::spawn(Arc::clone(&kernel).run_sweeps());
        let follower = tokio::spawn(Arc::clone(&kernel).follow_clock());
        let finished = gateway.serve(signals.stop()).await;
        jobs.abort();
        sweeps.abort();
        follower.abort();
        if !finished {
            tracing::warn!("calls that did not end were broken off");
        }
        Ok(())
    }

    fn addresses(&self) -> Vec<SocketAddr> {
        match self.listen.as_slice() {
            [] => Config::loopback(DEFAULT_PORT),
            given => given.iter().flat_map(|listen| listen.0.iter().copied()).collect(),
        }
    }

    fn data(&self) -> Result<Data, Fault> {
        match &self.data {
            _ if self.memory => Ok(Data::Memory),
            Some(folder) => Ok(Data::Folder(folder.clone())),
            None => Data::of_user().map(Data::Folder),
        }
    }

    /// Where state and blobs are. Nothing is opened yet, so that a misspelled location harms nothing.
    fn place(&self, data: &Data) -> Result<Place, Fault> {
        Ok(Place {
            store: welkin_store::Location::parse(&self.store.clone().unwrap_or_else(|| data.state()))?,
            blobs: welkin_blob::Location::parse(&self.blobs.clone().unwrap_or_else(|| data.blobs()))?,
        })
    }

    async fn kernel(&self, data: &Data, place: &Place) -> Result<Arc<Kernel>, Fault> {
        let chance = Chance::from_system();
        let store = Store::open(&place.store).await?;
        let blobs = BlobStore::open(&place.blobs).await?;
        transfer::finish(data, &store, &blobs).await?;
        let parts = Parts {
            store,
            blobs,
            clock: Clock::machine(0),
            sealer: data.sealer(&chance)?,
            chance,
            registry: services::registry(),
            settings: Settings { strict: self.strict, ..Settings::default() },
        };
        Kernel::start(parts).await.map_err(|error| {
            let hint = match &error {
                StartError::RootKey => "use the data folder whose 'root.key' belongs to this state",
                StartError::HalfReplaced => "start with the data folder that the import was given to: it goes on there",
                StartError::Removal(_) | StartError::Store(_) => "check the disk or the database",
                StartError::Faults(_) => "this is a fault of this build of Welkin",
            };
            Fault::new(format!("Welkin cannot start with {place}"), error, hint)
        })
    }

    fn banner(&self, addresses: &[SocketAddr], data: &str) {
        let urls: Vec<String> = addresses.iter().map(|address| format!("http://{}", reachable(*address))).collect();
        let endpoint = urls.first().cloned().unwrap_or_default();
        let open: Vec<String> =
            addresses.iter().filter(|address| !address.ip().is_loopback()).map(ToString::to_string).collect();
        if self.json {
            let banner = serde_json::json!({
                "endpoint": endpoint, "endpoints": urls, "data": data, "strict": self.strict, "open": open,
            });
            screen::line(&banner.to_string());
            return;
        }
        let row = |name: &str, text: &str| screen::line(&format!("  {}  {text}", screen::dim(&format!("{name:<10}"))));
        screen::line(&format!("{} {}", screen::bold("welkin"), env!("CARGO_PKG_VERSION")));
        row("endpoint", &screen::green(&urls.join("  ")));
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
        if !open.is_empty() {
            let who =
                if self.strict { "by keys of IAM and STS" } else { "as root of any account, for lack of --strict" };
            row("open", &format!("everyone who reaches {} can call the AWS API, {who}", open.join(" and ")));
            let operator =
                if self.token.is_some() { "this machine, and who has the token" } else { "this machine only" };
            row("operator", &format!("/_welkin/ answers {operator}"));
        }
        let port = addresses.first().map_or(DEFAULT_PORT, SocketAddr::port);
        let env = if port == DEFAULT_PORT { String::new() } else { format!(" --endpoint {endpoint}") };
        row("clients", &format!("eval \"$(welkin env{env})\""));
    }
}

/// Begins to log, as JSON if that is wanted.
pub(crate) fn start_log(wanted: &str, json: bool) -> Result<(), Fault> {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_new(wanted)
        .map_err(|e| Fault::new(format!("--log {wanted} is not a filter"), e, "try --log info or --log debug"))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json {
        log.json().init();
    } else {
        log.init();
    }
    Ok(())
}

/// Where state and blobs are.
struct Place {
    store: welkin_store::Location,
    blobs: welkin_blob::Location,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.store, &self.blobs) {
            (welkin_store::Location::Memory, welkin_blob::Location::Memory) => f.write_str("memory"),
            (store, blobs) => write!(f, "{store}, {blobs}"),
        }
    }
}

/// An address under which this machine reaches what listens on `address`.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

/// Where to listen: `ADDR:PORT`, or `localhost:PORT` or a port for both loopback addresses.
#[derive(Clone, Debug)]
struct Listen(Vec<SocketAddr>);

fn listen(text: &str) -> Result<Listen, String> {
    let port = text.strip_prefix("localhost:").or_else(|| text.strip_prefix(':')).unwrap_or(text);
    if let Ok(port) = port.parse::<u16>() {
        return Ok(Listen(Config::loopback(port)));
    }
    let hint = "use ADDR:PORT such as 127.0.0.1:4566, [::1]:4566 or 0.0.0.0:4566, localhost:PORT, or a port";
    text.parse().map(|address| Listen(vec![address])).map_err(|_| hint.to_owned())
}

/// What tells the program to stop.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From here on signals are noticed, and do not end the program by themselves.
    pub(crate) fn notice() -> Result<Self, Fault> {
        let of = |kind| signal(kind).map_err(|e| Fault::new("signals cannot be noticed", e, "free some file handles"));
        Ok(Self { terminate: of(SignalKind::terminate())?, interrupt: of(SignalKind::interrupt())? })
    }

    /// Returns when the program is told to stop. Told a second time, it stops at once.
    pub(crate) async fn stop(mut self) {
        self.next().await;
        tokio::spawn(async move {
            self.next().await;
            std::process::exit(130);
        });
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_to_listen() {
        let count = |text| listen(text).map_or(0, |listen| listen.0.len());
        for (text, addresses) in [("127.0.0.1:0", 1), ("[::1]:4566", 1), ("localhost:80", 2), ("4566", 2), (":0", 2)] {
            assert_eq!(count(text), addresses, "{text}");
        }
        for text in ["", "x", "127.0.0.1", "localhost", "::1:4566x", "70000"] {
            assert_eq!(count(text), 0, "{text}");
        }
    }
}
