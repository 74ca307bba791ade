//! Why a request is not authentic.

use jiff::Timestamp;
use std::{fmt, time::Duration};

/// Where a request carries its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// In the `Authorization` header.
    Header,
    /// In the query: a presigned URL.
    Query,
    /// In the fields of a browser's form.
    Form,
}

/// What was signed, for answers that show it (S3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Access key id.
    pub access_key_id: String,
    /// Signature as sent.
    pub signature: String,
    /// String to sign, as the server made it.
    pub string_to_sign: String,
    /// Canonical request, as the server made it; absent for chunks, forms and events.
    pub canonical_request: Option<String>,
}

/// Everything that can be wrong with a signature. [`answer`](crate::answer) says how each service answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// There is no signature and the service wants one.
    MissingToken,
    /// The request is signed in more than one way; holds the `Authorization` header.
    SeveralMechanisms(String),
    /// The `Authorization` header has a scheme that is not an AWS signature; holds the header.
    UnsupportedAuthorization(String),
    /// The request is signed by signature version 2, which is not served.
    SigV2,
    /// An algorithm of a version 4 signature is unknown.
    UnknownAlgorithm {
        /// Value as sent.
        value: String,
        /// Where it was.
        location: Location,
    },
    /// The `Authorization` header lacks parameters.
    MissingHeaderParameters {
        /// Names of those that are missing.
        missing: Vec<&'static str>,
        /// The header.
        authorization: String,
    },
    /// Something in the `Authorization` header is not `key=value`.
    MalformedPair {
        /// The thing.
        pair: String,
        /// The header.
        authorization: String,
    },
    /// A presigned URL lacks parameters.
    MissingQueryParameters(Vec<&'static str>),
    /// `Credential` does not have its five (SigV4a: four) parts.
    MalformedCredential {
        /// Value as sent.
        value: String,
        /// Where it was.
        location: Location,
    },
    /// There is no date.
    MissingDate,
    /// The date is malformed; holds it.
    MalformedDate {
        /// Value as sent.
        value: String,
        /// Where it was.
        location: Location,
    },
    /// `X-Amz-Expires` is not a number.
    ExpiresNotNumber,
    /// `X-Amz-Expires` is negative.
    ExpiresNegative,
    /// `X-Amz-Expires` exceeds a week.
    ExpiresTooLong,
    /// `host` is not signed.
    HostNotSigned,
    /// `x-amz-*` headers are not signed; holds their names.
    HeadersNotSigned(Vec<String>),
    /// The scope's date is not the day of the request.
    WrongScopeDate {
        /// Date in the scope.
        given: String,
        /// Time of the request, as sent.
        timestamp: String,
        /// Where it was.
        location: Location,
    },
    /// The scope names another Region.
    WrongScopeRegion {
        /// Region in the scope.
        given: String,
        /// Region that was asked.
        expected: String,
        /// Where it was.
        location: Location,
    },
    /// The scope names another service.
    WrongScopeService {
        /// Service in the scope.
        given: String,
        /// Service that was asked.
        expected: String,
        /// Where it was.
        location: Location,
    },
    /// The scope's terminator is not `aws4_request`.
    WrongScopeTerminator {
        /// Terminator in the scope.
        given: String,
        /// Where it was.
        location: Location,
    },
    /// The access key does not exist or is not active.
    UnknownKey(String),
    /// The session token does not belong to the access key, or is malformed.
    InvalidToken(String),
    /// The session has ended.
    ExpiredToken(String),
    /// The signature does not match.
    SignatureMismatch(Box<Mismatch>),
    /// The request was signed too long ago.
    Expired {
        /// Time of the request.
        timestamp: Timestamp,
        /// The server's time.
        now: Timestamp,
        /// Tolerance.
        skew: Duration,
    },
    /// The request was signed in the future.
    NotYetCurrent {
        /// Time of the request.
        timestamp: Timestamp,
        /// The server's time.
        now: Timestamp,
        /// Tolerance.
        skew: Duration,
    },
    /// The presigned URL is no longer valid.
    PresignedExpired {
        /// Time of the request.
        timestamp: Timestamp,
        /// `X-Amz-Expires`.
        expires: Duration,
        /// The server's time.
        now: Timestamp,
    },
    /// The presigned URL is not valid yet.
    PresignedNotYetValid {
        /// Time of the request.
        timestamp: Timestamp,
        /// `X-Amz-Expires`.
        expires: Duration,
        /// The server's time.
        now: Timestamp,
        /// Tolerance.
        skew: Duration,
    },
    /// S3 wants `x-amz-content-sha256`.
    MissingContentSha256,
    /// `x-amz-content-sha256` is none of the permitted values; holds it.
    InvalidContentSha256(String),
    /// The body's hash is not the one that was signed.
    ContentSha256Mismatch {
        /// Hash as sent.
        client: String,
        /// Hash of the body.
        computed: String,
    },
    /// `x-amz-decoded-content-length` is missing or not a number.
    MissingDecodedLength,
    /// The body ended before its end, or is longer than announced.
    IncompleteBody,
    /// A chunk that is not the last has less than 8,192 bytes.
    InvalidChunkSize {
        /// Number of the chunk, from 1.
        chunk: u64,
        /// Its size.
        size: u64,
    },
    /// A chunk's header is malformed or too long.
    MalformedChunk,
    /// Trailers are malformed, too long, unannounced or missing.
    MalformedTrailer,
    /// A message of an event stream is not framed or signed as it must be.
    MalformedEvent,
    /// A browser's form; see [`post_policy`](crate::post_policy).
    Post(PostError),
}

/// What can be wrong with a browser's form to S3, apart from its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostError {
    /// The policy is not base64 or not JSON, or has the wrong form; holds what S3 says of it.
    InvalidPolicy(String),
    /// The policy's time is up.
    PolicyExpired,
    /// A condition does not hold; holds it as JSON.
    ConditionFailed(String),
    /// Fields that no condition mentions.
    ExtraFields(Vec<String>),
    /// A field is missing; holds its name.
    MissingField(&'static str),
    /// The file is larger than `content-length-range` permits.
    TooLarge {
        /// Size of the file.
        size: u64,
        /// Largest permitted.
        max: u64,
    },
    /// The file is smaller than `content-length-range` permits.
    TooSmall {
        /// Size of the file.
        size: u64,
        /// Smallest permitted.
        min: u64,
    },
}

/// A request is not authentic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<ErrorKind>);

impl Error {
    /// Why.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self(Box::new(kind))
    }
}

impl From<PostError> for Error {
    fn from(kind: PostError) -> Self {
        ErrorKind::Post(kind).into()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the request is not authentic: {:?}", self.0)
    }
}

impl std::error::Error for Error {}
