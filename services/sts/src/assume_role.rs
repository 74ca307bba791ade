//! Assuming a role.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, AssumableRole, Cx, Error, Operation, Result, Session, SessionOf};

use crate::credentials::{self, Credentials};
use crate::errors::{AccessDenied, ValidationError};
use crate::role::{self, AssumedRoleUser, Wish};
use crate::session_policy::{self, PolicyDescriptor};
use crate::session_tag::{self, Tag};
use crate::{caller, mfa};

/// Longest session that is made with another role's session, in seconds.
const CHAINED: u32 = 3_600;

/// Gives temporary credentials of a role to those whom its trust policy names.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AssumeRole {
    role_arn: String,
    role_session_name: String,
    policy_arns: Option<Vec<PolicyDescriptor>>,
    policy: Option<String>,
    duration_seconds: Option<u32>,
    tags: Option<Vec<Tag>>,
    transitive_tag_keys: Option<Vec<String>>,
    external_id: Option<String>,
    serial_number: Option<String>,
    token_code: Option<String>,
    source_identity: Option<String>,
    provided_contexts: Option<Vec<serde::de::IgnoredAny>>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AssumeRoleResponse {
    credentials: Credentials,
    assumed_role_user: AssumedRoleUser,
    packed_policy_size: Option<usize>,
    source_identity: Option<String>,
}

impl Operation for AssumeRole {
    const NAME: &'static str = "AssumeRole";
    // Source: the event of AssumeRoot in
    // <https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-track-privileged-tasks.html>.
    // UNVERIFIED: of the other operations that give credentials; events that users show have it too.
    const READ_ONLY: Option<bool> = Some(true);
    type Output = AssumeRoleResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        caller::hold_may_assume(cx)?;
        if self.provided_contexts.as_ref().is_some_and(|contexts| !contexts.is_empty()) {
            // Their assertions come from other services of AWS, of which none is here.
            let message = "Welkin does not implement ProvidedContexts of sts AssumeRole yet.";
            return Err(Error::new("NotImplemented", message).status(501));
        }
        let arn = role::arn(&self.role_arn)?;
        let role = role::find(cx, &arn).await?;
        let mut keys = Vec::new();
        if let Some(id) = &self.external_id {
            keys.push(("sts:ExternalId".to_owned(), vec![id.clone()]));
        }
        // The trust policy sees the second factor. The session of the role does not keep it: see the page above
        // `mfa::verify`.
        if mfa::verify(cx, self.serial_number.as_deref(), self.token_code.as_deref()).await? {
            keys.push(("aws:MultiFactorAuthPresent".to_owned(), vec!["true".to_owned()]));
            keys.push(("aws:MultiFactorAuthAge".to_owned(), vec!["0".to_owned()]));
        }
        let wish = Wish {
            arn: &arn,
            role: role.as_ref(),
            session_name: &self.role_session_name,
            seconds: self.duration_seconds,
            source_identity: self.source_identity(cx).map(String::as_str),
            tags: &session_tag::read(self.tags.as_ref())?,
            transitive: self.transitive_tag_keys.as_deref().unwrap_or_default(),
            keys: &keys,
        };
        Ok(wish.access("sts:AssumeRole"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<AssumeRoleResponse> {
        let arn = role::arn(&self.role_arn)?;
        let role = role::find(cx, &arn).await?.ok_or_else(|| role::invalid(&arn))?;
        let session = self.session(cx, &arn, role)?;
        let packed_policy_size = session_policy::packed_size(&session)?;
        Ok(AssumeRoleResponse {
            credentials: credentials::issue(cx, &session)?,
            assumed_role_user: AssumedRoleUser::of(cx, &session),
            packed_policy_size,
            source_identity: session.source_identity,
        })
    }
}

impl AssumeRole {
    /// The source identity of the new session: the one that is asked for, or the caller's, which stays.
    fn source_identity<'a>(&'a self, cx: &'a Cx) -> Option<&'a String> {
        self.source_identity.as_ref().or(cx.principal().session().and_then(|session| session.source_identity.as_ref()))
    }

    fn session(&self, cx: &Cx, arn: &Arn, role: AssumableRole) -> Result<Session> {
        let made_with = cx.principal().session();
        let chained = made_with.is_some_and(|session| matches!(session.of, SessionOf::Role { .. }));
        if chained && self.duration_seconds.is_some_and(|seconds| seconds > CHAINED) {
            return Err(ValidationError::because(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
            ));
        }
        let mut session = role::session(cx, arn, role, &self.role_session_name, self.duration_seconds)?;
        let kept = made_with.and_then(|session| session.source_identity.as_ref());
        if let (Some(kept), Some(asked)) = (kept, &self.source_identity)
            && kept != asked
        {
            // UNVERIFIED: AWS's wording; that a source identity cannot be changed is documented.
            return Err(AccessDenied::because("The source identity of a role session cannot be changed."));
        }
        session.policies = session_policy::inline(self.policy.as_ref())?;
        session.policy_arns = session_policy::managed(self.policy_arns.as_ref(), session.account)?;
        session.source_identity = self.source_identity(cx).cloned();
        session.chained = chained;
        let transitive = self.transitive_tag_keys.as_deref().unwrap_or_default();
        let tags = session_tag::read(self.tags.as_ref())?;
        session_tag::give(&mut session, tags, transitive, made_with.filter(|_| chained))?;
        Ok(session)
    }
}
