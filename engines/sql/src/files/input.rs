//! The bytes of a file, as they are stored and as they were before they were compressed.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html>

mod blocks;

use std::io::{BufReader, Read};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use tokio::runtime::Handle;

use super::{Object, Scanned, Storage};
use crate::error::{Code, Result, SqlError};

/// How much is asked for at first, and at most at once.
const FIRST: u64 = 256 << 10;
const MOST: u64 = 4 << 20;

/// How much of what was decompressed waits to be looked at.
const BUFFER: usize = 64 << 10;

/// Reads an object from its beginning to its end.
struct Source {
    storage: Arc<dyn Storage>,
    object: Object,
    scanned: Scanned,
    runtime: Handle,
    at: u64,
    step: u64,
    chunk: Bytes,
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.chunk.is_empty() && self.at < self.object.size {
            let end = self.object.size.min(self.at + self.step);
            let read = self.storage.read(&self.object, self.at..end);
            self.chunk = self.runtime.block_on(read).map_err(std::io::Error::other)?;
            self.scanned.add(self.chunk.len());
            if self.chunk.is_empty() {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            self.at += self.chunk.len() as u64;
            self.step = MOST.min(self.step * 4);
        }
        let taken = buffer.len().min(self.chunk.len());
        self.chunk.split_to(taken).copy_to_slice(&mut buffer[..taken]);
        Ok(taken)
    }
}

/// What is in a file. The name of the object tells how it is compressed. Blocks until there is something.
pub(super) type Input = BufReader<Box<dyn Read>>;

/// What is in a file, given what is stored and how its name ends, such as `gz`: the extension tells how it is compressed.
/// `None` for what is not read.
///
/// # Errors
/// What is stored cannot be what the extension says.
pub fn decompress<'a>(extension: &str, stored: Box<dyn Read + 'a>) -> std::io::Result<Option<Box<dyn Read + 'a>>> {
    Ok(Some(match extension {
        "gz" | "gzip" => Box::new(flate2::read::MultiGzDecoder::new(stored)),
        "deflate" => Box::new(flate2::read::ZlibDecoder::new(stored)),
        "bz2" => Box::new(bzip2::read::MultiBzDecoder::new(stored)),
        "zst" | "zstd" => Box::new(zstd::stream::read::Decoder::new(stored)?),
        "snappy" => Box::new(blocks::Decoder::new(stored, blocks::Codec::Snappy)),
        "lz4" => Box::new(blocks::Decoder::new(stored, blocks::Codec::Lz4)),
        "lzo" | "lzop" => return Ok(None),
        _ => stored,
    }))
}

/// Opens a file.
pub(super) fn open(storage: Arc<dyn Storage>, object: &Object, scanned: Scanned, runtime: Handle) -> Result<Input> {
    let source = Source { storage, object: object.clone(), scanned, runtime, at: 0, step: FIRST, chunk: Bytes::new() };
    let name = object.location.rsplit('/').next().unwrap_or_default();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    match decompress(&extension, Box::new(source)).map_err(|why| failed(object, &why))? {
        Some(content) => Ok(BufReader::with_capacity(BUFFER, content)),
        None => {
            let message =
                format!("This engine does not read files that are compressed as {extension}: {}", object.location);
            Err(SqlError::new(Code::HiveUnsupportedFormat, message))
        }
    }
}

/// What went wrong in reading: an error of the storage, or of what the file holds.
pub(super) fn failed(object: &Object, why: &std::io::Error) -> SqlError {
    match why.get_ref().and_then(|inner| inner.downcast_ref::<SqlError>()) {
        Some(own) => own.clone(),
        // UNVERIFIED: the wording; the name is Trino's for files whose content cannot be decoded.
        None => SqlError::new(Code::HiveCursorError, format!("Failed to read file at {}: {why}", object.location)),
    }
}
