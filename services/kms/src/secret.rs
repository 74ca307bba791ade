//! Bytes that are wiped from memory when they are no more needed.

/// Secret bytes.
pub(crate) type Secret = zeroize::Zeroizing<Vec<u8>>;
