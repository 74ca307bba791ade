//! Documents of JSON, as their bytes come.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_JSONInput.html>

use super::csv::{encoding, too_long};
use super::error::{Result, SelectError};
use super::value::Value;

/// Bytes of a document at most.
// UNVERIFIED: how long S3 lets a document be of which the records are elements. Memory is bounded by it.
const LONGEST: usize = 64 << 20;

/// Finds documents.
pub(super) struct Reader {
    /// Whether each line has its documents.
    lines: bool,
    bytes: Vec<u8>,
    /// Where in the object the bytes begin, and where in them the next line or document does.
    offset: u64,
    start: usize,
    /// How much of the bytes was looked at, and where in a document that is.
    seen: usize,
    place: Place,
    /// Whether what comes first is the end of a line that began before.
    partial: bool,
    /// Documents of a line, the last one first.
    waiting: Vec<(u64, Value)>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    begun: bool,
    depth: usize,
    in_text: bool,
    escaped: bool,
}

impl Place {
    /// Looks at a byte, and tells whether a document ends with it, or before it.
    fn step(&mut self, byte: u8) -> Option<bool> {
        if self.in_text {
            let ends = byte == b'"' && !self.escaped;
            self.escaped = byte == b'\\' && !self.escaped;
            self.in_text = !ends;
            return (ends && self.depth == 0).then_some(true);
        }
        match byte {
            b'"' => self.in_text = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return (self.depth == 0).then_some(true);
            }
            byte if byte.is_ascii_whitespace() => return (self.begun && self.depth == 0).then_some(false),
            _ => {}
        }
        self.begun = true;
        None
    }
}

impl Reader {
    /// Of bytes that begin at an offset of the object, in the middle of a line perhaps.
    pub(super) fn new(lines: bool, offset: u64, partial: bool) -> Self {
        Self {
            lines,
            bytes: Vec::new(),
            offset,
            start: 0,
            seen: 0,
            place: Place::default(),
            partial,
            waiting: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.offset == 0 && self.bytes.is_empty() && self.seen == 0 {
            self.bytes.extend_from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
        } else {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// Where the next line or document ends.
    fn end(&mut self, is_last: bool) -> Option<usize> {
        while let Some(byte) = self.bytes.get(self.seen).copied() {
            self.seen += 1;
            if self.lines {
                if byte == b'\n' {
                    return Some(self.seen);
                }
            } else if self.place.step(byte).is_some() {
                return Some(self.seen);
            }
        }
        (is_last && self.start < self.bytes.len()).then_some(self.bytes.len())
    }

    /// The next document and where its line, or it, begins in the object; `None` if more must come, or nothing is left.
    ///
    /// # Errors
    /// `OverMaxRecordSize`, `InvalidTextEncoding`, `JSONParsingError`.
    pub(super) fn next(&mut self, is_last: bool) -> Result<Option<(u64, Value)>> {
        loop {
            if let Some(document) = self.waiting.pop() {
                return Ok(Some(document));
            }
            let Some(end) = self.end(is_last) else { break };
            let begin = self.offset + self.start as u64;
            let text: Vec<u8> = self.bytes[self.start..end].to_vec();
            (self.start, self.seen, self.place) = (end, end, Place::default());
            if std::mem::take(&mut self.partial) {
                continue;
            }
            if self.lines {
                too_long(text.len())?;
            }
            for document in serde_json::Deserializer::from_slice(&text).into_iter::<Value>() {
                let document = document.map_err(|error| malformed(&text, &error))?;
                self.waiting.push((begin, document));
            }
            self.waiting.reverse();
        }
        self.bytes.drain(..self.start);
        self.offset += self.start as u64;
        self.seen -= self.start;
        self.start = 0;
        if self.lines {
            too_long(self.bytes.len())?;
        } else if self.bytes.len() > LONGEST {
            let message = "The length of a document in the input is greater than 64 MB.";
            return Err(SelectError::new("OverMaxRecordSize", message));
        }
        Ok(None)
    }
}

fn malformed(text: &[u8], error: &serde_json::Error) -> SelectError {
    if std::str::from_utf8(text).is_err() {
        return encoding();
    }
    let message = format!("Encountered an error parsing the JSON file: {error}. Check the file and try again.");
    SelectError::new("JSONParsingError", message)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn documents(lines: bool, text: &str, size: usize) -> Result<Vec<String>> {
        let mut reader = Reader::new(lines, 0, false);
        let mut all = Vec::new();
        for chunk in text.as_bytes().chunks(size) {
            reader.push(chunk);
            while let Some((_, document)) = reader.next(false)? {
                all.push(document.to_json());
            }
        }
        while let Some((_, document)) = reader.next(true)? {
            all.push(document.to_json());
        }
        Ok(all)
    }

    #[test]
    fn documents_are_read_however_the_bytes_come() {
        let text = " {\"a\":\"}\\\"\",\n\"b\":[1,\n2]}\n[3] \"x\" 4\n5";
        for size in [1, 2, 7, 100] {
            let all = documents(false, text, size).unwrap();
            assert_eq!(all, [r#"{"a":"}\"","b":[1,2]}"#, "[3]", "\"x\"", "4", "5"], "{size}");
        }
        for size in [1, 3, 100] {
            assert_eq!(documents(true, "{\"a\":1}\r\n\n{\"a\":2} {\"a\":3}", size).unwrap().len(), 3, "{size}");
        }
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        for (lines, text) in [(true, "{\"a\":1}\n{\"a\":\n1}"), (false, "{\"a\":1"), (false, "nothing")] {
            assert_eq!(documents(lines, text, 100).unwrap_err().code, "JSONParsingError", "{text}");
        }
        assert_eq!(documents(true, &"1".repeat(2 << 20), 1000).unwrap_err().code, "OverMaxRecordSize");
    }
}
