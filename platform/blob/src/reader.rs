//! Reading a blob.

use crate::{
    BlobRef, Error,
    frame::{Run, framed},
    local::{self, Local},
    objects::{self, Objects},
};
use bytes::Bytes;
use futures_util::{Stream, stream};
use std::{ops::Range, sync::Arc};

/// Blocks that are read at once: 256 KiB.
const RUN_BLOCKS: u64 = 4;

/// Where a blob is read from.
pub(crate) enum Source {
    Local(Arc<Local>),
    Objects(Objects),
}

/// A blob that is being read.
enum Open {
    File(local::OpenBlob),
    Object(objects::Body),
}

struct Reader {
    blob: BlobRef,
    rest: Range<u64>,
    source: Source,
    open: Option<Open>,
    /// Verified, the next one last.
    ready: Vec<Bytes>,
}

pub(crate) fn stream(
    blob: BlobRef,
    range: Result<Range<u64>, Error>,
    source: Source,
) -> impl Stream<Item = Result<Bytes, Error>> + Send {
    let reader = range.map(|rest| Reader { blob, rest, source, open: None, ready: Vec::new() });
    stream::try_unfold(Some(reader), |state| async move {
        let Some(reader) = state else { return Ok(None) };
        let mut reader = reader?;
        Ok(reader.next().await?.map(|bytes| (bytes, Some(Ok(reader)))))
    })
}

impl Reader {
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            if let Some(bytes) = self.ready.pop() {
                return Ok(Some(bytes));
            }
            if self.rest.is_empty() {
                return Ok(None);
            }
            let run = Run::first(self.rest.clone(), self.blob.length, RUN_BLOCKS);
            let frames = self.frames(&run).await?;
            self.ready = match run.blocks(self.blob.id, frames) {
                Ok(blocks) => blocks,
                Err(error) => return Err(self.explain(error)),
            };
            self.ready.reverse();
            self.rest.start = run.end();
        }
    }

    async fn frames(&mut self, run: &Run) -> Result<Bytes, Error> {
        let open = match &mut self.open {
            Some(open) => open,
            none => none.insert(match &self.source {
                Source::Local(local) => Open::File(local.open_blob(&self.blob).await?),
                Source::Objects(objects) => {
                    let last = Run::first(self.rest.end - 1..self.rest.end, self.blob.length, 1);
                    let frames = run.frames.start..last.frames.end.min(framed(self.blob.length));
                    Open::Object(objects.open_blob(self.blob.id, frames).await?)
                }
            }),
        };
        match open {
            Open::File(file) => file.read(run.frames.clone()).await,
            Open::Object(body) => body.read((run.frames.end - run.frames.start) as usize).await,
        }
    }

    /// A blob that was deleted while it was read is not damaged but gone.
    fn explain(&self, error: Error) -> Error {
        match &self.open {
            Some(Open::File(file)) if file.is_deleted() => Error::NotFound(self.blob.id),
            _ => error,
        }
    }
}
