//! The archive: everything that a Welkin holds, in one file.
//!
//! ```text
//! archive = "WELKINAR" length:u32 header state blobs trailer
//! header  = JSON of `Header`, `length` bytes
//! state   = an export of the store       (platform/store/src/export.rs)
//! blobs   = an export of the blob store  (platform/blob/src/transfer.rs)
//! trailer = state_length:u64 blobs_length:u64 sha256 of everything before it, 32 bytes
//! ```
//!
//! Numbers are least significant byte first. An archive is written in one go, with little memory. It is read from a
//! file, after its checksum was verified.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use welkin_kernel::{Clock, Kernel, ROOT_KEY_LEN};
use welkin_wire::BodyError;

use super::rfc3339;
use crate::fault::Fault;
use crate::pieces::Piece;

/// What an archive begins with.
pub(crate) const MAGIC: &[u8; 8] = b"WELKINAR";
/// Raised when an older program could not read the archive any more.
const FORMAT: u32 = 1;
/// Longest header, in bytes.
const HEADER_LIMIT: u32 = 64 * 1024;
const SUM: u64 = 32;
const TRAILER: u64 = 8 + 8 + SUM;
/// Bytes that are read and hashed at a time.
const STEP: usize = 256 * 1024;

/// What the archive says of itself.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Header {
    /// Version of the format of the archive.
    format: u32,
    /// Version of the program that wrote it.
    welkin: String,
    /// When, by the machine's clock.
    exported: String,
    /// What opens the sealed secrets, in base64.
    root_key: String,
}

/// Hashes and sends what is written.
struct Writer {
    out: mpsc::Sender<Piece>,
    sum: digest::Context,
    length: u64,
}

impl Writer {
    async fn write(&mut self, piece: Bytes) -> Result<(), BodyError> {
        self.sum.update(&piece);
        self.length += piece.len() as u64;
        self.out.send(Ok(piece)).await.map_err(|_| "the client went away".into())
    }
}

/// Writes an archive of everything, as of one moment; calls go on.
///
/// # Errors
/// When a store fails or nobody reads.
pub(crate) async fn write(kernel: &Kernel, out: mpsc::Sender<Piece>) -> Result<(), BodyError> {
    // Before the snapshot of the state, so that every blob that it refers to stays.
    let _hold = kernel.blobs().hold();
    let mut writer = Writer { out, sum: digest::Context::new(&digest::SHA256), length: 0 };
    let header = serde_json::to_vec(&Header {
        format: FORMAT,
        welkin: env!("CARGO_PKG_VERSION").to_owned(),
        exported: rfc3339(Clock::machine_now()),
        root_key: BASE64.encode(kernel.sealer().root_key()),
    })?;
    let mut beginning = MAGIC.to_vec();
    beginning.extend_from_slice(&u32::try_from(header.len())?.to_le_bytes());
    beginning.extend_from_slice(&header);
    writer.write(beginning.into()).await?;
    let begun = writer.length;
    write_state(kernel, &mut writer).await?;
    let state = writer.length - begun;
    write_blobs(kernel, &mut writer).await?;
    let blobs = writer.length - begun - state;
    let mut trailer = state.to_le_bytes().to_vec();
    trailer.extend_from_slice(&blobs.to_le_bytes());
    writer.sum.update(&trailer);
    trailer.extend_from_slice(writer.sum.finish().as_ref());
    writer.out.send(Ok(trailer.into())).await.map_err(|_| "the client went away".into())
}

async fn write_state(kernel: &Kernel, writer: &mut Writer) -> Result<(), BodyError> {
    let (mut near, mut far) = tokio::io::duplex(STEP);
    let export = async move { kernel.export_state(&mut near).await.map_err(BodyError::from) };
    let carry = async {
        loop {
            let mut piece = bytes::BytesMut::with_capacity(STEP);
            if far.read_buf(&mut piece).await? == 0 {
                return Ok(());
            }
            writer.write(piece.freeze()).await?;
        }
    };
    tokio::try_join!(export, carry).map(drop)
}

async fn write_blobs(kernel: &Kernel, writer: &mut Writer) -> Result<(), BodyError> {
    let (sender, mut pieces) = mpsc::channel(4);
    let export = async move { kernel.blobs().export(sender).await.map_err(BodyError::from) };
    let carry = async {
        while let Some(piece) = pieces.recv().await {
            writer.write(piece).await?;
        }
        Ok(())
    };
    tokio::try_join!(export, carry).map(drop)
}

/// An archive in a file whose checksum is right.
#[derive(Debug)]
pub(crate) struct Verified {
    file: File,
    state: u64,
    blobs: u64,
    pub(crate) root_key: [u8; ROOT_KEY_LEN],
}

impl Verified {
    /// Verifies the archive in a file. Reads all of it.
    pub(crate) fn open(path: &Path) -> Result<Self, Fault> {
        let unreadable = |error: io::Error| match error.kind() {
            io::ErrorKind::UnexpectedEof => broken("it is cut short"),
            _ => Fault::new(format!("{} cannot be read", path.display()), error, "check the disk"),
        };
        let mut file = File::open(path).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        let (header, begun) = header(&mut file, unreadable)?;
        let trailer = length.checked_sub(TRAILER).filter(|at| *at >= begun).ok_or_else(|| broken("it is cut short"))?;
        file.seek(SeekFrom::Start(trailer)).map_err(unreadable)?;
        let (state, blobs) = (number(&mut file).map_err(unreadable)?, number(&mut file).map_err(unreadable)?);
        let mut sum = [0; SUM as usize];
        file.read_exact(&mut sum).map_err(unreadable)?;
        let whole = begun.checked_add(state).and_then(|n| n.checked_add(blobs)) == Some(trailer);
        if !whole || hash(&mut file, length - SUM).map_err(unreadable)? != sum {
            return Err(broken("its checksum is not that of its content; it was cut short or changed"));
        }
        let root_key = BASE64.decode(&header.root_key).ok().and_then(|key| key.try_into().ok());
        let root_key = root_key.ok_or_else(|| broken("its root key is not one"))?;
        Ok(Self { file, state: begun, blobs: begun + state, root_key })
    }

    /// The state, to be read.
    pub(crate) fn state(&self) -> io::Result<tokio::io::BufReader<tokio::fs::File>> {
        let file = reopened(&self.file, self.state)?;
        Ok(tokio::io::BufReader::with_capacity(STEP, tokio::fs::File::from_std(file)))
    }

    /// The blobs, to be read after the state was, or before.
    pub(crate) fn blobs(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(BufReader::with_capacity(STEP, At { file: self.file.try_clone()?, offset: self.blobs })))
    }
}

/// A file that is read from a position of its own: clones of a handle share theirs.
struct At {
    file: File,
    offset: u64,
}

impl Read for At {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use std::os::unix::fs::FileExt;
        let read = self.file.read_at(buffer, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}

fn reopened(file: &File, offset: u64) -> io::Result<File> {
    let mut file = file.try_clone()?;
    file.seek(SeekFrom::Start(offset))?;
    Ok(file)
}

fn header(file: &mut File, unreadable: impl Fn(io::Error) -> Fault) -> Result<(Header, u64), Fault> {
    let mut magic = [0; 8];
    file.read_exact(&mut magic).map_err(&unreadable)?;
    if magic != *MAGIC {
        return Err(foreign());
    }
    let mut length = [0; 4];
    file.read_exact(&mut length).map_err(&unreadable)?;
    let length = u32::from_le_bytes(length);
    if length > HEADER_LIMIT {
        return Err(broken("its header is too long"));
    }
    let mut text = vec![0; length as usize];
    file.read_exact(&mut text).map_err(&unreadable)?;
    // The format first: the rest of a newer header may be anything.
    let json: serde_json::Value = serde_json::from_slice(&text).map_err(|e| broken(format!("its header: {e}")))?;
    if let Some(format) = json["format"].as_u64().filter(|format| *format > u64::from(FORMAT)) {
        return Err(Fault::new(
            "the archive was written by a newer Welkin",
            format!("it has format {format}, written by Welkin {}; this one reads format {FORMAT}", json["welkin"]),
            "import it with that version",
        ));
    }
    let header = serde_json::from_value(json).map_err(|e| broken(format!("its header: {e}")))?;
    Ok((header, 8 + 4 + u64::from(length)))
}

fn number(file: &mut File) -> io::Result<u64> {
    let mut bytes = [0; 8];
    file.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

fn hash(file: &mut File, length: u64) -> io::Result<[u8; SUM as usize]> {
    file.seek(SeekFrom::Start(0))?;
    let mut sum = digest::Context::new(&digest::SHA256);
    let mut buffer = vec![0; STEP];
    let mut left = length;
    while left > 0 {
        // INVARIANT: at most the length of the buffer.
        let step = left.min(STEP as u64) as usize;
        buffer.truncate(step);
        file.read_exact(&mut buffer)?;
        sum.update(&buffer);
        left -= step as u64;
    }
    let mut hash = [0; SUM as usize];
    hash.copy_from_slice(sum.finish().as_ref());
    Ok(hash)
}

pub(crate) fn foreign() -> Fault {
    Fault::new("this is no archive of Welkin's", "it does not begin as one", "name a file that 'welkin export' wrote")
}

fn broken(detail: impl std::fmt::Display) -> Fault {
    Fault::new("the archive is damaged", detail, "take another copy of it, or export again; nothing was changed")
}
