//! The limits of every engine. They are checked when a write is made and reported by
//! [`Transaction::commit`](crate::Transaction::commit).

/// Longest key, in bytes.
pub const KEY_BYTES: usize = 8 * 1024;

/// Longest value, in bytes. Anything larger belongs in a blob.
pub const VALUE_BYTES: usize = 8 * 1024 * 1024;

/// Longest value that an engine sees, in bytes: longer ones are split into pieces of this size.
pub const CHUNK_BYTES: usize = 90_000;

/// Most that one transaction may write, in bytes of keys and values.
pub const TRANSACTION_BYTES: usize = 10 * 1024 * 1024;

/// Most keys that the `delete_range` calls of one transaction may remove.
/// [`Store::clear`](crate::Store::clear) removes ranges of any size, in several transactions.
pub const CLEARED_KEYS: usize = 100_000;

/// Keys that begin with this byte belong to the store itself: callers cannot write them.
pub const RESERVED: u8 = 0xff;
