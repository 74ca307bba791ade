//! Freeing the bytes of objects that are replaced or deleted.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::blob::{BlobRef, Error as BlobError};
use welkin_kernel::{Cx, Job, Place, Result, Schedule};

use super::{Content, Manifest};
use crate::content::Piece;

/// How long bytes outlive their object, so that downloads that have begun can end, on the kernel's clock.
const GRACE: Duration = Duration::from_secs(600);

/// Frees bytes that nothing refers to any more. Should it be lost, the sweep of the blob store finds them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FreeBlob {
    blobs: Vec<BlobRef>,
    /// Bucket and upload of a manifest whose parts are to be freed with it.
    manifest: Option<(String, String)>,
}

impl Job for FreeBlob {
    const NAME: &'static str = "s3/free-blob";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let mut blobs = self.blobs.clone();
        if let Some(key) = &self.manifest
            && let Some(manifest) = cx.get::<Manifest>(place, (&key.0, &key.1)).await?
        {
            blobs.extend(manifest.parts.into_iter().filter_map(|part| part.1).map(|piece| piece.blob));
        }
        cx.stage(async |cx| {
            for blob in &blobs {
                match cx.blobs().delete(blob).await {
                    Ok(()) | Err(BlobError::NotFound(_)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(())
        })
        .await?;
        if let Some(key) = &self.manifest {
            cx.delete::<Manifest>(place, (&key.0, &key.1)).await?;
        }
        Ok(())
    }
}

/// Has the bytes of an object freed, once the transaction has committed.
pub(crate) async fn free(cx: &mut Cx, place: Place, bucket: &str, content: Content) -> Result<()> {
    match content {
        Content::Empty => Ok(()),
        Content::Whole(piece) => enqueue(cx, place, FreeBlob { blobs: vec![piece.blob], manifest: None }).await,
        Content::Parts { upload, .. } => {
            enqueue(cx, place, FreeBlob { blobs: Vec::new(), manifest: Some((bucket.to_owned(), upload)) }).await
        }
    }
}

/// Has pieces freed, once the transaction has committed.
pub(crate) async fn free_pieces(cx: &mut Cx, place: Place, pieces: impl Iterator<Item = Piece>) -> Result<()> {
    let blobs: Vec<BlobRef> = pieces.map(|piece| piece.blob).collect();
    // A job is a row of the store: many blobs are many jobs.
    for some in blobs.chunks(500) {
        enqueue(cx, place, FreeBlob { blobs: some.to_vec(), manifest: None }).await?;
    }
    Ok(())
}

async fn enqueue(cx: &mut Cx, place: Place, job: FreeBlob) -> Result<()> {
    let due = cx.after(GRACE);
    cx.enqueue_at(place, &job, Schedule::at(due)).await.map(drop)
}
