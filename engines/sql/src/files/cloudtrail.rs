//! CloudTrail's log files: one object whose `Records` are the rows.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html>

use std::io::BufRead;

use super::lines::{LONGEST, Records, Stop};

/// Finds records without holding more than one of them.
pub(super) struct Trail<R> {
    input: R,
    place: Place,
}

/// Where in the file it is.
#[derive(Default)]
struct Place {
    depth: usize,
    in_text: bool,
    escaped: bool,
    /// The last text of the outermost object, which is a key if a list comes after it.
    key: Vec<u8>,
    in_records: bool,
}

impl<R: BufRead> Trail<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, place: Place::default() }
    }
}

impl Place {
    /// Goes on to the end of a record or of the bytes, and tells how many it passed and which of the two it was.
    fn walk(&mut self, bytes: &[u8], record: &mut Vec<u8>) -> (usize, bool) {
        let mut at = 0;
        while at < bytes.len() {
            // What is within a text of a record means nothing before its end: most bytes are passed at once.
            if self.in_text && !self.escaped && self.in_records && self.depth > 2 {
                let plain = memchr::memchr2(b'"', b'\\', &bytes[at..]).unwrap_or(bytes.len() - at);
                record.extend_from_slice(&bytes[at..at + plain]);
                at += plain;
                if at == bytes.len() {
                    break;
                }
            }
            at += 1;
            if self.step(bytes[at - 1], record) {
                return (at, true);
            }
        }
        (bytes.len(), false)
    }

    /// Looks at a byte, and tells whether a record ends with it.
    fn step(&mut self, byte: u8, record: &mut Vec<u8>) -> bool {
        let inside = self.in_records && self.depth > 2;
        if self.in_text {
            let ends = byte == b'"' && !self.escaped;
            self.escaped = byte == b'\\' && !self.escaped;
            self.in_text = !ends;
            if self.depth == 1 && !ends && self.key.len() < 16 {
                self.key.push(byte);
            }
        } else {
            match byte {
                b'"' => {
                    self.in_text = true;
                    if self.depth == 1 {
                        self.key.clear();
                    }
                }
                b'{' | b'[' => {
                    self.in_records |= self.depth == 1 && byte == b'[' && self.key == b"Records";
                    self.depth += 1;
                    if self.in_records && self.depth == 3 {
                        record.push(byte);
                    }
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.in_records &= self.depth > 1;
                }
                _ => {}
            }
        }
        if inside {
            record.push(byte);
        }
        inside && self.depth == 2
    }
}

impl<R: BufRead> Records for Trail<R> {
    fn next(&mut self, record: &mut Vec<u8>) -> Result<bool, Stop> {
        record.clear();
        loop {
            let here = self.input.fill_buf()?;
            if here.is_empty() {
                return if self.place.depth == 0 && !self.place.in_text { Ok(false) } else { Err(Stop::Cut) };
            }
            let (taken, ends) = self.place.walk(here, record);
            self.input.consume(taken);
            if ends {
                return Ok(true);
            }
            if record.len() > LONGEST {
                return Err(Stop::TooLong);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, size: usize) -> Result<Vec<String>, Stop> {
        let mut trail = Trail::new(std::io::BufReader::with_capacity(size, text.as_bytes()));
        let (mut all, mut record) = (Vec::new(), Vec::new());
        while trail.next(&mut record)? {
            all.push(String::from_utf8(record.clone()).expect("text"));
        }
        Ok(all)
    }

    #[test]
    fn records_are_found_wherever_buffers_end() {
        let text = r#"{"Other":[{"x":1}],"Records" : [ {"a":"}]\"{","b":[1,{"c":2}]} , {"d":{}} ],"More":[{"y":1}]}"#;
        for size in [1, 2, 7, 1000] {
            assert_eq!(all(text, size).expect("records"), [r#"{"a":"}]\"{","b":[1,{"c":2}]}"#, r#"{"d":{}}"#]);
        }
        assert_eq!(all(r#"{"Records":[]}"#, 10).expect("records"), Vec::<String>::new());
        assert_eq!(all("", 10).expect("records"), Vec::<String>::new());
    }

    #[test]
    fn a_file_that_was_cut_is_told() {
        assert!(matches!(all(r#"{"Records":[{"a":1},{"b""#, 10), Err(Stop::Cut)));
        assert!(matches!(all(r#"{"Records":[{"a":1}"#, 10), Err(Stop::Cut)));
    }
}
