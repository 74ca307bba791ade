//! Bodies in `aws-chunked` coding: signed, signed with trailers, unsigned with trailers.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use welkin_sigv4::sign::{Parts, Signer, sign_headers};
use welkin_sigv4::{
    Algorithm, Body, ChunkDecoder, Credentials, KeyCache, Payload, Presented, RequestView, Rules, Style, present,
    verify,
};

use super::{Seed, Target};
use crate::chance::Chance;

const SIZE: usize = 20_000;

pub(crate) struct Chunks {
    kinds: Vec<Kind>,
    keys: KeyCache,
    credentials: Credentials,
}

struct Kind {
    payload: Payload,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Chunks {
    pub(crate) fn new() -> Self {
        let access_key_id = "AKIDEXAMPLE".to_owned();
        let credentials = Credentials { access_key_id, secret: "secret".into(), session_token: None };
        let payloads = [
            Payload::StreamingSigned { trailer: false },
            Payload::StreamingSigned { trailer: true },
            Payload::StreamingUnsignedTrailer,
        ];
        let kinds = payloads.into_iter().map(|payload| Kind::new(payload, &credentials)).collect();
        Self { kinds, keys: KeyCache::new(), credentials }
    }
}

impl Kind {
    fn new(payload: Payload, credentials: &Credentials) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("localhost"));
        headers.insert("x-amz-decoded-content-length", HeaderValue::from(SIZE));
        if payload.has_trailer() {
            headers.insert("x-amz-trailer", HeaderValue::from_static("x-amz-checksum-crc32"));
        }
        let signer = Signer {
            credentials,
            algorithm: Algorithm::HmacSha256,
            region: "us-east-1",
            service: "s3",
            style: Style::S3,
            time: Timestamp::UNIX_EPOCH,
        };
        // INVARIANT: the host is there, and all values are plain text.
        let mut chunks = sign_headers(PUT, &mut headers, &payload, &signer).expect("signs");
        let mut body = Vec::new();
        if payload == Payload::StreamingUnsignedTrailer {
            body.extend_from_slice(format!("{SIZE:x}\r\n").as_bytes());
            body.extend_from_slice(&[7; SIZE]);
            body.extend_from_slice(b"\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n");
        } else {
            body.extend(chunks.chunk(&[7; SIZE - 8192]));
            body.extend(chunks.chunk(&[7; 8192]));
            body.extend(chunks.chunk(&[]));
            if payload.has_trailer() {
                body.extend(chunks.trailers(&[("x-amz-checksum-crc32", "AAAAAA==")]));
            } else {
                body.extend_from_slice(chunks.end());
            }
        }
        Self { payload, headers, body }
    }
}

const PUT: Parts<'static> = Parts { method: "PUT", path: "/bucket/key", query: "" };

impl Target for Chunks {
    fn seed(&self, chance: &mut Chance) -> Seed {
        let kind = chance.below(self.kinds.len());
        let piece = [1, 7, 100, 100][chance.below(4)];
        // The kind of the body, and how large the pieces are in which it comes.
        let mut bytes = vec![u8::try_from(kind).unwrap_or_default(), piece];
        bytes.extend_from_slice(&self.kinds[kind].body);
        Seed { bytes, kept: 2 }
    }

    fn run(&self, input: &[u8]) -> Result<(), String> {
        let [kind, piece, body @ ..] = input else { return Err("too short".to_owned()) };
        let Some(kind) = self.kinds.get(usize::from(*kind)) else { return Err("no such kind".to_owned()) };
        let view = RequestView { method: PUT.method, path: PUT.path, query: PUT.query, headers: &kind.headers };
        let Ok(Presented::Signed(claim)) = present(&view) else { return Err("not signed".to_owned()) };
        let (secret, rules) = (&self.credentials.secret, Rules::of("s3"));
        let verified = verify(&claim, &view, None, secret, Timestamp::UNIX_EPOCH, &rules, &self.keys);
        let Ok(Body::Chunked { seed, .. }) = verified.map(|verified| verified.body) else {
            return Err("not chunked".to_owned());
        };
        let mut decoder = ChunkDecoder::for_request(&view, &kind.payload, seed).map_err(|error| error.to_string())?;
        let mut out = 0;
        let body = Bytes::copy_from_slice(body);
        let piece = usize::from(*piece).max(1) * 97;
        for at in (0..body.len()).step_by(piece) {
            decoder.push(body.slice(at..body.len().min(at + piece))).map_err(|error| error.to_string())?;
            while let Some(data) = decoder.pop() {
                if kind.payload != Payload::StreamingUnsignedTrailer {
                    assert!(data.iter().all(|byte| *byte == 7), "only bytes that were signed come out");
                }
                out += data.len();
            }
            assert!(out <= SIZE, "no more comes out than was announced");
        }
        decoder.finish().map_err(|error| error.to_string())?;
        assert_eq!(out, SIZE, "all that was announced came out");
        Ok(())
    }
}
