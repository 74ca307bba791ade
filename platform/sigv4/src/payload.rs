//! What `x-amz-content-sha256` says of the body.

use crate::hash::parse_hex32;
use std::borrow::Cow;

/// How the body takes part in the signature.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// The request does not say. S3 wants it in signed headers and takes [`Payload::Unsigned`] in a presigned URL;
    /// other services hash the body themselves.
    Absent,
    /// The body's SHA-256.
    Sha256([u8; 32]),
    /// `UNSIGNED-PAYLOAD`.
    Unsigned,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`, `…-TRAILER`: `aws-chunked`, each chunk signed.
    StreamingSigned {
        /// Whether signed trailers follow the last chunk.
        trailer: bool,
    },
    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: `aws-chunked`, nothing signed, with trailers.
    StreamingUnsignedTrailer,
    /// `STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD`, `…-TRAILER`: `aws-chunked`, each chunk signed by SigV4a.
    StreamingEcdsa {
        /// Whether signed trailers follow the last chunk.
        trailer: bool,
    },
    /// `STREAMING-AWS4-HMAC-SHA256-EVENTS`: an event stream whose messages are signed.
    Events,
    /// Anything else.
    Unknown(String),
}

impl Payload {
    /// Parses the value of `x-amz-content-sha256`. A hash is in lower case.
    pub fn parse(value: &str) -> Self {
        match value {
            "UNSIGNED-PAYLOAD" => Self::Unsigned,
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => Self::StreamingSigned { trailer: false },
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => Self::StreamingSigned { trailer: true },
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Self::StreamingUnsignedTrailer,
            "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD" => Self::StreamingEcdsa { trailer: false },
            "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER" => Self::StreamingEcdsa { trailer: true },
            "STREAMING-AWS4-HMAC-SHA256-EVENTS" => Self::Events,
            _ if value.bytes().any(|byte| byte.is_ascii_uppercase()) => Self::Unknown(value.to_owned()),
            _ => parse_hex32(value).map_or_else(|| Self::Unknown(value.to_owned()), Self::Sha256),
        }
    }

    /// The value on the wire; `None` where there is none.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(match self {
            Self::Absent => return None,
            Self::Sha256(hash) => return Some(Cow::Owned(hex::encode(hash))),
            Self::Unsigned => "UNSIGNED-PAYLOAD",
            Self::StreamingSigned { trailer: false } => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            Self::StreamingSigned { trailer: true } => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            Self::StreamingUnsignedTrailer => "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            Self::StreamingEcdsa { trailer: false } => "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
            Self::StreamingEcdsa { trailer: true } => "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER",
            Self::Events => "STREAMING-AWS4-HMAC-SHA256-EVENTS",
            Self::Unknown(value) => value,
        }))
    }

    /// Whether the body is in `aws-chunked` coding.
    pub fn is_chunked(&self) -> bool {
        matches!(self, Self::StreamingSigned { .. } | Self::StreamingUnsignedTrailer | Self::StreamingEcdsa { .. })
    }

    /// Whether trailers follow the body.
    pub fn has_trailer(&self) -> bool {
        matches!(
            self,
            Self::StreamingSigned { trailer: true }
                | Self::StreamingEcdsa { trailer: true }
                | Self::StreamingUnsignedTrailer
        )
    }
}
