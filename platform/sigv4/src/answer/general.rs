//! Wording of all services but S3. Wordings without a remark are quoted in public issues or AWS's documentation.

use super::Family;
use crate::{ErrorKind, time::basic};
use jiff::Timestamp;
use std::time::Duration;

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS \
                        Secret Access Key and signing method. Consult the service documentation for details.";

/// The message.
pub(super) fn message(kind: &ErrorKind, family: Family) -> String {
    match family {
        Family::Ec2 => ec2(kind),
        Family::S3 | Family::Query | Family::Json | Family::RestJson => coral(kind, family),
    }
}

fn ec2(kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::MissingToken => "The request must contain the parameter AWSAccessKeyId".to_owned(),
        ErrorKind::Expired { .. }
        | ErrorKind::NotYetCurrent { .. }
        | ErrorKind::PresignedExpired { .. }
        | ErrorKind::PresignedNotYetValid { .. }
        | ErrorKind::ExpiredToken(_) => "Request has expired.".to_owned(),
        ErrorKind::MalformedCredential { .. } => coral(kind, Family::Ec2),
        _ => "AWS was not able to validate the provided access credentials".to_owned(),
    }
}

/// The wording that all services but S3 and EC2 share.
fn coral(kind: &ErrorKind, family: Family) -> String {
    match kind {
        ErrorKind::MissingToken if family == Family::Query => "Request is missing Authentication Token".to_owned(),
        ErrorKind::MissingToken => "Missing Authentication Token".to_owned(),
        ErrorKind::UnknownKey(_) | ErrorKind::InvalidToken(_) => {
            "The security token included in the request is invalid.".to_owned()
        }
        ErrorKind::ExpiredToken(_) => "The security token included in the request is expired".to_owned(),
        ErrorKind::Expired { timestamp, now, skew } => expired(*timestamp, *now, *skew),
        ErrorKind::NotYetCurrent { timestamp, now, skew } => not_yet_current(*timestamp, *now, *skew),
        // UNVERIFIED: worded like a header's, with the URL's own time in place of the tolerance.
        ErrorKind::PresignedExpired { timestamp, expires, now } => expired(*timestamp, *now, *expires),
        ErrorKind::PresignedNotYetValid { timestamp, now, skew, .. } => not_yet_current(*timestamp, *now, *skew),
        _ => malformed(kind),
    }
}

/// The wording of signatures that are malformed or out of scope.
fn malformed(kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::MissingHeaderParameters { missing, authorization } => {
            let all: Vec<_> =
                missing.iter().map(|name| format!("Authorization header requires '{name}' parameter.")).collect();
            format!("{} Authorization={authorization}", all.join(" "))
        }
        ErrorKind::MissingDate => "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' \
                                   header."
            .to_owned(),
        ErrorKind::MalformedPair { pair, authorization } => format!(
            "'{pair}' not a valid key=value pair (missing equal-sign) in Authorization header: '{authorization}'."
        ),
        ErrorKind::MissingQueryParameters(missing) => {
            let all: Vec<_> =
                missing.iter().map(|name| format!("AWS query-string parameters must include '{name}'.")).collect();
            format!("{} Re-examine the query-string parameters.", all.join(" "))
        }
        ErrorKind::MalformedCredential { value, .. } => format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
             '{value}'"
        ),
        ErrorKind::MalformedDate { value, .. } => {
            format!("Date must be in ISO-8601 'basic format'. Got '{value}'. See http://en.wikipedia.org/wiki/ISO_8601")
        }
        ErrorKind::UnknownAlgorithm { value, .. } => format!("Unsupported AWS 'algorithm': '{value}'."),
        // UNVERIFIED: signature version 2 and foreign schemes are refused as if the header lacked its parameters.
        ErrorKind::SigV2 => "Signature Version 2 is not supported. Please use AWS4-HMAC-SHA256.".to_owned(),
        ErrorKind::UnsupportedAuthorization(authorization) | ErrorKind::SeveralMechanisms(authorization) => format!(
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' \
             parameter. Authorization header requires 'SignedHeaders' parameter. Authorization={authorization}"
        ),
        ErrorKind::WrongScopeRegion { given, .. } => {
            format!("Credential should be scoped to a valid region, not '{given}'. ")
        }
        ErrorKind::WrongScopeService { expected, .. } => {
            format!("Credential should be scoped to correct service: '{expected}'. ")
        }
        ErrorKind::WrongScopeTerminator { given, .. } => {
            format!("Credential should be scoped with a valid terminator: 'aws4_request', not '{given}'. ")
        }
        ErrorKind::WrongScopeDate { given, timestamp, .. } => format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{given}' != \
             '{}', from '{timestamp}'.",
            timestamp.get(..8).unwrap_or_default()
        ),
        ErrorKind::HostNotSigned => {
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_owned()
        }
        ErrorKind::HeadersNotSigned(names) => {
            format!("'{}' must be a 'SignedHeader' in the AWS Authorization.", names.join("', '"))
        }
        ErrorKind::ExpiresTooLong | ErrorKind::ExpiresNegative | ErrorKind::ExpiresNotNumber => {
            expires(kind).to_owned()
        }
        _ => MISMATCH.to_owned(),
    }
}

fn expired(timestamp: Timestamp, now: Timestamp, window: Duration) -> String {
    let limit = now.checked_sub(window).unwrap_or(now);
    format!(
        "Signature expired: {} is now earlier than {} ({} - {}.)",
        basic(timestamp),
        basic(limit),
        basic(now),
        span(window)
    )
}

fn not_yet_current(timestamp: Timestamp, now: Timestamp, window: Duration) -> String {
    let limit = now.checked_add(window).unwrap_or(now);
    format!(
        "Signature not yet current: {} is still later than {} ({} + {}.)",
        basic(timestamp),
        basic(limit),
        basic(now),
        span(window)
    )
}

fn span(window: Duration) -> String {
    match window.as_secs() {
        secs if secs % 60 == 0 => format!("{} min", secs / 60),
        secs => format!("{secs} sec"),
    }
}

/// What is wrong with `X-Amz-Expires`.
pub(super) fn expires(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::ExpiresNotNumber => "X-Amz-Expires should be a number",
        ErrorKind::ExpiresNegative => "X-Amz-Expires must be non-negative",
        _ => {
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
             604800 seconds"
        }
    }
}
