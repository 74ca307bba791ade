//! Signatures in the query: presigned URLs.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>

use crate::{
    Algorithm, Claim, Error, ErrorKind, Location, Payload, RequestView, Scope,
    encoding::{decode_text, parameters},
    header,
    time::parse_basic,
};
use std::{borrow::Cow, time::Duration};

/// Which signature a query carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    Version2,
    Version4,
}

/// Looks for a signature in a raw query.
pub(crate) fn find(query: &str) -> Found {
    let (mut key, mut signature) = (false, false);
    for (name, _) in parameters(query) {
        match decode_text(name).as_ref() {
            "X-Amz-Algorithm" | "X-Amz-Signature" | "X-Amz-Credential" => return Found::Version4,
            "AWSAccessKeyId" => key = true,
            "Signature" => signature = true,
            _ => {}
        }
    }
    if key && signature { Found::Version2 } else { Found::Nothing }
}

#[derive(Default)]
struct Parameters<'a> {
    algorithm: Option<Cow<'a, str>>,
    credential: Option<Cow<'a, str>>,
    date: Option<Cow<'a, str>>,
    expires: Option<Cow<'a, str>>,
    signed_headers: Option<Cow<'a, str>>,
    signature: Option<Cow<'a, str>>,
    token: Option<Cow<'a, str>>,
    region_set: Option<Cow<'a, str>>,
    content_sha256: Option<Cow<'a, str>>,
}

impl<'a> Parameters<'a> {
    fn of(query: &'a str) -> Result<Self, Error> {
        let mut found = Self::default();
        for (name, value) in parameters(query) {
            let name = decode_text(name);
            let (slot, name) = match name.as_ref() {
                "X-Amz-Algorithm" => (&mut found.algorithm, "X-Amz-Algorithm"),
                "X-Amz-Credential" => (&mut found.credential, "X-Amz-Credential"),
                "X-Amz-Date" => (&mut found.date, "X-Amz-Date"),
                "X-Amz-Expires" => (&mut found.expires, "X-Amz-Expires"),
                "X-Amz-SignedHeaders" => (&mut found.signed_headers, "X-Amz-SignedHeaders"),
                "X-Amz-Signature" => (&mut found.signature, "X-Amz-Signature"),
                "X-Amz-Security-Token" => (&mut found.token, "X-Amz-Security-Token"),
                "X-Amz-S3session-Token" => (&mut found.token, "X-Amz-S3session-Token"),
                "X-Amz-Region-Set" => (&mut found.region_set, "X-Amz-Region-Set"),
                "X-Amz-Content-Sha256" => (&mut found.content_sha256, "X-Amz-Content-Sha256"),
                _ => continue,
            };
            // UNVERIFIED: what AWS says to a parameter that is given twice; it must not be silently chosen from.
            if slot.replace(decode_text(value)).is_some() {
                return Err(ErrorKind::MissingQueryParameters(vec![name]).into());
            }
        }
        Ok(found)
    }
}

/// Parses the claim of a query that has one.
pub(crate) fn parse(view: &RequestView<'_>) -> Result<Claim, Error> {
    let found = Parameters::of(view.query)?;
    let required = [
        ("X-Amz-Algorithm", &found.algorithm),
        ("X-Amz-Credential", &found.credential),
        ("X-Amz-Signature", &found.signature),
        ("X-Amz-Date", &found.date),
        ("X-Amz-SignedHeaders", &found.signed_headers),
    ];
    let (Some(algorithm), Some(credential), Some(signature), Some(date), Some(signed_headers)) =
        (&found.algorithm, &found.credential, &found.signature, &found.date, &found.signed_headers)
    else {
        let missing = required.into_iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        return Err(ErrorKind::MissingQueryParameters(missing).into());
    };
    let location = Location::Query;
    let algorithm = Algorithm::parse(algorithm)
        .ok_or_else(|| ErrorKind::UnknownAlgorithm { value: algorithm.to_string(), location })?;
    let (access_key_id, scope) = Scope::parse_credential(credential, algorithm)
        .ok_or_else(|| ErrorKind::MalformedCredential { value: credential.to_string(), location })?;
    let timestamp = parse_basic(date).ok_or_else(|| ErrorKind::MalformedDate { value: date.to_string(), location })?;
    let token = found.token.map(Cow::into_owned);
    Ok(Claim {
        algorithm,
        access_key_id,
        scope,
        region_set: found.region_set.map(Cow::into_owned),
        signed_headers: signed_headers.to_string(),
        signature: signature.to_string(),
        timestamp,
        timestamp_text: date.to_string(),
        expires: found.expires.as_deref().map(expires).transpose()?,
        session_token: token.or_else(|| view.header("x-amz-security-token").map(str::to_owned)),
        payload: found.content_sha256.map_or_else(|| header::payload(view), |value| Payload::parse(&value)),
        location,
    })
}

fn expires(text: &str) -> Result<Duration, Error> {
    let (digits, negative) = text.strip_prefix('-').map_or((text, false), |digits| (digits, true));
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ErrorKind::ExpiresNotNumber.into());
    }
    if negative {
        return Err(ErrorKind::ExpiresNegative.into());
    }
    digits.parse().map(Duration::from_secs).map_err(|_| ErrorKind::ExpiresTooLong.into())
}
