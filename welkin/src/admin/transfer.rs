//! `POST reset`, `GET export` and `POST import`.
//!
//! An import is spooled to `import.part` in the data folder and verified. Renamed to `import.ready` it is decided:
//! whatever happens from then on, it is carried out, if need be at the next start ([`finish`]).

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use http::{Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::json;
use welkin_blob::BlobStore;
use welkin_kernel::{Body, Carried, ReplaceError};
use welkin_store::Store;

use super::Answer;
use super::archive::{self, Verified};
use crate::data::{self, Data};
use crate::fault::Fault;
use crate::pieces::Pieces;
use crate::server::Server;

const PART: &str = "import.part";
const READY: &str = "import.ready";

/// Removes everything but the clock's position.
pub(super) async fn reset(server: &Server) -> Answer {
    let kernel = Arc::clone(&server.kernel);
    // A task of its own: it goes on should the client go away.
    match tokio::spawn(async move { kernel.reset().await }).await {
        Ok(Ok(())) => Ok(json!({ "status": "reset" })),
        Ok(Err(error)) => Err(half_done("the removal of everything was not finished", error)),
        Err(error) => Err(half_done("the removal of everything was not finished", error)),
    }
}

fn half_done(what: &str, error: impl std::fmt::Display) -> (StatusCode, Fault) {
    let hint = "calls are refused until Welkin is started again, which finishes it";
    (StatusCode::INTERNAL_SERVER_ERROR, Fault::new(what, error, hint))
}

/// Streams an archive of everything.
pub(super) fn export(server: &Server) -> Response<Body> {
    let (out, pieces) = Pieces::channel();
    let kernel = Arc::clone(&server.kernel);
    tokio::spawn(async move {
        if let Err(error) = archive::write(&kernel, out.clone()).await {
            tracing::error!(%error, "an export was broken off");
            // The client sees its connection break, and the archive without its end.
            let _ = out.send(Err(error)).await;
        }
    });
    let mut response = Response::new(Body::stream(pieces));
    let kind = http::HeaderValue::from_static("application/vnd.welkin.archive");
    response.headers_mut().insert(http::header::CONTENT_TYPE, kind);
    response
}

/// Replaces everything by an archive.
pub(super) async fn import(server: &Server, body: Body) -> Answer {
    let Ok(_one_at_a_time) = server.importing.try_lock() else {
        let fault = Fault::new("another import is under way", "", "wait until it is done");
        return Err((StatusCode::CONFLICT, fault));
    };
    let spool = Spool::create(server.started.folder.as_deref()).map_err(unwritable)?;
    let spool = spool.fill(body).await?;
    let path = spool.path.clone();
    let archive = tokio::task::spawn_blocking(move || Verified::open(&path)).await;
    let archive = archive.map_err(unwritable)?.map_err(|fault| (StatusCode::BAD_REQUEST, fault))?;
    let kernel = Arc::clone(&server.kernel);
    let replaced = tokio::spawn(async move {
        let (mut state, blobs) = (archive.state()?, archive.blobs()?);
        let (folder, root_key) = (spool.folder.clone(), archive.root_key);
        let begun = || spool.decide();
        let done = || folder.map_or(Ok(()), |folder| settle(&folder, &root_key));
        kernel.replace(begun, &mut state, blobs, &archive.root_key, done).await
    });
    match replaced.await {
        Ok(Ok(Carried { rows, blobs })) => Ok(json!({ "status": "imported", "rows": rows, "blobs": blobs })),
        Ok(Err(ReplaceError::Closed)) => {
            let hint = "start Welkin again";
            Err((StatusCode::SERVICE_UNAVAILABLE, Fault::new("an earlier import or reset failed", "", hint)))
        }
        Ok(Err(error)) => Err(half_done("the import was not finished", error)),
        Err(error) => Err(half_done("the import was not finished", error)),
    }
}

fn unwritable(error: impl std::fmt::Display) -> (StatusCode, Fault) {
    let hint = "make room for a copy of the archive in the data folder; nothing was changed";
    (StatusCode::INSUFFICIENT_STORAGE, Fault::new("the archive cannot be kept on disk", error, hint))
}

/// The file that an archive is received in; removed unless it is decided.
struct Spool {
    path: PathBuf,
    file: Option<File>,
    /// The data folder; `None` where everything is in memory.
    folder: Option<PathBuf>,
    keep: bool,
}

impl Spool {
    fn create(folder: Option<&Path>) -> io::Result<Self> {
        let path = match folder {
            Some(folder) => folder.join(PART),
            None => std::env::temp_dir().join(format!("welkin-{}-{PART}", std::process::id())),
        };
        let file = data::private_file(&path)?;
        Ok(Self { path, file: Some(file), folder: folder.map(Path::to_owned), keep: false })
    }

    /// Writes the body to the file.
    async fn fill(mut self, mut body: Body) -> Result<Self, (StatusCode, Fault)> {
        let mut beginning = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| {
                let hint = "send it again; nothing was changed";
                (StatusCode::BAD_REQUEST, Fault::new("the archive was not received in full", error, hint))
            })?;
            let Ok(piece) = frame.into_data() else { continue };
            // What is no archive is refused before all of it was sent.
            if beginning.len() < archive::MAGIC.len() {
                beginning.extend(piece.iter().take(archive::MAGIC.len() - beginning.len()));
                if !archive::MAGIC.starts_with(&beginning) {
                    return Err((StatusCode::BAD_REQUEST, archive::foreign()));
                }
            }
            let file = self.file.take();
            let written = tokio::task::spawn_blocking(move || {
                let mut file = file.ok_or(io::ErrorKind::NotFound)?;
                file.write_all(&piece)?;
                Ok::<_, io::Error>(file)
            });
            self.file = Some(written.await.map_err(unwritable)?.map_err(unwritable)?);
        }
        let file = self.file.take();
        let synced = tokio::task::spawn_blocking(move || file.map_or(Ok(()), |file| file.sync_all()));
        synced.await.map_err(unwritable)?.map_err(unwritable)?;
        Ok(self)
    }

    /// From here on the import is carried out, whatever happens.
    fn decide(mut self) -> io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        std::fs::rename(&self.path, folder.join(READY))?;
        self.keep = true;
        data::sync_folder(folder)
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if !self.keep
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            tracing::warn!(path = %self.path.display(), %error, "the file of an import cannot be removed");
        }
    }
}

/// The last steps of an import: its root key, and the end of its file.
fn settle(folder: &Path, root_key: &[u8]) -> io::Result<()> {
    data::replace_private(&data::root_key(folder), root_key)?;
    std::fs::remove_file(folder.join(READY))?;
    data::sync_folder(folder)
}

/// Carries out an import that a crash broke off, before anything else is done with the data.
pub(crate) async fn finish(data: &Data, store: &Store, blobs: &BlobStore) -> Result<(), Fault> {
    let Data::Folder(folder) = data else { return Ok(()) };
    let _ = std::fs::remove_file(folder.join(PART));
    let path = folder.join(READY);
    if !path.exists() {
        return Ok(());
    }
    let hint =
        format!("check the disk; to give the import up, remove {} and what it has half replaced", path.display());
    let failed = |error: &dyn std::fmt::Display| {
        Fault::new("the import that was broken off cannot be finished", error, hint.clone())
    };
    let archive = Verified::open(&path)?;
    let mut state = archive.state().map_err(|e| failed(&e))?;
    let bytes = archive.blobs().map_err(|e| failed(&e))?;
    welkin_kernel::replace(store, blobs, &mut state, bytes).await.map_err(|e| failed(&e))?;
    settle(folder, &archive.root_key).map_err(|e| failed(&e))
}
