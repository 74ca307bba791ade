//! Wording of S3, and the further members of its errors. Wordings without a remark are quoted in public issues or AWS's
//! documentation.

use super::general::expires;
use crate::{
    ErrorKind, Location, Mismatch, PostError,
    time::{basic, extended},
};

type Members = Vec<(&'static str, String)>;

/// The message and further members.
pub(super) fn message(kind: &ErrorKind) -> (String, Members) {
    match kind {
        ErrorKind::SignatureMismatch(mismatch) => signature_mismatch(mismatch),
        ErrorKind::UnknownKey(id) => (
            "The AWS Access Key Id you provided does not exist in our records.".to_owned(),
            vec![("AWSAccessKeyId", id.clone())],
        ),
        ErrorKind::InvalidToken(token) => {
            ("The provided token is malformed or otherwise invalid.".to_owned(), vec![("Token-0", token.clone())])
        }
        ErrorKind::ExpiredToken(token) => {
            ("The provided token has expired.".to_owned(), vec![("Token-0", token.clone())])
        }
        ErrorKind::Expired { timestamp, now, skew } | ErrorKind::NotYetCurrent { timestamp, now, skew } => (
            "The difference between the request time and the current time is too large.".to_owned(),
            vec![
                ("RequestTime", basic(*timestamp)),
                ("ServerTime", extended(*now)),
                ("MaxAllowedSkewMilliseconds", skew.as_millis().to_string()),
            ],
        ),
        ErrorKind::PresignedExpired { timestamp, expires, now } => (
            "Request has expired".to_owned(),
            vec![
                ("X-Amz-Expires", expires.as_secs().to_string()),
                ("Expires", extended(timestamp.checked_add(*expires).unwrap_or(*timestamp))),
                ("ServerTime", extended(*now)),
            ],
        ),
        ErrorKind::PresignedNotYetValid { timestamp, expires, now, .. } => (
            "Request is not yet valid".to_owned(),
            vec![
                ("X-Amz-Date", timestamp.as_millisecond().to_string()),
                ("Expires", extended(timestamp.checked_add(*expires).unwrap_or(*timestamp))),
                ("ServerTime", extended(*now)),
            ],
        ),
        ErrorKind::HeadersNotSigned(names) => (
            "There were headers present in the request which were not signed".to_owned(),
            vec![("HeadersNotSigned", names.join(", "))],
        ),
        _ => malformed(kind),
    }
}

fn signature_mismatch(mismatch: &Mismatch) -> (String, Members) {
    let spaced = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    let mut members = vec![
        ("AWSAccessKeyId", mismatch.access_key_id.clone()),
        ("StringToSign", mismatch.string_to_sign.clone()),
        ("SignatureProvided", mismatch.signature.clone()),
        ("StringToSignBytes", spaced(&mismatch.string_to_sign)),
    ];
    if let Some(canonical) = &mismatch.canonical_request {
        members.push(("CanonicalRequest", canonical.clone()));
        members.push(("CanonicalRequestBytes", spaced(canonical)));
    }
    let message = "The request signature we calculated does not match the signature you provided. Check your key and \
                   signing method.";
    (message.to_owned(), members)
}

fn malformed(kind: &ErrorKind) -> (String, Members) {
    let argument =
        |name: &str, value: &str| vec![("ArgumentName", name.to_owned()), ("ArgumentValue", value.to_owned())];
    match kind {
        ErrorKind::MissingToken => ("Access Denied".to_owned(), Vec::new()),
        ErrorKind::SeveralMechanisms(value) => (
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string \
             parameter or the Authorization header should be specified"
                .to_owned(),
            argument("Authorization", value),
        ),
        ErrorKind::UnsupportedAuthorization(value)
        | ErrorKind::UnknownAlgorithm { value, location: Location::Header } => {
            ("Unsupported Authorization Type".to_owned(), argument("Authorization", value))
        }
        ErrorKind::SigV2 => (
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.".to_owned(),
            Vec::new(),
        ),
        ErrorKind::MissingDate => {
            ("AWS authentication requires a valid Date or x-amz-date header".to_owned(), Vec::new())
        }
        ErrorKind::MalformedDate { location: Location::Header, .. } => {
            ("AWS authentication requires a valid Date or x-amz-date header".to_owned(), Vec::new())
        }
        ErrorKind::MissingContentSha256 => {
            ("Missing required header for this request: x-amz-content-sha256".to_owned(), Vec::new())
        }
        ErrorKind::InvalidContentSha256(value) => (
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, \
             STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, \
             STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid \
             sha256 value."
                .to_owned(),
            argument("x-amz-content-sha256", value),
        ),
        ErrorKind::ContentSha256Mismatch { client, computed } => (
            "The provided 'x-amz-content-sha256' header does not match what was computed.".to_owned(),
            vec![("ClientComputedContentSHA256", client.clone()), ("S3ComputedContentSHA256", computed.clone())],
        ),
        ErrorKind::HostNotSigned => (
            "There were headers present in the request which were not signed".to_owned(),
            vec![("HeadersNotSigned", "host".to_owned())],
        ),
        ErrorKind::Post(error) => post(error),
        _ => scope(kind).unwrap_or_else(|| body(kind)),
    }
}

/// S3's complaints of credentials, with the place where they stand.
fn scope(kind: &ErrorKind) -> Option<(String, Members)> {
    let (location, what, members) = match kind {
        ErrorKind::WrongScopeRegion { given, expected, location } => {
            let what = format!("the region '{given}' is wrong; expecting '{expected}'");
            (*location, what, vec![("Region", expected.clone())])
        }
        ErrorKind::WrongScopeService { given, expected, location } => {
            (*location, format!("incorrect service \"{given}\". This endpoint belongs to \"{expected}\"."), Vec::new())
        }
        ErrorKind::WrongScopeTerminator { given, location } => {
            (*location, format!("incorrect terminal \"{given}\". This endpoint uses \"aws4_request\"."), Vec::new())
        }
        ErrorKind::WrongScopeDate { given, timestamp, location } => (
            *location,
            format!(
                "Invalid credential date \"{given}\". This date is not the same as X-Amz-Date: \"{}\".",
                timestamp.get(..8).unwrap_or_default()
            ),
            Vec::new(),
        ),
        ErrorKind::MalformedCredential { location, .. } => (
            *location,
            "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".".to_owned(),
            Vec::new(),
        ),
        ErrorKind::MissingHeaderParameters { missing, .. } => {
            let what = missing.iter().map(|name| format!("missing {name}.")).collect::<Vec<_>>().join(" ");
            (Location::Header, what, Vec::new())
        }
        ErrorKind::MalformedPair { pair, .. } => {
            // UNVERIFIED: S3's wording of a component without an equals sign.
            (Location::Header, format!("the component '{pair}' is not a key=value pair."), Vec::new())
        }
        _ => return None,
    };
    let message = match location {
        Location::Header => format!("The authorization header is malformed; {what}"),
        Location::Query | Location::Form => format!("Error parsing the X-Amz-Credential parameter; {what}"),
    };
    Some((message, members))
}

fn body(kind: &ErrorKind) -> (String, Members) {
    let plain = |text: &str| (text.to_owned(), Vec::new());
    match kind {
        ErrorKind::MissingQueryParameters(_) => plain(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, \
             X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
        ),
        ErrorKind::UnknownAlgorithm { .. } => {
            plain("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"")
        }
        ErrorKind::MalformedDate { .. } => {
            plain("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
        }
        ErrorKind::ExpiresNotNumber | ErrorKind::ExpiresNegative | ErrorKind::ExpiresTooLong => plain(expires(kind)),
        ErrorKind::MissingDecodedLength => plain("You must provide the Content-Length HTTP header."),
        ErrorKind::InvalidChunkSize { chunk, size } => (
            "Only the last chunk is allowed to have a size less than 8192 bytes".to_owned(),
            vec![("Chunk", chunk.to_string()), ("BadChunkSize", size.to_string())],
        ),
        ErrorKind::MalformedTrailer => plain(
            "The request contained trailing data that was not well-formed or did not conform to our published schema.",
        ),
        // UNVERIFIED: S3's answer to a chunk whose header is malformed; it is answered like a body that breaks off.
        _ => plain("The request body terminated unexpectedly"),
    }
}

fn post(error: &PostError) -> (String, Members) {
    let plain = |text: String| (text, Vec::new());
    match error {
        PostError::InvalidPolicy(what) => plain(format!("Invalid Policy: {what}")),
        PostError::PolicyExpired => plain("Invalid according to Policy: Policy expired.".to_owned()),
        PostError::ConditionFailed(condition) => {
            plain(format!("Invalid according to Policy: Policy Condition failed: {condition}"))
        }
        PostError::ExtraFields(names) => {
            plain(format!("Invalid according to Policy: Extra input fields: {}", names.join(", ")))
        }
        PostError::MissingField(name) => (
            format!(
                "Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields."
            ),
            vec![("ArgumentName", (*name).to_owned()), ("ArgumentValue", String::new())],
        ),
        PostError::TooLarge { size, max } => (
            "Your proposed upload exceeds the maximum allowed size".to_owned(),
            vec![("ProposedSize", size.to_string()), ("MaxSizeAllowed", max.to_string())],
        ),
        PostError::TooSmall { size, min } => (
            "Your proposed upload is smaller than the minimum allowed size".to_owned(),
            vec![("ProposedSize", size.to_string()), ("MinSizeAllowed", min.to_string())],
        ),
    }
}
