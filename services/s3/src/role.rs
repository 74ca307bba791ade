//! Roles that S3 takes on: to replicate, to run the tasks of a batch job, to give access by a grant.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use welkin_kernel::{AccountId, Arn, Call, Cx, Error, Place, Principal, Result, Timestamp, credentials};

/// A role, and on whose behalf S3 takes it on.
pub(crate) struct Taking<'a> {
    /// ARN of the role.
    pub(crate) role: &'a str,
    /// Name of the session.
    pub(crate) session: &'a str,
    /// The service that the role must trust.
    pub(crate) service: &'static str,
    /// The account for which S3 acts: `aws:SourceAccount`.
    pub(crate) account: AccountId,
    /// What it acts for: `aws:SourceArn`.
    pub(crate) source: &'a str,
    /// Where it does.
    pub(crate) place: Place,
    /// What the session is narrowed to, and for how long it lasts.
    pub(crate) narrowed: Option<Narrowed>,
}

/// What narrows a session that is handed on.
#[derive(Default)]
pub(crate) struct Narrowed {
    pub(crate) policy: String,
    pub(crate) seconds: u32,
    pub(crate) identity: Option<String>,
}

/// Input of STS's AssumeRole.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AssumeRole<'a> {
    role_arn: &'a str,
    role_session_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_identity: Option<String>,
}

/// Its output, as far as it is used.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Assumed {
    credentials: Credentials,
}

/// Credentials of a session, as the API has them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    pub(crate) expiration: Timestamp,
}

impl Credentials {
    /// Whom they make their holder.
    pub(crate) fn principal(&self, cx: &Cx) -> Result<Principal> {
        let session = credentials::open_token(cx.sealer(), &self.session_token);
        let session =
            session.ok_or_else(|| Error::internal("the token of a session that STS has just made is none"))?;
        Ok(Principal::Session(Arc::new(session)))
    }
}

/// Whether an ARN is a role's.
pub(crate) fn is_role(arn: &Arn) -> bool {
    arn.service() == "iam" && arn.account().is_some() && arn.resource().starts_with("role/")
}

/// Takes on the role.
///
/// # Errors
/// STS's, if the role does not trust the service or is not there.
pub(crate) async fn assume(cx: &mut Cx, taking: Taking<'_>) -> Result<Credentials> {
    let source = taking.source.parse().map_err(|_| Error::internal("the ARN of what S3 acts for is one"))?;
    let (mut policy, mut seconds, mut identity) = (None, None, None);
    if let Some(narrowed) = taking.narrowed {
        (policy, seconds, identity) = (Some(narrowed.policy), Some(narrowed.seconds), narrowed.identity);
    }
    let input = AssumeRole {
        role_arn: taking.role,
        role_session_name: taking.session,
        policy,
        duration_seconds: seconds,
        source_identity: identity,
    };
    let call = Call::to("sts", "AssumeRole").input(&input).at(taking.place);
    let call = call.as_service(taking.service, taking.account, Some(source));
    let assumed: Assumed = cx.call(call).await?.output()?;
    Ok(assumed.credentials)
}
