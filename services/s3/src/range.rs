//! Ranges of bytes.

use crate::errors::InvalidRange;
use welkin_kernel::{Error, Result};

/// Bytes from `start` up to but not including `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByteRange {
    pub(crate) start: u64,
    pub(crate) end: u64,
}

impl ByteRange {
    pub(crate) fn len(self) -> u64 {
        self.end - self.start
    }

    /// `Content-Range` of the answer.
    pub(crate) fn content_range(self, size: u64) -> String {
        format!("bytes {}-{}/{size}", self.start, self.end.saturating_sub(1))
    }
}

/// What a `Range` header asks of an object of `size` bytes; `None` for all of it.
///
/// A header that is no single range of bytes is ignored, as HTTP says; S3 takes one range only.
/// Reference: <https://www.rfc-editor.org/rfc/rfc9110#section-14.2>
///
/// # Errors
/// `InvalidRange` when nothing of the object lies in the range.
pub(crate) fn requested(header: &str, size: u64) -> Result<Option<ByteRange>> {
    let Some((first, last)) = header.trim().strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Ok(None);
    };
    let (first, last) = (first.trim(), last.trim());
    let range = match (number(first), number(last)) {
        (Some(start), Some(last)) if start <= last => ByteRange { start, end: size.min(last.saturating_add(1)) },
        (Some(start), None) if last.is_empty() => ByteRange { start, end: size },
        (None, Some(suffix)) if first.is_empty() => ByteRange { start: size.saturating_sub(suffix), end: size },
        _ => return Ok(None),
    };
    if range.start >= range.end {
        let error = Error::from(InvalidRange);
        return Err(error.with("RangeRequested", header).with("ActualObjectSize", size.to_string()));
    }
    Ok(Some(range))
}

fn number(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_range_is_cut_at_the_end_of_the_object() {
        let cases = [
            ("bytes=0-0", Some((0, 1))),
            ("bytes=2-4", Some((2, 5))),
            ("bytes=5-", Some((5, 10))),
            ("bytes=-3", Some((7, 10))),
            ("bytes=-30", Some((0, 10))),
            ("bytes=0-99999999999999999999999", Some((0, 10))),
            ("bytes=4-2", None),
            ("bytes=a-b", None),
            ("bytes=0-1,3-4", None),
            ("items=0-1", None),
        ];
        for (header, expected) in cases {
            let range = requested(header, 10).unwrap().map(|range| (range.start, range.end));
            assert_eq!(range, expected, "{header}");
        }
    }

    #[test]
    fn a_range_outside_of_the_object_is_refused() {
        for (header, size) in
            [("bytes=10-", 10), ("bytes=10-20", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-1", 0)]
        {
            assert!(requested(header, size).unwrap_err().is("InvalidRange"), "{header}");
        }
    }
}
