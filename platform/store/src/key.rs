//! Keys of several parts, encoded so that the order of the keys is the order of the parts.
//!
//! Each part is a tag and its bytes; a key that begins with the parts of another sorts right after it. The
//! encoding follows the [tuple layer of FoundationDB] in kind:
//!
//! | part | bytes |
//! | --- | --- |
//! | bytes | `01`, the bytes with `00` written `00 ff`, `00` |
//! | string | `02`, as bytes |
//! | integer | `14 ± n`, then the n bytes of the number, most significant first; complemented if negative |
//! | `false`, `true` | `26`, `27` |
//! | timestamp | `33`, eight bytes, most significant first, sign bit flipped |
//! | stamp | its ten bytes, without a tag |
//!
//! [tuple layer of FoundationDB]: https://github.com/apple/foundationdb/blob/main/design/tuple.md

use crate::{Stamp, limits::RESERVED};
use bytes::{BufMut, Bytes, BytesMut};
use std::borrow::Cow;

const BYTES: u8 = 0x01;
const STRING: u8 = 0x02;
const ZERO: u8 = 0x14;
const FALSE: u8 = 0x26;
const TRUE: u8 = 0x27;
const TIMESTAMP: u8 = 0x33;

const END: u8 = 0x00;
const ESCAPED_ZERO: u8 = 0xff;

/// Makes a key of parts.
#[derive(Debug, Clone, Default)]
pub struct KeyBuilder {
    key: BytesMut,
}

impl KeyBuilder {
    /// A key without parts.
    #[must_use]
    pub fn new() -> Self {
        Self { key: BytesMut::with_capacity(64) }
    }

    /// A key that begins with `prefix`, as it is.
    #[must_use]
    pub fn under(prefix: &[u8]) -> Self {
        let mut key = BytesMut::with_capacity(prefix.len() + 64);
        key.put_slice(prefix);
        Self { key }
    }

    /// Adds a string.
    #[must_use]
    pub fn string(self, part: &str) -> Self {
        self.terminated(STRING, part.as_bytes())
    }

    /// Adds parts that are encoded already.
    #[must_use]
    pub fn parts(mut self, encoded: &[u8]) -> Self {
        self.key.put_slice(encoded);
        self
    }

    /// Adds bytes.
    #[must_use]
    pub fn bytes(self, part: &[u8]) -> Self {
        self.terminated(BYTES, part)
    }

    /// Adds an integer.
    #[must_use]
    pub fn u64(mut self, part: u64) -> Self {
        let length = significant(part);
        self.key.put_u8(ZERO + length as u8);
        self.key.put_slice(&part.to_be_bytes()[8 - length..]);
        self
    }

    /// Adds an integer. It sorts among those added by [`u64`](Self::u64).
    #[must_use]
    pub fn i64(mut self, part: i64) -> Self {
        let magnitude = part.unsigned_abs();
        if part >= 0 {
            return self.u64(magnitude);
        }
        let length = significant(magnitude);
        self.key.put_u8(ZERO - length as u8);
        self.key.put_slice(&(!magnitude).to_be_bytes()[8 - length..]);
        self
    }

    /// Adds a point in time, as a number of whatever unit since whatever epoch.
    #[must_use]
    pub fn timestamp(mut self, part: i64) -> Self {
        self.key.put_u8(TIMESTAMP);
        self.key.put_u64(part.cast_unsigned() ^ (1 << 63));
        self
    }

    /// Adds a truth value.
    #[must_use]
    pub fn bool(mut self, part: bool) -> Self {
        self.key.put_u8(if part { TRUE } else { FALSE });
        self
    }

    /// Adds a stamp, in the way of [`Transaction::put_stamped`](crate::Transaction::put_stamped).
    #[must_use]
    pub fn stamp(mut self, part: Stamp) -> Self {
        self.key.put_slice(part.as_bytes());
        self
    }

    /// The key.
    #[must_use]
    pub fn build(self) -> Bytes {
        self.key.freeze()
    }

    fn terminated(mut self, tag: u8, part: &[u8]) -> Self {
        self.key.reserve(part.len() + 2);
        self.key.put_u8(tag);
        let mut pieces = part.split(|byte| *byte == END);
        if let Some(first) = pieces.next() {
            self.key.put_slice(first);
        }
        for piece in pieces {
            self.key.put_slice(&[END, ESCAPED_ZERO]);
            self.key.put_slice(piece);
        }
        self.key.put_u8(END);
        self
    }
}

impl From<KeyBuilder> for Bytes {
    fn from(builder: KeyBuilder) -> Self {
        builder.build()
    }
}

/// How many bytes `number` needs.
fn significant(number: u64) -> usize {
    8 - (number.leading_zeros() / 8) as usize
}

/// A key that is not what its reader expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key is damaged: expected {expected}")]
pub struct KeyError {
    expected: &'static str,
}

/// Takes a key apart, part by part.
#[derive(Debug, Clone)]
pub struct KeyReader<'a> {
    rest: &'a [u8],
}

impl<'a> KeyReader<'a> {
    /// Reads `key` from its beginning.
    #[must_use]
    pub fn new(key: &'a [u8]) -> Self {
        Self { rest: key }
    }

    /// Reads `key` after `prefix`.
    ///
    /// # Errors
    /// If the key does not begin so. So for all methods: if the next part is another.
    pub fn under(prefix: &[u8], key: &'a [u8]) -> Result<Self, KeyError> {
        key.strip_prefix(prefix).map(Self::new).ok_or(KeyError { expected: "another prefix" })
    }

    /// Reads a string.
    ///
    /// # Errors
    /// If the next part is not one.
    pub fn string(&mut self) -> Result<Cow<'a, str>, KeyError> {
        self.part("a string", |reader| match reader.terminated(STRING)? {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes).map(Cow::Borrowed).ok(),
            Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).ok(),
        })
    }

    /// Reads bytes.
    ///
    /// # Errors
    /// If the next part is not bytes.
    pub fn bytes(&mut self) -> Result<Cow<'a, [u8]>, KeyError> {
        self.part("bytes", |reader| reader.terminated(BYTES))
    }

    /// Reads an integer.
    ///
    /// # Errors
    /// If the next part is not one, or negative.
    pub fn u64(&mut self) -> Result<u64, KeyError> {
        self.part("an unsigned integer", |reader| u64::try_from(reader.integer()?).ok())
    }

    /// Reads an integer.
    ///
    /// # Errors
    /// If the next part is not one, or too large.
    pub fn i64(&mut self) -> Result<i64, KeyError> {
        self.part("an integer", |reader| i64::try_from(reader.integer()?).ok())
    }

    /// Reads a point in time.
    ///
    /// # Errors
    /// If the next part is not one.
    pub fn timestamp(&mut self) -> Result<i64, KeyError> {
        let rest = self.rest.strip_prefix(&[TIMESTAMP]).and_then(|rest| rest.split_first_chunk());
        let (bytes, rest) = rest.ok_or(KeyError { expected: "a timestamp" })?;
        self.rest = rest;
        Ok((u64::from_be_bytes(*bytes) ^ (1 << 63)).cast_signed())
    }

    /// Reads a truth value.
    ///
    /// # Errors
    /// If the next part is not one.
    pub fn bool(&mut self) -> Result<bool, KeyError> {
        match self.rest.split_first() {
            Some((&tag @ (FALSE | TRUE), rest)) => {
                self.rest = rest;
                Ok(tag == TRUE)
            }
            _ => Err(KeyError { expected: "a truth value" }),
        }
    }

    /// Reads a stamp.
    ///
    /// # Errors
    /// If fewer than ten bytes are left.
    pub fn stamp(&mut self) -> Result<Stamp, KeyError> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(KeyError { expected: "a stamp" })?;
        self.rest = rest;
        Ok(Stamp::from(*bytes))
    }

    /// Whether every part has been read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What has not been read yet.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// If parts are left.
    pub fn finish(self) -> Result<(), KeyError> {
        if self.rest.is_empty() { Ok(()) } else { Err(KeyError { expected: "the end" }) }
    }

    /// Reads one part, or nothing if it is not the expected one.
    fn part<T>(&mut self, expected: &'static str, read: impl FnOnce(&mut Self) -> Option<T>) -> Result<T, KeyError> {
        let start = self.rest;
        read(self).ok_or_else(|| {
            self.rest = start;
            KeyError { expected }
        })
    }

    fn terminated(&mut self, tag: u8) -> Option<Cow<'a, [u8]>> {
        let mut rest = self.rest.strip_prefix(&[tag])?;
        let mut unescaped = Vec::new();
        loop {
            let end = rest.iter().position(|byte| *byte == END)?;
            let (piece, after) = rest.split_at(end);
            let after = after.get(1..)?;
            match after.strip_prefix(&[ESCAPED_ZERO]) {
                Some(more) => {
                    unescaped.extend_from_slice(piece);
                    unescaped.push(END);
                    rest = more;
                }
                None => {
                    self.rest = after;
                    if unescaped.is_empty() {
                        return Some(Cow::Borrowed(piece));
                    }
                    unescaped.extend_from_slice(piece);
                    return Some(Cow::Owned(unescaped));
                }
            }
        }
    }

    fn integer(&mut self) -> Option<i128> {
        let (tag, rest) = self.rest.split_first()?;
        let length = usize::from(tag.abs_diff(ZERO));
        if length > 8 {
            return None;
        }
        let (digits, rest) = rest.split_at_checked(length)?;
        let negative = *tag < ZERO;
        // A number is written without leading zeros; anything else was not written here.
        if digits.first().is_some_and(|first| *first == if negative { 0xff } else { 0 }) {
            return None;
        }
        let magnitude = digits.iter().fold(0_u64, |number, digit| {
            let digit = if negative { !digit } else { *digit };
            number << 8 | u64::from(digit)
        });
        self.rest = rest;
        Some(if negative { -i128::from(magnitude) } else { i128::from(magnitude) })
    }
}

/// The first key after all that begin with `prefix`, among those that callers can write.
#[must_use]
pub fn prefix_end(prefix: &[u8]) -> Bytes {
    match prefix.iter().rposition(|byte| *byte != 0xff) {
        Some(last) => {
            let mut end = BytesMut::from(&prefix[..=last]);
            end[last] += 1;
            end.freeze()
        }
        None => Bytes::from_static(&[RESERVED]),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::KeyRange;
    use proptest::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
    enum Part {
        Bytes(Vec<u8>),
        String(String),
        Integer(i128),
        Bool(bool),
        Timestamp(i64),
    }

    fn build(parts: &[Part]) -> Bytes {
        let key = parts.iter().fold(KeyBuilder::new(), |key, part| match part {
            Part::Bytes(part) => key.bytes(part),
            Part::String(part) => key.string(part),
            Part::Integer(part) => match u64::try_from(*part) {
                Ok(part) => key.u64(part),
                Err(_) => key.i64(i64::try_from(*part).unwrap()),
            },
            Part::Bool(part) => key.bool(*part),
            Part::Timestamp(part) => key.timestamp(*part),
        });
        key.build()
    }

    fn part() -> impl Strategy<Value = Part> {
        prop_oneof![
            prop::collection::vec(prop_oneof![Just(0), Just(1), Just(255), any::<u8>()], 0..6).prop_map(Part::Bytes),
            "[\\x00\\x01a\u{ff}\u{10ffff}]{0,4}".prop_map(Part::String),
            any::<i64>().prop_map(|part| Part::Integer(part.into())),
            any::<u64>().prop_map(|part| Part::Integer(part.into())),
            (-300..300_i128).prop_map(Part::Integer),
            any::<bool>().prop_map(Part::Bool),
            any::<i64>().prop_map(Part::Timestamp),
        ]
    }

    proptest! {
        #[test]
        fn keys_sort_as_their_parts(
            left in prop::collection::vec(part(), 0..4),
            right in prop::collection::vec(part(), 0..4),
        ) {
            prop_assert_eq!(build(&left).cmp(&build(&right)), left.cmp(&right));
        }

        #[test]
        fn parts_survive(parts in prop::collection::vec(part(), 0..5)) {
            let key = build(&parts);
            let mut reader = KeyReader::new(&key);
            for part in &parts {
                match part {
                    Part::Bytes(part) => prop_assert_eq!(reader.bytes().unwrap().into_owned(), part.clone()),
                    Part::String(part) => prop_assert_eq!(reader.string().unwrap().into_owned(), part.clone()),
                    Part::Integer(part) if *part >= 0 => {
                        prop_assert_eq!(i128::from(reader.u64().unwrap()), *part);
                    }
                    Part::Integer(part) => prop_assert_eq!(i128::from(reader.i64().unwrap()), *part),
                    Part::Bool(part) => prop_assert_eq!(reader.bool().unwrap(), *part),
                    Part::Timestamp(part) => prop_assert_eq!(reader.timestamp().unwrap(), *part),
                }
            }
            prop_assert!(reader.finish().is_ok());
        }

        #[test]
        fn a_prefix_range_holds_what_begins_with_it(
            prefix in prop::collection::vec(0_u8..=255, 1..4),
            key in prop::collection::vec(0_u8..=255, 1..6),
        ) {
            prop_assume!(prefix[0] != 0xff && key[0] != 0xff);
            prop_assert_eq!(KeyRange::prefix(prefix.clone()).contains(&key), key.starts_with(&prefix));
        }

        #[test]
        fn damaged_keys_are_errors_not_panics(key in prop::collection::vec(any::<u8>(), 0..24)) {
            let mut reader = KeyReader::new(&key);
            while reader.string().is_ok() || reader.bytes().is_ok() || reader.i64().is_ok()
                || reader.timestamp().is_ok() || reader.bool().is_ok() {}
        }
    }

    #[test]
    fn a_wrong_kind_is_an_error() {
        let key = KeyBuilder::new().string("a").i64(-1).build();
        let mut reader = KeyReader::new(&key);
        assert!(reader.bytes().is_err());
        assert_eq!(reader.string().unwrap(), "a");
        assert!(reader.u64().is_err());
        assert!(reader.finish().is_err());
    }
}
