//! Exports, replaces and removes all blobs of an object store.

use super::Objects;
use crate::{
    Error,
    reference::Place,
    transfer::{Entry, Exporter, Importer, nobody_reads},
};
use bytes::Bytes;
use futures_util::TryStreamExt;
use tokio::sync::mpsc;

/// A blob whose frames are longer than this is uploaded in parts of this many bytes.
const PART: usize = 5 * 1024 * 1024;
/// Frames that are read at once.
const STEP: usize = 256 * 1024;

impl Objects {
    /// Sends every blob. Blobs must be held meanwhile.
    pub(crate) async fn export(&self, out: mpsc::Sender<Bytes>) -> Result<u64, Error> {
        let mut exporter = Exporter::new(out);
        let mut objects = self.list();
        while let Some((id, object)) = objects.try_next().await? {
            exporter.begin(&Entry { id, place: Place::Own, framed: object.size });
            let mut left = object.size;
            if left == 0
                && let Some(piece) = exporter.frames(&[])
            {
                exporter.send(piece).await?;
            }
            let mut body = None;
            while left > 0 {
                let body = match &mut body {
                    Some(body) => body,
                    none => none.insert(self.open_blob(id, 0..object.size).await?),
                };
                let frames = body.read(left.min(STEP as u64) as usize).await?;
                left -= frames.len() as u64;
                if let Some(piece) = exporter.frames(&frames) {
                    exporter.send(piece).await?;
                }
            }
        }
        let blobs = exporter.blobs;
        let (out, last) = exporter.end();
        out.send(last).await.map_err(|_| nobody_reads())?;
        Ok(blobs)
    }

    /// Removes all blobs.
    pub(crate) async fn clear(&self) -> Result<(), Error> {
        let mut objects = self.list();
        while let Some((id, _)) = objects.try_next().await? {
            match self.delete(id).await {
                Ok(()) | Err(Error::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Replaces all blobs by those of an export. Those that stood in segments become objects of their own: their
    /// references name them as well.
    pub(crate) async fn restore(&self, mut importer: Importer) -> Result<u64, Error> {
        self.clear().await?;
        loop {
            let next = crate::local::blocking(move || importer.next().map(|entry| (importer, entry)));
            let entry;
            (importer, entry) = next.await?;
            match entry {
                Some(entry) => importer = self.restore_blob(entry, importer).await?,
                None => return Ok(importer.blobs()),
            }
        }
    }

    async fn restore_blob(&self, entry: Entry, mut importer: Importer) -> Result<Importer, Error> {
        let mut upload = match entry.framed > PART as u64 {
            true => Some(self.upload(entry.id, PART).await?),
            false => None,
        };
        let mut whole = Vec::new();
        loop {
            let next = crate::local::blocking(move || importer.frames().map(|frames| (importer, frames)));
            let frames;
            (importer, frames) = next.await?;
            match &mut upload {
                _ if frames.is_empty() => break,
                Some(upload) => upload.write(frames).await?,
                None => whole.extend_from_slice(&frames),
            }
        }
        match upload {
            Some(upload) => upload.finish(Vec::new()).await?,
            None => self.put(entry.id, whole.into()).await?,
        }
        Ok(importer)
    }
}
