//! The replication role: S3 takes it on to replicate.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html>

use welkin_kernel::{Arn, Cx, Principal, Result};

use crate::bucket::Bucket;
use crate::errors::{AccessDenied, InvalidArgument};
use crate::role::{self, Taking};

/// The name of the sessions in which S3 replicates.
const SESSION: &str = "s3-replication";

/// Reads the ARN of a role.
///
/// # Errors
/// `InvalidArgument`
pub(super) fn arn(role: &str) -> Result<Arn> {
    let arn = role.parse::<Arn>().ok();
    // UNVERIFIED: the wording.
    arn.filter(role::is_role).ok_or_else(|| InvalidArgument::because("Invalid Role ARN").with("ArgumentValue", role))
}

/// A role of another account is handed to nobody.
///
/// # Errors
/// `AccessDenied`
pub(super) fn check_owner(cx: &Cx, role: &str) -> Result<()> {
    if arn(role)?.account() == cx.principal().account() {
        return Ok(());
    }
    Err(AccessDenied::because("Cross-account pass role is not allowed."))
}

/// Takes on the role, as S3 on behalf of the bucket.
///
/// # Errors
/// STS's, if the role does not trust S3 or is not there.
pub(super) async fn assume(cx: &mut Cx, bucket: &Bucket, role: &str) -> Result<Principal> {
    let source = bucket.arn();
    let taking = Taking {
        role,
        session: SESSION,
        service: crate::PRINCIPAL,
        account: bucket.owner,
        source: &source,
        place: bucket.place(),
        narrowed: None,
    };
    role::assume(cx, taking).await?.principal(cx)
}
