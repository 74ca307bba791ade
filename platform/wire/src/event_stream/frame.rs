//! Frames: prelude, headers, payload, checksums.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use crc_fast::CrcAlgorithm;

/// Greatest length of a frame: 16 MiB of payload, 128 KiB of headers, prelude and checksums.
pub const MAX_FRAME: usize = 16 * 1024 * 1024 + 128 * 1024 + 16;
const MAX_HEADERS: usize = 128 * 1024;

/// A frame of an event stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// Headers in order.
    pub headers: Vec<(String, HeaderValue)>,
    /// Payload.
    pub payload: Bytes,
}

/// Value of a header of a frame.
#[derive(Clone, Debug, PartialEq)]
pub enum HeaderValue {
    /// Types 0 and 1.
    Bool(bool),
    /// Type 2.
    Byte(i8),
    /// Type 3.
    Short(i16),
    /// Type 4.
    Int(i32),
    /// Type 5.
    Long(i64),
    /// Type 6.
    Bytes(Bytes),
    /// Type 7.
    String(String),
    /// Type 8: milliseconds since the epoch.
    Timestamp(i64),
    /// Type 9.
    Uuid([u8; 16]),
}

/// What is wrong with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// Longer than [`MAX_FRAME`], or with more than 128 KiB of headers.
    TooLong,
    /// Lengths that do not fit together.
    Malformed,
    /// The checksum of the prelude does not match.
    PreludeChecksum,
    /// The checksum of the frame does not match.
    Checksum,
}

impl std::fmt::Display for FrameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the frame is too long",
            Self::Malformed => "the frame is malformed",
            Self::PreludeChecksum => "the checksum of the prelude does not match",
            Self::Checksum => "the checksum of the frame does not match",
        })
    }
}

impl std::error::Error for FrameError {}

impl Frame {
    /// A frame with headers of text and no payload.
    pub fn new(headers: &[(&str, &str)]) -> Self {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), HeaderValue::String((*v).to_owned())));
        Self { headers: headers.collect(), payload: Bytes::new() }
    }

    /// The text of a header.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.headers.iter().find(|(n, _)| n == name) {
            Some((_, HeaderValue::String(text))) => Some(text),
            _ => None,
        }
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    crc_fast::checksum(CrcAlgorithm::Crc32IsoHdlc, bytes) as u32
}

/// Writes a frame.
pub fn encode_frame(frame: &Frame) -> Result<Bytes, FrameError> {
    let mut headers = BytesMut::new();
    for (name, value) in &frame.headers {
        let length = u8::try_from(name.len()).ok().filter(|n| *n > 0).ok_or(FrameError::TooLong)?;
        headers.put_u8(length);
        headers.put_slice(name.as_bytes());
        put_value(&mut headers, value)?;
    }
    let total = 12 + headers.len() + frame.payload.len() + 4;
    if headers.len() > MAX_HEADERS || total > MAX_FRAME {
        return Err(FrameError::TooLong);
    }
    let mut out = BytesMut::with_capacity(total);
    out.put_u32(total as u32);
    out.put_u32(headers.len() as u32);
    let prelude = crc32(&out);
    out.put_u32(prelude);
    out.put_slice(&headers);
    out.put_slice(&frame.payload);
    let message = crc32(&out);
    out.put_u32(message);
    Ok(out.freeze())
}

fn put_value(out: &mut BytesMut, value: &HeaderValue) -> Result<(), FrameError> {
    match value {
        HeaderValue::Bool(bool) => out.put_u8(u8::from(!bool)),
        HeaderValue::Byte(int) => {
            out.put_u8(2);
            out.put_i8(*int);
        }
        HeaderValue::Short(int) => {
            out.put_u8(3);
            out.put_i16(*int);
        }
        HeaderValue::Int(int) => {
            out.put_u8(4);
            out.put_i32(*int);
        }
        HeaderValue::Long(int) => {
            out.put_u8(5);
            out.put_i64(*int);
        }
        HeaderValue::Bytes(bytes) => put_string(out, 6, bytes)?,
        HeaderValue::String(text) => put_string(out, 7, text.as_bytes())?,
        HeaderValue::Timestamp(millis) => {
            out.put_u8(8);
            out.put_i64(*millis);
        }
        HeaderValue::Uuid(uuid) => {
            out.put_u8(9);
            out.put_slice(uuid);
        }
    }
    Ok(())
}

fn put_string(out: &mut BytesMut, kind: u8, bytes: &[u8]) -> Result<(), FrameError> {
    let length = u16::try_from(bytes.len()).ok().filter(|n| *n < 0x8000).ok_or(FrameError::TooLong)?;
    out.put_u8(kind);
    out.put_u16(length);
    out.put_slice(bytes);
    Ok(())
}

/// Takes a frame from the front of `buffer`; `None` if more bytes are needed.
pub fn decode_frame(buffer: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
    let Some(mut prelude) = buffer.get(..12) else { return Ok(None) };
    let (total, headers) = (prelude.get_u32() as usize, prelude.get_u32() as usize);
    if crc32(buffer.get(..8).unwrap_or_default()) != prelude.get_u32() {
        return Err(FrameError::PreludeChecksum);
    }
    if total > MAX_FRAME || headers > MAX_HEADERS {
        return Err(FrameError::TooLong);
    }
    if total < 16 || headers > total - 16 {
        return Err(FrameError::Malformed);
    }
    if buffer.len() < total {
        return Ok(None);
    }
    let frame = buffer.split_to(total).freeze();
    let (message, mut checksum) = (frame.slice(..total - 4), frame.slice(total - 4..));
    if crc32(&message) != checksum.get_u32() {
        return Err(FrameError::Checksum);
    }
    let mut rest = message.slice(12..12 + headers);
    let mut decoded = Frame { headers: Vec::new(), payload: message.slice(12 + headers..) };
    while rest.has_remaining() {
        decoded.headers.push(take_header(&mut rest).ok_or(FrameError::Malformed)?);
    }
    Ok(Some(decoded))
}

fn take_header(rest: &mut Bytes) -> Option<(String, HeaderValue)> {
    let length = rest.try_get_u8().ok()?;
    let name = String::from_utf8(take(rest, length.into())?.to_vec()).ok()?;
    let value = match rest.try_get_u8().ok()? {
        0 => HeaderValue::Bool(true),
        1 => HeaderValue::Bool(false),
        2 => HeaderValue::Byte(rest.try_get_i8().ok()?),
        3 => HeaderValue::Short(rest.try_get_i16().ok()?),
        4 => HeaderValue::Int(rest.try_get_i32().ok()?),
        5 => HeaderValue::Long(rest.try_get_i64().ok()?),
        6 => HeaderValue::Bytes(take_string(rest)?),
        7 => HeaderValue::String(String::from_utf8(take_string(rest)?.to_vec()).ok()?),
        8 => HeaderValue::Timestamp(rest.try_get_i64().ok()?),
        9 => HeaderValue::Uuid(take(rest, 16)?.as_ref().try_into().ok()?),
        _ => return None,
    };
    Some((name, value))
}

fn take_string(rest: &mut Bytes) -> Option<Bytes> {
    let length = rest.try_get_u16().ok()?;
    take(rest, length.into())
}

fn take(rest: &mut Bytes, n: usize) -> Option<Bytes> {
    (rest.len() >= n).then(|| rest.split_to(n))
}

/// A UUID as text.
pub(super) fn uuid_text(uuid: &[u8; 16]) -> String {
    let hex = hex::encode(uuid);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn sample() -> Frame {
        let mut frame = Frame::new(&[(":message-type", "event")]);
        frame.headers.extend([
            ("t".to_owned(), HeaderValue::Bool(true)),
            ("f".to_owned(), HeaderValue::Bool(false)),
            ("b".to_owned(), HeaderValue::Byte(-1)),
            ("s".to_owned(), HeaderValue::Short(-300)),
            ("i".to_owned(), HeaderValue::Int(70_000)),
            ("l".to_owned(), HeaderValue::Long(-1 << 40)),
            ("y".to_owned(), HeaderValue::Bytes(Bytes::from_static(b"\0\xff"))),
            ("w".to_owned(), HeaderValue::Timestamp(1_700_000_000_123)),
            ("u".to_owned(), HeaderValue::Uuid(*b"0123456789abcdef")),
        ]);
        frame.payload = Bytes::from_static(b"payload");
        frame
    }

    #[test]
    fn round_trips_all_header_types() {
        let mut buffer = BytesMut::from(encode_frame(&sample()).unwrap().as_ref());
        buffer.extend_from_slice(b"next");
        assert_eq!(decode_frame(&mut buffer).unwrap(), Some(sample()));
        assert_eq!(buffer.as_ref(), b"next");
    }

    #[test]
    fn knows_the_published_empty_frame() {
        // The test vector `empty_message` of the AWS SDKs.
        let bytes = hex::decode("000000100000000005c248eb7d98c8ff").unwrap();
        assert_eq!(encode_frame(&Frame::default()).unwrap(), bytes);
    }

    #[test]
    fn refuses_any_flipped_byte_and_waits_for_any_missing_one() {
        let whole = encode_frame(&sample()).unwrap();
        for at in 0..whole.len() {
            let mut flipped = BytesMut::from(whole.as_ref());
            flipped[at] ^= 1;
            assert!(decode_frame(&mut flipped).is_err(), "byte {at}");
            assert_eq!(decode_frame(&mut BytesMut::from(&whole[..at])), Ok(None));
        }
    }

    #[test]
    fn refuses_a_frame_that_claims_to_be_huge() {
        let mut buffer = BytesMut::new();
        buffer.put_u32(u32::MAX);
        buffer.put_u32(0);
        let crc = crc32(&buffer);
        buffer.put_u32(crc);
        assert_eq!(decode_frame(&mut buffer), Err(FrameError::TooLong));
    }
}
