//! `welkin export` and `welkin import`.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use clap::Args;
use http::Method;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::{Value as Json, json};
use welkin_wire::Body;

use super::{Target, block_on};
use crate::fault::Fault;
use crate::pieces::Pieces;
use crate::{admin_client, data, screen};

/// Bytes that are read at a time.
const STEP: usize = 256 * 1024;

/// Write everything that a running Welkin holds to a file.
#[derive(Args, Debug)]
pub(crate) struct Export {
    #[command(flatten)]
    target: Target,
    /// The file, or '-' for standard output; it holds secrets, the root key among them
    file: PathBuf,
}

impl Export {
    pub(crate) fn run(self) -> Result<(), Fault> {
        let written = block_on(async {
            let answer = admin_client::request(&self.target, Method::GET, "export", Body::empty()).await?;
            if self.file.as_os_str() == "-" {
                return receive(answer.body, &mut io::stdout(), &self.file).await;
            }
            // Under its name it appears only when it is whole.
            let draft = self.file.with_added_extension("part");
            let written = self.receive_file(answer.body, &draft).await;
            if written.is_err() {
                let _ = std::fs::remove_file(&draft);
            }
            written
        })?;
        let line = if self.target.json {
            json!({ "bytes": written }).to_string()
        } else {
            format!("{} written to {}; it holds secrets", size(written), self.file.display())
        };
        if self.file.as_os_str() != "-" {
            screen::line(&line);
        }
        Ok(())
    }

    async fn receive_file(&self, body: Incoming, draft: &Path) -> Result<u64, Fault> {
        let mut file = data::private_file(draft).map_err(|error| unwritable(&self.file, error))?;
        let written = receive(body, &mut file, &self.file).await?;
        let kept = file.sync_all().and_then(|()| std::fs::rename(draft, &self.file));
        kept.map_err(|error| unwritable(&self.file, error))?;
        Ok(written)
    }
}

fn unwritable(file: &Path, error: io::Error) -> Fault {
    let hint = "name a file in a folder that you may write to, with room for it";
    Fault::new(format!("{} cannot be written", file.display()), error, hint)
}

async fn receive(mut body: Incoming, out: &mut impl Write, name: &Path) -> Result<u64, Fault> {
    let mut progress = Progress::new("exported", None);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|e| Fault::new("the export was broken off", e, "see Welkin's log"))?;
        if let Some(data) = frame.data_ref() {
            out.write_all(data).map_err(|error| unwritable(name, error))?;
            progress.add(data.len() as u64);
        }
    }
    out.flush().map_err(|error| unwritable(name, error))?;
    Ok(progress.done)
}

/// Replace everything that a running Welkin holds by what a file has.
#[derive(Args, Debug)]
pub(crate) struct Import {
    #[command(flatten)]
    target: Target,
    /// A file that 'welkin export' wrote
    file: PathBuf,
}

impl Import {
    pub(crate) fn run(self) -> Result<(), Fault> {
        let unreadable = |error: io::Error| {
            let hint = "name a file that 'welkin export' wrote";
            Fault::new(format!("{} cannot be read", self.file.display()), error, hint)
        };
        let file = File::open(&self.file).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        let told: Json = block_on(async {
            let body = send(file, length);
            let answer = admin_client::request(&self.target, Method::POST, "import", body).await?;
            let text = admin_client::collect(answer.body).await?;
            serde_json::from_slice(&text).map_err(|e| Fault::new("the answer is not JSON", e, "is a Welkin there?"))
        })?;
        screen::line(&if self.target.json {
            told.to_string()
        } else {
            format!("everything is replaced: {} rows and {} blobs imported", told["rows"], told["blobs"])
        });
        Ok(())
    }
}

/// The file as a body that is read while it is sent.
fn send(mut file: File, length: u64) -> Body {
    let (out, pieces) = Pieces::channel();
    tokio::task::spawn_blocking(move || {
        let mut progress = Progress::new("sent", Some(length));
        loop {
            let mut piece = vec![0; STEP];
            let piece = match file.read(&mut piece) {
                Ok(0) => return,
                Ok(read) => {
                    piece.truncate(read);
                    progress.add(read as u64);
                    Ok(Bytes::from(piece))
                }
                Err(error) => Err(error.into()),
            };
            let failed = piece.is_err();
            // Nobody takes it any more once the server has refused the archive.
            if out.blocking_send(piece).is_err() || failed {
                return;
            }
        }
    });
    Body::stream(pieces)
}

/// Tells a person how far it is.
struct Progress {
    what: &'static str,
    done: u64,
    of: Option<u64>,
    told: Option<Instant>,
    shown: bool,
}

impl Progress {
    const PAUSE: Duration = Duration::from_millis(200);

    fn new(what: &'static str, of: Option<u64>) -> Self {
        Self { what, done: 0, of, told: Some(Instant::now()).filter(|_| io::stderr().is_terminal()), shown: false }
    }

    fn add(&mut self, bytes: u64) {
        self.done += bytes;
        if self.told.is_some_and(|told| told.elapsed() >= Self::PAUSE) {
            let of = self.of.map(|of| format!(" of {}", size(of))).unwrap_or_default();
            let _ = write!(io::stderr(), "\r{}{of} {}\x1b[K", size(self.done), self.what);
            self.told = Some(Instant::now());
            self.shown = true;
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// A number of bytes for a person.
fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match UNITS.iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{:.1} {name}", bytes as f64 / *unit as f64),
        None => format!("{bytes} bytes"),
    }
}
