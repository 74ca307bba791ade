//! Compression of whole files of lines.

use std::io::Write;

use flate2::write::{GzEncoder, ZlibEncoder};

use super::file::Codec;
use crate::error::{Result, SqlError};

/// How much a block of Hadoop's Snappy holds: `io.compression.codec.snappy.buffersize`.
const BLOCK: usize = 256 << 10;

/// Compresses what is written to it.
pub(super) enum Encoder {
    None(Vec<u8>),
    Gzip(GzEncoder<Vec<u8>>),
    Deflate(ZlibEncoder<Vec<u8>>),
    Bzip2(bzip2::write::BzEncoder<Vec<u8>>),
    Zstd(zstd::stream::write::Encoder<'static, Vec<u8>>),
    /// What is compressed, and what is not yet.
    Snappy(Vec<u8>, Vec<u8>),
}

fn failed(why: impl std::fmt::Display) -> SqlError {
    SqlError::internal(why.to_string())
}

impl Encoder {
    pub(super) fn new(codec: Codec) -> Result<Self> {
        Ok(match codec {
            Codec::None => Self::None(Vec::new()),
            Codec::Gzip => Self::Gzip(GzEncoder::new(Vec::new(), flate2::Compression::default())),
            Codec::Deflate => Self::Deflate(ZlibEncoder::new(Vec::new(), flate2::Compression::default())),
            Codec::Bzip2 => Self::Bzip2(bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default())),
            Codec::Zstd(level) => Self::Zstd(zstd::stream::write::Encoder::new(Vec::new(), level).map_err(failed)?),
            Codec::Snappy => Self::Snappy(Vec::new(), Vec::new()),
        })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::None(out) => {
                out.extend_from_slice(bytes);
                Ok(())
            }
            Self::Gzip(encoder) => encoder.write_all(bytes).map_err(failed),
            Self::Deflate(encoder) => encoder.write_all(bytes).map_err(failed),
            Self::Bzip2(encoder) => encoder.write_all(bytes).map_err(failed),
            Self::Zstd(encoder) => encoder.write_all(bytes).map_err(failed),
            Self::Snappy(out, waiting) => {
                waiting.extend_from_slice(bytes);
                while waiting.len() >= BLOCK {
                    let rest = waiting.split_off(BLOCK);
                    block(out, &std::mem::replace(waiting, rest))?;
                }
                Ok(())
            }
        }
    }

    fn out(&self) -> &Vec<u8> {
        match self {
            Self::None(out) | Self::Snappy(out, _) => out,
            Self::Gzip(encoder) => encoder.get_ref(),
            Self::Deflate(encoder) => encoder.get_ref(),
            Self::Bzip2(encoder) => encoder.get_ref(),
            Self::Zstd(encoder) => encoder.get_ref(),
        }
    }

    /// How many bytes are compressed.
    pub(super) fn ready(&self) -> usize {
        self.out().len()
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(match self {
            Self::None(out) | Self::Snappy(out, _) => out,
            Self::Gzip(encoder) => encoder.get_mut(),
            Self::Deflate(encoder) => encoder.get_mut(),
            Self::Bzip2(encoder) => encoder.get_mut(),
            Self::Zstd(encoder) => encoder.get_mut(),
        })
    }

    pub(super) fn finish(self) -> Result<Vec<u8>> {
        match self {
            Self::None(out) => Ok(out),
            Self::Gzip(encoder) => encoder.finish().map_err(failed),
            Self::Deflate(encoder) => encoder.finish().map_err(failed),
            Self::Bzip2(encoder) => encoder.finish().map_err(failed),
            Self::Zstd(encoder) => encoder.finish().map_err(failed),
            Self::Snappy(mut out, waiting) => {
                if !waiting.is_empty() {
                    block(&mut out, &waiting)?;
                }
                Ok(out)
            }
        }
    }
}

/// A block of one chunk, with the lengths that Hadoop writes before them.
fn block(out: &mut Vec<u8>, plain: &[u8]) -> Result<()> {
    let compressed = snap::raw::Encoder::new().compress_vec(plain).map_err(failed)?;
    for length in [plain.len(), compressed.len()] {
        out.extend_from_slice(&u32::try_from(length).map_err(failed)?.to_be_bytes());
    }
    out.extend_from_slice(&compressed);
    Ok(())
}
