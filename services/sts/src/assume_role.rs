//! Assuming a role.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, AssumableRole, Cx, Operation, ResourceRule, Result, Session, SessionOf};

use crate::caller;
use crate::credentials::{self, Credentials};
use crate::errors::{AccessDenied, ValidationError};
use crate::session_policy::{self, PolicyDescriptor};
use crate::session_tag::{self, Tag};

/// Length of a session unless the caller asks for another, in seconds.
const USUAL: u32 = 3_600;

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
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AssumeRoleResponse {
    credentials: Credentials,
    assumed_role_user: AssumedRoleUser,
    packed_policy_size: Option<usize>,
    source_identity: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssumedRoleUser {
    assumed_role_id: String,
    arn: String,
}

impl Operation for AssumeRole {
    const NAME: &'static str = "AssumeRole";
    type Output = AssumeRoleResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        caller::hold_may_assume(cx)?;
        let arn = self.arn()?;
        let role = self.role(cx, &arn).await?;
        let mut access = self.demand("sts:AssumeRole", &arn, role.as_ref()).recorded_as("AWS::IAM::Role");
        if let Some(id) = &self.external_id {
            access = access.key("sts:ExternalId", id);
        }
        let tags = session_tag::read(self.tags.as_ref())?;
        if !tags.is_empty() {
            let transitive = self.transitive_tag_keys.iter().flatten().cloned();
            let tag = self.demand("sts:TagSession", &arn, role.as_ref()).request_tags(&tags);
            access = access.request_tags(&tags).and(tag.keys("sts:TransitiveTagKeys", transitive));
        }
        if self.source_identity(cx).is_some() {
            access = access.and(self.demand("sts:SetSourceIdentity", &arn, role.as_ref()));
        }
        Ok(access)
    }

    async fn run(&self, cx: &mut Cx) -> Result<AssumeRoleResponse> {
        if self.serial_number.is_some() || self.token_code.is_some() {
            // No MFA device is registered with Welkin yet, so no code is that of one.
            return Err(AccessDenied::because(
                "MultiFactorAuthentication failed, unable to validate MFA code. Please verify your MFA serial number \
                 is valid and associated with this user.",
            ));
        }
        let arn = self.arn()?;
        let role = self.role(cx, &arn).await?.ok_or_else(|| ValidationError::because(format!("{arn} is invalid")))?;
        let session = self.session(cx, &arn, role)?;
        let principal = welkin_kernel::Principal::Session(std::sync::Arc::new(session.clone()));
        let packed_policy_size = session_policy::packed_size(&session)?;
        Ok(AssumeRoleResponse {
            credentials: credentials::issue(cx, &session)?,
            assumed_role_user: AssumedRoleUser {
                assumed_role_id: principal.user_id().unwrap_or_default(),
                arn: principal.arn(cx.region().partition()).map(String::from).unwrap_or_default(),
            },
            packed_policy_size,
            source_identity: session.source_identity,
        })
    }
}

impl AssumeRole {
    fn arn(&self) -> Result<Arn> {
        let parsed = self
            .role_arn
            .parse::<Arn>()
            .ok()
            .filter(|arn| arn.service() == "iam" && arn.account().is_some() && arn.resource().starts_with("role/"));
        parsed.ok_or_else(|| ValidationError::because(format!("{} is invalid", self.role_arn)))
    }

    /// The role, if there is one with this ARN.
    async fn role(&self, cx: &mut Cx, arn: &Arn) -> Result<Option<AssumableRole>> {
        let (Some(account), Some(name)) = (arn.account(), arn.resource().rsplit('/').next()) else { return Ok(None) };
        let role = cx.assumable_role(account, name).await?;
        Ok(role.filter(|role| role.role.resource() == arn.resource()))
    }

    /// Demands `action` on the role. One that does not exist trusts nobody, so whoever asks cannot tell
    /// whether it exists.
    fn demand(&self, action: &'static str, arn: &Arn, role: Option<&AssumableRole>) -> Access {
        let mut access = Access::to(action)
            .on(arn)
            .rule(ResourceRule::Trust)
            .policy(role.map(|role| role.trust.as_str()))
            .key("sts:RoleSessionName", &self.role_session_name);
        if let Some(seconds) = self.duration_seconds {
            access = access.key("sts:DurationSeconds", seconds.to_string());
        }
        if let Some(identity) = &self.source_identity {
            access = access.key("sts:SourceIdentity", identity);
        }
        for (key, value) in role.iter().flat_map(|role| &role.tags) {
            access = access.key(format!("iam:ResourceTag/{key}"), value);
        }
        match role {
            Some(role) => access.resource_tags(&role.tags),
            None => access,
        }
    }

    /// The source identity of the new session: the one that is asked for, or the caller's, which stays.
    fn source_identity<'a>(&'a self, cx: &'a Cx) -> Option<&'a String> {
        self.source_identity.as_ref().or(cx.principal().session().and_then(|session| session.source_identity.as_ref()))
    }

    fn session(&self, cx: &Cx, arn: &Arn, role: AssumableRole) -> Result<Session> {
        let made_with = cx.principal().session();
        let chained = made_with.is_some_and(|session| matches!(session.of, SessionOf::Role { .. }));
        let seconds = self.duration_seconds.unwrap_or(USUAL);
        if chained && seconds > CHAINED {
            return Err(ValidationError::because(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
            ));
        }
        if seconds > role.max_session {
            return Err(ValidationError::because(
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            ));
        }
        let kept = made_with.and_then(|session| session.source_identity.as_ref());
        if let (Some(kept), Some(asked)) = (kept, &self.source_identity)
            && kept != asked
        {
            // UNVERIFIED: AWS's wording; that a source identity cannot be changed is documented.
            return Err(AccessDenied::because("The source identity of a role session cannot be changed."));
        }
        let account = arn.account().ok_or_else(|| ValidationError::because(format!("{arn} is invalid")))?;
        let of = SessionOf::Role { role: role.role, session: self.role_session_name.clone() };
        let mut session = credentials::session(cx, account, of, seconds);
        session.policies = session_policy::inline(self.policy.as_ref())?;
        session.policy_arns = session_policy::managed(self.policy_arns.as_ref(), account)?;
        session.source_identity = self.source_identity(cx).cloned();
        session.chained = chained;
        let transitive = self.transitive_tag_keys.as_deref().unwrap_or_default();
        let tags = session_tag::read(self.tags.as_ref())?;
        session_tag::give(&mut session, tags, transitive, made_with.filter(|_| chained))?;
        Ok(session)
    }
}
