//! Snappy and LZ4 as Hadoop writes them: blocks of chunks, each with its length before it.

use std::io::{Error, ErrorKind, Read, Result};

/// Larger chunks than this are not what Hadoop writes (256 KiB).
const LARGEST: usize = 32 << 20;

/// How chunks are compressed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Codec {
    Snappy,
    Lz4,
}

impl Codec {
    /// What a chunk holds, which is at most so much.
    fn plain(self, compressed: &[u8], most: usize) -> Option<Vec<u8>> {
        match self {
            Codec::Snappy => {
                let size = snap::raw::decompress_len(compressed).ok()?;
                (size <= most).then(|| snap::raw::Decoder::new().decompress_vec(compressed).ok())?
            }
            Codec::Lz4 => {
                let mut plain = vec![0; most];
                let size = lz4_flex::block::decompress_into(compressed, &mut plain).ok()?;
                plain.truncate(size);
                Some(plain)
            }
        }
    }
}

pub(super) struct Decoder<R> {
    source: R,
    codec: Codec,
    /// How much of the block has not been read yet.
    block: usize,
    chunk: Vec<u8>,
    at: usize,
}

impl<R: Read> Decoder<R> {
    pub(super) fn new(source: R, codec: Codec) -> Self {
        Self { source, codec, block: 0, chunk: Vec::new(), at: 0 }
    }

    /// A length, or nothing at the end of the file.
    fn length(&mut self) -> Result<Option<usize>> {
        let mut bytes = [0; 4];
        let mut read = 0;
        while read < bytes.len() {
            match self.source.read(&mut bytes[read..])? {
                0 if read == 0 => return Ok(None),
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                more => read += more,
            }
        }
        Ok(usize::try_from(u32::from_be_bytes(bytes)).ok())
    }

    /// Whether there is another chunk.
    fn fill(&mut self) -> Result<bool> {
        while self.block == 0 {
            match self.length()? {
                Some(length) => self.block = length,
                None => return Ok(false),
            }
        }
        let length = self.length()?;
        let codec = self.codec;
        let invalid = || Error::new(ErrorKind::InvalidData, format!("Invalid {codec:?} data"));
        let length = length.filter(|length| *length <= LARGEST).ok_or_else(invalid)?;
        let mut compressed = vec![0; length];
        self.source.read_exact(&mut compressed)?;
        let plain = self.codec.plain(&compressed, self.block.min(LARGEST)).filter(|plain| !plain.is_empty());
        self.chunk = plain.ok_or_else(invalid)?;
        self.block -= self.chunk.len();
        self.at = 0;
        Ok(true)
    }
}

impl<R: Read> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        if self.at == self.chunk.len() && !self.fill()? {
            return Ok(0);
        }
        let taken = buffer.len().min(self.chunk.len() - self.at);
        buffer[..taken].copy_from_slice(&self.chunk[self.at..self.at + taken]);
        self.at += taken;
        Ok(taken)
    }
}
