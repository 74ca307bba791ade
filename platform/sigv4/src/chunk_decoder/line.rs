//! Lines of chunked bodies.

use bytes::Bytes;

/// Collects a line that may come in pieces.
#[derive(Debug, Default)]
pub(super) struct Line(Vec<u8>);

impl Line {
    /// Takes a line off the input: all of it if it holds no end of line.
    ///
    /// Fails if the line, with its end, would exceed `max` bytes or does not end with CR LF.
    pub(super) fn take(&mut self, input: &mut Bytes, max: usize) -> Result<Option<Vec<u8>>, ()> {
        let end = input.iter().take(max).position(|&byte| byte == b'\n');
        let piece = input.split_to(end.map_or(input.len(), |end| end + 1));
        if self.0.len() + piece.len() > max {
            return Err(());
        }
        self.0.extend_from_slice(&piece);
        if end.is_none() {
            return Ok(None);
        }
        let mut line = std::mem::take(&mut self.0);
        if !line.ends_with(b"\r\n") {
            return Err(());
        }
        line.truncate(line.len() - 2);
        Ok(Some(line))
    }
}

/// The header of a chunk.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ChunkHeader {
    pub(super) size: u64,
    pub(super) signature: Option<String>,
}

/// Parses `SIZE` or `SIZE;chunk-signature=SIGNATURE`, the size in hexadecimal. Other extensions are ignored.
pub(super) fn parse_chunk_header(line: &[u8]) -> Option<ChunkHeader> {
    let line = std::str::from_utf8(line).ok()?;
    let mut parts = line.split(';');
    let size = parts.next()?.trim_end_matches([' ', '\t']);
    if size.is_empty() || !size.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let size = u64::from_str_radix(size, 16).ok()?;
    let signature = parts.find_map(|part| part.trim().strip_prefix("chunk-signature="));
    Some(ChunkHeader { size, signature: signature.map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn chunk_headers() {
        let header = parse_chunk_header(b"1fF;x=1;chunk-signature=ab").unwrap();
        assert_eq!(header, ChunkHeader { size: 0x1ff, signature: Some("ab".to_owned()) });
        for bad in ["", ";chunk-signature=ab", "-1", "+1", "0x10", "1 0", "fffffffffffffffff", "g", "\0"] {
            assert_eq!(parse_chunk_header(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn lines_come_in_pieces_and_are_bounded() {
        let mut line = Line::default();
        assert_eq!(line.take(&mut Bytes::from_static(b"ab"), 8), Ok(None));
        let mut rest = Bytes::from_static(b"c\r\nnext");
        assert_eq!(line.take(&mut rest, 8), Ok(Some(b"abc".to_vec())));
        assert_eq!(rest, "next");
        assert_eq!(line.take(&mut Bytes::from_static(b"123456789"), 8), Err(()));
        assert_eq!(Line::default().take(&mut Bytes::from_static(b"1234567\r\n"), 8), Err(()));
        assert_eq!(Line::default().take(&mut Bytes::from_static(b"bare\n"), 8), Err(()));
    }
}
