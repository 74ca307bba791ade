//! Codes and statuses of errors, by family.
//!
//! S3: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>. EC2:
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>. Others: their "Common Errors" pages,
//! e.g. <https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html>, and answers quoted in public issues.

use super::Family;
use crate::{ErrorKind, Location, PostError};

type Code = (&'static str, u16);

/// A row: what S3, EC2, query services, JSON services and REST-JSON services say.
struct Row {
    s3: Code,
    ec2: Code,
    query: Code,
    json: Code,
    rest_json: Code,
}

/// The code and status of an error.
pub(super) fn code(kind: &ErrorKind, family: Family) -> Code {
    let row = row(kind);
    match family {
        Family::S3 => row.s3,
        Family::Ec2 => row.ec2,
        Family::Query => row.query,
        Family::Json => row.json,
        Family::RestJson => row.rest_json,
    }
}

const MISSING: Row = Row {
    s3: ("AccessDenied", 403),
    ec2: ("MissingParameter", 400),
    query: ("MissingAuthenticationToken", 403),
    json: ("MissingAuthenticationTokenException", 400),
    rest_json: ("MissingAuthenticationTokenException", 403),
};

const INCOMPLETE: Row = Row {
    s3: ("AuthorizationHeaderMalformed", 400),
    ec2: ("AuthFailure", 401),
    query: ("IncompleteSignature", 400),
    json: ("IncompleteSignatureException", 400),
    rest_json: ("IncompleteSignatureException", 403),
};

const UNKNOWN_KEY: Row = Row {
    s3: ("InvalidAccessKeyId", 403),
    ec2: ("AuthFailure", 401),
    query: ("InvalidClientTokenId", 403),
    json: ("UnrecognizedClientException", 400),
    rest_json: ("UnrecognizedClientException", 403),
};

const BAD_SIGNATURE: Row = Row {
    s3: ("SignatureDoesNotMatch", 403),
    ec2: ("AuthFailure", 401),
    query: ("SignatureDoesNotMatch", 403),
    json: ("InvalidSignatureException", 400),
    rest_json: ("InvalidSignatureException", 403),
};

const EXPIRED_TOKEN: Row = Row {
    s3: ("ExpiredToken", 400),
    ec2: ("RequestExpired", 400),
    query: ("ExpiredToken", 403),
    json: ("ExpiredTokenException", 400),
    rest_json: ("ExpiredTokenException", 403),
};

// UNVERIFIED: EC2's answer to a request from the future; its documentation names RequestExpired for both directions.
const SKEWED: Row = Row { s3: ("RequestTimeTooSkewed", 403), ec2: ("RequestExpired", 400), ..BAD_SIGNATURE };

/// What only S3 has a code of its own for; elsewhere the signature just does not match.
const fn only_s3(code: &'static str, status: u16) -> Row {
    Row { s3: (code, status), ..BAD_SIGNATURE }
}

/// S3's complaint of a malformed credential, by where it is.
fn malformed(location: Location, row: Row) -> Row {
    let s3 = match location {
        Location::Header => "AuthorizationHeaderMalformed",
        Location::Query => "AuthorizationQueryParametersError",
        Location::Form => "InvalidArgument",
    };
    Row { s3: (s3, 400), ..row }
}

fn row(kind: &ErrorKind) -> Row {
    match kind {
        ErrorKind::MissingToken => MISSING,
        ErrorKind::SeveralMechanisms(_) | ErrorKind::UnsupportedAuthorization(_) => {
            Row { s3: ("InvalidArgument", 400), ..INCOMPLETE }
        }
        ErrorKind::SigV2 => Row { s3: ("InvalidRequest", 400), ..INCOMPLETE },
        ErrorKind::UnknownAlgorithm { location: Location::Header, .. } => {
            Row { s3: ("InvalidArgument", 400), ..INCOMPLETE }
        }
        ErrorKind::UnknownAlgorithm { location, .. } | ErrorKind::MalformedCredential { location, .. } => {
            malformed(*location, INCOMPLETE)
        }
        ErrorKind::MissingHeaderParameters { .. } | ErrorKind::MalformedPair { .. } => INCOMPLETE,
        ErrorKind::MissingQueryParameters(_) => malformed(Location::Query, INCOMPLETE),
        ErrorKind::MissingDate => Row { s3: ("AccessDenied", 403), ..INCOMPLETE },
        ErrorKind::MalformedDate { location: Location::Header, .. } => Row { s3: ("AccessDenied", 403), ..INCOMPLETE },
        ErrorKind::MalformedDate { location, .. } => malformed(*location, INCOMPLETE),
        ErrorKind::ExpiresNotNumber | ErrorKind::ExpiresNegative | ErrorKind::ExpiresTooLong => {
            malformed(Location::Query, BAD_SIGNATURE)
        }
        ErrorKind::HostNotSigned | ErrorKind::HeadersNotSigned(_) => only_s3("AccessDenied", 403),
        ErrorKind::WrongScopeDate { location, .. }
        | ErrorKind::WrongScopeRegion { location, .. }
        | ErrorKind::WrongScopeService { location, .. }
        | ErrorKind::WrongScopeTerminator { location, .. } => malformed(*location, BAD_SIGNATURE),
        ErrorKind::UnknownKey(_) => UNKNOWN_KEY,
        ErrorKind::InvalidToken(_) => Row { s3: ("InvalidToken", 400), ..UNKNOWN_KEY },
        ErrorKind::ExpiredToken(_) => EXPIRED_TOKEN,
        ErrorKind::SignatureMismatch(_) => BAD_SIGNATURE,
        ErrorKind::Expired { .. } | ErrorKind::NotYetCurrent { .. } => SKEWED,
        ErrorKind::PresignedExpired { .. } | ErrorKind::PresignedNotYetValid { .. } => {
            Row { s3: ("AccessDenied", 403), ..SKEWED }
        }
        ErrorKind::MissingContentSha256 => only_s3("InvalidRequest", 400),
        ErrorKind::InvalidContentSha256(_) => only_s3("InvalidArgument", 400),
        ErrorKind::ContentSha256Mismatch { .. } => only_s3("XAmzContentSHA256Mismatch", 400),
        ErrorKind::MissingDecodedLength => only_s3("MissingContentLength", 411),
        ErrorKind::IncompleteBody | ErrorKind::MalformedChunk => only_s3("IncompleteBody", 400),
        ErrorKind::InvalidChunkSize { .. } => only_s3("InvalidChunkSizeError", 403),
        ErrorKind::MalformedTrailer => only_s3("MalformedTrailerError", 400),
        ErrorKind::MalformedEvent => only_s3("IncompleteBody", 400),
        ErrorKind::Post(error) => post(error),
    }
}

fn post(error: &PostError) -> Row {
    match error {
        PostError::InvalidPolicy(_) => only_s3("InvalidPolicyDocument", 400),
        PostError::PolicyExpired | PostError::ConditionFailed(_) | PostError::ExtraFields(_) => {
            only_s3("AccessDenied", 403)
        }
        PostError::MissingField(_) => only_s3("InvalidArgument", 400),
        PostError::TooLarge { .. } => only_s3("EntityTooLarge", 400),
        PostError::TooSmall { .. } => only_s3("EntityTooSmall", 400),
    }
}
