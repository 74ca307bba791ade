//! Compressed objects, as their bytes come.

use std::io::Write;

use bzip2::write::BzDecoder;
use flate2::write::MultiGzDecoder;

use super::error::{Result, SelectError};

/// How an object is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Bzip2,
}

/// Decompresses.
pub(super) enum Decoder {
    None,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Bzip2(Box<Option<BzDecoder<Vec<u8>>>>),
}

/// Compressed bytes that are taken at once, so that little comes of them.
pub(super) const SLICE: usize = 4096;

fn truncated() -> SelectError {
    let message = "Object decompression failed. Check that the object is properly compressed using the format specified in \
                   the request.";
    SelectError::new("TruncatedInput", message)
}

fn format() -> SelectError {
    let message = "The file is not in a supported compression format. Only GZIP and BZIP2 are supported.";
    SelectError::new("InvalidCompressionFormat", message)
}

impl Decoder {
    pub(super) fn new(compression: Compression) -> Self {
        match compression {
            Compression::None => Self::None,
            Compression::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
            Compression::Bzip2 => Self::Bzip2(Box::new(None)),
        }
    }

    /// What comes of the next bytes.
    ///
    /// # Errors
    /// `InvalidCompressionFormat`.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<u8>> {
        match self {
            Self::None => Ok(bytes.to_vec()),
            Self::Gzip(decoder) => {
                decoder.write_all(bytes).map_err(|_| format())?;
                decoder.flush().map_err(|_| format())?;
                Ok(std::mem::take(decoder.get_mut()))
            }
            Self::Bzip2(decoder) => unpack(decoder, bytes),
        }
    }

    /// What is left at the end.
    ///
    /// # Errors
    /// `TruncatedInput`.
    pub(super) fn finish(&mut self) -> Result<Vec<u8>> {
        match self {
            Self::None => Ok(Vec::new()),
            Self::Gzip(decoder) => {
                decoder.try_finish().map_err(|_| truncated())?;
                Ok(std::mem::take(decoder.get_mut()))
            }
            Self::Bzip2(decoder) => match decoder.take() {
                None => Ok(Vec::new()),
                Some(mut decoder) => decoder.finish().map_err(|_| truncated()),
            },
        }
    }
}

/// Streams of bzip2 may follow one another.
fn unpack(decoder: &mut Option<BzDecoder<Vec<u8>>>, mut bytes: &[u8]) -> Result<Vec<u8>> {
    let mut unpacked = Vec::new();
    while !bytes.is_empty() {
        let current = decoder.get_or_insert_with(|| BzDecoder::new(Vec::new()));
        let taken = current.write(bytes).map_err(|_| format())?;
        current.flush().map_err(|_| format())?;
        unpacked.append(current.get_mut());
        if taken == 0 {
            // That stream has ended.
            if current.total_in() == 0 {
                return Err(format());
            }
            let mut ended = decoder.take().ok_or_else(format)?;
            unpacked.append(&mut ended.finish().map_err(|_| truncated())?);
        }
        bytes = bytes.get(taken..).unwrap_or_default();
    }
    Ok(unpacked)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn unpacked(compression: Compression, bytes: &[u8], size: usize) -> Result<Vec<u8>> {
        let mut decoder = Decoder::new(compression);
        let mut all = Vec::new();
        for chunk in bytes.chunks(size) {
            all.extend(decoder.push(chunk)?);
        }
        all.extend(decoder.finish()?);
        Ok(all)
    }

    #[test]
    fn streams_are_unpacked_however_their_bytes_come() {
        let gzip = |text: &str| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(text.as_bytes()).unwrap();
            encoder.finish().unwrap()
        };
        let bzip2 = |text: &str| {
            let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
            encoder.write_all(text.as_bytes()).unwrap();
            encoder.finish().unwrap()
        };
        for (compression, bytes) in [
            (Compression::Gzip, [gzip("one "), gzip("two")].concat()),
            (Compression::Bzip2, [bzip2("one "), bzip2("two")].concat()),
        ] {
            for size in [1, 7, 1000] {
                assert_eq!(unpacked(compression, &bytes, size).unwrap(), b"one two", "{compression:?} {size}");
            }
            assert!(unpacked(compression, &bytes[..bytes.len() - 5], 1000).is_err(), "{compression:?}");
            assert_eq!(
                unpacked(compression, b"plain text, not compressed", 7).unwrap_err().code,
                "InvalidCompressionFormat"
            );
        }
    }
}
