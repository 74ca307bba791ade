//! Content: bytes on their way to rest and back.
//!
//! What a client sends is hashed, sealed and written as it comes; what is read is opened frame by frame as
//! the client takes it. Neither holds more than a few frames in memory.

use std::collections::VecDeque;
use std::pin::Pin;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use http::HeaderMap;
use http_body::Frame;
use http_body_util::StreamBody;
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};
use welkin_kernel::blob::{BlobId, BlobRef, BlobStore, BlobWriter};
use welkin_kernel::{Body, Cx, Error, Result};

use crate::checksum::{self, Algorithm, Announced, Hasher};
use crate::encryption::frame::{DataKey, FRAME, FrameKey, FrameSealer, Salt, Span};
use crate::errors::{BadDigest, EntityTooLarge, IncompleteBody, InvalidDigest};
use crate::range::ByteRange;

/// Longest body of one request: 5 GiB.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>
pub(crate) const LONGEST: u64 = 5 * 1024 * 1024 * 1024;

/// A piece of content at rest: that of an object, or of a part of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Piece {
    pub(crate) blob: BlobRef,
    pub(crate) salt: Salt,
    /// Length of the plain text.
    pub(crate) size: u64,
}

/// What is demanded of a body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Demands {
    pub(crate) announced: Announced,
    /// The algorithm to compute, if it is another than the announced one.
    pub(crate) computed: Option<Algorithm>,
    /// `Content-MD5`.
    pub(crate) md5: Option<[u8; 16]>,
    /// The length that the request gave.
    pub(crate) length: Option<u64>,
    /// Whether the MD5 of the bytes is the entity tag.
    pub(crate) etag: bool,
}

/// Content that came in and is at rest.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// `None` if there was none.
    pub(crate) piece: Option<Piece>,
    pub(crate) size: u64,
    /// In hexadecimal digits, without quotes.
    pub(crate) etag: String,
    pub(crate) algorithm: Algorithm,
    pub(crate) checksum: String,
}

/// Reads `Content-MD5`.
pub(crate) fn content_md5(header: Option<&str>) -> Result<Option<[u8; 16]>> {
    let Some(header) = header else { return Ok(None) };
    match BASE64.decode(header).ok().and_then(|bytes| bytes.try_into().ok()) {
        Some(md5) => Ok(Some(md5)),
        None => Err(Error::from(InvalidDigest).with("Content-MD5", header)),
    }
}

/// Brings a body to rest under a data key. To be called in a stage.
///
/// # Errors
/// When the body is not what was demanded of it; nothing is left at rest then.
pub(crate) async fn receive(cx: &Cx, mut body: Body, data_key: &DataKey, demands: &Demands) -> Result<Received> {
    let algorithm = demands.announced.algorithm.or(demands.computed).unwrap_or(Algorithm::Crc64Nvme);
    let mut hasher = Hasher::new(algorithm);
    let mut second = demands.computed.filter(|computed| *computed != algorithm).map(Hasher::new);
    let mut md5 = (demands.etag || demands.md5.is_some()).then(Md5::new);
    let salt: Salt = cx.chance().bytes();
    let mut sealer = FrameSealer::new(FrameKey::new(data_key, &salt)?);
    let mut writer: Option<BlobWriter> = None;
    let mut trailers = HeaderMap::new();
    let mut size = 0u64;
    while let Some(mut chunk) = Cx::next_chunk(&mut body, &mut trailers).await? {
        size = size.saturating_add(chunk.len() as u64);
        if size > LONGEST {
            return Err(too_large(size));
        }
        hasher.update(&chunk);
        if let Some(second) = &mut second {
            second.update(&chunk);
        }
        if let Some(md5) = &mut md5 {
            md5.update(&chunk);
        }
        while !chunk.is_empty() {
            if let Some(frame) = sealer.push(&mut chunk)? {
                write(cx, &mut writer, frame).await?;
            }
        }
    }
    if let Some(frame) = sealer.finish()? {
        write(cx, &mut writer, frame).await?;
    }
    if demands.length.is_some_and(|length| length != size) {
        return Err(IncompleteBody.into());
    }
    let md5 = md5.map(|md5| <[u8; 16]>::from(md5.finalize()));
    check_md5(demands.md5, md5)?;
    let checksum = hasher.finish_base64();
    check_checksum(&demands.announced, &trailers, algorithm, &checksum)?;
    let (algorithm, checksum) = match (second, demands.computed) {
        (Some(second), Some(computed)) => (computed, second.finish_base64()),
        _ => (algorithm, checksum),
    };
    // An entity tag that is no MD5 is only told apart from others.
    let etag = md5.filter(|_| demands.etag).unwrap_or_else(|| cx.chance().bytes());
    let piece = match writer {
        Some(writer) => Some(Piece { blob: writer.finish().await?, salt, size }),
        None => None,
    };
    Ok(Received { piece, size, etag: hex::encode(etag), algorithm, checksum })
}

/// The body is longer than one request may be.
pub(crate) fn too_large(size: u64) -> Error {
    let error = Error::from(EntityTooLarge);
    error.with("ProposedSize", size.to_string()).with("MaxSizeAllowed", LONGEST.to_string())
}

async fn write(cx: &Cx, writer: &mut Option<BlobWriter>, frame: Bytes) -> Result<()> {
    if writer.is_none() {
        let id = BlobId(u128::from_be_bytes(cx.chance().bytes()));
        *writer = Some(cx.blobs().create(id).await?);
    }
    match writer {
        Some(writer) => Ok(writer.write(frame).await?),
        None => Ok(()),
    }
}

fn check_md5(demanded: Option<[u8; 16]>, computed: Option<[u8; 16]>) -> Result<()> {
    match (demanded, computed) {
        (Some(demanded), Some(computed)) if demanded != computed => Err(Error::from(BadDigest)
            .with("ExpectedDigest", BASE64.encode(demanded))
            .with("CalculatedDigest", BASE64.encode(computed))),
        _ => Ok(()),
    }
}

fn check_checksum(announced: &Announced, trailers: &HeaderMap, algorithm: Algorithm, computed: &str) -> Result<()> {
    if !announced.compared {
        return Ok(());
    }
    let trailer = trailers.get(algorithm.header()).and_then(|value| value.to_str().ok());
    match announced.value.as_deref().or(trailer) {
        Some(value) if value == computed => Ok(()),
        Some(_) => Err(checksum::mismatch(algorithm)),
        None => Err(Error::new(
            "MalformedTrailerError",
            "The request contained trailing data that was not well-formed or did not conform to our published schema.",
        )
        .status(400)),
    }
}

/// Copies a piece as it is at rest. To be called in a stage.
pub(crate) async fn duplicate(cx: &Cx, piece: &Piece) -> Result<Piece> {
    let mut writer = None;
    let mut sealed = cx.blobs().read(&piece.blob, ..);
    while let Some(bytes) = sealed.try_next().await? {
        write(cx, &mut writer, bytes).await?;
    }
    let writer = writer.ok_or_else(|| Error::internal("a piece of an object is empty at rest"))?;
    Ok(Piece { blob: writer.finish().await?, salt: piece.salt, size: piece.size })
}

/// A body of the plain text of `pieces`, each with the range that is wanted of it, under one data key. Its beginning
/// is read at once, so that what cannot be read at all is an error of the call.
pub(crate) async fn read(blobs: &BlobStore, data_key: DataKey, pieces: VecDeque<(Piece, ByteRange)>) -> Result<Body> {
    let mut reader = Reader { blobs: blobs.clone(), data_key, pieces, current: None };
    let Some(first) = reader.next().await? else { return Ok(Body::empty()) };
    if reader.is_done() {
        return Ok(first.into());
    }
    let frames = stream::try_unfold((Some(first), reader), |(first, mut reader)| async move {
        let next = match first {
            Some(first) => Some(first),
            None => reader.next().await?,
        };
        Ok::<_, Error>(next.map(|bytes| (Frame::data(bytes), (None, reader))))
    });
    Ok(Body::stream(StreamBody::new(frames)))
}

/// The pieces that hold a range of the content they make up together, each with its part of the range.
pub(crate) fn within(pieces: impl IntoIterator<Item = Piece>, range: ByteRange) -> VecDeque<(Piece, ByteRange)> {
    let mut wanted = VecDeque::new();
    let mut before = 0;
    for piece in pieces {
        let (start, end) = (range.start.max(before), range.end.min(before + piece.size));
        if start < end {
            let part = ByteRange { start: start - before, end: end - before };
            before += piece.size;
            wanted.push_back((piece, part));
        } else {
            before += piece.size;
        }
    }
    wanted
}

struct Reader {
    blobs: BlobStore,
    data_key: DataKey,
    pieces: VecDeque<(Piece, ByteRange)>,
    current: Option<Opening>,
}

/// A piece that is being read.
struct Opening {
    sealed: Pin<Box<dyn Stream<Item = Result<Bytes, welkin_kernel::blob::Error>> + Send>>,
    key: FrameKey,
    frame: u64,
    buffer: BytesMut,
    /// Bytes to leave out at the beginning.
    skip: u64,
    /// Bytes still wanted.
    left: u64,
}

impl Reader {
    fn is_done(&self) -> bool {
        self.pieces.is_empty() && self.current.as_ref().is_none_or(|opening| opening.left == 0)
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            if let Some(opening) = &mut self.current {
                if opening.left > 0 {
                    return opening.next().await.map(Some);
                }
                self.current = None;
            }
            let Some((piece, range)) = self.pieces.pop_front() else { return Ok(None) };
            let key = FrameKey::new(&self.data_key, &piece.salt)?;
            let span = Span::of(range, piece.size, key.overhead());
            self.current = Some(Opening {
                sealed: self.blobs.read(&piece.blob, span.sealed.start..span.sealed.end).boxed(),
                key,
                frame: span.first,
                buffer: BytesMut::new(),
                skip: span.skip,
                left: range.len(),
            });
        }
    }
}

impl Opening {
    /// The wanted bytes of the next frame.
    async fn next(&mut self) -> Result<Bytes> {
        while self.buffer.len() < self.key.sealed() {
            match self.sealed.try_next().await? {
                Some(bytes) => {
                    if self.buffer.capacity() == 0 && self.left > FRAME as u64 {
                        self.buffer.reserve(2 * self.key.sealed());
                    }
                    self.buffer.extend_from_slice(&bytes);
                }
                None => break,
            }
        }
        if self.buffer.is_empty() {
            return Err(Error::internal("an object is shorter at rest than it should be"));
        }
        let mut frame = self.buffer.split_to(self.buffer.len().min(self.key.sealed()));
        self.key.open(self.frame, &mut frame)?;
        self.frame += 1;
        let mut plain = frame.freeze();
        let skip = usize::try_from(self.skip).unwrap_or(usize::MAX).min(plain.len());
        let plain_len = usize::try_from(self.left).unwrap_or(usize::MAX).min(plain.len() - skip);
        plain = plain.slice(skip..skip + plain_len);
        self.skip = 0;
        self.left -= plain.len() as u64;
        if plain.is_empty() {
            return Err(Error::internal("a frame at rest is shorter than it should be"));
        }
        Ok(plain)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn content_md5_is_sixteen_bytes_of_base64() {
        assert_eq!(content_md5(None).unwrap(), None);
        assert_eq!(content_md5(Some("AAAAAAAAAAAAAAAAAAAAAA==")).unwrap(), Some([0; 16]));
        for wrong in ["", "AAAA", "not base64!"] {
            assert!(content_md5(Some(wrong)).unwrap_err().is("InvalidDigest"), "{wrong}");
        }
    }
}
