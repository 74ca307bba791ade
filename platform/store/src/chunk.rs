//! How values look in an engine. Most are stored as they are. A value that is longer than
//! [`CHUNK_BYTES`] is a head under its key and pieces under reserved keys; a short value that could be
//! mistaken for a head is escaped:
//!
//! ```text
//! value                       any value of at most 90,000 bytes that does not begin with 0xff
//! 0xff 0x00 value             one that does
//! 0xff 0x01 u32               head of a longer one: its length
//! ```

use crate::{Error, KeyRange, limits::CHUNK_BYTES, limits::RESERVED, limits::VALUE_BYTES};
use bytes::{BufMut, Bytes, BytesMut};

const MARK: u8 = 0xff;
const ESCAPED: u8 = 0;
const HEAD: u8 = 1;

/// A value as an engine returned it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    Whole(Bytes),
    /// The length of a value whose pieces are in [`pieces_of`] the key.
    Head(usize),
}

/// Reads what an engine stored under a key.
pub(crate) fn decode(stored: Bytes) -> Result<Stored, Error> {
    if stored.first() != Some(&MARK) {
        return Ok(Stored::Whole(stored));
    }
    match stored.get(1) {
        Some(&ESCAPED) => Ok(Stored::Whole(stored.slice(2..))),
        Some(&HEAD) => match stored.get(2..).and_then(|len| len.try_into().ok()).map(u32::from_be_bytes) {
            Some(len) if (CHUNK_BYTES..=VALUE_BYTES).contains(&(len as usize)) => Ok(Stored::Head(len as usize)),
            _ => Err(Error::Corrupt("the head of a long value".to_owned())),
        },
        _ => Err(Error::Corrupt("the form of a value is unknown".to_owned())),
    }
}

/// The entries that stand for `value` under `key`, the head last.
pub(crate) fn encode(key: &Bytes, value: Bytes) -> Vec<(Bytes, Bytes)> {
    if value.len() <= CHUNK_BYTES {
        return vec![(key.clone(), escape(value))];
    }
    let mut entries: Vec<(Bytes, Bytes)> = (0..pieces(value.len()))
        .map(|index| {
            let from = index * CHUNK_BYTES;
            let to = (from + CHUNK_BYTES).min(value.len());
            (piece_key(key, index), value.slice(from..to))
        })
        .collect();
    // INVARIANT: VALUE_BYTES fits 32 bits.
    entries.push((key.clone(), marked(HEAD, &(value.len() as u32).to_be_bytes())));
    entries
}

/// A value as one entry, whatever its length.
pub(crate) fn escape(value: Bytes) -> Bytes {
    if value.first() == Some(&MARK) { marked(ESCAPED, &value) } else { value }
}

/// How many pieces a value of `len` bytes has.
fn pieces(len: usize) -> usize {
    len.div_ceil(CHUNK_BYTES)
}

/// The keys of the pieces of a long value of `len` bytes under `key`.
pub(crate) fn piece_keys(key: &[u8], len: usize) -> impl Iterator<Item = Bytes> {
    (0..pieces(len)).map(move |index| piece_key(key, index))
}

/// Where the pieces of a long value under `key` are.
pub(crate) fn pieces_of(key: &[u8]) -> KeyRange {
    KeyRange::prefix(piece_prefix(key).freeze())
}

/// Where the pieces of all long values are.
pub(crate) fn all_pieces() -> KeyRange {
    KeyRange::prefix(&[RESERVED, b'c'][..])
}

/// Puts a long value together from its pieces, in order.
pub(crate) fn assemble(len: usize, pieces: impl Iterator<Item = Bytes>) -> Result<Bytes, Error> {
    let mut value = BytesMut::with_capacity(len);
    for piece in pieces {
        value.extend_from_slice(&piece);
    }
    if value.len() != len {
        return Err(Error::Corrupt(format!("a value of {len} bytes has pieces of {} bytes", value.len())));
    }
    Ok(value.freeze())
}

fn marked(form: u8, rest: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(2 + rest.len());
    bytes.put_slice(&[MARK, form]);
    bytes.put_slice(rest);
    bytes.freeze()
}

/// The length of the key stands before it, so that the pieces of no two keys lie among each other.
fn piece_prefix(key: &[u8]) -> BytesMut {
    let mut prefix = BytesMut::with_capacity(key.len() + 6);
    prefix.put_slice(&[RESERVED, b'c']);
    // INVARIANT: keys are at most KEY_BYTES long, and their pieces at most VALUE_BYTES / CHUNK_BYTES.
    prefix.put_u16(key.len() as u16);
    prefix.put_slice(key);
    prefix
}

fn piece_key(key: &[u8], index: usize) -> Bytes {
    let mut piece = piece_prefix(key);
    piece.put_u16(index as u16);
    piece.freeze()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn round_trip(value: Bytes) -> Bytes {
        let key = Bytes::from_static(b"k");
        let mut entries = encode(&key, value);
        let (head_key, head) = entries.pop().unwrap();
        assert_eq!(head_key, key);
        match decode(head).unwrap() {
            Stored::Whole(value) => value,
            Stored::Head(len) => {
                assert!(entries.iter().map(|(key, _)| key.clone()).eq(piece_keys(&key, len)));
                assert!(entries.iter().all(|(piece, _)| pieces_of(&key).contains(piece)));
                assert!(entries.iter().all(|(_, piece)| piece.len() <= CHUNK_BYTES));
                assemble(len, entries.into_iter().map(|(_, piece)| piece)).unwrap()
            }
        }
    }

    #[test]
    fn every_length_and_first_byte_survives() {
        for len in [0, 1, 2, 3, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, VALUE_BYTES] {
            for first in [0x00, 0x01, 0xfe, 0xff] {
                let mut value = vec![7; len];
                if let Some(byte) = value.first_mut() {
                    *byte = first;
                }
                let value = Bytes::from(value);
                assert_eq!(round_trip(value.clone()), value, "{len} bytes, first {first:#x}");
            }
        }
    }

    #[test]
    fn damaged_heads_are_errors() {
        for stored in
            [&[0xff][..], &[0xff, 2], &[0xff, 1, 0, 0, 0, 1], &[0xff, 1, 0xff, 0xff, 0xff, 0xff], &[0xff, 1, 0]]
        {
            assert!(decode(Bytes::copy_from_slice(stored)).is_err(), "{stored:?}");
        }
    }

    #[test]
    fn pieces_of_different_keys_do_not_mix() {
        let long: Bytes = [b"k".as_slice(), &[0, 0, 0, 1]].concat().into();
        assert!(!pieces_of(b"k").contains(&piece_key(&long, 0)));
        assert!(!pieces_of(&long).contains(&piece_key(b"k", 1)));
    }
}
