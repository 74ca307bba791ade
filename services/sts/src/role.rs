//! The role that a caller asks for, whichever way the caller vouches for itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, AssumableRole, Cx, Principal, ResourceRule, Result, Session, SessionOf};

use crate::credentials;
use crate::errors::ValidationError;

/// Length of a session unless the caller asks for another, in seconds.
pub(crate) const USUAL: u32 = 3_600;

/// Who a role's session is, in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AssumedRoleUser {
    assumed_role_id: String,
    arn: String,
}

impl AssumedRoleUser {
    pub(crate) fn of(cx: &Cx, session: &Session) -> Self {
        let principal = Principal::Session(std::sync::Arc::new(session.clone()));
        Self {
            assumed_role_id: principal.user_id().unwrap_or_default(),
            arn: principal.arn(cx.region().partition()).map(String::from).unwrap_or_default(),
        }
    }
}

/// Reads the ARN of a role.
pub(crate) fn arn(text: &str) -> Result<Arn> {
    let parsed = text
        .parse::<Arn>()
        .ok()
        .filter(|arn| arn.service() == "iam" && arn.account().is_some() && arn.resource().starts_with("role/"));
    parsed.ok_or_else(|| ValidationError::because(format!("{text} is invalid")))
}

/// The role, if there is one with this ARN.
pub(crate) async fn find(cx: &mut Cx, arn: &Arn) -> Result<Option<AssumableRole>> {
    let (Some(account), Some(name)) = (arn.account(), arn.resource().rsplit('/').next()) else { return Ok(None) };
    let role = cx.assumable_role(account, name).await?;
    Ok(role.filter(|role| role.role.resource() == arn.resource()))
}

/// What is asked of a role, as its trust policy sees it.
pub(crate) struct Wish<'a> {
    pub(crate) arn: &'a Arn,
    pub(crate) role: Option<&'a AssumableRole>,
    pub(crate) session_name: &'a str,
    pub(crate) seconds: Option<u32>,
    pub(crate) source_identity: Option<&'a str>,
    pub(crate) tags: &'a BTreeMap<String, String>,
    pub(crate) transitive: &'a [String],
    /// Further condition keys.
    pub(crate) keys: &'a [(String, Vec<String>)],
}

impl Wish<'_> {
    /// Demands `action`, and what tags and a source identity take besides.
    pub(crate) fn access(&self, action: &'static str) -> Access {
        let mut access = self.demand(action).recorded_as("AWS::IAM::Role");
        if !self.tags.is_empty() {
            let tag = self.demand("sts:TagSession").request_tags(self.tags);
            access = access.request_tags(self.tags).and(tag.keys("sts:TransitiveTagKeys", self.transitive.to_vec()));
        }
        if self.source_identity.is_some() {
            access = access.and(self.demand("sts:SetSourceIdentity"));
        }
        access
    }

    /// Demands one action of the role. One that does not exist trusts nobody, so whoever asks cannot tell
    /// whether it exists.
    fn demand(&self, action: &'static str) -> Access {
        let mut access = Access::to(action)
            .on(self.arn)
            .rule(ResourceRule::Trust)
            .policy(self.role.map(|role| role.trust.as_str()))
            .key("sts:RoleSessionName", self.session_name);
        if let Some(seconds) = self.seconds {
            access = access.key("sts:DurationSeconds", seconds.to_string());
        }
        if let Some(identity) = self.source_identity {
            access = access.key("sts:SourceIdentity", identity);
        }
        for (name, values) in self.keys {
            access = access.keys(name.clone(), values.iter().cloned());
        }
        let Some(role) = self.role else { return access };
        let tagged =
            role.tags.iter().fold(access, |access, (key, value)| access.key(format!("iam:ResourceTag/{key}"), value));
        tagged.resource_tags(&role.tags)
    }
}

/// A session of the role, as long as was asked for.
pub(crate) fn session(cx: &Cx, arn: &Arn, role: AssumableRole, name: &str, seconds: Option<u32>) -> Result<Session> {
    let seconds = seconds.unwrap_or(USUAL);
    if seconds > role.max_session {
        return Err(ValidationError::because(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    let account = arn.account().ok_or_else(|| invalid(arn))?;
    let of = SessionOf::Role { role: role.role, session: name.to_owned() };
    Ok(credentials::session(cx, account, of, seconds))
}

/// The ARN names no role.
pub(crate) fn invalid(arn: &Arn) -> welkin_kernel::Error {
    ValidationError::because(format!("{arn} is invalid"))
}
