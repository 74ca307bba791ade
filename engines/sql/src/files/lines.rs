//! The lines of a text.

use std::io::BufRead;

/// A row is at most this long.
///
/// <https://docs.aws.amazon.com/athena/latest/ug/other-notable-limitations.html>
pub(super) const LONGEST: usize = 32 << 20;

/// Why there is no next record.
#[derive(Debug)]
pub(super) enum Stop {
    /// It cannot be read.
    Failed(std::io::Error),
    /// It is longer than a row may be.
    TooLong,
    /// The text ends in the middle of it.
    Cut,
}

impl From<std::io::Error> for Stop {
    fn from(why: std::io::Error) -> Self {
        Stop::Failed(why)
    }
}

/// Finds records, one after the other.
pub(super) trait Records {
    /// Puts the next one into the buffer, and tells whether there was one.
    fn next(&mut self, record: &mut Vec<u8>) -> Result<bool, Stop>;
}

/// Lines, which `\n`, `\r` or both end.
pub(super) struct Lines<R> {
    input: R,
    after_return: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, after_return: false }
    }
}

impl<R: BufRead> Records for Lines<R> {
    fn next(&mut self, record: &mut Vec<u8>) -> Result<bool, Stop> {
        record.clear();
        loop {
            let here = self.input.fill_buf()?;
            let Some(first) = here.first() else { return Ok(!record.is_empty()) };
            if std::mem::take(&mut self.after_return) && *first == b'\n' {
                self.input.consume(1);
                continue;
            }
            let end = memchr::memchr2(b'\n', b'\r', here);
            record.extend_from_slice(&here[..end.unwrap_or(here.len())]);
            if record.len() > LONGEST {
                return Err(Stop::TooLong);
            }
            match end {
                None => {
                    let all = here.len();
                    self.input.consume(all);
                }
                Some(end) => {
                    self.after_return = here[end] == b'\r';
                    self.input.consume(end + 1);
                    return Ok(true);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_hadoop_ends_them() {
        for size in [1, 2, 3, 100] {
            let text: &[u8] = b"a\nb\r\n\r\n\rc\n\nd";
            let mut lines = Lines::new(std::io::BufReader::with_capacity(size, text));
            let (mut all, mut line) = (Vec::new(), Vec::new());
            while lines.next(&mut line).expect("a line") {
                all.push(String::from_utf8(line.clone()).expect("text"));
            }
            assert_eq!(all, ["a", "b", "", "", "c", "", "d"]);
        }
    }

    #[test]
    fn a_line_without_an_end_does_not_fill_the_memory() {
        let mut lines = Lines::new(std::io::BufReader::new(std::io::repeat(b' ')));
        assert!(matches!(lines.next(&mut Vec::new()), Err(Stop::TooLong)));
    }
}
