//! Streams of a stripe: chunks that are compressed, and the runs of numbers in them.
//!
//! <https://orc.apache.org/specification/ORCv1/#compression>, <https://orc.apache.org/specification/ORCv1/#run-length-encoding>

use std::io::Read;

use bytes::Bytes;

use super::Bad;

/// Chunks are at most this long, compressed or not.
const LARGEST: usize = 64 << 20;

/// How chunks are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    None,
    Zlib,
    Snappy,
    Lz4,
    Zstd,
}

impl Codec {
    pub(super) fn of(number: u64) -> Result<Self, Bad> {
        Ok(match number {
            0 => Self::None,
            1 => Self::Zlib,
            2 => Self::Snappy,
            4 => Self::Lz4,
            5 => Self::Zstd,
            3 => return Err(Bad::new("This engine does not read ORC that is compressed as LZO")),
            _ => return Err(Bad::new("a compression that there is not")),
        })
    }

    fn plain(self, compressed: &[u8], block: usize) -> Result<Vec<u8>, Bad> {
        let limited = |reader: &mut dyn Read| {
            let mut plain = Vec::new();
            let most = u64::try_from(block).unwrap_or(u64::MAX).saturating_add(1);
            reader.take(most).read_to_end(&mut plain).map_err(|why| Bad(why.to_string()))?;
            if plain.len() > block { Err(Bad::new("a chunk is larger than its block")) } else { Ok(plain) }
        };
        match self {
            Self::None => Ok(compressed.to_vec()),
            Self::Zlib => limited(&mut flate2::read::DeflateDecoder::new(compressed)),
            Self::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::new(compressed).map_err(|why| Bad(why.to_string()))?;
                limited(&mut decoder)
            }
            Self::Snappy => {
                let size = snap::raw::decompress_len(compressed).map_err(|why| Bad(why.to_string()))?;
                if size > block {
                    return Err(Bad::new("a chunk is larger than its block"));
                }
                snap::raw::Decoder::new().decompress_vec(compressed).map_err(|why| Bad(why.to_string()))
            }
            Self::Lz4 => {
                let mut plain = vec![0; block];
                let size =
                    lz4_flex::block::decompress_into(compressed, &mut plain).map_err(|why| Bad(why.to_string()))?;
                plain.truncate(size);
                Ok(plain)
            }
        }
    }
}

/// The bytes of a stream, which are decompressed a chunk at a time.
pub(super) struct Stream {
    left: Bytes,
    codec: Codec,
    block: usize,
    chunk: Bytes,
}

impl Stream {
    pub(super) fn new(left: Bytes, codec: Codec, block: u64) -> Self {
        let block = usize::try_from(block).map_or(LARGEST, |block| block.clamp(1, LARGEST));
        Self { left, codec, block, chunk: Bytes::new() }
    }

    /// Whether there is more, in `chunk`.
    fn fill(&mut self) -> Result<bool, Bad> {
        while self.chunk.is_empty() {
            if self.left.is_empty() {
                return Ok(false);
            }
            if self.codec == Codec::None {
                self.chunk = std::mem::take(&mut self.left);
                continue;
            }
            let header = match self.left.get(..3) {
                Some([a, b, c]) => u32::from_le_bytes([*a, *b, *c, 0]),
                _ => return Err(Bad::END),
            };
            let (original, length) = (header & 1 == 1, (header >> 1) as usize);
            if self.left.len() < 3 + length {
                return Err(Bad::END);
            }
            let chunk = self.left.split_to(3 + length).slice(3..);
            self.chunk = if original { chunk } else { self.codec.plain(&chunk, self.block)?.into() };
        }
        Ok(true)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Bad> {
        if self.chunk.is_empty() && !self.fill()? {
            return Err(Bad::END);
        }
        let byte = self.chunk.first().copied().ok_or(Bad::END)?;
        self.chunk = self.chunk.slice(1..);
        Ok(byte)
    }

    /// Adds so many bytes.
    pub(super) fn bytes(&mut self, mut count: usize, to: &mut Vec<u8>) -> Result<(), Bad> {
        while count > 0 {
            if !self.fill()? {
                return Err(Bad::END);
            }
            let taken = count.min(self.chunk.len());
            to.extend_from_slice(&self.chunk.split_to(taken));
            count -= taken;
        }
        Ok(())
    }

    /// All that is left, up to a limit.
    pub(super) fn rest(mut self, most: usize) -> Result<Vec<u8>, Bad> {
        let mut all = Vec::new();
        while self.fill()? {
            all.extend_from_slice(&std::mem::take(&mut self.chunk));
            if all.len() > most {
                return Err(Bad::new("a footer is too large"));
            }
        }
        Ok(all)
    }

    /// Bytes as a big-endian number.
    fn big(&mut self, count: u32) -> Result<u64, Bad> {
        (0..count).try_fold(0u64, |all, _| Ok((all << 8) | u64::from(self.byte()?)))
    }

    fn varint(&mut self) -> Result<u64, Bad> {
        let wide = self.wide()?;
        u64::try_from(wide).map_err(|_| Bad::new("a number is too long"))
    }

    /// A number of up to 128 bits, 7 of them a byte.
    pub(super) fn wide(&mut self) -> Result<u128, Bad> {
        let mut value = 0u128;
        for shift in (0..133).step_by(7) {
            let byte = self.byte()?;
            value |= u128::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Bad::new("a number is too long"))
    }
}

/// The number that a zigzag stands for.
fn zigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

/// Runs of bytes.
pub(super) struct ByteRuns {
    stream: Stream,
    left: usize,
    /// The byte of a run; literals have none.
    run: Option<u8>,
}

impl ByteRuns {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, left: 0, run: None }
    }

    pub(super) fn next(&mut self) -> Result<u8, Bad> {
        if self.left == 0 {
            let control = self.stream.byte()?;
            (self.left, self.run) = match control {
                0..=127 => (usize::from(control) + 3, Some(self.stream.byte()?)),
                _ => (256 - usize::from(control), None),
            };
        }
        self.left -= 1;
        match self.run {
            Some(byte) => Ok(byte),
            None => self.stream.byte(),
        }
    }
}

/// Bits, the highest first.
pub(super) struct Bits {
    bytes: ByteRuns,
    byte: u8,
    left: u8,
}

impl Bits {
    pub(super) fn new(stream: Stream) -> Self {
        Self { bytes: ByteRuns::new(stream), byte: 0, left: 0 }
    }

    pub(super) fn next(&mut self) -> Result<bool, Bad> {
        if self.left == 0 {
            self.byte = self.bytes.next()?;
            self.left = 8;
        }
        self.left -= 1;
        Ok((self.byte >> self.left) & 1 == 1)
    }
}

/// Runs of whole numbers, of either version.
pub(super) struct Numbers {
    stream: Stream,
    signed: bool,
    second: bool,
    /// Numbers of the current run, the next one last.
    run: Vec<i64>,
}

impl Numbers {
    /// Numbers as this encoding of their column has them.
    pub(super) fn new(stream: Stream, signed: bool, encoding: u64) -> Self {
        Self { stream, signed, second: encoding >= 2, run: Vec::new() }
    }

    pub(super) fn next(&mut self) -> Result<i64, Bad> {
        if self.run.is_empty() {
            if self.second {
                self.second_version()?;
            } else {
                self.first_version()?;
            }
            self.run.reverse();
        }
        self.run.pop().ok_or(Bad::END)
    }

    /// A number that counts something.
    pub(super) fn count(&mut self) -> Result<usize, Bad> {
        usize::try_from(self.next()?).map_err(|_| Bad::new("a length is below zero"))
    }

    fn number(&mut self) -> Result<i64, Bad> {
        let value = self.stream.varint()?;
        Ok(self.plain(value))
    }

    fn plain(&self, value: u64) -> i64 {
        if self.signed { zigzag(value) } else { value.cast_signed() }
    }

    fn first_version(&mut self) -> Result<(), Bad> {
        let control = self.stream.byte()?;
        if control < 128 {
            let delta = i64::from(self.stream.byte()?.cast_signed());
            let mut value = self.number()?;
            for _ in 0..usize::from(control) + 3 {
                self.run.push(value);
                value = value.wrapping_add(delta);
            }
        } else {
            for _ in 0..256 - usize::from(control) {
                let value = self.number()?;
                self.run.push(value);
            }
        }
        Ok(())
    }

    fn second_version(&mut self) -> Result<(), Bad> {
        let first = self.stream.byte()?;
        if first >> 6 == 0 {
            let value = self.stream.big(u32::from((first >> 3) & 7) + 1)?;
            let value = self.plain(value);
            self.run = vec![value; usize::from(first & 7) + 3];
            return Ok(());
        }
        let code = (first >> 1) & 31;
        let length = (usize::from(first & 1) << 8 | usize::from(self.stream.byte()?)) + 1;
        match first >> 6 {
            1 => {
                let mut bits = Packed::default();
                for _ in 0..length {
                    let value = bits.next(&mut self.stream, width(code))?;
                    self.run.push(self.plain(value));
                }
                Ok(())
            }
            2 => self.patched(width(code), length),
            _ => self.deltas(if code == 0 { 0 } else { width(code) }, length),
        }
    }

    fn patched(&mut self, width_of_values: u32, length: usize) -> Result<(), Bad> {
        let (third, fourth) = (self.stream.byte()?, self.stream.byte()?);
        let base_bytes = u32::from(third >> 5) + 1;
        let (patch_width, gap_width) = (width(third & 31), u32::from(fourth >> 5) + 1);
        let base = self.stream.big(base_bytes)?;
        let sign = 1u64 << (base_bytes * 8 - 1);
        let base = match base & sign {
            0 => base.cast_signed(),
            _ => (base & (sign - 1)).cast_signed().wrapping_neg(),
        };
        let (mut bits, mut values) = (Packed::default(), Vec::with_capacity(length));
        for _ in 0..length {
            values.push(bits.next(&mut self.stream, width_of_values)?);
        }
        let (mut bits, mut at) = (Packed::default(), 0usize);
        for _ in 0..fourth & 31 {
            let entry = bits.next(&mut self.stream, closest(patch_width + gap_width))?;
            at += usize::try_from(entry.checked_shr(patch_width).unwrap_or(0)).unwrap_or(usize::MAX).min(1 << 16);
            let patch = entry & (u64::MAX >> (64 - patch_width));
            let value = values.get_mut(at).ok_or(Bad::new("a patch of nothing"))?;
            *value |= patch.checked_shl(width_of_values).unwrap_or(0);
        }
        self.run.extend(values.into_iter().map(|value| base.wrapping_add(value.cast_signed())));
        Ok(())
    }

    fn deltas(&mut self, width: u32, length: usize) -> Result<(), Bad> {
        let mut value = self.number()?;
        let step = zigzag(self.stream.varint()?);
        self.run.push(value);
        let mut bits = Packed::default();
        for n in 1..length {
            let delta = match (width, n) {
                (0, _) | (_, 1) => step,
                _ => {
                    let size = bits.next(&mut self.stream, width)?.cast_signed();
                    if step < 0 { size.wrapping_neg() } else { size }
                }
            };
            value = value.wrapping_add(delta);
            self.run.push(value);
        }
        Ok(())
    }
}

/// Numbers of so many bits each, one right after the other.
#[derive(Default)]
struct Packed {
    byte: u8,
    left: u32,
}

impl Packed {
    fn next(&mut self, stream: &mut Stream, width: u32) -> Result<u64, Bad> {
        let (mut value, mut wanted) = (0u64, width);
        while wanted > 0 {
            if self.left == 0 {
                self.byte = stream.byte()?;
                self.left = 8;
            }
            let taken = wanted.min(self.left);
            let bits = (self.byte >> (self.left - taken)) & (0xff >> (8 - taken));
            value = value << taken | u64::from(bits);
            self.left -= taken;
            wanted -= taken;
        }
        Ok(value)
    }
}

/// The width that a code stands for.
fn width(code: u8) -> u32 {
    match code {
        0..=23 => u32::from(code) + 1,
        24 => 26,
        25 => 28,
        26 => 30,
        27 => 32,
        28 => 40,
        29 => 48,
        30 => 56,
        _ => 64,
    }
}

/// The width of a code that is at least this one.
fn closest(bits: u32) -> u32 {
    (0..=31).map(width).find(|width| *width >= bits).unwrap_or(64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(bytes: &[u8], signed: bool, encoding: u64, count: usize) -> Vec<i64> {
        let stream = Stream::new(Bytes::copy_from_slice(bytes), Codec::None, 0);
        let mut numbers = Numbers::new(stream, signed, encoding);
        (0..count).map(|_| numbers.next().expect("a number")).collect()
    }

    /// The examples of the specification.
    #[test]
    fn runs_of_numbers_are_read() {
        assert_eq!(numbers(&[0x61, 0x00, 0x07], false, 0, 100), [7; 100]);
        assert_eq!(numbers(&[0x61, 0xff, 0x64], false, 0, 100), (1..=100).rev().collect::<Vec<i64>>());
        assert_eq!(numbers(&[0xfb, 0x02, 0x03, 0x06, 0x07, 0x0b], false, 0, 5), [2, 3, 6, 7, 11]);
        assert_eq!(numbers(&[0x0a, 0x27, 0x10], false, 2, 5), [10_000; 5]);
        let direct = [0x5e, 0x03, 0x5c, 0xa1, 0xab, 0x1e, 0xde, 0xad, 0xbe, 0xef];
        assert_eq!(numbers(&direct, false, 2, 4), [23_713, 43_806, 57_005, 48_879]);
        let patched = [
            0x8e, 0x13, 0x2b, 0x21, 0x07, 0xd0, 0x1e, 0x00, 0x14, 0x70, 0x28, 0x32, 0x3c, 0x46, 0x50, 0x5a, 0x64, 0x6e,
            0x78, 0x82, 0x8c, 0x96, 0xa0, 0xaa, 0xb4, 0xbe, 0xfc, 0xe8,
        ];
        let mut expected: Vec<i64> = vec![2030, 2000, 2020, 1_000_000];
        expected.extend((2040..=2190).step_by(10));
        assert_eq!(numbers(&patched, false, 2, 20), expected);
        let deltas = [0xc6, 0x09, 0x02, 0x02, 0x22, 0x42, 0x42, 0x46];
        assert_eq!(numbers(&deltas, false, 2, 10), [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]);
    }

    #[test]
    fn bytes_and_bits_are_read() {
        let stream = |bytes: &[u8]| Stream::new(Bytes::copy_from_slice(bytes), Codec::None, 0);
        let mut bytes = ByteRuns::new(stream(&[0x61, 0x00, 0xfe, 0x44, 0x45]));
        let all: Vec<u8> = (0..102).map(|_| bytes.next().expect("a byte")).collect();
        assert_eq!((&all[..100], &all[100..]), (&[0; 100][..], &[0x44, 0x45][..]));
        let mut bits = Bits::new(stream(&[0xff, 0x80]));
        assert!(bits.next().expect("a bit") && !bits.next().expect("a bit"));
    }

    #[test]
    fn chunks_larger_than_they_may_be_are_refused() {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut encoder, &[0; 100_000]).expect("written");
        let compressed = encoder.finish().expect("compressed");
        let mut chunk = u32::try_from(compressed.len() << 1).expect("a length").to_le_bytes()[..3].to_vec();
        chunk.extend_from_slice(&compressed);
        assert!(Stream::new(chunk.clone().into(), Codec::Zlib, 1000).byte().is_err());
        assert_eq!(
            Stream::new(chunk.into(), Codec::Zlib, 100_000).rest(1 << 20).map(|all| all.len()).ok(),
            Some(100_000)
        );
    }
}
