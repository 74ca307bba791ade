//! Carries data from one store to another, whatever their engines.
//!
//! An export is a sequence of frames. Numbers are least significant byte first.
//!
//! ```text
//! export  = "WELKINKV" version:u32 commit:u64 frame* end
//! frame   = length:u32 crc32:u32 record*          length > 0: that many bytes of records follow
//! record  = key_length:u32 value_length:u32 key value
//! end     = 0:u32 crc32:u32 records:u64           the checksum is that of `records`
//! ```
//!
//! `commit` is the newest commit of the exporting store; stamps made after an import are greater.

use crate::{Error, KeyRange, RangeOptions, Store, range::successor};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

const MAGIC: &[u8; 8] = b"WELKINKV";
const VERSION: u32 = 1;
/// A frame is written when it has grown to this many bytes of records.
const FRAME_BYTES: usize = 256 * 1024;
/// Longest frame that is read: one record may be long.
const FRAME_LIMIT: usize = 2 * FRAME_BYTES + crate::limits::VALUE_BYTES + crate::limits::KEY_BYTES;
/// What one transaction of an import writes, in bytes, about.
const IMPORT_BYTES: usize = 1024 * 1024;
/// Rows that are read at a time.
const STEP: usize = 64;

/// What was imported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// The number of keys that were written.
    pub records: u64,
}

impl Store {
    /// Writes the rows of `ranges` to `writer`, as of one moment. Returns their number.
    ///
    /// # Errors
    /// [`Error::Transfer`] if `writer` fails; those of reading.
    pub async fn export(&self, writer: &mut (impl AsyncWrite + Unpin), ranges: &[KeyRange]) -> Result<u64, Error> {
        let mut transaction = self.begin().await?;
        let mut header = BytesMut::new();
        header.put_slice(MAGIC);
        header.put_u32_le(VERSION);
        header.put_u64_le(transaction.newest_commit().await?);
        writer.write_all(&header).await.map_err(unwritable)?;
        let mut records = 0;
        let mut frame = BytesMut::new();
        for range in ranges {
            let mut rest = range.clone();
            loop {
                let rows = transaction.range_snapshot(rest.clone(), RangeOptions::limit(STEP)).await?;
                let Some((last, _)) = rows.last() else { break };
                rest.start = successor(last);
                for (key, value) in rows {
                    records += 1;
                    put_record(&mut frame, &key, &value);
                    if frame.len() >= FRAME_BYTES {
                        write_frame(writer, &frame).await?;
                        frame.clear();
                    }
                }
            }
        }
        if !frame.is_empty() {
            write_frame(writer, &frame).await?;
        }
        write_end(writer, records).await?;
        Ok(records)
    }

    /// Writes everything that [`export`](Self::export) wrote into this store, in several transactions. Keys that
    /// are not in the export stay as they are. Nothing of a damaged frame is written, but what stood before it is.
    ///
    /// # Errors
    /// [`Error::Transfer`] if `reader` fails, or what it holds is not an export, damaged, cut short, or of a newer
    /// version; those of writing.
    pub async fn import(&self, reader: &mut (impl AsyncRead + Unpin)) -> Result<Imported, Error> {
        let mut header = [0; 20];
        reader.read_exact(&mut header).await.map_err(unreadable)?;
        let mut header = header.as_slice();
        if header.split_off(..MAGIC.len()) != Some(MAGIC.as_slice()) {
            return Err(Error::Transfer("this is not an export of a store".to_owned()));
        }
        match header.get_u32_le() {
            VERSION => {}
            version => {
                let message = format!("the export has version {version}, this program reads version {VERSION}");
                return Err(Error::Transfer(message));
            }
        }
        self.advance(header.get_u64_le()).await?;
        let mut imported = Imported::default();
        while let Some(frame) = read_frame(reader, imported.records).await? {
            imported.records += self.import_frame(frame).await?;
        }
        Ok(imported)
    }

    async fn import_frame(&self, mut frame: Bytes) -> Result<u64, Error> {
        let mut records = Vec::new();
        while frame.has_remaining() {
            records.push(take_record(&mut frame).ok_or_else(damaged)?);
        }
        let mut rest = records.as_slice();
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = |(key, value): &&(Bytes, Bytes)| {
                let fits = bytes < IMPORT_BYTES;
                bytes += key.len() + value.len();
                fits
            };
            let (batch, later) = rest.split_at(rest.iter().take_while(fits).count());
            self.import_batch(batch).await?;
            rest = later;
        }
        Ok(records.len() as u64)
    }

    async fn import_batch(&self, batch: &[(Bytes, Bytes)]) -> Result<(), Error> {
        loop {
            let mut transaction = self.begin().await?;
            for (key, value) in batch {
                transaction.put(key.clone(), value.clone());
            }
            match transaction.commit().await {
                Err(Error::Conflict) => {}
                result => return result.map(drop),
            }
        }
    }
}

fn put_record(frame: &mut BytesMut, key: &[u8], value: &[u8]) {
    // INVARIANT: the limits of keys and values fit 32 bits.
    frame.put_u32_le(key.len() as u32);
    frame.put_u32_le(value.len() as u32);
    frame.put_slice(key);
    frame.put_slice(value);
}

fn take_record(frame: &mut Bytes) -> Option<(Bytes, Bytes)> {
    let key = frame.try_get_u32_le().ok()? as usize;
    let value = frame.try_get_u32_le().ok()? as usize;
    if frame.len() < key.checked_add(value)? {
        return None;
    }
    Some((frame.split_to(key), frame.split_to(value)))
}

async fn write_frame(writer: &mut (impl AsyncWrite + Unpin), frame: &[u8]) -> Result<(), Error> {
    let mut head = BytesMut::new();
    // INVARIANT: a frame is shorter than FRAME_LIMIT.
    head.put_u32_le(frame.len() as u32);
    head.put_u32_le(checksum(frame));
    writer.write_all(&head).await.map_err(unwritable)?;
    writer.write_all(frame).await.map_err(unwritable)
}

async fn write_end(writer: &mut (impl AsyncWrite + Unpin), records: u64) -> Result<(), Error> {
    let mut end = BytesMut::new();
    end.put_u32_le(0);
    end.put_u32_le(checksum(&records.to_le_bytes()));
    end.put_u64_le(records);
    writer.write_all(&end).await.map_err(unwritable)?;
    writer.flush().await.map_err(unwritable)
}

/// The next frame; `None` at the end, if `records` is the number that the end states.
async fn read_frame(reader: &mut (impl AsyncRead + Unpin), records: u64) -> Result<Option<Bytes>, Error> {
    let length = reader.read_u32_le().await.map_err(unreadable)? as usize;
    let expected = reader.read_u32_le().await.map_err(unreadable)?;
    if length > FRAME_LIMIT {
        return Err(damaged());
    }
    let mut frame = BytesMut::zeroed(if length == 0 { 8 } else { length });
    reader.read_exact(&mut frame).await.map_err(unreadable)?;
    if checksum(&frame) != expected {
        return Err(damaged());
    }
    if length > 0 {
        return Ok(Some(frame.freeze()));
    }
    match frame.get_u64_le() == records {
        true => Ok(None),
        false => Err(damaged()),
    }
}

fn checksum(bytes: &[u8]) -> u32 {
    // INVARIANT: the sum has 32 bits.
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, bytes) as u32
}

fn damaged() -> Error {
    Error::Transfer("the export is damaged".to_owned())
}

fn unwritable(error: std::io::Error) -> Error {
    Error::Transfer(format!("the export cannot be written: {error}"))
}

fn unreadable(error: std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => Error::Transfer("the export is cut short".to_owned()),
        _ => Error::Transfer(format!("the export cannot be read: {error}")),
    }
}
