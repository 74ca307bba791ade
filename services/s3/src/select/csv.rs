//! Records of CSV, as its bytes come.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CSVInput.html>

use super::error::{Result, SelectError};
use super::value::Value;

/// Bytes of a record at most: "the maximum length of a record in the input or result is 1 MB" in
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/selecting-content-from-objects.html>
pub(super) const LONGEST: usize = 1 << 20;

/// How CSV is written.
#[derive(Clone, Debug)]
pub(super) struct Format {
    pub(super) header: Header,
    /// What a line that is left out begins with.
    pub(super) comment: Option<u8>,
    pub(super) quote: Option<u8>,
    pub(super) escape: Option<u8>,
    pub(super) record: Vec<u8>,
    pub(super) field: Vec<u8>,
    /// Whether a carriage return before the end of a record is part of that: the delimiter was not given.
    // UNVERIFIED: that lines of `\r\n` are read so.
    pub(super) lenient: bool,
    pub(super) quoted_records: bool,
}

/// What the first record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Header {
    None,
    Ignore,
    Use,
}

/// Finds records.
pub(super) struct Reader {
    format: Format,
    bytes: Vec<u8>,
    /// Where in the object the bytes begin, and where in them the next record does.
    offset: u64,
    start: usize,
    /// How much of the bytes was looked at, and what is known there.
    seen: usize,
    quotes: Quotes,
    /// Whether what comes first is the end of a record that began before.
    partial: bool,
    header: Header,
    columns: Option<Vec<String>>,
}

/// Where quotes are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quotes {
    /// Where a field begins.
    Start,
    /// In a field without quotes, or after the closing ones.
    Outside,
    Inside,
    /// After an escape character within quotes.
    Escaped,
    /// After what may be the closing quote, or the first of two.
    Closed,
}

impl Quotes {
    fn step(self, byte: u8, format: &Format) -> Self {
        let is_quote = format.quote == Some(byte);
        let doubled = format.escape == format.quote;
        match self {
            Self::Start if is_quote => Self::Inside,
            Self::Start | Self::Outside => Self::Outside,
            Self::Inside if !doubled && format.escape == Some(byte) => Self::Escaped,
            Self::Inside if is_quote => Self::Closed,
            Self::Inside | Self::Escaped => Self::Inside,
            Self::Closed if is_quote && doubled => Self::Inside,
            Self::Closed => Self::Outside,
        }
    }
}

impl Reader {
    /// Of bytes that begin at an offset of the object, in the middle of a record perhaps. The columns are known already if
    /// the header was read before.
    pub(super) fn new(format: Format, offset: u64, partial: bool, columns: Option<Vec<String>>) -> Self {
        let header = if partial { Header::None } else { format.header };
        Self { format, bytes: Vec::new(), offset, start: 0, seen: 0, quotes: Quotes::Start, partial, header, columns }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.offset == 0 && self.bytes.is_empty() && self.seen == 0 {
            self.bytes.extend_from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
        } else {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// The names of the columns, once they are known.
    pub(super) fn columns(&self) -> Option<&[String]> {
        self.columns.as_deref()
    }

    /// Whether the header is still to come.
    pub(super) fn awaits_header(&self) -> bool {
        self.header != Header::None
    }

    /// Where the next record ends, without its delimiter, and where the one after it begins.
    fn end(&mut self, is_last: bool) -> Option<(usize, usize)> {
        while self.seen < self.bytes.len() {
            let rest = &self.bytes[self.seen..];
            let open = self.format.quoted_records && matches!(self.quotes, Quotes::Inside | Quotes::Escaped);
            if !open {
                // A delimiter of several bytes may be cut.
                let is_cut = |whole: &Vec<u8>| rest.len() < whole.len() && whole.starts_with(rest);
                if !is_last && (is_cut(&self.format.record) || is_cut(&self.format.field)) {
                    return None;
                }
                if rest.starts_with(&self.format.record) {
                    let end = self.seen;
                    self.quotes = Quotes::Start;
                    return Some((end, end + self.format.record.len()));
                }
                if rest.starts_with(&self.format.field) {
                    self.quotes = Quotes::Start;
                    self.seen += self.format.field.len();
                    continue;
                }
            }
            self.quotes = self.quotes.step(rest[0], &self.format);
            self.seen += 1;
        }
        (is_last && self.start < self.bytes.len()).then_some((self.bytes.len(), self.bytes.len()))
    }

    /// The next record and where it begins in the object; `None` if more must come, or nothing is left.
    ///
    /// # Errors
    /// `OverMaxRecordSize`, `InvalidTextEncoding`, `CSVUnescapedQuote`.
    pub(super) fn next(&mut self, is_last: bool) -> Result<Option<(u64, Vec<Value>)>> {
        while let Some((end, after)) = self.end(is_last) {
            let record: Vec<u8> = self.bytes[self.start..end].to_vec();
            let begin = self.offset + self.start as u64;
            (self.start, self.seen) = (after, after);
            if std::mem::take(&mut self.partial) {
                continue;
            }
            too_long(record.len())?;
            let mut text = std::str::from_utf8(&record).map_err(|_| encoding())?;
            if self.format.lenient {
                text = text.strip_suffix('\r').unwrap_or(text);
            }
            // UNVERIFIED: that empty lines are no records.
            let is_comment = self.format.comment.is_some_and(|comment| text.as_bytes().first() == Some(&comment));
            if text.is_empty() || is_comment {
                continue;
            }
            let fields = self.fields(text.as_bytes())?;
            match std::mem::replace(&mut self.header, Header::None) {
                Header::None => return Ok(Some((begin, fields.into_iter().map(Value::Text).collect()))),
                Header::Ignore => {}
                Header::Use => self.columns = Some(fields),
            }
        }
        self.bytes.drain(..self.start);
        self.offset += self.start as u64;
        self.seen -= self.start;
        self.start = 0;
        too_long(self.bytes.len())?;
        Ok(None)
    }

    /// The fields of a record.
    fn fields(&self, record: &[u8]) -> Result<Vec<String>> {
        let (mut fields, mut field, mut quotes, mut at) = (Vec::new(), Vec::new(), Quotes::Start, 0);
        while at < record.len() {
            let open = matches!(quotes, Quotes::Inside | Quotes::Escaped);
            if !open && record[at..].starts_with(&self.format.field) {
                fields.push(std::mem::take(&mut field));
                at += self.format.field.len();
                quotes = Quotes::Start;
                continue;
            }
            let next = quotes.step(record[at], &self.format);
            let is_mark = match (quotes, next) {
                (Quotes::Start, Quotes::Inside) | (Quotes::Inside, Quotes::Escaped | Quotes::Closed) => true,
                // The second of two quotes is one.
                _ => false,
            };
            if !is_mark {
                field.push(record[at]);
            }
            quotes = next;
            at += 1;
        }
        if matches!(quotes, Quotes::Inside | Quotes::Escaped) {
            let message = "Found an unescaped quote while parsing the CSV file. To allow quoted record delimiters, set \
                           AllowQuotedRecordDelimiter to 'TRUE'.";
            return Err(SelectError::new("CSVUnescapedQuote", message));
        }
        fields.push(field);
        fields.into_iter().map(|field| String::from_utf8(field).map_err(|_| encoding())).collect()
    }
}

pub(super) fn encoding() -> SelectError {
    SelectError::new("InvalidTextEncoding", "Invalid encoding type. Only UTF-8 encoding is supported.")
}

/// Refuses a record that is too long.
pub(super) fn too_long(length: usize) -> Result<()> {
    if length <= LONGEST {
        return Ok(());
    }
    let message = "The length of a record in the input or result is greater than the maxCharsPerRecord limit of 1 MB.";
    Err(SelectError::new("OverMaxRecordSize", message))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn format() -> Format {
        Format {
            header: Header::None,
            comment: Some(b'#'),
            quote: Some(b'"'),
            escape: Some(b'"'),
            record: b"\n".to_vec(),
            field: b",".to_vec(),
            lenient: true,
            quoted_records: false,
        }
    }

    /// The records of a text that comes so many bytes at a time, as JSON.
    fn records(format: &Format, text: &str, size: usize) -> Result<Vec<String>> {
        let mut reader = Reader::new(format.clone(), 0, false, None);
        let mut all = Vec::new();
        for chunk in text.as_bytes().chunks(size) {
            reader.push(chunk);
            while let Some((_, record)) = reader.next(false)? {
                all.push(Value::List(record).to_json());
            }
        }
        while let Some((_, record)) = reader.next(true)? {
            all.push(Value::List(record).to_json());
        }
        Ok(all)
    }

    #[test]
    fn records_are_read_however_the_bytes_come() {
        let text = "#c\na,\"b \"\"q\"\", c\",\r\n\nä,x\"y,\"\"\nlast";
        for size in [1, 2, 3, 100] {
            let expected = [r#"["a","b \"q\", c",""]"#, r#"["ä","x\"y",""]"#, r#"["last"]"#];
            assert_eq!(records(&format(), text, size).unwrap(), expected, "{size}");
        }
    }

    #[test]
    fn records_have_the_delimiters_and_quotes_that_were_said() {
        let other = Format {
            record: b"\r\n".to_vec(),
            field: "é".as_bytes().to_vec(),
            quote: Some(b'\''),
            escape: Some(b'\\'),
            comment: None,
            lenient: false,
            quoted_records: true,
            ..format()
        };
        for size in [1, 2, 5, 100] {
            let all = records(&other, "#aé'b\r\n\\'cé'\r\nx\ryé\r\n", size).unwrap();
            assert_eq!(all, ["[\"#a\",\"b\\r\\n'cé\"]", "[\"x\\ry\",\"\"]"], "{size}");
        }
    }

    #[test]
    fn a_quote_that_is_not_closed_is_an_error() {
        assert_eq!(records(&format(), "a,\"b\nc\"\n", 100).unwrap_err().code, "CSVUnescapedQuote");
        let quoted = Format { quoted_records: true, ..format() };
        assert_eq!(records(&quoted, "a,\"b\nc\"\n", 100).unwrap(), [r#"["a","b\nc"]"#]);
        assert_eq!(records(&format(), &"x".repeat(LONGEST + 1), 1000).unwrap_err().code, "OverMaxRecordSize");
    }

    #[test]
    fn a_header_names_columns_or_is_left_out() {
        for (header, columns, expected) in [
            (Header::Use, Some(vec!["a".to_owned(), "b".to_owned()]), vec![r#"["1","2"]"#]),
            (Header::Ignore, None, vec![r#"["1","2"]"#]),
            (Header::None, None, vec![r#"["a","b"]"#, r#"["1","2"]"#]),
        ] {
            let mut reader = Reader::new(Format { header, ..format() }, 0, false, None);
            reader.push("\u{feff}a,b\n1,2\n".as_bytes());
            let mut all = Vec::new();
            while let Some((_, record)) = reader.next(true).unwrap() {
                all.push(Value::List(record).to_json());
            }
            assert_eq!(
                (all, reader.columns().map(<[String]>::to_vec)),
                (expected.into_iter().map(str::to_owned).collect(), columns)
            );
        }
    }

    #[test]
    fn a_reader_that_begins_within_a_record_leaves_it_out() {
        let mut reader = Reader::new(format(), 10, true, None);
        reader.push(b"st\nb\nc");
        assert_eq!(reader.next(true).unwrap().map(|(at, _)| at), Some(13));
        assert_eq!(reader.next(true).unwrap().map(|(at, _)| at), Some(15));
        assert!(reader.next(true).unwrap().is_none());
    }
}
