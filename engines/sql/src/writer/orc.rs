//! Files of ORC: <https://orc.apache.org/specification/ORCv1/>
//!
//! Columns are written in their direct encodings with run lengths of version 1, which every reader knows; there are no
//! indexes.

mod message;
mod run;
mod stream;

use message::Message;
use stream::{Streams, Tree};

use super::file::Codec;
use crate::catalog::Column;
use crate::error::{Code, Result, SqlError};
use crate::types::Type;
use crate::value::Value;

/// Bytes of a stripe in memory, after which it is written.
const STRIPE: usize = 16 << 20;

/// Bytes that are compressed at once.
const CHUNK: usize = 256 << 10;

/// A file that is being written.
pub(super) struct OrcFile {
    codec: Codec,
    tree: Tree,
    streams: Streams,
    /// Bytes that were made, those taken already among them.
    written: u64,
    out: Vec<u8>,
    stripes: Vec<Message>,
    rows: u64,
    all_rows: u64,
}

fn failed(why: impl std::fmt::Display) -> SqlError {
    SqlError::internal(why.to_string())
}

impl OrcFile {
    /// # Errors
    /// `NOT_SUPPORTED`: ORC has no such type or compression.
    pub(super) fn new(columns: &[Column], codec: Codec) -> Result<Self> {
        if matches!(codec, Codec::Gzip | Codec::Bzip2) {
            return Err(SqlError::new(Code::NotSupported, format!("ORC with the compression {codec:?}")));
        }
        let fields = columns.iter().map(|column| (Some(column.name.clone()), column.ty.clone())).collect();
        let tree = Tree::of(&Type::Row(fields))?;
        let streams = Streams::of(&tree);
        let out = b"ORC".to_vec();
        Ok(Self { codec, tree, streams, written: 3, out, stripes: Vec::new(), rows: 0, all_rows: 0 })
    }

    /// Adds a row, which has a value for each column.
    ///
    /// # Errors
    /// A value that is none of the column's type.
    pub(super) fn append(&mut self, row: Vec<Value>) -> Result<()> {
        self.streams.push(&Value::Row(row.into()))?;
        self.rows += 1;
        if self.streams.size() >= STRIPE { self.flush() } else { Ok(()) }
    }

    fn put(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
        self.written += bytes.len() as u64;
    }

    /// Ends the stripe.
    ///
    /// # Errors
    /// A defect.
    pub(super) fn flush(&mut self) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let offset = self.written;
        let mut footer = Message::default();
        let streams = std::mem::replace(&mut self.streams, Streams::of(&self.tree));
        let mut columns = 0;
        for (column, kind, bytes) in streams.finish() {
            let bytes = compressed(&bytes, self.codec)?;
            let mut of = Message::default();
            of.number(1, kind).number(2, column).number(3, bytes.len() as u64);
            footer.message(1, &of);
            self.put(&bytes);
        }
        while columns < self.tree.count() {
            // DIRECT.
            footer.message(2, Message::default().number(1, 0));
            columns += 1;
        }
        footer.text(3, "UTC");
        let length = self.written - offset;
        let footer = compressed(footer.bytes(), self.codec)?;
        self.put(&footer);
        let mut stripe = Message::default();
        stripe.number(1, offset).number(2, 0).number(3, length).number(4, footer.len() as u64).number(5, self.rows);
        self.stripes.push(stripe);
        self.all_rows += std::mem::take(&mut self.rows);
        Ok(())
    }

    pub(super) fn held(&self) -> usize {
        self.out.len() + self.streams.size()
    }

    pub(super) fn ready(&self) -> usize {
        self.out.len()
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    pub(super) fn finish(mut self) -> Result<Vec<u8>> {
        self.flush()?;
        let mut footer = Message::default();
        footer.number(1, 3).number(2, self.written);
        for stripe in &self.stripes {
            footer.message(3, stripe);
        }
        for of in self.tree.types() {
            footer.message(4, &of);
        }
        footer.number(6, self.all_rows).number(8, 0);
        let footer = compressed(footer.bytes(), self.codec)?;
        self.put(&footer);
        let mut script = Message::default();
        script.number(1, footer.len() as u64).number(2, kind(self.codec));
        script.number(3, CHUNK as u64).packed(4, &[0, 12]).number(5, 0).number(6, 1).text(8000, "ORC");
        let script = script.bytes().to_vec();
        self.put(&script);
        // INVARIANT: the numbers of a postscript take less than 100 bytes.
        self.put(&[u8::try_from(script.len()).unwrap_or(u8::MAX)]);
        Ok(self.out)
    }
}

/// How the postscript names a compression.
fn kind(codec: Codec) -> u64 {
    match codec {
        Codec::Deflate => 1,
        Codec::Snappy => 2,
        Codec::Zstd(_) => 5,
        Codec::None | Codec::Gzip | Codec::Bzip2 => 0,
    }
}

/// In chunks with their lengths; one that does not get shorter is as it was.
fn compressed(plain: &[u8], codec: Codec) -> Result<Vec<u8>> {
    if kind(codec) == 0 {
        return Ok(plain.to_vec());
    }
    let mut out = Vec::new();
    for chunk in plain.chunks(CHUNK) {
        let packed = pack(chunk, codec)?;
        let (body, original) = if packed.len() < chunk.len() { (packed.as_slice(), 1) } else { (chunk, 0) };
        let head = (body.len() << 1 | (1 - original)) as u32;
        out.extend_from_slice(&head.to_le_bytes()[..3]);
        out.extend_from_slice(body);
    }
    Ok(out)
}

fn pack(plain: &[u8], codec: Codec) -> Result<Vec<u8>> {
    use std::io::Write as _;
    match codec {
        Codec::Deflate => {
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(plain).and_then(|()| encoder.finish()).map_err(failed)
        }
        Codec::Snappy => snap::raw::Encoder::new().compress_vec(plain).map_err(failed),
        Codec::Zstd(level) => zstd::bulk::compress(plain, level).map_err(failed),
        Codec::None | Codec::Gzip | Codec::Bzip2 => Ok(plain.to_vec()),
    }
}
