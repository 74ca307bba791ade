//! Writes the compact frames that `welkin-model` reads (`platform/model/src/frame.rs`).
//!
//! A frame is a table of strings followed by a body of varints. Strings are numbered in the order
//! of their first use; in the body 0 is "no string" and n is string n-1.

use std::collections::HashMap;

/// One frame being written.
#[derive(Default)]
pub(crate) struct Frame {
    numbers: HashMap<String, u64>,
    strings: Vec<String>,
    body: Vec<u8>,
}

impl Frame {
    /// A number as LEB128.
    pub(crate) fn number(&mut self, value: u64) {
        leb128(&mut self.body, value);
    }

    /// A count or an index.
    pub(crate) fn count(&mut self, value: usize) {
        self.number(value as u64);
    }

    /// Eight bytes of an IEEE 754 double, little endian.
    pub(crate) fn double(&mut self, value: f64) {
        self.body.extend_from_slice(&value.to_le_bytes());
    }

    /// A string.
    pub(crate) fn string(&mut self, value: &str) {
        let number = match self.numbers.get(value) {
            Some(number) => *number,
            None => {
                self.strings.push(value.to_owned());
                let number = self.strings.len() as u64;
                self.numbers.insert(value.to_owned(), number);
                number
            }
        };
        self.number(number);
    }

    /// A string or none.
    pub(crate) fn maybe(&mut self, value: Option<&str>) {
        match value {
            Some(value) => self.string(value),
            None => self.number(0),
        }
    }

    /// A list of strings.
    pub(crate) fn list<S: AsRef<str>>(&mut self, values: &[S]) {
        self.count(values.len());
        for value in values {
            self.string(value.as_ref());
        }
    }

    /// The frame's bytes: number of strings, their lengths, their bytes, the body.
    pub(crate) fn finish(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        leb128(&mut bytes, self.strings.len() as u64);
        for string in &self.strings {
            leb128(&mut bytes, string.len() as u64);
        }
        for string in &self.strings {
            bytes.extend_from_slice(string.as_bytes());
        }
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

fn leb128(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// An archive: magic, dictionary, compressed index, compressed frames, each preceded by nothing:
/// the index holds their lengths.
pub(crate) fn archive(
    magic: &[u8; 4],
    frames: &[Vec<u8>],
    index: impl FnOnce(&[Vec<u8>]) -> Vec<u8>,
) -> std::io::Result<Vec<u8>> {
    let dictionary = zstd::dict::from_samples(frames, DICTIONARY_SIZE)?;
    let mut compressor = zstd::bulk::Compressor::with_dictionary(LEVEL, &dictionary)?;
    let packed = frames.iter().map(|frame| compressor.compress(frame)).collect::<std::io::Result<Vec<_>>>()?;
    let index = index(&packed);
    let packed_index = zstd::bulk::compress(&index, LEVEL)?;
    let mut bytes = magic.to_vec();
    for length in [dictionary.len(), packed_index.len(), index.len()] {
        bytes.extend_from_slice(&(length as u32).to_le_bytes());
    }
    bytes.extend_from_slice(&dictionary);
    bytes.extend_from_slice(&packed_index);
    for frame in &packed {
        bytes.extend_from_slice(frame);
    }
    Ok(bytes)
}

const LEVEL: i32 = 22;
const DICTIONARY_SIZE: usize = 64 * 1024;
