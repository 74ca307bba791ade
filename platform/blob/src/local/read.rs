//! Reading from a file of blobs.

use super::{
    blocking,
    record::{HEADER, Kind, Record},
};
use crate::{
    BlobRef, Error,
    frame::framed,
    reference::{Place, Position},
};
use bytes::Bytes;
use std::{fs::File, io, ops::Range, os::unix::fs::FileExt, sync::Arc};

/// A blob whose file is open.
pub(crate) struct OpenBlob {
    file: Arc<File>,
    blob: BlobRef,
    /// Where its frames begin.
    base: u64,
}

impl OpenBlob {
    /// Checks that `file` holds `blob`.
    pub(super) async fn open(file: Arc<File>, blob: &BlobRef) -> Result<Self, Error> {
        let blob = blob.clone();
        let Place::Segment(Position { offset, .. }) = blob.place else {
            return Ok(Self { file, blob, base: 0 });
        };
        let header = read(&file, offset, HEADER).await.map_err(|error| cut_short(&blob, error))?;
        let open = Self { file, base: offset + HEADER as u64, blob };
        match header.first_chunk().and_then(Record::decode) {
            Some(record) if record.kind == Kind::Blob && record.id == open.blob.id => {
                if record.framed == framed(open.blob.length) { Ok(open) } else { Err(Error::Damaged(open.blob.id)) }
            }
            Some(record) if record.kind == Kind::Free => Err(Error::NotFound(open.blob.id)),
            // Within the hole that a sweep left of this blob and its neighbours there are no headers.
            None if header.iter().all(|byte| *byte == 0) => Err(Error::NotFound(open.blob.id)),
            _ => Err(Error::Damaged(open.blob.id)),
        }
    }

    /// Some of the frames, from the beginning of the first.
    pub(crate) async fn read(&self, frames: Range<u64>) -> Result<Bytes, Error> {
        let length = (frames.end - frames.start) as usize;
        let bytes = read(&self.file, self.base + frames.start, length).await;
        bytes.map(Bytes::from).map_err(|error| cut_short(&self.blob, error))
    }

    /// Whether the blob has been deleted since it was opened.
    pub(crate) fn is_deleted(&self) -> bool {
        match self.blob.place {
            Place::Own => false,
            Place::Segment(Position { offset, .. }) => match Record::read(&self.file, offset) {
                Ok(Some(record)) => record.kind == Kind::Free || record.id != self.blob.id,
                Ok(None) => true,
                Err(_) => false,
            },
        }
    }
}

fn cut_short(blob: &BlobRef, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::Damaged(blob.id),
        _ => error.into(),
    }
}

/// Reads `length` bytes at `offset`: at once if they are in memory, on another thread if the disk is needed.
async fn read(file: &Arc<File>, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; length];
    let done = read_cached(file, offset, &mut buffer);
    if done == length {
        return Ok(buffer);
    }
    let file = file.clone();
    let rest = blocking(move || {
        Ok(match buffer.get_mut(done..) {
            Some(rest) => file.read_exact_at(rest, offset + done as u64).map(|()| buffer),
            None => Ok(buffer),
        })
    });
    rest.await.map_err(io::Error::other)?
}

/// Reads what the page cache holds, without waiting. Returns how many bytes that were.
#[cfg(target_os = "linux")]
fn read_cached(file: &File, offset: u64, buffer: &mut [u8]) -> usize {
    use rustix::io::{ReadWriteFlags, preadv2};
    let mut done = 0;
    while done < buffer.len() {
        let Some(rest) = buffer.get_mut(done..) else { break };
        let slices = &mut [io::IoSliceMut::new(rest)];
        match preadv2(file, slices, offset + done as u64, ReadWriteFlags::NOWAIT) {
            Ok(read) if read > 0 => done += read,
            _ => break,
        }
    }
    done
}

#[cfg(not(target_os = "linux"))]
fn read_cached(_: &File, _: u64, _: &mut [u8]) -> usize {
    0
}
