//! Verification of signatures.

use crate::{
    Algorithm, Claim, Error, ErrorKind, KeyCache, Location, Mismatch, Payload, RequestView, Rules, Scope, Secret,
    SigningKey, Style,
    canonical::{canonical_request, string_to_sign},
    hash::{EMPTY_SHA256_HEX, sha256},
};
use jiff::{SignedDuration, Timestamp};
use std::{borrow::Cow, sync::Arc, time::Duration};

/// What a verified request leaves to be done about its body.
#[derive(Debug)]
pub struct Verified {
    /// The body.
    pub body: Body,
}

/// What the signature says of the body.
#[derive(Debug)]
pub enum Body {
    /// It was compared with the signature.
    Verified,
    /// It must have this SHA-256: whoever reads it must compare ([`check_sha256`]).
    Sha256([u8; 32]),
    /// It is not signed.
    Unsigned,
    /// It is in `aws-chunked` coding: read it through a [`ChunkDecoder`](crate::ChunkDecoder).
    Chunked {
        /// Which signatures chunks and trailers carry.
        payload: Payload,
        /// What the first chunk's signature builds on.
        seed: Seed,
    },
    /// It is an event stream of signed messages: check them by an [`EventVerifier`](crate::EventVerifier). Operations
    /// whose input is no event stream must refuse it: nothing else of the body is signed.
    Events(Seed),
}

/// What the first signature inside a body builds on.
#[derive(Clone, Debug)]
pub struct Seed {
    /// Algorithm.
    pub algorithm: Algorithm,
    /// The key of the request's scope.
    pub key: Arc<SigningKey>,
    /// The request's signature, in hexadecimal.
    pub signature: String,
    /// The request's scope.
    pub scope: Scope,
    /// The request's time, `YYYYMMDDTHHMMSSZ`.
    pub timestamp_text: String,
    /// The request's access key id.
    pub access_key_id: String,
}

/// Verifies a signature: scope, time, signed headers, the signature itself, then the body's hash if the body is known.
///
/// `body_sha256` is the hash of the body where it was read already. Services other than S3 hash the body; without
/// it, the signature must be one over an empty body, and the answer still demands that of whoever reads the body.
/// `now` is the server's time. The caller has checked that the scope names its service ([`Claim::expect_scope`]) and
/// found `secret` by the claim's access key id (and session token).
///
/// # Errors
/// If anything does not hold.
pub fn verify(
    claim: &Claim,
    view: &RequestView<'_>,
    body_sha256: Option<[u8; 32]>,
    secret: &Secret,
    now: Timestamp,
    rules: &Rules,
    keys: &KeyCache,
) -> Result<Verified, Error> {
    claim.check_scope_form()?;
    check_time(claim, now, rules)?;
    check_signed_headers(claim, view, rules)?;
    let expected = expected_payload(claim, rules, body_sha256)?;
    let key = check_signature(claim, view, &expected, secret, rules, keys)?;
    if let (Payload::Sha256(signed), Some(computed)) = (&claim.payload, body_sha256) {
        check_sha256(signed, &computed)?;
    }
    Ok(Verified { body: body(claim, expected, body_sha256, key) })
}

/// Compares the hash of a body with the one that was signed.
///
/// # Errors
/// [`ErrorKind::ContentSha256Mismatch`] if they differ.
pub fn check_sha256(signed: &[u8; 32], computed: &[u8; 32]) -> Result<(), Error> {
    if signed == computed {
        return Ok(());
    }
    let (client, computed) = (hex::encode(signed), hex::encode(computed));
    Err(ErrorKind::ContentSha256Mismatch { client, computed }.into())
}

/// How the body takes part in the canonical request.
enum Expected<'a> {
    /// As the request says.
    Said(Cow<'a, str>),
    /// By the hash of the body, which the request does not give.
    Computed(String),
    /// Not at all, though the request does not say so: presigned URLs of S3.
    ImplicitlyUnsigned,
}

impl Expected<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Said(text) => text,
            Self::Computed(text) => text,
            Self::ImplicitlyUnsigned => "UNSIGNED-PAYLOAD",
        }
    }
}

fn expected_payload<'a>(claim: &'a Claim, rules: &Rules, body_sha256: Option<[u8; 32]>) -> Result<Expected<'a>, Error> {
    let s3 = rules.style == Style::S3;
    let accepted = match &claim.payload {
        Payload::Absent if s3 && claim.location == Location::Query => return Ok(Expected::ImplicitlyUnsigned),
        Payload::Absent if s3 => return Err(ErrorKind::MissingContentSha256.into()),
        Payload::Absent | Payload::Unknown(_) => false,
        Payload::Sha256(_) => true,
        Payload::Events => !s3 && claim.algorithm == Algorithm::HmacSha256,
        Payload::Unsigned => rules.unsigned_payload,
        Payload::StreamingUnsignedTrailer => s3,
        Payload::StreamingSigned { .. } => s3 && claim.algorithm == Algorithm::HmacSha256,
        Payload::StreamingEcdsa { .. } => s3 && claim.algorithm == Algorithm::EcdsaP256Sha256,
    };
    match claim.payload.text() {
        Some(text) if accepted => Ok(Expected::Said(text)),
        Some(text) if s3 => Err(ErrorKind::InvalidContentSha256(text.into_owned()).into()),
        _ => Ok(Expected::Computed(body_sha256.map_or_else(|| EMPTY_SHA256_HEX.to_owned(), hex::encode))),
    }
}

fn body(claim: &Claim, expected: Expected<'_>, body_sha256: Option<[u8; 32]>, key: Arc<SigningKey>) -> Body {
    match (&claim.payload, expected) {
        (_, Expected::Computed(_)) | (Payload::Sha256(_), _) if body_sha256.is_some() => Body::Verified,
        (_, Expected::Computed(_)) => Body::Sha256(sha256(b"")),
        (Payload::Sha256(hash), _) => Body::Sha256(*hash),
        (Payload::Events, _) => Body::Events(seed(claim, key)),
        (payload, _) if payload.is_chunked() => Body::Chunked { payload: payload.clone(), seed: seed(claim, key) },
        _ => Body::Unsigned,
    }
}

fn seed(claim: &Claim, key: Arc<SigningKey>) -> Seed {
    Seed {
        algorithm: claim.algorithm,
        key,
        signature: claim.signature.clone(),
        scope: claim.scope.clone(),
        timestamp_text: claim.timestamp_text.clone(),
        access_key_id: claim.access_key_id.clone(),
    }
}

fn check_signature(
    claim: &Claim,
    view: &RequestView<'_>,
    expected: &Expected<'_>,
    secret: &Secret,
    rules: &Rules,
    keys: &KeyCache,
) -> Result<Arc<SigningKey>, Error> {
    let canonical = canonical_request(view, &claim.signed_headers, expected.text(), rules.style);
    let to_sign = canonical.as_deref().map_or_else(Vec::new, |canonical| {
        string_to_sign(claim.algorithm.name(), &claim.timestamp_text, &claim.scope, canonical)
    });
    let slot = keys.lookup(claim.algorithm, &claim.access_key_id, secret, &claim.scope);
    let cached = slot.get();
    let key = match &cached {
        Some(key) => Some(key.clone()),
        None => SigningKey::derive(claim.algorithm, &claim.access_key_id, secret, &claim.scope).map(Arc::new),
    };
    match key {
        Some(key) if canonical.is_some() && key.verifies(&to_sign, &claim.signature) => {
            if cached.is_none() {
                slot.put(&key);
            }
            Ok(key)
        }
        _ => Err(ErrorKind::SignatureMismatch(Box::new(Mismatch {
            access_key_id: claim.access_key_id.clone(),
            signature: claim.signature.clone(),
            string_to_sign: String::from_utf8_lossy(&to_sign).into_owned(),
            canonical_request: canonical.map(|canonical| String::from_utf8_lossy(&canonical).into_owned()),
        }))
        .into()),
    }
}

fn check_signed_headers(claim: &Claim, view: &RequestView<'_>, rules: &Rules) -> Result<(), Error> {
    if !claim.signs("host") && !claim.signs(":authority") {
        return Err(ErrorKind::HostNotSigned.into());
    }
    let must_be_signed = |name: &str| match rules.style {
        Style::S3 => name.starts_with("x-amz-"),
        // UNVERIFIED: other services are assumed to demand of `x-amz-*` only what decides on the signature.
        Style::Standard => matches!(name, "x-amz-date" | "x-amz-region-set") && claim.location == Location::Header,
    };
    let unsigned: Vec<String> = view
        .headers
        .keys()
        .map(http::HeaderName::as_str)
        .filter(|name| must_be_signed(name) && !claim.signs(name))
        .map(str::to_owned)
        .collect();
    if unsigned.is_empty() { Ok(()) } else { Err(ErrorKind::HeadersNotSigned(unsigned).into()) }
}

fn check_time(claim: &Claim, now: Timestamp, rules: &Rules) -> Result<(), Error> {
    let timestamp = claim.timestamp;
    let (age, skew) = (now.duration_since(timestamp), signed(rules.skew));
    if claim.location == Location::Header {
        return check_skew(timestamp, now, rules.skew);
    }
    let Some(expires) = claim.expires else {
        // UNVERIFIED: services other than S3 are assumed to judge a URL without X-Amz-Expires like a header.
        return match rules.style {
            Style::S3 => Err(ErrorKind::MissingQueryParameters(vec!["X-Amz-Expires"]).into()),
            Style::Standard => check_skew(timestamp, now, rules.skew),
        };
    };
    if expires > rules.max_presigned {
        return Err(ErrorKind::ExpiresTooLong.into());
    }
    if age < -skew {
        return Err(ErrorKind::PresignedNotYetValid { timestamp, expires, now, skew: rules.skew }.into());
    }
    if age > signed(expires) {
        return Err(ErrorKind::PresignedExpired { timestamp, expires, now }.into());
    }
    Ok(())
}

/// Checks that a time is at most `skew` away from `now`.
pub(crate) fn check_skew(timestamp: Timestamp, now: Timestamp, skew: Duration) -> Result<(), Error> {
    let age = now.duration_since(timestamp);
    if age > signed(skew) {
        Err(ErrorKind::Expired { timestamp, now, skew }.into())
    } else if age < -signed(skew) {
        Err(ErrorKind::NotYetCurrent { timestamp, now, skew }.into())
    } else {
        Ok(())
    }
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
