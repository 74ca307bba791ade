//! GetDataAccess: credentials for what the caller is granted.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-credentials.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, Error, Operation, Place, Result};

use super::caller::check_instances;
use super::grant::{self, Grant};
use super::grantee::{self, Grantee};
use super::instance::{self, Instance};
use super::location::Location;
use super::permission::Permission;
use super::scope::Scope;
use super::{PRINCIPAL, access, home};
use crate::control::errors::{
    AccessDenied, InvalidRequest, StsNotAuthorizedError, StsPackedPolicyTooLargeError, StsValidationError,
};
use crate::role::{self, Credentials, Narrowed, Taking};

/// How long credentials are good for where nothing is said of it, in seconds.
const USUAL: u32 = 3_600;

/// Gives credentials for a part of S3 that the caller is granted.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetDataAccess.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetDataAccess {
    account_id: AccountId,
    target: String,
    permission: Permission,
    duration_seconds: Option<u32>,
    #[serde(default)]
    privilege: Privilege,
    target_type: Option<String>,
    instance_scope: Option<String>,
}

/// What credentials are narrowed to: the scope of the grant, or the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
enum Privilege {
    #[default]
    Default,
    Minimal,
}

/// Answer of [`GetDataAccess`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetDataAccessOutput {
    credentials: Credentials,
    matched_grant_target: String,
    grantee: Grantee,
    matched_instance_arn: String,
}

impl Operation for GetDataAccess {
    const NAME: &str = "GetDataAccess";
    type Output = GetDataAccessOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access(cx, "s3:GetDataAccess", self.account_id, true).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetDataAccessOutput> {
        check_instances(self.instance_scope.as_deref())?;
        let place = home(cx, self.account_id);
        Instance::open(cx, place).await?;
        let is_object = self.target_type.is_some();
        let target = Scope::read(&self.target, is_object).filter(|target| target.bucket.is_some());
        // UNVERIFIED: the code and the wording.
        let target = target.ok_or_else(|| InvalidRequest::because("The target is not valid"))?;
        let Some(grant) = self.grant(cx, place, &target).await? else {
            return Err(AccessDenied::because(format!(
                "You do not have {} permissions to the requested S3 Prefix: {}",
                self.permission.name(),
                self.target
            )));
        };
        let (matched, scope) = match self.privilege {
            Privilege::Default => (grant.scope.clone(), grant.about().unwrap_or(target)),
            Privilege::Minimal => (self.target.clone(), target),
        };
        let credentials = self.credentials(cx, place, &grant, &scope).await?;
        Ok(GetDataAccessOutput {
            credentials,
            matched_grant_target: matched,
            grantee: grant.grantee,
            matched_instance_arn: instance::arn(place),
        })
    }
}

impl GetDataAccess {
    /// The grant of the caller's that is closest to the target.
    async fn grant(&self, cx: &mut Cx, place: Place, target: &Scope) -> Result<Option<Grant>> {
        let Some(arn) = grantee::of_caller(cx) else { return Ok(None) };
        let grants = cx.find::<Grant>(place, grant::BY_GRANTEE, (arn,), 0).await?;
        let fitting = grants.into_iter().filter(|grant| grant.permission.covers(self.permission));
        let fitting = fitting.filter_map(|grant| Some((grant.about().filter(|about| about.covers(target))?, grant)));
        Ok(fitting.max_by_key(|(about, _)| about.closeness()).map(|(_, grant)| grant))
    }

    /// Credentials of a session of the location's role.
    async fn credentials(&self, cx: &mut Cx, place: Place, grant: &Grant, scope: &Scope) -> Result<Credentials> {
        let location = Location::open(cx, place, &grant.location).await?;
        let policy = self.permission.policy(scope, place.region.partition());
        let policy = policy.ok_or_else(|| Error::internal("a target has a bucket"))?;
        // UNVERIFIED: the name of the session and the source identity; that there is one is documented.
        let session = format!("access-grants-{}", cx.chance().uuid());
        let identity = cx.principal().user_id().and_then(|id| id.split(':').next().map(str::to_owned));
        let source = instance::arn(place);
        let narrowed = Narrowed { policy, seconds: self.duration_seconds.unwrap_or(USUAL), identity };
        let taking = Taking {
            role: &location.role,
            session: &session,
            service: PRINCIPAL,
            account: place.account,
            source: &source,
            place,
            narrowed: Some(narrowed),
        };
        role::assume(cx, taking).await.map_err(|error| translate(error, &location.role))
    }
}

/// What STS answers, as Access Grants answers it.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#S3AccessGrantsErrorCodeList>
fn translate(error: Error, role: &str) -> Error {
    let Some(answer) = error.answer() else { return error };
    match answer.code.as_ref() {
        "AccessDenied" => StsNotAuthorizedError::because(format!(
            "User: {PRINCIPAL} is not authorized to perform: sts:AssumeRole on resource: {role}"
        )),
        "PackedPolicyTooLarge" | "PackedPolicyTooLargeException" => StsPackedPolicyTooLargeError.into(),
        "ValidationError" => StsValidationError::because(answer.message.clone()),
        _ => error,
    }
}
