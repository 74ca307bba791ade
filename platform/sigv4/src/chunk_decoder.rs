//! Bodies in `aws-chunked` coding: decoded, and verified while they stream.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>

mod chain;
mod line;
mod pending;
mod trailers;

use crate::{Algorithm, Error, ErrorKind, Payload, RequestView, Seed};
use bytes::Bytes;
use chain::Chain;
use line::{Line, parse_chunk_header};
use pending::Pending;
use std::collections::VecDeque;
use trailers::Trailers;

/// Chunks other than the last must have this size at least.
const MIN_CHUNK: u64 = 8 * 1024;
/// The longest header of a chunk: a size and a signature take 176 bytes at most.
const MAX_CHUNK_HEADER: usize = 512;
/// The longest line of a trailer.
const MAX_TRAILER: usize = 4 * 1024;

/// Decodes a body in `aws-chunked` coding, given in pieces of any size.
///
/// Signed chunks come out only once their signature is verified: the decoder holds one chunk at most,
/// [`ChunkDecoder::MAX_SIGNED_CHUNK`] bytes. Unsigned ones come out as they come in. Data is not copied, but for
/// pieces below a kilobyte.
///
/// ```
/// # use welkin_sigv4::ChunkDecoder;
/// let mut decoder = ChunkDecoder::unsigned(5, ["x-amz-checksum-crc32".to_owned()]);
/// decoder.push("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n".into())?;
/// assert_eq!(decoder.pop().as_deref(), Some(&b"hello"[..]));
/// assert_eq!(decoder.finish()?, [("x-amz-checksum-crc32".to_owned(), "NhCmhg==".to_owned())]);
/// # Ok::<(), welkin_sigv4::Error>(())
/// ```
#[derive(Debug)]
pub struct ChunkDecoder {
    state: State,
    line: Line,
    chain: Option<Chain>,
    pending: Pending,
    ready: VecDeque<Bytes>,
    trailers: Trailers,
    /// Bytes that are still to come, of those that `x-amz-decoded-content-length` announced.
    left: u64,
    chunks: u64,
    last_size: Option<u64>,
}

#[derive(Clone, Debug)]
enum State {
    Header,
    Data { left: u64 },
    DataEnd,
    Trailers,
    End,
    Failed(Error),
}

impl ChunkDecoder {
    /// The largest signed chunk, in bytes.
    // UNVERIFIED: AWS documents no limit; its SDKs send 64 to 128 KiB. This bounds what a connection may hold.
    pub const MAX_SIGNED_CHUNK: u64 = 16 * 1024 * 1024;

    /// The decoder for a request whose verification said [`Body::Chunked`](crate::Body::Chunked).
    ///
    /// # Errors
    /// If `x-amz-decoded-content-length` is missing or not a number, or the payload is not chunked.
    pub fn for_request(view: &RequestView<'_>, payload: &Payload, seed: Seed) -> Result<Self, Error> {
        let (length, announced) = Self::announced(view)?;
        match payload {
            Payload::StreamingUnsignedTrailer => Ok(Self::unsigned(length, announced)),
            Payload::StreamingSigned { trailer } | Payload::StreamingEcdsa { trailer } => {
                let announced = if *trailer { announced } else { Vec::new() };
                Ok(Self::new(length, Trailers::new(announced, *trailer), Some(Chain::new(seed))))
            }
            _ => Err(ErrorKind::MalformedChunk.into()),
        }
    }

    /// A decoder that reads signatures and does not verify them, for callers who may use any secret.
    ///
    /// # Errors
    /// As [`ChunkDecoder::for_request`].
    pub fn unverified(view: &RequestView<'_>, payload: &Payload) -> Result<Self, Error> {
        let (length, announced) = Self::announced(view)?;
        let signed =
            matches!(payload, Payload::StreamingSigned { trailer: true } | Payload::StreamingEcdsa { trailer: true });
        let announced = if payload.has_trailer() { announced } else { Vec::new() };
        Ok(Self::new(length, Trailers::new(announced, signed), None))
    }

    /// The length and the names of trailers that a request announces.
    fn announced(view: &RequestView<'_>) -> Result<(u64, Vec<String>), Error> {
        let length = view.header("x-amz-decoded-content-length").filter(|text| !text.starts_with('+'));
        let length = length.and_then(|text| text.parse().ok()).ok_or(ErrorKind::MissingDecodedLength)?;
        let values = view.headers.get_all("x-amz-trailer").iter().filter_map(|value| value.to_str().ok());
        let names = values.flat_map(|value| value.split(',')).map(|name| name.trim().to_ascii_lowercase());
        Ok((length, names.filter(|name| !name.is_empty()).collect()))
    }

    /// A decoder of chunks that are not signed; `announced` are the trailers that must follow, in lower case.
    pub fn unsigned(length: u64, announced: impl IntoIterator<Item = String>) -> Self {
        Self::new(length, Trailers::new(announced.into_iter().collect(), false), None)
    }

    fn new(left: u64, trailers: Trailers, chain: Option<Chain>) -> Self {
        Self {
            state: State::Header,
            line: Line::default(),
            chain,
            pending: Pending::default(),
            ready: VecDeque::new(),
            trailers,
            left,
            chunks: 0,
            last_size: None,
        }
    }

    /// Takes the next piece of the body. What it completes is there for [`ChunkDecoder::pop`].
    ///
    /// # Errors
    /// If the body is malformed or a signature does not match; from then on always.
    pub fn push(&mut self, mut input: Bytes) -> Result<(), Error> {
        while !input.is_empty() {
            if let Err(error) = self.step(&mut input) {
                self.state = State::Failed(error.clone());
                return Err(error);
            }
        }
        Ok(())
    }

    /// The next piece of decoded, verified data.
    pub fn pop(&mut self) -> Option<Bytes> {
        self.ready.pop_front()
    }

    /// Ends the body and gives its trailers: names in lower case, without the signature.
    ///
    /// # Errors
    /// If the body is not complete, or has failed.
    pub fn finish(self) -> Result<Vec<(String, String)>, Error> {
        match self.state {
            State::End => Ok(self.trailers.into_list()),
            State::Failed(error) => Err(error),
            State::Header | State::Data { .. } | State::DataEnd | State::Trailers => {
                Err(ErrorKind::IncompleteBody.into())
            }
        }
    }

    fn step(&mut self, input: &mut Bytes) -> Result<(), Error> {
        match &mut self.state {
            State::Header => match self.line.take(input, MAX_CHUNK_HEADER) {
                Ok(None) => Ok(()),
                Ok(Some(line)) => self.start_chunk(&line),
                Err(()) => Err(ErrorKind::MalformedChunk.into()),
            },
            State::Data { left } => {
                let size = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
                let data = input.split_to(size);
                *left -= size as u64;
                if *left == 0 {
                    self.state = State::DataEnd;
                }
                self.data(data);
                Ok(())
            }
            State::DataEnd => match self.line.take(input, 2) {
                Ok(None) => Ok(()),
                Ok(Some(line)) if line.is_empty() => self.end_chunk(),
                Ok(Some(_)) | Err(()) => Err(ErrorKind::MalformedChunk.into()),
            },
            State::Trailers => match self.line.take(input, MAX_TRAILER) {
                Ok(None) => Ok(()),
                Ok(Some(line)) if line.is_empty() => self.end_body(),
                Ok(Some(line)) => self.trailers.add(&line),
                Err(()) => Err(ErrorKind::MalformedTrailer.into()),
            },
            // UNVERIFIED: what S3 says to bytes after the end; the body is not the one announced.
            State::End => Err(ErrorKind::IncompleteBody.into()),
            State::Failed(error) => Err(error.clone()),
        }
    }

    fn start_chunk(&mut self, line: &[u8]) -> Result<(), Error> {
        let header = parse_chunk_header(line).ok_or(ErrorKind::MalformedChunk)?;
        self.chunks += 1;
        if header.size > self.left {
            return Err(ErrorKind::IncompleteBody.into());
        }
        if let Some(size) = self.last_size.filter(|&size| header.size > 0 && size < MIN_CHUNK) {
            return Err(ErrorKind::InvalidChunkSize { chunk: self.chunks, size }.into());
        }
        if let Some(chain) = &mut self.chain {
            if header.size > Self::MAX_SIGNED_CHUNK {
                return Err(ErrorKind::MalformedChunk.into());
            }
            chain.expect(header.signature.ok_or(ErrorKind::MalformedChunk)?);
        }
        self.last_size = Some(header.size);
        self.left -= header.size;
        if header.size > 0 {
            self.state = State::Data { left: header.size };
            return Ok(());
        }
        if self.left > 0 {
            return Err(ErrorKind::IncompleteBody.into());
        }
        self.state = State::Trailers;
        self.chain.as_mut().map_or(Ok(()), Chain::verify_chunk)
    }

    fn data(&mut self, data: Bytes) {
        match &mut self.chain {
            Some(chain) => {
                chain.update(&data);
                self.pending.add(data);
            }
            None => self.ready.push_back(data),
        }
    }

    fn end_chunk(&mut self) -> Result<(), Error> {
        self.state = State::Header;
        if let Some(chain) = &mut self.chain {
            chain.verify_chunk()?;
            self.pending.release(&mut self.ready);
        }
        Ok(())
    }

    fn end_body(&mut self) -> Result<(), Error> {
        self.trailers.check()?;
        if let (Some(chain), Some(signature)) = (&mut self.chain, self.trailers.signature()) {
            chain.verify_trailers(&self.trailers.canonical(), signature)?;
        }
        self.state = State::End;
        Ok(())
    }
}

/// A signature inside a body, without the asterisks that SigV4a pads it with.
fn trimmed(signature: &str, algorithm: Algorithm) -> &str {
    match algorithm {
        Algorithm::HmacSha256 => signature,
        Algorithm::EcdsaP256Sha256 => signature.trim_end_matches('*'),
    }
}
