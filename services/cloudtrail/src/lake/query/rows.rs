//! The rows of a result: a line of JSON for each, in a blob, so that a page begins at a byte.

use bytes::Bytes;
use futures_util::TryStreamExt;
use welkin_kernel::blob::{BlobId, BlobRef, BlobStore, BlobWriter};
use welkin_kernel::{Cx, Error, Result};

/// A row: values as text, in the order of the columns.
pub(super) type Row = Vec<String>;

/// Bytes of lines that are written at once.
const CHUNK: usize = 256 * 1024;

/// Bytes of a page at most, however few rows these are.
// UNVERIFIED: how large CloudTrail's pages become.
const PAGE: usize = 4 << 20;

/// Writes rows.
pub(super) struct Writer {
    blobs: BlobStore,
    id: BlobId,
    writer: Option<BlobWriter>,
    lines: Vec<u8>,
    count: u64,
}

impl Writer {
    /// Into a new blob.
    pub(super) fn new(cx: &Cx) -> Self {
        let id = BlobId(u128::from_be_bytes(cx.chance().bytes()));
        Self { blobs: cx.blobs().clone(), id, writer: None, lines: Vec::new(), count: 0 }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Those of the blob store.
    pub(super) async fn write(&mut self, row: &Row) -> Result<()> {
        serde_json::to_writer(&mut self.lines, row).map_err(Error::internal)?;
        self.lines.push(b'\n');
        self.count += 1;
        if self.lines.len() >= CHUNK { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<()> {
        let lines = Bytes::from(std::mem::take(&mut self.lines));
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => self.writer.insert(self.blobs.create(self.id).await?),
        };
        Ok(writer.write(lines).await?)
    }

    /// The blob, if there is a row, and how many there are.
    ///
    /// # Errors
    /// Those of the blob store.
    pub(super) async fn finish(mut self) -> Result<(Option<BlobRef>, u64)> {
        if !self.lines.is_empty() {
            self.flush().await?;
        }
        let blob = match self.writer {
            Some(writer) => Some(writer.finish().await?),
            None => None,
        };
        Ok((blob, self.count))
    }
}

/// Lines out of bytes, however they come.
#[derive(Default)]
pub(super) struct Lines {
    bytes: Vec<u8>,
}

impl Lines {
    /// Takes what comes next.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The rows of the whole lines that are there, up to `most`, and how many bytes they had.
    ///
    /// # Errors
    /// What is no row.
    pub(super) fn take(&mut self, most: usize) -> serde_json::Result<(Vec<Row>, u64)> {
        let (mut rows, mut begin) = (Vec::new(), 0);
        while rows.len() < most
            && let Some(length) = self.bytes[begin..].iter().position(|byte| *byte == b'\n')
        {
            rows.push(serde_json::from_slice(&self.bytes[begin..begin + length])?);
            begin += length + 1;
        }
        self.bytes.drain(..begin);
        Ok((rows, begin as u64))
    }
}

/// The rows from a byte on, `most` at most, and the byte at which the next page begins; `None` if the byte is not where a
/// row begins.
///
/// # Errors
/// Those of the blob store.
pub(super) async fn page(cx: &Cx, blob: &BlobRef, from: u64, most: usize) -> Result<Option<(Vec<Row>, Option<u64>)>> {
    if from >= blob.len() {
        return Ok(None);
    }
    let mut bytes = cx.blobs().read(blob, from..);
    let (mut rows, mut lines, mut end) = (Vec::new(), Lines::default(), from);
    while rows.len() < most
        && end.saturating_sub(from) < PAGE as u64
        && let Some(chunk) = bytes.try_next().await?
    {
        lines.push(&chunk);
        let Ok((more, length)) = lines.take(most - rows.len()) else { return Ok(None) };
        rows.extend(more);
        end += length;
    }
    Ok(Some((rows, Some(end).filter(|end| *end < blob.len()))))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_however_the_bytes_come() {
        let text = b"[\"a\",\"b\\n\"]\n[\"c\",\"\"]\n";
        for size in [1, 5, 100] {
            let (mut lines, mut rows) = (Lines::default(), Vec::new());
            for chunk in text.chunks(size) {
                lines.push(chunk);
                rows.extend(lines.take(10).unwrap().0);
            }
            assert_eq!(rows, [["a", "b\n"], ["c", ""]]);
        }
        let mut lines = Lines::default();
        lines.push(text);
        assert_eq!(lines.take(1).unwrap(), (vec![vec!["a".to_owned(), "b\n".to_owned()]], 12));
        let mut lines = Lines::default();
        lines.push(b"\"]\n");
        assert!(lines.take(1).is_err());
    }
}
