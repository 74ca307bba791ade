//! `welkin sql-worker`, and the options of `welkin up` that name workers.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;
use welkin_sql::Limits;
use welkin_sql_cluster::{Secret, Unfit, Workers, worker};

use super::up::{Signals, start_log};
use crate::fault::Fault;
use crate::screen;

/// What is said where a secret is missing or none.
const SECRET_HINT: &str = "set WELKIN_SQL_SECRET to the same text for 'welkin up' and all of its workers: at least 16 \
                           characters, such as 'openssl rand -hex 32' prints";

/// Run stages of SQL queries for a Welkin that is started with --sql-workers.
///
/// A worker keeps nothing and has no rights: it reads files through the Welkin that sends it work, which reads them as who
/// asked the query. Connections are not encrypted: workers belong into a network of their own.
#[derive(Args, Debug)]
pub(crate) struct SqlWorker {
    /// Where to listen; port 0 is any free one
    #[arg(long, value_name = "ADDR:PORT", env = "WELKIN_SQL_LISTEN")]
    listen: SocketAddr,
    /// Secret that is shared with the Welkin that sends work: at least 16 characters
    #[arg(long, env = "WELKIN_SQL_SECRET", hide_env_values = true)]
    sql_secret: Option<String>,
    /// Megabytes of memory for queries; what does not fit is spilled to disk if it can be
    #[arg(long, value_name = "MB", default_value_t = 1024)]
    memory: usize,
    /// What to log, e.g. info, debug
    #[arg(long, default_value = "warn", env = "WELKIN_LOG")]
    log: String,
    /// Print the banner and the log as JSON
    #[arg(long)]
    json: bool,
}

impl SqlWorker {
    pub(crate) fn run(self) -> Result<(), Fault> {
        start_log(&self.log, self.json)?;
        let secret = secret(self.sql_secret.as_deref())?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime =
            runtime.map_err(|e| Fault::new("the program cannot start", e, "free some file handles or memory"))?;
        runtime.block_on(self.serve(secret))
    }

    async fn serve(self, secret: Secret) -> Result<(), Fault> {
        let cannot = |error: &dyn fmt::Display| {
            Fault::new(format!("cannot listen on {}", self.listen), error, "choose another place: --listen ADDR:PORT")
        };
        let listener = tokio::net::TcpListener::bind(self.listen).await.map_err(|error| cannot(&error))?;
        let address = listener.local_addr().map_err(|error| cannot(&error))?;
        let signals = Signals::notice()?;
        match self.json {
            true => screen::line(&serde_json::json!({ "address": address.to_string() }).to_string()),
            false => screen::line(&format!("{} {address}", screen::bold("welkin sql-worker"))),
        }
        let limits = Limits { memory: self.memory.saturating_mul(1 << 20), ..Limits::default() };
        let served = worker::serve(listener, secret, limits, signals.stop()).await;
        served.map_err(|error| Fault::new("the worker has failed", error, "see its log"))
    }
}

/// The options of `welkin up`.
#[derive(Args, Debug)]
pub(crate) struct SqlWorkers {
    /// Run Athena's queries on these workers, each started with 'welkin sql-worker'
    #[arg(long, value_name = "HOST:PORT,…", env = "WELKIN_SQL_WORKERS", value_delimiter = ',')]
    sql_workers: Vec<String>,
    /// Secret that is shared with the workers: at least 16 characters
    #[arg(long, env = "WELKIN_SQL_SECRET", hide_env_values = true)]
    sql_secret: Option<String>,
    /// Where workers ask for bytes of files; a free port of the address that reaches the first worker unless told
    /// otherwise
    #[arg(long, value_name = "ADDR:PORT", env = "WELKIN_SQL_DESK", requires = "sql_workers")]
    sql_desk: Option<SocketAddr>,
}

impl SqlWorkers {
    /// The workers, if there are to be any: all of them must be there.
    pub(crate) async fn find(&self) -> Result<Option<Arc<Workers>>, Fault> {
        if self.sql_workers.is_empty() {
            return Ok(None);
        }
        let secret = secret(self.sql_secret.as_deref())?;
        let found = Workers::find(&self.sql_workers, secret, self.sql_desk).await;
        found.map(|workers| Some(Arc::new(workers))).map_err(|unfit| unusable(&unfit))
    }
}

fn secret(text: Option<&str>) -> Result<Secret, Fault> {
    let none = || Fault::new("SQL workers need a secret", "there is none", SECRET_HINT);
    Secret::new(text.ok_or_else(none)?).map_err(|why| Fault::new("the secret of SQL workers is none", why, SECRET_HINT))
}

fn unusable(unfit: &Unfit) -> Fault {
    match unfit {
        Unfit::Address(address) => {
            Fault::new(format!("{address:?} is no SQL worker's address"), "", "use HOST:PORT, several with commas")
        }
        Unfit::Away(address, why) => Fault::new(
            format!("the SQL worker {address} cannot be used"),
            why,
            format!("start it with 'welkin sql-worker --listen {address}' and the same secret, or leave it out"),
        ),
        Unfit::Version(address, version) => Fault::new(
            format!("the SQL worker {address} is another program"),
            format!("it is {version:?}"),
            "start workers of the same version",
        ),
        Unfit::Desk(why) => {
            Fault::new("SQL workers cannot be served", why, "choose where they ask: --sql-desk ADDR:PORT")
        }
    }
}
