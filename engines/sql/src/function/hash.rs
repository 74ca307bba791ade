//! Hashes that are not for secrets.
//!
//! <https://trino.io/docs/current/functions/binary.html#hashing-functions>

use super::List;
use crate::value::Value;

pub(super) fn register(list: &mut List) {
    list.plain("xxhash64", "(varbinary) -> varbinary", |args| {
        Ok(Value::bytes(xxhash_rust::xxh64::xxh64(args[0].as_bytes()?, 0).to_be_bytes()))
    });
    list.plain("murmur3", "(varbinary) -> varbinary", |args| {
        let (a, b) = murmur3(args[0].as_bytes()?);
        Ok(Value::bytes([a.to_le_bytes(), b.to_le_bytes()].concat()))
    });
}

const FIRST: u64 = 0x87c3_7b91_1142_53d5;
const SECOND: u64 = 0x4cf5_ad43_2745_937f;

/// MurmurHash3 for 64-bit machines, 128 bits, seed 0.
///
/// <https://en.wikipedia.org/wiki/MurmurHash#MurmurHash3>
pub(super) fn murmur3(bytes: &[u8]) -> (u64, u64) {
    let word = |bytes: &[u8]| {
        let mut all = [0; 8];
        all[..bytes.len()].copy_from_slice(bytes);
        u64::from_le_bytes(all)
    };
    let (mut a, mut b) = (0_u64, 0_u64);
    let mut blocks = bytes.chunks_exact(16);
    for block in &mut blocks {
        a ^= first(word(&block[..8]));
        a = a.rotate_left(27).wrapping_add(b).wrapping_mul(5).wrapping_add(0x52dc_e729);
        b ^= second(word(&block[8..]));
        b = b.rotate_left(31).wrapping_add(a).wrapping_mul(5).wrapping_add(0x3849_5ab5);
    }
    let rest = blocks.remainder();
    if rest.len() > 8 {
        b ^= second(word(&rest[8..]));
    }
    if !rest.is_empty() {
        a ^= first(word(&rest[..rest.len().min(8)]));
    }
    a ^= bytes.len() as u64;
    b ^= bytes.len() as u64;
    a = a.wrapping_add(b);
    b = b.wrapping_add(a);
    (a, b) = (mixed(a), mixed(b));
    a = a.wrapping_add(b);
    (a, b.wrapping_add(a))
}

fn first(word: u64) -> u64 {
    word.wrapping_mul(FIRST).rotate_left(31).wrapping_mul(SECOND)
}

fn second(word: u64) -> u64 {
    word.wrapping_mul(SECOND).rotate_left(33).wrapping_mul(FIRST)
}

fn mixed(mut all: u64) -> u64 {
    all = (all ^ all >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    all = (all ^ all >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    all ^ all >> 33
}
