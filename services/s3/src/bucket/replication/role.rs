//! The replication role: S3 takes it on to replicate.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html>

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Call, Cx, Error, Principal, Result, credentials};

use crate::bucket::Bucket;
use crate::errors::{AccessDenied, InvalidArgument};

/// The name of the sessions in which S3 replicates.
const SESSION: &str = "s3-replication";

/// Reads the ARN of a role.
///
/// # Errors
/// `InvalidArgument`
pub(super) fn arn(role: &str) -> Result<Arn> {
    let arn = role.parse::<Arn>().ok();
    let is_role = |arn: &Arn| arn.service() == "iam" && arn.account().is_some() && arn.resource().starts_with("role/");
    // UNVERIFIED: the wording.
    arn.filter(is_role).ok_or_else(|| InvalidArgument::because("Invalid Role ARN").with("ArgumentValue", role))
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

/// Input of STS's AssumeRole.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AssumeRole<'a> {
    role_arn: &'a str,
    role_session_name: &'static str,
}

/// Its output, as far as it is used.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Assumed {
    credentials: Credentials,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Credentials {
    session_token: String,
}

/// Takes on the role, as S3 on behalf of the bucket.
///
/// # Errors
/// STS's, if the role does not trust S3 or is not there.
pub(super) async fn assume(cx: &mut Cx, bucket: &Bucket, role: &str) -> Result<Principal> {
    let source = bucket.arn().parse().map_err(|_| Error::internal("the ARN of a bucket is one"))?;
    let input = AssumeRole { role_arn: role, role_session_name: SESSION };
    let call = Call::to("sts", "AssumeRole").input(&input).at(bucket.place());
    let call = call.as_service(crate::PRINCIPAL, bucket.owner, Some(source));
    let assumed: Assumed = cx.call(call).await?.output()?;
    let session = credentials::open_token(cx.sealer(), &assumed.credentials.session_token);
    let session = session.ok_or_else(|| Error::internal("the token of a session that STS has just made is none"))?;
    Ok(Principal::Session(Arc::new(session)))
}
