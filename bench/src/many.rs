//! Very many small objects: put, listed, deleted; the restart with them, and the memory that they take.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use clap::Args;

use crate::client::{Answer, Connection, Identity, Spec};
use crate::failure::{Failure, Result};
use crate::load::{Slice, Work, run_work};
use crate::process::resident_kb;
use crate::scenario::s3::{body, check_put};
use crate::server::Server;
use crate::world::{ACCOUNT, element};
use crate::{Program, screen};

#[derive(Args, Clone, Debug)]
pub(crate) struct Many {
    #[command(flatten)]
    program: Program,
    /// How many objects
    #[arg(long, default_value_t = 1_000_000)]
    objects: u64,
    /// Bytes of each
    #[arg(long, default_value_t = 1024)]
    size: usize,
    /// Connections that put and delete
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// moto's server, to be given a hundredth as many
    #[arg(long, value_name = "FILE")]
    moto: Option<PathBuf>,
    /// ministack, to be given a hundredth as many
    #[arg(long, value_name = "FILE")]
    ministack: Option<PathBuf>,
}

const BUCKET: &str = "/welkin-bench-many";
/// Keys that one request lists or deletes.
const PAGE: u64 = 1000;

/// Puts, or deletes by the page, object after object.
struct Each {
    address: SocketAddr,
    identity: Arc<Identity>,
    next: AtomicU64,
    objects: u64,
    /// `None`: deletes.
    size: Option<usize>,
}

impl Work for Each {
    fn caller(&self) -> (SocketAddr, &Arc<Identity>) {
        (self.address, &self.identity)
    }

    fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    fn spec(&self, number: u64) -> Option<Spec> {
        let key = |number: u64| format!("{:03}/{number:09}", number % 512);
        match self.size {
            Some(size) if number < self.objects => {
                Some(Spec::s3("PUT", format!("{BUCKET}/{}", key(number)), "", body(size, number)))
            }
            None if number * PAGE < self.objects => {
                let last = self.objects.min((number + 1) * PAGE);
                let keys = (number * PAGE..last).map(|number| format!("<Object><Key>{}</Key></Object>", key(number)));
                let list = keys.collect::<String>();
                let list = format!("<Delete><Quiet>true</Quiet>{list}</Delete>");
                Spec::s3("POST", BUCKET.to_owned(), "delete=", list.into()).summed().ok()
            }
            _ => None,
        }
    }

    fn check(&self, _: u64, answer: &Answer) -> Result<()> {
        match self.size {
            Some(_) => check_put(answer),
            None if answer.status.is_success() && !answer.text().contains("<Error>") => Ok(()),
            None => Err(format!("{}: {}", answer.status, answer.text()).into()),
        }
    }
}

impl Many {
    pub(crate) async fn run(self) -> Result<()> {
        screen::line(
            "| server | objects | put/s | put p99 ms | listed/s | deleted/s | resident MB: before | put | listed | restarted | deleted | first answer after restart ms | on disk MB: put | deleted |",
        );
        screen::line("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        let program = self.program.path()?;
        self.server("Welkin", Server::welkin(&program).await?, self.objects, Some(&program)).await?;
        let fewer = (self.objects / 100).max(PAGE);
        if let Some(moto) = &self.moto {
            self.server("moto", Server::moto(moto).await?, fewer, None).await?;
        }
        if let Some(ministack) = &self.ministack {
            self.server("ministack", Server::ministack(ministack).await?, fewer, None).await?;
        }
        Ok(())
    }

    async fn server(&self, name: &str, server: Server, objects: u64, restart: Option<&Path>) -> Result<()> {
        let identity = Identity::new(ACCOUNT, "any");
        let mut server = server;
        let mut memory = vec![resident_kb(server.pid)];
        Connection::open(server.address, &identity)
            .await?
            .call(Spec::s3("PUT", BUCKET.into(), "", Bytes::new()))
            .await?;
        let put = self.each(&server, &identity, objects, Some(self.size)).await?;
        memory.push(resident_kb(server.pid));
        let full = disk_mb(server.folder());
        let listed = list(&mut Connection::open(server.address, &identity).await?, objects).await?;
        memory.push(resident_kb(server.pid));
        let mut restarted = f64::NAN;
        if let Some(program) = restart {
            let start = Instant::now();
            server = server.restart(program).await?;
            let mut connection = Connection::open(server.address, &identity).await?;
            connection.call(Spec::s3("GET", format!("{BUCKET}/001/{:09}", 1), "", Bytes::new())).await?;
            restarted = start.elapsed().as_secs_f64() * 1e3;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        memory.push(resident_kb(server.pid));
        let delete = self.each(&server, &identity, objects, None).await?;
        memory.push(resident_kb(server.pid));
        let memory: Vec<String> = memory.iter().map(|kb| format!("{:.0}", *kb as f64 / 1024.0)).collect();
        screen::line(&format!(
            "| {name} | {objects} | {:.0} | {:.1} | {listed:.0} | {:.0} | {} | {restarted:.0} | {full:.0} | {:.0} |",
            put.rate(),
            put.percentile(0.99) / 1e3,
            objects as f64 / delete.seconds,
            memory.join(" | "),
            disk_mb(server.folder()),
        ));
        server.stop().await;
        Ok(())
    }

    async fn each(
        &self,
        server: &Server,
        identity: &Arc<Identity>,
        objects: u64,
        size: Option<usize>,
    ) -> Result<Slice> {
        let identity = Arc::clone(identity);
        let work = Each { address: server.address, identity, next: AtomicU64::new(0), objects, size };
        let slice = run_work(&Arc::new(work), server.pid, self.connections, Duration::from_secs(6 * 3600)).await?;
        match slice.first_failure {
            Some(failure) => Err(Failure::at("many objects", failure)),
            None => Ok(slice),
        }
    }
}

/// Lists all keys; keys a second.
async fn list(connection: &mut Connection, objects: u64) -> Result<f64> {
    let (start, mut seen, mut token) = (Instant::now(), 0, String::new());
    loop {
        let query = format!("{token}list-type=2");
        let page = connection.call(Spec::s3("GET", BUCKET.to_owned(), &query, Bytes::new())).await?.text();
        seen += page.matches("<Key>").count() as u64;
        if element(&page, "IsTruncated")? != "true" {
            break;
        }
        token = format!("continuation-token={}&", crate::world::encode(element(&page, "NextContinuationToken")?));
    }
    if seen == objects {
        Ok(seen as f64 / start.elapsed().as_secs_f64())
    } else {
        Err(format!("{seen} keys are listed").into())
    }
}

/// What the files of a folder take on the disk.
fn disk_mb(folder: &Path) -> f64 {
    fn blocks(folder: &Path) -> u64 {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .filter_map(|entry| {
                let found = entry.metadata().ok()?;
                let own = std::os::unix::fs::MetadataExt::blocks(&found);
                Some(if found.is_dir() { own + blocks(&entry.path()) } else { own })
            })
            .sum()
    }
    blocks(folder) as f64 * 512.0 / f64::from(1 << 20)
}

/// Puts, lists, restarts and deletes a few.
pub(crate) async fn smoke(program: &Program) -> Result<()> {
    let program = program.clone();
    Many { program, objects: 2500, size: 100, connections: 4, moto: None, ministack: None }.run().await
}
