//! Carries blobs from one store to another, whatever their engines, so that every [`BlobRef`](crate::BlobRef) stays
//! right.
//!
//! An export is a sequence of entries. Numbers are least significant byte first.
//!
//! ```text
//! export = "WELKINBL" version:u32 entry* end
//! entry  = 1:u8 id:u128 place:u8 segment:u32 offset:u64 framed:u64 frames     place: 0 its own, 1 in a segment
//! end    = 0:u8 blobs:u64
//! ```
//!
//! Entries in segments come first, in the order of their positions. The frames carry their own checksums.

use crate::{
    BlobId, Error,
    reference::{Place, Position},
};
use bytes::Bytes;
use std::io::{self, Read};
use tokio::sync::mpsc;

const MAGIC: &[u8; 8] = b"WELKINBL";
const VERSION: u32 = 1;
/// Frames are carried in pieces of at most this many bytes.
pub(crate) const PIECE: usize = 1024 * 1024;
/// Small entries are handed on together, in pieces of about this many bytes.
const GATHERED: usize = 256 * 1024;

/// One blob of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: BlobId,
    pub(crate) place: Place,
    /// Length of its frames, in bytes.
    pub(crate) framed: u64,
}

impl Entry {
    fn encode(&self, out: &mut Vec<u8>) {
        let (place, position) = match self.place {
            Place::Own => (0, Position::default()),
            Place::Segment(position) => (1, position),
        };
        out.push(1);
        out.extend_from_slice(&self.id.0.to_le_bytes());
        out.push(place);
        out.extend_from_slice(&position.segment.to_le_bytes());
        out.extend_from_slice(&position.offset.to_le_bytes());
        out.extend_from_slice(&self.framed.to_le_bytes());
    }
}

/// Writes an export into a channel.
pub(crate) struct Exporter {
    out: mpsc::Sender<Bytes>,
    gathered: Vec<u8>,
    pub(crate) blobs: u64,
}

impl Exporter {
    pub(crate) fn new(out: mpsc::Sender<Bytes>) -> Self {
        let mut gathered = MAGIC.to_vec();
        gathered.extend_from_slice(&VERSION.to_le_bytes());
        Self { out, gathered, blobs: 0 }
    }

    /// Begins a blob; its frames follow.
    pub(crate) fn begin(&mut self, entry: &Entry) {
        entry.encode(&mut self.gathered);
        self.blobs += 1;
    }

    /// Frames of the blob. What it returns has to be sent before more is added.
    pub(crate) fn frames(&mut self, frames: &[u8]) -> Option<Bytes> {
        self.gathered.extend_from_slice(frames);
        (self.gathered.len() >= GATHERED).then(|| self.take())
    }

    /// The end.
    pub(crate) fn end(mut self) -> (mpsc::Sender<Bytes>, Bytes) {
        self.gathered.push(0);
        self.gathered.extend_from_slice(&self.blobs.to_le_bytes());
        let last = self.take();
        (self.out, last)
    }

    fn take(&mut self) -> Bytes {
        std::mem::take(&mut self.gathered).into()
    }

    /// Hands a piece on, from a thread that may wait.
    pub(crate) fn send_blocking(&self, piece: Bytes) -> Result<(), Error> {
        self.out.blocking_send(piece).map_err(|_| nobody_reads())
    }

    /// Hands a piece on.
    pub(crate) async fn send(&self, piece: Bytes) -> Result<(), Error> {
        self.out.send(piece).await.map_err(|_| nobody_reads())
    }
}

pub(crate) fn nobody_reads() -> Error {
    Error::Transfer("nobody reads the export any more".to_owned())
}

/// Reads an export.
pub(crate) struct Importer {
    reader: Box<dyn Read + Send>,
    blobs: u64,
    /// Frames of the present entry that have not been read.
    left: u64,
}

impl Importer {
    pub(crate) fn begin(mut reader: Box<dyn Read + Send>) -> Result<Self, Error> {
        if fixed::<8>(&mut reader)? != *MAGIC {
            return Err(Error::Transfer("this is not an export of blobs".to_owned()));
        }
        match u32::from_le_bytes(fixed(&mut reader)?) {
            VERSION => Ok(Self { reader, blobs: 0, left: 0 }),
            version => Err(Error::Transfer(format!(
                "the export of blobs has version {version}, this program reads version {VERSION}"
            ))),
        }
    }

    /// The next blob; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Entry>, Error> {
        debug_assert_eq!(self.left, 0, "the frames of a blob were not read");
        match fixed::<1>(&mut self.reader)? {
            [1] => {}
            [0] if u64::from_le_bytes(fixed(&mut self.reader)?) == self.blobs => return Ok(None),
            _ => return Err(damaged()),
        }
        let id = BlobId(u128::from_le_bytes(fixed(&mut self.reader)?));
        let [own] = fixed::<1>(&mut self.reader)?;
        let segment = u32::from_le_bytes(fixed(&mut self.reader)?);
        let offset = u64::from_le_bytes(fixed(&mut self.reader)?);
        let framed = u64::from_le_bytes(fixed(&mut self.reader)?);
        let place = match own {
            0 => Place::Own,
            1 => Place::Segment(Position { segment, offset }),
            _ => return Err(damaged()),
        };
        self.blobs += 1;
        self.left = framed;
        Ok(Some(Entry { id, place, framed }))
    }

    /// The next frames of the blob, at most [`PIECE`] bytes; empty at its end.
    pub(crate) fn frames(&mut self) -> Result<Vec<u8>, Error> {
        let length = self.left.min(PIECE as u64);
        // INVARIANT: PIECE fits.
        let mut frames = vec![0; length as usize];
        self.reader.read_exact(&mut frames).map_err(|error| unreadable(&error))?;
        self.left -= length;
        Ok(frames)
    }

    /// How many blobs were read.
    pub(crate) fn blobs(&self) -> u64 {
        self.blobs
    }
}

fn fixed<const N: usize>(reader: &mut impl Read) -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes).map_err(|error| unreadable(&error))?;
    Ok(bytes)
}

pub(crate) fn damaged() -> Error {
    Error::Transfer("the export of blobs is damaged".to_owned())
}

fn unreadable(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::Transfer("the export of blobs is cut short".to_owned()),
        _ => Error::Transfer(format!("the export of blobs cannot be read: {error}")),
    }
}
