//! The embedded files: a dictionary, a compressed index and one compressed frame per service.
//!
//! Layout: four bytes of magic (the last is the version of the format), three little-endian u32
//! (length of the dictionary, of the compressed index, of the index), the dictionary, the index,
//! the frames. The index says how long each frame is.

use crate::frame::{Corrupt, Frame, Read};

/// An embedded file, taken apart.
pub(crate) struct Archive {
    dictionary: &'static [u8],
    frames: &'static [u8],
}

/// Where a frame lies and how long it is when unpacked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Offset behind the index.
    pub(crate) start: usize,
    /// Compressed length.
    pub(crate) packed: usize,
    /// Length.
    pub(crate) length: usize,
}

impl Archive {
    /// Opens the file: checks its version and gives its index.
    pub(crate) fn open(bytes: &'static [u8], magic: &[u8; 4]) -> Read<(Archive, Frame)> {
        let rest = bytes.strip_prefix(magic).ok_or(Corrupt)?;
        let (header, rest) = rest.split_at_checked(12).ok_or(Corrupt)?;
        let length = |at: usize| match header.get(at..at + 4) {
            Some([a, b, c, d]) => Ok(u32::from_le_bytes([*a, *b, *c, *d]) as usize),
            _ => Err(Corrupt),
        };
        let (dictionary, rest) = rest.split_at_checked(length(0)?).ok_or(Corrupt)?;
        let (index, frames) = rest.split_at_checked(length(4)?).ok_or(Corrupt)?;
        let index = zstd::bulk::decompress(index, length(8)?).map_err(|_| Corrupt)?;
        Ok((Archive { dictionary, frames }, Frame::open(index.leak())?))
    }

    /// Unpacks one frame; it stays in memory for good.
    pub(crate) fn frame(&self, place: Place) -> Read<Frame> {
        let end = place.start.checked_add(place.packed).ok_or(Corrupt)?;
        let packed = self.frames.get(place.start..end).ok_or(Corrupt)?;
        let mut decompressor = zstd::bulk::Decompressor::with_dictionary(self.dictionary).map_err(|_| Corrupt)?;
        let bytes = decompressor.decompress(packed, place.length).map_err(|_| Corrupt)?;
        Frame::open(bytes.leak())
    }
}

#[cfg(test)]
mod tests {
    use super::Archive;

    static FILE: &[u8] = include_bytes!("../data/models.bin");

    #[test]
    fn another_version_is_refused() {
        assert!(Archive::open(FILE, b"WKM1").is_ok());
        assert!(Archive::open(FILE, b"WKM2").is_err());
    }

    #[test]
    fn a_truncated_file_is_refused() {
        for length in [0, 3, 4, 15, 16, 1000, 70_000] {
            assert!(Archive::open(&FILE[..length], b"WKM1").is_err(), "{length}");
        }
    }
}
