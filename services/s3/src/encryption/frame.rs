//! The bytes at rest: frames of AES-256-GCM, in one layer or in two.
//!
//! Content is cut into frames of [`FRAME`] bytes; the last one may be shorter. Each frame is sealed by
//! itself, so that a range is read by opening only the frames it touches. The key of a piece of content
//! is derived from the object's data key and the piece's random salt, so that the frames of a piece may
//! be numbered from 0 and a key never meets a nonce twice, though parts are uploaded again.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use bytes::{Bytes, BytesMut};
use welkin_kernel::{Error, Result};

use crate::range::ByteRange;

/// Bytes of plain text in a frame.
pub(crate) const FRAME: usize = 64 * 1024;

/// Bytes that sealing adds to a frame.
pub(crate) const TAG: usize = 16;

/// Bytes of a frame that is sealed in two layers.
const MOST_SEALED: usize = FRAME + 2 * TAG;

/// What tells the pieces of content under one data key apart.
pub(crate) type Salt = [u8; 16];

/// The data keys of an object: one for each layer of encryption.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct DataKey {
    pub(crate) inner: [u8; 32],
    /// Of the second layer, which lies around the first.
    pub(crate) outer: Option<[u8; 32]>,
}

impl DataKey {
    /// The key of a single layer.
    pub(crate) fn single(key: [u8; 32]) -> Self {
        Self { inner: key, outer: None }
    }
}

/// The keys of one piece of content.
pub(crate) struct FrameKey {
    inner: LessSafeKey,
    outer: Option<LessSafeKey>,
}

impl FrameKey {
    pub(crate) fn new(data_key: &DataKey, salt: &Salt) -> Result<Self> {
        let outer = data_key.outer.as_ref().map(|key| derived(key, salt)).transpose()?;
        Ok(Self { inner: derived(&data_key.inner, salt)?, outer })
    }

    /// Bytes that sealing adds to a frame.
    pub(crate) fn overhead(&self) -> usize {
        if self.outer.is_some() { 2 * TAG } else { TAG }
    }

    /// Bytes of a sealed frame.
    pub(crate) fn sealed(&self) -> usize {
        FRAME + self.overhead()
    }

    /// From the innermost layer out.
    fn layers(&self) -> impl DoubleEndedIterator<Item = &LessSafeKey> {
        std::iter::once(&self.inner).chain(&self.outer)
    }

    fn nonce(frame: u64) -> Nonce {
        let mut nonce = [0; NONCE_LEN];
        nonce[4..].copy_from_slice(&frame.to_be_bytes());
        Nonce::assume_unique_for_key(nonce)
    }

    /// Seals a frame in place.
    fn seal(&self, frame: u64, bytes: &mut BytesMut) -> Result<()> {
        for layer in self.layers() {
            layer
                .seal_in_place_append_tag(Self::nonce(frame), Aad::empty(), bytes)
                .map_err(|_| Error::internal("a frame cannot be sealed"))?;
        }
        Ok(())
    }

    /// Opens a frame in place.
    pub(crate) fn open(&self, frame: u64, bytes: &mut BytesMut) -> Result<()> {
        for layer in self.layers().rev() {
            let plain = layer
                .open_in_place(Self::nonce(frame), Aad::empty(), bytes)
                .map_err(|_| Error::internal("a frame at rest is damaged or of another key"))?
                .len();
            bytes.truncate(plain);
        }
        Ok(())
    }
}

fn derived(key: &[u8; 32], salt: &Salt) -> Result<LessSafeKey> {
    let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), salt);
    let key = UnboundKey::new(&AES_256_GCM, derived.as_ref()).map_err(|_| Error::internal("no key of 32 bytes"))?;
    Ok(LessSafeKey::new(key))
}

/// Seals content that streams by.
pub(crate) struct FrameSealer {
    key: FrameKey,
    frame: u64,
    buffer: BytesMut,
}

impl FrameSealer {
    pub(crate) fn new(key: FrameKey) -> Self {
        Self { key, frame: 0, buffer: BytesMut::new() }
    }

    /// Takes bytes off `chunk`; answers a sealed frame once one is full. Call it until `chunk` is empty.
    pub(crate) fn push(&mut self, chunk: &mut Bytes) -> Result<Option<Bytes>> {
        if self.buffer.capacity() == 0 {
            // Small content gets a small buffer; what is longer than a chunk gets a frame's.
            self.buffer.reserve(if chunk.len() < FRAME && self.frame == 0 {
                chunk.len() + 2 * TAG
            } else {
                MOST_SEALED
            });
        }
        let take = chunk.len().min(FRAME - self.buffer.len());
        if self.buffer.capacity() < self.buffer.len() + take + 2 * TAG {
            self.buffer.reserve(MOST_SEALED - self.buffer.len());
        }
        self.buffer.extend_from_slice(&chunk.split_to(take));
        if self.buffer.len() < FRAME { Ok(None) } else { self.flush().map(Some) }
    }

    /// The last frame, unless the content ended with a full one.
    pub(crate) fn finish(mut self) -> Result<Option<Bytes>> {
        if self.buffer.is_empty() { Ok(None) } else { self.flush().map(Some) }
    }

    fn flush(&mut self) -> Result<Bytes> {
        self.key.seal(self.frame, &mut self.buffer)?;
        self.frame += 1;
        Ok(std::mem::take(&mut self.buffer).freeze())
    }
}

/// Length at rest of `size` bytes of content, whose frames get `overhead` bytes each.
fn sealed_len(size: u64, overhead: usize) -> u64 {
    size + size.div_ceil(FRAME as u64) * overhead as u64
}

/// Where the frames that hold a range of content lie at rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The bytes at rest.
    pub(crate) sealed: ByteRange,
    /// Number of the first frame.
    pub(crate) first: u64,
    /// Bytes of the first frame that lie before the range.
    pub(crate) skip: u64,
}

impl Span {
    /// The frames of `range` in content of `size` bytes, within which it must lie; sealing adds `overhead` bytes to
    /// each.
    pub(crate) fn of(range: ByteRange, size: u64, overhead: usize) -> Self {
        let (frame, sealed) = (FRAME as u64, (FRAME + overhead) as u64);
        let first = range.start / frame;
        let after = range.end.div_ceil(frame);
        let sealed = ByteRange { start: first * sealed, end: sealed_len(size, overhead).min(after * sealed) };
        Self { sealed, first, skip: range.start - first * frame }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const LAYERS: [DataKey; 2] =
        [DataKey { inner: [7; 32], outer: None }, DataKey { inner: [7; 32], outer: Some([9; 32]) }];

    fn seal(key: &DataKey, plain: &[u8], chunk: usize) -> Vec<u8> {
        let mut sealer = FrameSealer::new(FrameKey::new(key, &[1; 16]).unwrap());
        let mut sealed = Vec::new();
        for part in plain.chunks(chunk) {
            let mut part = Bytes::copy_from_slice(part);
            while !part.is_empty() {
                sealed.extend(sealer.push(&mut part).unwrap().into_iter().flatten());
            }
        }
        sealed.extend(sealer.finish().unwrap().into_iter().flatten());
        sealed
    }

    fn open(key: &DataKey, sealed: &[u8], range: ByteRange, size: u64) -> Vec<u8> {
        let key = FrameKey::new(key, &[1; 16]).unwrap();
        let span = Span::of(range, size, key.overhead());
        let (start, end) = (usize::try_from(span.sealed.start).unwrap(), usize::try_from(span.sealed.end).unwrap());
        let mut plain = Vec::new();
        for (n, frame) in sealed[start..end].chunks(key.sealed()).enumerate() {
            let mut frame = BytesMut::from(frame);
            key.open(span.first + n as u64, &mut frame).unwrap();
            plain.extend_from_slice(&frame);
        }
        let skip = usize::try_from(span.skip).unwrap();
        plain[skip..skip + usize::try_from(range.len()).unwrap()].to_vec()
    }

    #[test]
    fn any_range_opens_to_what_was_sealed() {
        for size in [1, 100, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME, 3 * FRAME + 17] {
            let plain: Vec<u8> = (0..size).map(|n| (n * 31 % 251) as u8).collect();
            for (chunk, key) in [7_000, FRAME, 200_000].into_iter().zip(LAYERS.iter().cycle()) {
                let sealed = seal(key, &plain, chunk);
                let overhead = FrameKey::new(key, &[1; 16]).unwrap().overhead();
                assert_eq!(sealed.len() as u64, sealed_len(size as u64, overhead), "{size} by {chunk}");
                for (start, end) in [(0, size), (size - 1, size), (size / 2, size), (0, 1), (size / 3, size / 2 + 1)] {
                    let range = ByteRange { start: start as u64, end: end as u64 };
                    assert_eq!(open(key, &sealed, range, size as u64), &plain[start..end], "{size}: {start}..{end}");
                }
            }
        }
    }

    #[test]
    fn a_frame_opens_only_in_its_place_under_its_key() {
        for key in LAYERS {
            let sealed = seal(&key, &[5; 10], 10);
            let opens = |key: &DataKey, salt: &Salt, frame| {
                FrameKey::new(key, salt).unwrap().open(frame, &mut BytesMut::from(&sealed[..])).is_ok()
            };
            assert!(opens(&key, &[1; 16], 0));
            assert!(!opens(&key, &[1; 16], 1));
            assert!(!opens(&key, &[2; 16], 0));
            assert!(!opens(&DataKey { inner: [8; 32], ..key.clone() }, &[1; 16], 0));
            assert!(!opens(&DataKey { outer: Some([8; 32]), ..key }, &[1; 16], 0));
            assert!(!sealed.windows(5).any(|w| w == [5; 5]), "the plain text is not at rest");
        }
    }

    #[test]
    fn each_of_two_layers_hides_what_is_below() {
        let [single, double] = LAYERS;
        let (inner, both) = (seal(&single, &[5; 10], 10), seal(&double, &[5; 10], 10));
        let outer = DataKey::single(double.outer.unwrap());
        let mut opened = BytesMut::from(&both[..]);
        FrameKey::new(&outer, &[1; 16]).unwrap().open(0, &mut opened).unwrap();
        assert_eq!(opened, inner, "under the second layer lies the first");
    }
}
