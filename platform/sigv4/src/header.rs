//! Signatures in the `Authorization` header.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html>

use crate::{
    Algorithm, Claim, Error, ErrorKind, Location, Payload, RequestView, Scope,
    time::{basic, parse_basic, parse_http_date},
};
use jiff::Timestamp;

/// Parses the claim of an `Authorization` header.
pub(crate) fn parse(view: &RequestView<'_>, authorization: &str) -> Result<Claim, Error> {
    let trimmed = authorization.trim_start();
    let (scheme, rest) = trimmed.split_once([' ', '\t']).unwrap_or((trimmed, ""));
    let Some(algorithm) = Algorithm::parse(scheme) else {
        return Err(unknown_scheme(scheme, authorization));
    };
    let Parameters { credential, signed_headers, signature } = parameters(rest, authorization)?;
    let (access_key_id, scope) = Scope::parse_credential(credential, algorithm)
        .ok_or_else(|| ErrorKind::MalformedCredential { value: credential.to_owned(), location: Location::Header })?;
    let (timestamp, timestamp_text) = timestamp(view)?;
    let token = view.header("x-amz-security-token").or_else(|| view.header("x-amz-s3session-token"));
    Ok(Claim {
        algorithm,
        access_key_id,
        scope,
        region_set: view.header("x-amz-region-set").map(str::to_owned),
        signed_headers: signed_headers.to_owned(),
        signature: signature.to_owned(),
        timestamp,
        timestamp_text,
        expires: None,
        session_token: token.map(str::to_owned),
        payload: payload(view),
        location: Location::Header,
    })
}

/// What the `x-amz-content-sha256` header says.
pub(crate) fn payload(view: &RequestView<'_>) -> Payload {
    match view.header("x-amz-content-sha256") {
        Some(value) => Payload::parse(value),
        None if view.headers.contains_key("x-amz-content-sha256") => Payload::Unknown(String::new()),
        None => Payload::Absent,
    }
}

fn unknown_scheme(scheme: &str, authorization: &str) -> Error {
    if scheme == "AWS" {
        ErrorKind::SigV2.into()
    } else if scheme.starts_with("AWS4-") {
        ErrorKind::UnknownAlgorithm { value: scheme.to_owned(), location: Location::Header }.into()
    } else {
        ErrorKind::UnsupportedAuthorization(authorization.to_owned()).into()
    }
}

struct Parameters<'a> {
    credential: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

fn parameters<'a>(rest: &'a str, authorization: &str) -> Result<Parameters<'a>, Error> {
    let (mut credential, mut signed_headers, mut signature) = (None, None, None);
    let malformed =
        |pair: &str| ErrorKind::MalformedPair { pair: pair.to_owned(), authorization: authorization.to_owned() };
    for pair in rest.split([',', ' ', '\t']).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or_else(|| malformed(pair))?;
        let slot = match name {
            "Credential" => &mut credential,
            "SignedHeaders" => &mut signed_headers,
            "Signature" => &mut signature,
            _ => continue,
        };
        if slot.replace(value).is_some() {
            return Err(malformed(pair).into());
        }
    }
    let present = |value: Option<&'a str>| value.filter(|value| !value.is_empty());
    match (present(credential), present(signed_headers), present(signature)) {
        (Some(credential), Some(signed_headers), Some(signature)) => {
            Ok(Parameters { credential, signed_headers, signature })
        }
        (credential, signed_headers, signature) => {
            let all = [("Credential", credential), ("Signature", signature), ("SignedHeaders", signed_headers)];
            let missing = all.into_iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
            Err(ErrorKind::MissingHeaderParameters { missing, authorization: authorization.to_owned() }.into())
        }
    }
}

/// The time of signing: `x-amz-date`, or `date` in either format.
fn timestamp(view: &RequestView<'_>) -> Result<(Timestamp, String), Error> {
    let Some(text) = view.header("x-amz-date").or_else(|| view.header("date")) else {
        return Err(ErrorKind::MissingDate.into());
    };
    if let Some(time) = parse_basic(text) {
        return Ok((time, text.to_owned()));
    }
    match parse_http_date(text) {
        Some(time) => Ok((time, basic(time))),
        None => Err(ErrorKind::MalformedDate { value: text.to_owned(), location: Location::Header }.into()),
    }
}
