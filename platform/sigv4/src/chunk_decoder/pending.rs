//! Data of a chunk that is not verified yet.

use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;

/// Pieces below this size are copied together: each would cost more to keep than to copy.
const SMALL: usize = 1024;
/// How much is copied into one piece.
const BLOCK: usize = 64 * 1024;

#[derive(Debug, Default)]
pub(super) struct Pending {
    pieces: Vec<Bytes>,
    small: BytesMut,
}

impl Pending {
    pub(super) fn add(&mut self, data: Bytes) {
        if data.len() >= SMALL {
            self.flush();
            self.pieces.push(data);
            return;
        }
        self.small.extend_from_slice(&data);
        if self.small.len() >= BLOCK {
            self.flush();
        }
    }

    /// Hands all pieces over, in order.
    pub(super) fn release(&mut self, ready: &mut VecDeque<Bytes>) {
        self.flush();
        ready.extend(self.pieces.drain(..));
    }

    fn flush(&mut self) {
        if !self.small.is_empty() {
            self.pieces.push(self.small.split().freeze());
        }
    }
}
