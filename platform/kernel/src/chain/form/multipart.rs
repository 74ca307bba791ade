//! `multipart/form-data`, read up to its file.
//!
//! Reference: <https://www.rfc-editor.org/rfc/rfc7578>

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use memchr::memmem;
use welkin_wire::Body;

use crate::{Cx, Error, Result};

/// Bytes of a form before its file, at most: 20 KB.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>
const LONGEST: usize = 20 * 1024;

/// Longest boundary.
///
/// Source: <https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1>
const LONGEST_BOUNDARY: usize = 70;

/// A form that is being read.
pub(super) struct Multipart {
    pub(super) body: Body,
    pub(super) buffer: BytesMut,
    /// What ends a part: a line break, two hyphens and the boundary.
    pub(super) delimiter: Vec<u8>,
    /// Bytes that were read as fields.
    taken: usize,
}

/// What the headers of a part say.
struct Disposition {
    name: String,
    file_name: Option<String>,
}

impl Multipart {
    pub(super) fn new(headers: &HeaderMap, body: Body) -> Result<Self> {
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let boundary = parameter(content_type, "boundary");
        let boundary = boundary.filter(|b| !b.is_empty() && b.len() <= LONGEST_BOUNDARY).ok_or_else(malformed)?;
        // The first delimiter may stand at the very beginning, without a line break before it.
        let delimiter = [b"\r\n--", boundary.as_bytes()].concat();
        Ok(Self { body, buffer: BytesMut::from(&b"\r\n"[..]), delimiter, taken: 0 })
    }

    /// The fields before the file, and the file's name. What comes next is the file.
    pub(super) async fn fields(&mut self) -> Result<(Vec<(String, String)>, String)> {
        let mut fields = Vec::new();
        self.until_delimiter().await?;
        loop {
            if self.ends().await? {
                return Err(no_file());
            }
            let part = self.disposition().await?;
            if part.name.eq_ignore_ascii_case("file") {
                return Ok((fields, part.file_name.unwrap_or_default()));
            }
            let value = self.until_delimiter().await?;
            let value = String::from_utf8(value.to_vec()).map_err(|_| malformed())?;
            fields.push((part.name, value));
        }
    }

    /// Whether the delimiter just read is the last one; if not, the line that it stands in is read.
    async fn ends(&mut self) -> Result<bool> {
        while self.buffer.len() < 2 {
            self.more().await?;
        }
        if self.buffer.starts_with(b"--") {
            return Ok(true);
        }
        let padding = self.until(b"\r\n").await?;
        if padding.iter().any(|byte| !matches!(byte, b' ' | b'\t')) {
            return Err(malformed());
        }
        Ok(false)
    }

    /// Reads the headers of a part.
    async fn disposition(&mut self) -> Result<Disposition> {
        let mut disposition = None;
        loop {
            let line = self.until(b"\r\n").await?;
            if line.is_empty() {
                return disposition.ok_or_else(malformed);
            }
            let line = std::str::from_utf8(&line).map_err(|_| malformed())?;
            let (name, value) = line.split_once(':').ok_or_else(malformed)?;
            if name.trim().eq_ignore_ascii_case("content-disposition") {
                let name = parameter(value, "name").ok_or_else(malformed)?;
                disposition = Some(Disposition { name, file_name: parameter(value, "filename") });
            }
        }
    }

    async fn until_delimiter(&mut self) -> Result<Bytes> {
        let delimiter = std::mem::take(&mut self.delimiter);
        let read = self.until(&delimiter).await;
        self.delimiter = delimiter;
        read
    }

    /// The bytes up to `end`, which is taken too.
    async fn until(&mut self, end: &[u8]) -> Result<Bytes> {
        let mut from = 0;
        loop {
            if let Some(at) = self.buffer.get(from..).and_then(|rest| memmem::find(rest, end)) {
                let found = self.buffer.split_to(from + at).freeze();
                let _ = self.buffer.split_to(end.len());
                self.taken = self.taken.saturating_add(found.len() + end.len());
                return if self.taken > LONGEST { Err(too_long()) } else { Ok(found) };
            }
            from = self.buffer.len().saturating_sub(end.len());
            self.more().await?;
        }
    }

    /// Reads more of what comes before the file.
    async fn more(&mut self) -> Result<()> {
        if self.buffer.len() > LONGEST {
            return Err(too_long());
        }
        match Cx::next_chunk(&mut self.body, &mut HeaderMap::new()).await? {
            Some(chunk) => {
                self.buffer.extend_from_slice(&chunk);
                Ok(())
            }
            None => Err(malformed()),
        }
    }
}

/// A parameter of a header's value, e.g. `name` of `form-data; name="key"`.
fn parameter(value: &str, name: &str) -> Option<String> {
    let mut rest = value;
    while let Some((_, after)) = rest.split_once(';') {
        let (found, after) = after.split_once('=')?;
        let after = after.trim_start();
        let (text, after) = match after.strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let end = after.find(';').unwrap_or(after.len());
                let (text, after) = after.split_at_checked(end)?;
                (text.trim().to_owned(), after)
            }
        };
        if found.trim().eq_ignore_ascii_case(name) {
            return Some(text);
        }
        rest = after;
    }
    None
}

/// A text up to its closing quotation mark, and what follows.
fn unquoted(quoted: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((text, quoted.get(at + 1..)?)),
            '\\' => text.push(chars.next()?.1),
            c => text.push(c),
        }
    }
    None
}

/// The body is no form.
pub(super) fn malformed() -> Error {
    Error::new("MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.")
        .status(400)
}

fn no_file() -> Error {
    Error::new("InvalidArgument", "POST requires exactly one file upload per request.")
        .status(400)
        .with("ArgumentName", "file")
        .with("ArgumentValue", "0")
}

fn too_long() -> Error {
    let message = "Your POST request fields preceding the upload file were too large.";
    Error::new("MaxPostPreDataLengthExceeded", message)
        .status(400)
        .with("MaxPostPreDataLengthBytes", LONGEST.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    async fn read(text: &str) -> Result<(Vec<(String, String)>, String)> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, "multipart/form-data; boundary=b".parse().unwrap());
        Multipart::new(&headers, Body::Full(text.to_owned().into()))?.fields().await
    }

    #[tokio::test]
    async fn fields_are_read_up_to_the_file() {
        let form = "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na\r\nb\r\n--b \r\nX: y\r\n\
                    content-disposition: form-data; name=File; filename=\"a\\\"b;.txt\"\r\n\r\nbytes\r\n--b--";
        let (fields, file_name) = read(form).await.unwrap();
        assert_eq!(fields, [("key".to_owned(), "a\r\nb".to_owned())]);
        assert_eq!(file_name, "a\"b;.txt");
    }

    #[tokio::test]
    async fn what_is_no_form_is_malformed() {
        for wrong in
            ["", "--b", "--b\r\n\r\n\r\n", "--b\r\nContent-Disposition: form-data\r\n\r\n", "--bx\r\n", "--b\r\nx\r\n"]
        {
            assert!(read(wrong).await.unwrap_err().is("MalformedPOSTRequest"), "{wrong:?}");
        }
        assert!(read("--b--").await.unwrap_err().is("InvalidArgument"));
        assert!(Multipart::new(&HeaderMap::new(), Body::empty()).is_err());
        let long = format!("--b\r\nContent-Disposition: form-data; name=k\r\n\r\n{}\r\n--b--", "x".repeat(2 * LONGEST));
        let stream = http_body_util::StreamBody::new(futures_util::stream::iter(
            long.into_bytes()
                .chunks(1000)
                .map(|c| Ok::<_, Error>(http_body::Frame::data(Bytes::copy_from_slice(c))))
                .collect::<Vec<_>>(),
        ));
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, "multipart/form-data; boundary=b".parse().unwrap());
        let error = Multipart::new(&headers, Body::stream(stream)).unwrap().fields().await.unwrap_err();
        assert!(error.is("MaxPostPreDataLengthExceeded"), "{error}");
    }
}
