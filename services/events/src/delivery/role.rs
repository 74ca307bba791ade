//! The role of a target, which EventBridge takes on to reach it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Call, Cx, Error, Place, Principal, Result, credentials};

use super::{Outcome, Trouble};

/// On whose behalf a target is reached, and by which role.
pub(crate) struct Bearer<'a> {
    pub(crate) place: Place,
    /// The rule or schedule: `aws:SourceArn`.
    pub(crate) source: Arn,
    pub(crate) role: Option<&'a str>,
    /// Name of the role's session.
    pub(crate) session: String,
    /// As whom the service calls.
    pub(crate) service: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AssumeRole<'a> {
    role_arn: &'a str,
    role_session_name: String,
}

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

/// Makes a call as the role, or, if there is none, as the service itself.
///
/// # Errors
/// Faults of Welkin's; that the role cannot be taken on is an outcome.
pub(crate) async fn caller(cx: &mut Cx, bearer: Bearer<'_>, call: Call) -> Result<std::result::Result<Call, Outcome>> {
    let Bearer { place, source, role, session, service } = bearer;
    let Some(role) = role else { return Ok(Ok(call.as_service(service, place.account, Some(source)))) };
    let input = AssumeRole { role_arn: role, role_session_name: session };
    let assume = Call::to("sts", "AssumeRole").input(&input).at(place);
    let assumed: Assumed = match cx.call(assume.as_service(service, place.account, Some(source))).await {
        Ok(answered) => answered.output()?,
        Err(error) => {
            let Some(answer) = error.answer() else { return Err(error) };
            let message = format!("{}: {}", answer.code, answer.message);
            return Ok(Err(Outcome::Refused(Trouble { code: "FAILED_TO_ASSUME_ROLE", message })));
        }
    };
    let session = credentials::open_token(cx.sealer(), &assumed.credentials.session_token);
    let session = session.ok_or_else(|| Error::internal("the token of a session that STS has just made is none"))?;
    Ok(Ok(call.as_principal(Principal::Session(Arc::new(session)))))
}
