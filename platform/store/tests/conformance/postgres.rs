//! A PostgreSQL server for the tests.

use std::{
    fs,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};
use tokio_postgres::NoTls;

/// The URL of a database that nobody else uses.
pub(crate) async fn fresh_database() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = match std::env::var("WELKIN_TEST_POSTGRES") {
        Ok(url) => url.trim_end_matches('/').to_owned(),
        Err(_) => private_cluster().url(),
    };
    let name = format!("welkin_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let (client, connection) = tokio_postgres::connect(&format!("{server}/postgres"), NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
    drop(client);
    driver.await.unwrap().unwrap();
    format!("{server}/{name}")
}

struct Cluster {
    directory: PathBuf,
    /// Waits for the end of this process and then stops the server and removes its data.
    _guard: Child,
}

impl Cluster {
    fn url(&self) -> String {
        let socket = self.directory.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{socket}")
    }
}

fn private_cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let binaries = binaries().expect(
            "no PostgreSQL server to test with: install it (`apt-get install postgresql`), \
             or set WELKIN_TEST_POSTGRES to the URL of one",
        );
        start(&binaries)
    })
}

/// The newest installed version.
fn binaries() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions.filter_map(|entry| Some((version(&entry.path())?, entry.path()))).max()?;
    let binaries = newest.1.join("bin");
    binaries.join("initdb").exists().then_some(binaries)
}

fn start(binaries: &Path) -> Cluster {
    let directory = tempfile::Builder::new().prefix("welkin-pg-").tempdir().unwrap().keep();
    // The server refuses to run as root.
    let root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let run_as = if root { "runuser -u postgres --" } else { "" };
    if root {
        let (user, group) = postgres_user();
        chown(&directory, Some(user), Some(group)).unwrap();
    }
    let (data, bin) = (directory.join("data"), binaries.display());
    let script = format!(
        "{run_as} {bin}/initdb --auth=trust --username=postgres --no-sync --no-instructions -D {data} >&2 && \
         {run_as} {bin}/pg_ctl -D {data} -w -l {directory}/log start -o \"{options}\" >&2 && \
         echo ready > {directory}/ready; \
         cat > /dev/null; \
         {run_as} {bin}/pg_ctl -D {data} -m immediate stop >&2; rm -rf {directory}",
        data = data.display(),
        directory = directory.display(),
        options = format_args!(
            "-k {} -c listen_addresses= -c fsync=off -c max_connections=400 -c shared_buffers=32MB",
            directory.display()
        ),
    );
    let mut guard = Command::new("sh")
        .args(["-c", &script])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..300 {
        if directory.join("ready").exists() {
            return Cluster { directory, _guard: guard };
        }
        assert!(guard.try_wait().unwrap().is_none(), "the PostgreSQL server did not start");
        thread::sleep(Duration::from_millis(100));
    }
    panic!("the PostgreSQL server did not start: see {}/log", directory.display());
}

fn postgres_user() -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let line = users.lines().find(|line| line.starts_with("postgres:")).expect("there is no user postgres");
    let mut fields = line.split(':').skip(2).map(|field| field.parse().unwrap());
    (fields.next().unwrap(), fields.next().unwrap())
}
