//! Servers under load, each in its own process.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::canned::Canned;
use crate::failure::{Failure, Result};

/// A server that was started here; it ends with this value.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) pid: u32,
    child: Child,
    /// Data of the server, removed with it.
    folder: TempDir,
}

impl Server {
    /// Starts `welkin up` on an empty data folder.
    pub(crate) async fn welkin(program: &Path) -> Result<Self> {
        Self::welkin_on(program, TempDir::with_prefix("welkin-bench-")?).await
    }

    /// Kills it and starts `welkin up` on what it leaves.
    pub(crate) async fn restart(mut self, program: &Path) -> Result<Self> {
        self.child.kill().await?;
        Self::welkin_on(program, self.folder).await
    }

    /// Where its data are.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    async fn welkin_on(program: &Path, folder: TempDir) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(["up", "--listen", "127.0.0.1:0", "--json", "--data"]).arg(folder.path());
        Self::with_banner(command, folder).await.map_err(|error| Failure::at("welkin up", error))
    }

    /// Starts a bare hyper server that gives `answer`, with a body of `length` bytes if that is not the answer's own.
    pub(crate) async fn bare(answer: &Canned, length: Option<u64>) -> Result<Self> {
        let folder = TempDir::with_prefix("welkin-bench-")?;
        let file = folder.path().join("answer");
        std::fs::write(&file, answer.to_bytes())?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("peer").arg(file);
        if let Some(length) = length {
            command.args(["--length", &length.to_string()]);
        }
        Self::with_banner(command, folder).await.map_err(|error| Failure::at("bare server", error))
    }

    /// Starts moto's server.
    pub(crate) async fn moto(program: &Path) -> Result<Self> {
        Self::on_port(Command::new(program), "moto", |command, port| {
            command.args(["--host", "127.0.0.1", "--port", port]);
        })
        .await
    }

    /// Starts ministack.
    pub(crate) async fn ministack(program: &Path) -> Result<Self> {
        Self::on_port(Command::new(program), "ministack", |command, port| {
            command.env("GATEWAY_PORT", port);
        })
        .await
    }

    /// Starts a server on a port that is chosen for it, since it does not print the one that it would take.
    async fn on_port(mut command: Command, name: &str, at: impl FnOnce(&mut Command, &str)) -> Result<Self> {
        let folder = TempDir::with_prefix("welkin-bench-")?;
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        at(&mut command, &address.port().to_string());
        command.current_dir(folder.path());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.kill_on_drop(true).spawn()?;
        let pid = child.id().ok_or_else(|| format!("{name} ended at once"))?;
        let server = Self { address, pid, child, folder };
        let deadline = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(address).await.is_err() {
            if Instant::now() > deadline {
                return Err(format!("{name} does not listen").into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(server)
    }

    /// Starts a server that prints a line of JSON with its endpoint when it listens.
    async fn with_banner(mut command: Command, folder: TempDir) -> Result<Self> {
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let pid = child.id().ok_or("it ended at once")?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("it has no output")?).lines();
        let line = lines.next_line().await?.ok_or("it ended without a banner")?;
        let banner: serde_json::Value = serde_json::from_str(&line).map_err(Failure::of)?;
        let endpoint = banner.get("endpoint").and_then(|endpoint| endpoint.as_str()).unwrap_or_default();
        let address = endpoint.strip_prefix("http://").and_then(|address| address.parse().ok());
        let address = address.ok_or("its banner names no endpoint")?;
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { address, pid, child, folder })
    }

    /// Ends the server and waits until it is gone.
    pub(crate) async fn stop(mut self) {
        // It is gone in either case.
        let _ = self.child.kill().await;
    }
}
