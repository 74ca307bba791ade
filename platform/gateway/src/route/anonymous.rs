//! Requests without a signature that name no operation.
//!
//! They are one of two things. Calls by which clients get their first credentials (IAM Identity
//! Center) have paths of their own. Everything else may be S3, whose objects can be public; it is
//! taken for S3 only if
//!
//! - the host name says so: `s3.…`, `bucket.s3.…`, `bucket.localhost`; or
//! - the path begins with what can be a bucket's name and not with an API version
//!   (`/2015-03-31/functions` is Lambda's, called by hand without a signature).
//!
//! Nothing else goes to S3 by default: it is refused with an explanation.

use welkin_model::Protocol;

use super::error::{Problem, RouteError};
use super::facts::Facts;
use super::host::Endpoint;
use super::s3;
use super::signature::Signature;

/// Whether an unsigned request is for S3.
pub(super) fn is_for_s3(facts: &Facts<'_>) -> bool {
    match facts.host.endpoint {
        Some(
            Endpoint::S3
            | Endpoint::S3ExpressControl
            | Endpoint::S3Website
            | Endpoint::S3Control
            | Endpoint::S3ObjectLambda,
        ) => true,
        _ if s3::host_bucket(facts).is_some() => true,
        Some(Endpoint::Prefix(_)) => false,
        None => s3::begins_with_bucket(facts.path) && !begins_with_version(facts.path),
    }
}

/// Whether the first segment is a date, as in the paths of many REST services.
fn begins_with_version(path: &str) -> bool {
    let segment = path.strip_prefix('/').unwrap_or(path).split('/').next().unwrap_or_default().as_bytes();
    segment.len() == 10
        && segment.iter().enumerate().all(|(at, b)| if matches!(at, 4 | 7) { *b == b'-' } else { b.is_ascii_digit() })
}

/// The refusal of a request that nothing says the service of.
pub(super) fn refuse(facts: &Facts<'_>) -> RouteError {
    let signature = match facts.signature {
        Signature::Unreadable => "its Authorization is not one that AWS clients send",
        Signature::Bearer => "no service that takes bearer tokens has this method and path",
        _ => "it has no signature",
    };
    let message = format!(
        "Nothing says which AWS service {} {} is for: {signature}, and it has neither X-Amz-Target, nor Action and \
         Version, nor the host name of a service. Call with an AWS SDK or the AWS CLI, endpoint URL set to this \
         address; or see /_welkin/health.",
        facts.method, facts.path
    );
    RouteError::new(Problem::NoService, None, Protocol::RestJson, message)
}
