//! The role of a crawler: who may hand it over, and how Glue takes it on.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Call, Cx, Error, Place, Principal, Result, Timestamp, credentials};

use crate::errors::invalid;

/// The name of sessions.
const SESSION: &str = "AWS-Crawler";

/// The ARN of a role that callers name by its ARN or its name, with its path or without.
///
/// # Errors
/// `InvalidInputException`
// UNVERIFIED: the wording.
pub(crate) fn arn(place: Place, role: &str) -> Result<String> {
    if !role.starts_with("arn:") {
        return Ok(place.global_arn("iam", format_args!("role/{}", role.trim_start_matches('/'))).to_string());
    }
    let known = role.parse::<Arn>().ok().filter(|arn| {
        arn.service() == "iam" && arn.account() == Some(place.account) && arn.resource().starts_with("role/")
    });
    known.map(|arn| arn.to_string()).ok_or_else(|| invalid(format!("Invalid role: {role}")))
}

/// A role as the API shows it: its path and name.
pub(crate) fn shown(arn: &str) -> String {
    arn.split_once(":role/").map_or(arn, |(_, name)| name).to_owned()
}

/// What it takes to hand a role over.
pub(crate) fn pass(arn: &str) -> Access {
    Access::to("iam:PassRole").on(arn).key("iam:PassedToService", crate::PRINCIPAL)
}

/// Input of STS's AssumeRole.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AssumeRole<'a> {
    role_arn: &'a str,
    role_session_name: &'a str,
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
    expiration: Timestamp,
}

/// A session with a role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) principal: Principal,
    pub(crate) expires: Timestamp,
}

/// Takes on a role for a crawler.
///
/// # Errors
/// STS's, if the role does not trust Glue or is not there.
pub(crate) async fn assume(cx: &mut Cx, place: Place, role: &str, crawler: &str) -> Result<Session> {
    let input = AssumeRole { role_arn: role, role_session_name: SESSION };
    let call = Call::to("sts", "AssumeRole").input(&input).at(place);
    let call = call.as_service(crate::PRINCIPAL, place.account, Some(super::arn(place, crawler)));
    let assumed: Assumed = cx.call(call).await?.output()?;
    let session = credentials::open_token(cx.sealer(), &assumed.credentials.session_token);
    let session = session.ok_or_else(|| Error::internal("the token of a session that STS has just made is none"))?;
    Ok(Session { principal: Principal::Session(Arc::new(session)), expires: assumed.credentials.expiration })
}

/// Holds against a role that Glue can take it on.
///
/// # Errors
/// `InvalidInputException`
pub(crate) async fn check(cx: &mut Cx, role: &str, crawler: &str) -> Result<()> {
    let place = cx.here();
    match assume(cx, place, role, crawler).await {
        Ok(_) => Ok(()),
        Err(error) if error.answer().is_some() => {
            Err(invalid("Service is unable to assume provided role. Please verify role's TrustPolicy"))
        }
        Err(error) => Err(error),
    }
}
