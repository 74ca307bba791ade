//! Temporary credentials of the caller's own.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, SessionOf};

use crate::caller::{self, LongTerm};
use crate::credentials::{self, Credentials};
use crate::mfa;

/// Length of a session unless the caller asks for another, in seconds.
const USUAL: u32 = 43_200;

/// Longest session of the root user, in seconds.
const ROOT: u32 = 3_600;

/// Gives temporary credentials to a user or the root user.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetSessionToken {
    duration_seconds: Option<u32>,
    serial_number: Option<String>,
    token_code: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetSessionTokenResponse {
    credentials: Credentials,
}

impl Operation for GetSessionToken {
    const NAME: &'static str = "GetSessionToken";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = GetSessionTokenResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        caller::long_term(cx, "GetSessionToken")?;
        Ok(Access::open(
            "no permissions are required for a user's own session: \
             https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html",
        ))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetSessionTokenResponse> {
        let verified = mfa::verify(cx, self.serial_number.as_deref(), self.token_code.as_deref()).await?;
        let seconds = self.duration_seconds.unwrap_or(USUAL);
        let mut session = match caller::long_term(cx, "GetSessionToken")? {
            LongTerm::Root => credentials::session(cx, cx.account(), SessionOf::Root, seconds.min(ROOT)),
            LongTerm::User(user) => credentials::session(cx, user.account, SessionOf::User(user), seconds),
        };
        session.mfa = verified.then(|| cx.now());
        Ok(GetSessionTokenResponse { credentials: credentials::issue(cx, &session)? })
    }
}
