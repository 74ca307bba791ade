//! SHA-256 and its hexadecimal form.

use aws_lc_rs::digest;

/// SHA-256 of nothing, in hexadecimal.
pub(crate) const EMPTY_SHA256_HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// SHA-256 of `data`.
pub fn sha256(data: &[u8]) -> [u8; 32] {
    into_array(digest::digest(&digest::SHA256, data).as_ref())
}

/// Copies a digest or tag whose algorithm fixes its length at 32 bytes.
pub(crate) fn into_array(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    // INVARIANT: callers pass SHA-256 digests and HMAC-SHA-256 tags only, which have 32 bytes.
    out.copy_from_slice(bytes);
    out
}

/// Lower-case hexadecimal form of 32 bytes, without an allocation.
pub(crate) fn hex32(bytes: &[u8; 32]) -> [u8; 64] {
    let mut out = [0; 64];
    let (pairs, _) = out.as_chunks_mut::<2>();
    for (pair, byte) in pairs.iter_mut().zip(bytes) {
        *pair = hex_digits(*byte);
    }
    out
}

fn hex_digits(byte: u8) -> [u8; 2] {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
    [digit(byte >> 4), digit(byte & 15)]
}

/// Parses 64 hexadecimal digits.
pub(crate) fn parse_hex32(text: &str) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    hex::decode_to_slice(text, &mut out).ok()?;
    Some(out)
}
