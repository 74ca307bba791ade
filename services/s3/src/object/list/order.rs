//! The order of keys: that of their UTF-8 bytes.

/// No key has this byte: UTF-8 does not use it. It ends ranges that have no other end.
const END: &[u8] = &[0xff];

/// The first place after `key`; the beginning, if it is empty.
pub(crate) fn after(key: &str) -> Vec<u8> {
    if key.is_empty() {
        return Vec::new();
    }
    let mut after = key.as_bytes().to_vec();
    after.push(0);
    after
}

/// The first place after all keys that begin with `prefix`.
pub(crate) fn end_of(prefix: &[u8]) -> Vec<u8> {
    match prefix.split_last() {
        // A byte of UTF-8 is less than 0xff, so the next one is a byte too.
        Some((last, rest)) => [rest, &[last.saturating_add(1)]].concat(),
        None => END.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_its_keys_end() {
        assert_eq!(end_of(b"a/"), b"a0");
        assert!(end_of("é".as_bytes()) > "é\u{10ffff}".as_bytes().to_vec());
        assert!(end_of(b"") > "\u{10ffff}".as_bytes().to_vec());
        assert!(after("a") > b"a".to_vec() && after("a") <= b"a\0".to_vec());
    }
}
