//! What is signed of chunks and trailers.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>

use crate::{
    Algorithm, Scope,
    hash::{EMPTY_SHA256_HEX, hex32, sha256},
};
use jiff::Timestamp;

/// The string to sign of a chunk: on top of the signature before it, the hash of nothing and that of the data.
pub(crate) fn chunk_string_to_sign(
    algorithm: Algorithm,
    time: &str,
    scope: &Scope,
    previous: &str,
    data: &[u8],
) -> Vec<u8> {
    chunk_string_of_hash(algorithm, time, scope, previous, &sha256(data))
}

/// Like [`chunk_string_to_sign`], for data that was hashed already.
pub(crate) fn chunk_string_of_hash(
    algorithm: Algorithm,
    time: &str,
    scope: &Scope,
    previous: &str,
    hash: &[u8; 32],
) -> Vec<u8> {
    let mut out =
        format!("{}-PAYLOAD\n{time}\n{scope}\n{previous}\n{EMPTY_SHA256_HEX}\n", algorithm.name()).into_bytes();
    out.extend_from_slice(&hex32(hash));
    out
}

/// The string to sign of trailers: `name:value\n` of each, in lower case and sorted by name.
pub(crate) fn trailer_string_to_sign(
    algorithm: Algorithm,
    time: &str,
    scope: &Scope,
    previous: &str,
    canonical: &[u8],
) -> Vec<u8> {
    let mut out = format!("{}-TRAILER\n{time}\n{scope}\n{previous}\n", algorithm.name()).into_bytes();
    out.extend_from_slice(&hex32(&sha256(canonical)));
    out
}

/// The string to sign of an event: on top of the signature before it, the hashes of the encoded `:date` header and of
/// the payload.
pub(crate) fn event_string_to_sign(
    algorithm: Algorithm,
    time: &str,
    scope: &Scope,
    previous: &str,
    date: Timestamp,
    payload: &[u8],
) -> Vec<u8> {
    /// `:date` with its length before it, and the type of timestamps after it.
    const DATE_HEADER: &[u8] = b"\x05:date\x08";
    let mut header = DATE_HEADER.to_vec();
    header.extend_from_slice(&date.as_millisecond().to_be_bytes());
    let mut out = format!("{}-PAYLOAD\n{time}\n{scope}\n{previous}\n", algorithm.name()).into_bytes();
    out.extend_from_slice(&hex32(&sha256(&header)));
    out.push(b'\n');
    out.extend_from_slice(&hex32(&sha256(payload)));
    out
}
