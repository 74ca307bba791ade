//! A pull reader of CBOR (RFC 8949): definite and indefinite lengths, tags, half floats.

use bytes::{Bytes, BytesMut};

use crate::MAX_DEPTH;
use crate::parse_error::Fail;

/// The head of a data item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Head {
    Unsigned(u64),
    /// The value is `-1 - n`.
    Negative(u64),
    /// Length; `None` if indefinite.
    Bytes(Option<u64>),
    Text(Option<u64>),
    Array(Option<u64>),
    Map(Option<u64>),
    Tag(u64),
    Bool(bool),
    /// Null or undefined.
    Null,
    Float(f64),
    Break,
}

/// Reads data items from front to back.
pub(crate) struct Reader<'a> {
    bytes: &'a Bytes,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a Bytes) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn fail(&self, what: &str) -> Fail {
        Fail::malformed(format!("{what} at byte {}.", self.at))
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], Fail> {
        let end = self.at.checked_add(n).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or_else(|| self.fail("Unexpected end of CBOR"))?;
        let slice = self.bytes.get(self.at..end).unwrap_or_default();
        self.at = end;
        Ok(slice)
    }

    fn uint(&mut self, n: usize) -> Result<u64, Fail> {
        Ok(self.take(n)?.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    /// Whether the next byte ends an indefinite item; takes it if so.
    pub(crate) fn take_break(&mut self) -> bool {
        let found = self.bytes.get(self.at) == Some(&0xff);
        self.at += usize::from(found);
        found
    }

    /// Takes a head.
    pub(crate) fn head(&mut self) -> Result<Head, Fail> {
        let first = self.uint(1)?;
        let (major, info) = (first >> 5, first & 31);
        if major == 7 {
            return self.simple(info);
        }
        let argument = match info {
            0..=23 => Some(info),
            24 => Some(self.uint(1)?),
            25 => Some(self.uint(2)?),
            26 => Some(self.uint(4)?),
            27 => Some(self.uint(8)?),
            31 if (2..=5).contains(&major) => None,
            _ => return Err(self.fail("Malformed CBOR head")),
        };
        Ok(match (major, argument) {
            (0, Some(n)) => Head::Unsigned(n),
            (1, Some(n)) => Head::Negative(n),
            (2, length) => Head::Bytes(length),
            (3, length) => Head::Text(length),
            (4, length) => Head::Array(length),
            (5, length) => Head::Map(length),
            (6, Some(tag)) => Head::Tag(tag),
            _ => return Err(self.fail("Malformed CBOR head")),
        })
    }

    fn simple(&mut self, info: u64) -> Result<Head, Fail> {
        Ok(match info {
            20 => Head::Bool(false),
            21 => Head::Bool(true),
            22 | 23 => Head::Null,
            25 => Head::Float(half(self.uint(2)? as u16)),
            26 => Head::Float(f64::from(f32::from_bits(self.uint(4)? as u32))),
            27 => Head::Float(f64::from_bits(self.uint(8)?)),
            31 => Head::Break,
            _ => return Err(self.fail("Unknown CBOR simple value")),
        })
    }

    /// Takes the bytes of a byte or text string whose head was `length`.
    pub(crate) fn string(&mut self, length: Option<u64>, text: bool) -> Result<Bytes, Fail> {
        if let Some(length) = length {
            let start = self.at;
            self.take(usize::try_from(length).unwrap_or(usize::MAX))?;
            return Ok(self.bytes.slice(start..self.at));
        }
        let mut whole = BytesMut::new();
        while !self.take_break() {
            let chunk = match (self.head()?, text) {
                (Head::Bytes(Some(n)), false) | (Head::Text(Some(n)), true) => n,
                _ => return Err(self.fail("Malformed chunk of a CBOR string")),
            };
            whole.extend_from_slice(self.take(usize::try_from(chunk).unwrap_or(usize::MAX))?);
        }
        Ok(whole.freeze())
    }

    /// Takes the characters of a text string whose head was `length`.
    pub(crate) fn text(&mut self, length: Option<u64>) -> Result<String, Fail> {
        let bytes = self.string(length, true)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| self.fail("A CBOR text string is not UTF-8"))?;
        Ok(text.to_owned())
    }

    /// Whether another item of a collection follows; `left` counts down a definite length.
    pub(crate) fn more(&mut self, left: &mut Option<u64>) -> bool {
        match left {
            Some(0) => false,
            Some(n) => {
                *n -= 1;
                true
            }
            None => !self.take_break(),
        }
    }

    /// Passes over an item.
    pub(crate) fn skip(&mut self, depth: usize) -> Result<(), Fail> {
        if depth > MAX_DEPTH {
            return Err(Fail::too_deep());
        }
        match self.head()? {
            Head::Bytes(length) => self.string(length, false).map(drop),
            Head::Text(length) => self.string(length, true).map(drop),
            Head::Array(mut left) => {
                while self.more(&mut left) {
                    self.skip(depth + 1)?;
                }
                Ok(())
            }
            Head::Map(mut left) => {
                while self.more(&mut left) {
                    self.skip(depth + 1)?;
                    self.skip(depth + 1)?;
                }
                Ok(())
            }
            Head::Tag(_) => self.skip(depth + 1),
            Head::Break => Err(self.fail("Unexpected break in CBOR")),
            Head::Unsigned(_) | Head::Negative(_) | Head::Bool(_) | Head::Null | Head::Float(_) => Ok(()),
        }
    }
}

/// A 16-bit float (RFC 8949, appendix D).
fn half(bits: u16) -> f64 {
    let (exponent, mantissa) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    let value = match exponent {
        0 => mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (mantissa + 1024.0) * 2f64.powi(exponent - 25),
    };
    if bits & 0x8000 != 0 { -value } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_floats() {
        for (bits, value) in
            [(0x0000, 0.0), (0x3c00, 1.0), (0xc400, -4.0), (0x7bff, 65504.0), (0x0001, 5.960464477539063e-8)]
        {
            assert_eq!(half(bits), value);
        }
        assert!(half(0x7e00).is_nan());
        assert_eq!(half(0xfc00), f64::NEG_INFINITY);
    }
}
