//! Request bodies that clients compress, as they may do with large ones.
//!
//! Reference: <https://smithy.io/2.0/spec/behavior-traits.html#requestcompression-trait>

use std::io::Read;

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

/// What became of a body.
#[derive(Debug, PartialEq, Eq)]
pub enum Unpacked {
    /// The body in clear.
    Plain(Bytes),
    /// It is not gzip, though its headers say so.
    NotGzip(String),
    /// It would be longer than the limit: it is not unpacked any further.
    TooLong,
}

/// The body in clear: unpacked up to `limit` bytes if its headers say that it is gzip, else as it is.
pub fn unpack(headers: &HeaderMap, body: &Bytes, limit: usize) -> Unpacked {
    if headers.get(CONTENT_ENCODING).is_none_or(|encoding| encoding.as_bytes() != b"gzip") {
        return Unpacked::Plain(body.clone());
    }
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut plain = Vec::new();
    match flate2::read::GzDecoder::new(body.as_ref()).take(most).read_to_end(&mut plain) {
        Err(error) => Unpacked::NotGzip(error.to_string()),
        Ok(_) if plain.len() > limit => Unpacked::TooLong,
        Ok(_) => Unpacked::Plain(plain.into()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::Write;

    use http::HeaderValue;

    use super::*;

    fn packed(plain: &[u8]) -> Bytes {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap().into()
    }

    #[test]
    fn bodies_are_unpacked_as_their_headers_say_and_no_further_than_the_limit() {
        let gzip = HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static("gzip"))]);
        let body = packed(b"plain");
        assert_eq!(unpack(&gzip, &body, 5), Unpacked::Plain(Bytes::from_static(b"plain")));
        assert_eq!(unpack(&HeaderMap::new(), &body, 5), Unpacked::Plain(body));
        assert_eq!(unpack(&gzip, &packed(&vec![0; 1_000_000]), 1000), Unpacked::TooLong);
        assert!(matches!(unpack(&gzip, &Bytes::from_static(b"no gzip"), 1000), Unpacked::NotGzip(_)));
    }
}
