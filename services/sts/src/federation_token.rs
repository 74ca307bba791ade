//! Temporary credentials of a federated user.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, SessionOf};

use crate::caller::{self, LongTerm};
use crate::credentials::{self, Credentials};
use crate::session_policy::{self, PolicyDescriptor};
use crate::session_tag::{self, Tag};

/// Length of a session unless the caller asks for another, in seconds.
const USUAL: u32 = 43_200;

/// Longest session that the root user makes, in seconds.
const ROOT: u32 = 3_600;

/// Gives temporary credentials to a federated user, who may do what both the caller and the session
/// policies permit.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetFederationToken {
    name: String,
    policy: Option<String>,
    policy_arns: Option<Vec<PolicyDescriptor>>,
    duration_seconds: Option<u32>,
    tags: Option<Vec<Tag>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetFederationTokenResponse {
    credentials: Credentials,
    federated_user: FederatedUser,
    packed_policy_size: Option<usize>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FederatedUser {
    federated_user_id: String,
    arn: String,
}

impl Operation for GetFederationToken {
    const NAME: &'static str = "GetFederationToken";
    const READ_ONLY: Option<bool> = Some(true);
    type Output = GetFederationTokenResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        caller::long_term(cx, "GetFederationToken")?;
        let arn = cx.here().global_arn("sts", format_args!("federated-user/{}", self.name));
        let tags = session_tag::read(self.tags.as_ref())?;
        let access = Access::to("sts:GetFederationToken").on(&arn).request_tags(&tags);
        Ok(if tags.is_empty() { access } else { access.and(Access::to("sts:TagSession").on(&arn).request_tags(&tags)) })
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetFederationTokenResponse> {
        let seconds = self.duration_seconds.unwrap_or(USUAL);
        let (by, seconds) = match caller::long_term(cx, "GetFederationToken")? {
            LongTerm::Root => (None, seconds.min(ROOT)),
            LongTerm::User(user) => (Some(user), seconds),
        };
        let of = SessionOf::Federated { name: self.name.clone(), by };
        let mut session = credentials::session(cx, cx.account(), of, seconds);
        session.policies = session_policy::inline(self.policy.as_ref())?;
        session.policy_arns = session_policy::managed(self.policy_arns.as_ref(), cx.account())?;
        session_tag::give(&mut session, session_tag::read(self.tags.as_ref())?, &[], None)?;
        let packed_policy_size = session_policy::packed_size(&session)?;
        let federated_user = FederatedUser {
            federated_user_id: format!("{}:{}", cx.account(), self.name),
            arn: cx.here().global_arn("sts", format_args!("federated-user/{}", self.name)).into(),
        };
        Ok(GetFederationTokenResponse {
            credentials: credentials::issue(cx, &session)?,
            federated_user,
            packed_policy_size,
        })
    }
}
