//! The records of a segment.
//!
//! ```text
//! segment = record*
//! record  = header (64 bytes) frames padding      begins at a multiple of 64
//! header  = "WBR1" kind:u8 0:u8*3 id:u128 span:u64 framed:u64 crc32c:u32 0:u8*20
//! ```
//!
//! `span` is the length of the record, `framed` that of its frames; numbers are least significant byte first.
//! A header never crosses the boundary of a disk sector, so that it can be overwritten in place: that turns one
//! blob, or several in a row, into a free record.

use crate::BlobId;
use std::{fs::File, io, os::unix::fs::FileExt};

pub(crate) const HEADER: usize = 64;
/// Records begin at multiples of this.
pub(super) const ALIGN: usize = 64;
const MAGIC: &[u8; 4] = b"WBR1";
const SUMMED: usize = 40;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Blob,
    Free,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) kind: Kind,
    pub(super) id: BlobId,
    pub(super) span: u64,
    pub(super) framed: u64,
}

impl Record {
    /// Nothing, for `span` bytes.
    pub(super) fn free(span: u64) -> Self {
        Self { kind: Kind::Free, id: BlobId(0), span, framed: 0 }
    }

    pub(super) fn encode(&self) -> [u8; HEADER] {
        let mut header = [0; HEADER];
        header[..4].copy_from_slice(MAGIC);
        header[4] = match self.kind {
            Kind::Blob => 1,
            Kind::Free => 2,
        };
        header[8..24].copy_from_slice(&self.id.0.to_le_bytes());
        header[24..32].copy_from_slice(&self.span.to_le_bytes());
        header[32..40].copy_from_slice(&self.framed.to_le_bytes());
        let sum = sum(&header);
        header[40..44].copy_from_slice(&sum.to_le_bytes());
        header
    }

    /// Reads a header; `None` if it is not one.
    pub(super) fn decode(header: &[u8; HEADER]) -> Option<Self> {
        if header[..4] != *MAGIC || header[40..44] != sum(header).to_le_bytes() {
            return None;
        }
        let kind = match header[4] {
            1 => Kind::Blob,
            2 => Kind::Free,
            _ => return None,
        };
        let number = |from: usize| header[from..].first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
        let id = header[8..].first_chunk().map(|bytes| BlobId(u128::from_le_bytes(*bytes)))?;
        let record = Self { kind, id, span: number(24)?, framed: number(32)? };
        let fits = record.span >= HEADER as u64
            && record.span.is_multiple_of(ALIGN as u64)
            && record.framed <= record.span - HEADER as u64;
        fits.then_some(record)
    }

    /// The header at `offset`; `None` if there is none.
    pub(super) fn read(file: &File, offset: u64) -> io::Result<Option<Self>> {
        let mut header = [0; HEADER];
        match file.read_exact_at(&mut header, offset) {
            Ok(()) => Ok(Self::decode(&header)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn write(&self, file: &File, offset: u64) -> io::Result<()> {
        file.write_all_at(&self.encode(), offset)
    }
}

fn sum(header: &[u8; HEADER]) -> u32 {
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, &header[..SUMMED]) as u32
}

/// How a walk over the records of a segment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// With the last record.
    Whole,
    /// Here, where something was being written when the machine stopped: no record follows.
    Torn(u64),
    /// Here, though records follow: the file is damaged.
    Damaged(u64),
}

/// Calls `visit` with each record that begins before `end`, and where.
pub(super) fn walk(file: &File, end: u64, mut visit: impl FnMut(u64, Record) -> io::Result<()>) -> io::Result<End> {
    let length = file.metadata()?.len();
    let mut offset = 0;
    while offset < end.min(length) {
        match Record::read(file, offset)? {
            Some(record) if offset.checked_add(record.span).is_some_and(|next| next <= length) => {
                visit(offset, record)?;
                offset += record.span;
            }
            _ => return Ok(if any_after(file, offset, length)? { End::Damaged(offset) } else { End::Torn(offset) }),
        }
    }
    Ok(End::Whole)
}

/// Whether a header stands anywhere after `offset`.
fn any_after(file: &File, offset: u64, length: u64) -> io::Result<bool> {
    const STEP: usize = 1024 * 1024;
    let mut buffer = vec![0; STEP];
    let mut from = offset + ALIGN as u64;
    while from < length {
        let size = STEP.min((length - from) as usize);
        let Some(buffer) = buffer.get_mut(..size) else { break };
        file.read_exact_at(buffer, from)?;
        let (headers, _) = buffer.as_chunks::<HEADER>();
        if headers.iter().any(|header| Record::decode(header).is_some()) {
            return Ok(true);
        }
        from += size as u64;
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn headers_survive_and_damage_is_noticed() {
        let record = Record { kind: Kind::Blob, id: BlobId(7), span: 192, framed: 100 };
        let header = record.encode();
        assert_eq!(Record::decode(&header), Some(record));
        for at in 0..44 {
            let mut bad = header;
            bad[at] ^= 0x10;
            assert_eq!(Record::decode(&bad), None, "byte {at}");
        }
        assert_eq!(Record::decode(&Record { framed: 129, ..record }.encode()), None, "frames beyond the record");
        assert_eq!(Record::decode(&Record { span: 0, framed: 0, ..record }.encode()), None, "a walk would not end");
    }
}
