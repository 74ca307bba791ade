//! How the bytes of a blob are stored: in blocks, each followed by its checksum.
//!
//! ```text
//! blob  = frame*
//! frame = block (64 KiB, the last one shorter) check:u32, least significant byte first
//! check = CRC-32C of the block, exclusive-or a number made of the blob's id and the number of the block
//! ```
//!
//! The number makes sure that the block is not one of another blob, or of another place in this one.

use crate::{BlobId, Error};
use bytes::Bytes;
use std::ops::Range;

/// Bytes in a block.
pub(crate) const BLOCK: usize = 64 * 1024;
const CHECK: usize = 4;
/// Bytes in the frame of a full block.
pub(crate) const FRAME: usize = BLOCK + CHECK;

/// How many bytes the frames of a blob of `length` bytes take.
pub(crate) fn framed(length: u64) -> u64 {
    length + length.div_ceil(BLOCK as u64) * CHECK as u64
}

/// How long the blob is whose frames take `framed` bytes; `None` if none does.
pub(crate) fn unframed(framed: u64) -> Option<u64> {
    let (full, rest) = (framed / FRAME as u64, framed % FRAME as u64);
    match rest {
        0 => Some(full * BLOCK as u64),
        rest if rest <= CHECK as u64 => None,
        rest => Some(full * BLOCK as u64 + rest - CHECK as u64),
    }
}

fn check(id: BlobId, index: u64, block: &[u8]) -> u32 {
    let folded = (id.0 ^ id.0 >> 64) as u64;
    let folded = (folded ^ folded >> 32) as u32;
    let place = (index as u32).wrapping_mul(0x9e37_79b9);
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, block) as u32 ^ folded ^ place
}

/// Puts bytes into frames.
#[derive(Debug)]
pub(crate) struct Framer {
    id: BlobId,
    buffer: Vec<u8>,
    /// Where the unfinished block begins in the buffer.
    block: usize,
    index: u64,
    length: u64,
}

impl Framer {
    /// Frames of the blob `id`, after `reserved` bytes that the caller fills.
    pub(crate) fn new(id: BlobId, reserved: usize) -> Self {
        Self { id, buffer: vec![0; reserved], block: reserved, index: 0, length: 0 }
    }

    pub(crate) fn push(&mut self, mut bytes: &[u8]) {
        self.length += bytes.len() as u64;
        while !bytes.is_empty() {
            let room = BLOCK - (self.buffer.len() - self.block);
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.buffer.extend_from_slice(now);
            if now.len() == room {
                self.close();
            }
            bytes = later;
        }
    }

    /// The number of bytes pushed so far.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The number of bytes in the buffer.
    pub(crate) fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// Takes the finished frames out of the buffer, without the first `skip` bytes of it.
    pub(crate) fn take(&mut self, skip: usize) -> Vec<u8> {
        let unfinished = self.buffer.split_off(self.block);
        self.block = 0;
        let mut taken = std::mem::replace(&mut self.buffer, unfinished);
        taken.drain(..skip);
        taken
    }

    /// Finishes the last frame. Returns the buffer and the length of the blob.
    pub(crate) fn finish(mut self) -> (Vec<u8>, u64) {
        if self.buffer.len() > self.block {
            self.close();
        }
        (self.buffer, self.length)
    }

    fn close(&mut self) {
        let check = check(self.id, self.index, &self.buffer[self.block..]);
        self.buffer.extend_from_slice(&check.to_le_bytes());
        self.block = self.buffer.len();
        self.index += 1;
    }
}

/// A run of blocks that is read at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// The first block.
    index: u64,
    /// Where its frames are, from the beginning of the blob's frames.
    pub(crate) frames: Range<u64>,
    /// Which bytes of its blocks are wanted, from the beginning of the blob.
    bytes: Range<u64>,
}

impl Run {
    /// The first run of at most `blocks` blocks that holds the beginning of `bytes`, in a blob of `length` bytes.
    pub(crate) fn first(bytes: Range<u64>, length: u64, blocks: u64) -> Self {
        let block = BLOCK as u64;
        let index = bytes.start / block;
        let end = bytes.end.min((index + blocks) * block);
        let last = end.div_ceil(block);
        let frames = index * FRAME as u64..framed(length.min(last * block));
        Self { index, frames, bytes: bytes.start..end }
    }

    /// The first byte after the run.
    pub(crate) fn end(&self) -> u64 {
        self.bytes.end
    }

    /// Verifies `frames` and returns the wanted bytes of each block.
    pub(crate) fn blocks(&self, id: BlobId, frames: Bytes) -> Result<Vec<Bytes>, Error> {
        let mut blocks = Vec::with_capacity(frames.len().div_ceil(FRAME));
        for (index, frame) in (self.index..).zip(frames.chunks(FRAME)) {
            let (block, stored) = frame.split_last_chunk().ok_or(Error::Damaged(id))?;
            if check(id, index, block) != u32::from_le_bytes(*stored) {
                return Err(Error::Damaged(id));
            }
            let start = index * BLOCK as u64;
            let from = self.bytes.start.saturating_sub(start) as usize;
            let to = (self.bytes.end - start).min(block.len() as u64) as usize;
            let block = block.get(from..to).ok_or(Error::Damaged(id))?;
            blocks.push(frames.slice_ref(block));
        }
        Ok(blocks)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    const ID: BlobId = BlobId(0x1234_5678_9abc_def0_0f1e_2d3c_4b5a_6978);

    fn frames(bytes: &[u8], piece: usize) -> Vec<u8> {
        let mut framer = Framer::new(ID, 0);
        bytes.chunks(piece).for_each(|piece| framer.push(piece));
        let (frames, length) = framer.finish();
        assert_eq!(length, bytes.len() as u64);
        assert_eq!(frames.len() as u64, framed(length));
        assert_eq!(unframed(frames.len() as u64), Some(length));
        frames
    }

    fn read(frames: &[u8], length: u64, range: Range<u64>, blocks: u64) -> Vec<u8> {
        let mut rest = range;
        let mut read = Vec::new();
        while !rest.is_empty() {
            let run = Run::first(rest.clone(), length, blocks);
            let part = &frames[run.frames.start as usize..run.frames.end as usize];
            run.blocks(ID, Bytes::copy_from_slice(part))
                .unwrap()
                .iter()
                .for_each(|block| read.extend_from_slice(block));
            rest.start = run.end();
        }
        read
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_range_reads_what_was_written(
            length in prop_oneof![0..10_usize, 0..5 * BLOCK, (0..4_usize).prop_map(|n| n * BLOCK)],
            piece in 1..3 * BLOCK,
            from in 0.0..1.0_f64,
            to in 0.0..1.0_f64,
            blocks in 1..4_u64,
        ) {
            let bytes: Vec<u8> = (0..length).map(|at| (at ^ at >> 8) as u8).collect();
            let frames = frames(&bytes, piece);
            let (from, to) = ((from * length as f64) as usize, (to * (length + 1) as f64) as usize);
            let (from, to) = (from.min(to), to.min(length).max(from.min(to)));
            prop_assert_eq!(read(&frames, length as u64, from as u64..to as u64, blocks), &bytes[from..to]);
        }
    }

    #[test]
    fn damage_is_noticed() {
        let good = frames(&vec![7; BLOCK + 100], 1000);
        let run = Run::first(0..BLOCK as u64 + 100, BLOCK as u64 + 100, 4);
        assert!(run.blocks(ID, Bytes::from(good.clone())).is_ok());
        assert!(run.blocks(BlobId(1), Bytes::from(good.clone())).is_err(), "of another blob");
        for at in [0, BLOCK - 1, BLOCK, BLOCK + 3, BLOCK + 4, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert!(run.blocks(ID, Bytes::from(bad)).is_err(), "byte {at}");
        }
        assert!(run.blocks(ID, Bytes::from(vec![0; good.len()])).is_err(), "a hole");
        assert!(run.blocks(ID, Bytes::from(good[..good.len() - 1].to_vec())).is_err(), "cut short");
    }

    #[test]
    fn lengths_that_no_blob_has() {
        assert_eq!(unframed(0), Some(0));
        assert_eq!(unframed(4), None);
        assert_eq!(unframed(5), Some(1));
        assert_eq!(unframed(FRAME as u64), Some(BLOCK as u64));
        assert_eq!(unframed(FRAME as u64 + 3), None);
    }
}
