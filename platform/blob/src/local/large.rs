//! Blobs in files of their own.

use super::{Local, blocking, need_room, sync_directory};
use crate::{BlobId, Error};
use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    sync::Arc,
};
use tokio::task::JoinHandle;

/// A large blob that is being written. Dropping it removes the file.
pub(crate) struct Large {
    local: Arc<Local>,
    id: BlobId,
    file: Arc<File>,
    end: u64,
    /// The piece that is on its way to the file.
    under_way: Option<JoinHandle<Result<(), Error>>>,
    finished: bool,
}

impl Large {
    pub(crate) async fn create(local: Arc<Local>, id: BlobId) -> Result<Self, Error> {
        let path = local.unfinished(id);
        let file = blocking(move || Ok(File::options().write(true).create_new(true).open(path)?)).await?;
        Ok(Self { local, id, file: Arc::new(file), end: 0, under_way: None, finished: false })
    }

    /// Writes frames after those before. Returns when the piece before this one has been written.
    pub(crate) async fn write(&mut self, frames: Vec<u8>) -> Result<(), Error> {
        self.settle().await?;
        let (local, file, offset) = (self.local.clone(), self.file.clone(), self.end);
        self.end += frames.len() as u64;
        self.under_way = Some(tokio::task::spawn_blocking(move || {
            need_room(&local.directory)?;
            Ok(file.write_all_at(&frames, offset)?)
        }));
        Ok(())
    }

    /// Writes the last frames and makes the blob durable.
    pub(crate) async fn finish(mut self, frames: Vec<u8>) -> Result<(), Error> {
        self.settle().await?;
        let (local, id, file, offset) = (self.local.clone(), self.id, self.file.clone(), self.end);
        blocking(move || {
            file.write_all_at(&frames, offset)?;
            file.sync_data()?;
            local.note_finished(id);
            fs::rename(local.unfinished(id), local.large(id))?;
            Ok(sync_directory(&local.directory.join("large"))?)
        })
        .await?;
        self.finished = true;
        Ok(())
    }

    async fn settle(&mut self) -> Result<(), Error> {
        match self.under_way.take() {
            None => Ok(()),
            Some(piece) => piece.await.map_err(|error| Error::Unavailable(error.to_string()))?,
        }
    }
}

impl Drop for Large {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        let (path, id) = (self.local.unfinished(self.id), self.id);
        let remove = move || {
            if let Err(error) = fs::remove_file(path) {
                tracing::warn!(%id, %error, "an unfinished blob is left until the next start");
            }
        };
        // Freeing a long file takes a while.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(remove)),
            Err(_) => remove(),
        }
    }
}
