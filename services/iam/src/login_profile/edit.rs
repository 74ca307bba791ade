//! Giving a user a password, resetting it, taking it away.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{LoginProfile, LoginProfileView, find, known};
use crate::access;
use crate::entity::named;
use crate::errors::{EntityAlreadyExistsException, ValidationError};
use crate::password::Passwords;
use crate::password_policy;
use crate::user::{self, User};

/// Gives a user a password for the console.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateLoginProfile {
    user_name: Option<String>,
    password: Option<String>,
    password_reset_required: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateLoginProfileResponse {
    login_profile: LoginProfileView,
}

impl Operation for CreateLoginProfile {
    const NAME: &'static str = "CreateLoginProfile";
    type Output = CreateLoginProfileResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        user::demand(cx, "iam:CreateLoginProfile", self.user_name.as_ref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateLoginProfileResponse> {
        let (holder, name) = user::holder(cx, self.user_name.as_ref()).await?;
        if find(cx, cx.here(), &holder).await?.is_some() {
            let name = name.unwrap_or_else(|| cx.account().to_string());
            let message = format!("Login Profile for user {name} already exists.");
            return Err(EntityAlreadyExistsException::because(message));
        }
        // Only a session for the root user of a member account may leave the password out.
        let password = self.password.as_deref().ok_or_else(|| ValidationError::because("Must specify password"))?;
        let policy = password_policy::find(cx, cx.here()).await?;
        password_policy::hold(policy.as_ref(), password)?;
        let passwords = Passwords::new(cx);
        let hash = passwords.hash(cx, password);
        let mut profile = LoginProfile {
            holder,
            created: cx.now().whole_secs(),
            changed: cx.now().whole_secs(),
            reset_required: self.password_reset_required.unwrap_or(false),
            passwords,
        };
        profile.set(cx, policy.as_ref(), &hash)?;
        cx.put(cx.here(), &profile).await?;
        Ok(CreateLoginProfileResponse { login_profile: LoginProfileView::of(cx, &profile, name) })
    }
}

/// Tells whether a user has a password.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetLoginProfile.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetLoginProfile {
    user_name: Option<String>,
}

impl Operation for GetLoginProfile {
    const NAME: &'static str = "GetLoginProfile";
    type Output = CreateLoginProfileResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        user::demand(cx, "iam:GetLoginProfile", self.user_name.as_ref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateLoginProfileResponse> {
        let (holder, name) = user::holder(cx, self.user_name.as_ref()).await?;
        let profile = known(cx, &holder, name.as_deref()).await?;
        Ok(CreateLoginProfileResponse { login_profile: LoginProfileView::of(cx, &profile, name) })
    }
}

/// Gives a user another password, or asks it to choose one.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateLoginProfile.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateLoginProfile {
    user_name: String,
    password: Option<String>,
    password_reset_required: Option<bool>,
}

impl Operation for UpdateLoginProfile {
    const NAME: &'static str = "UpdateLoginProfile";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<User>(cx, "iam:UpdateLoginProfile", &self.user_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let user = named::<User>(cx, &self.user_name).await?;
        let mut profile = known(cx, &user.head.id, Some(&user.head.name)).await?;
        if let Some(password) = &self.password {
            let policy = password_policy::find(cx, cx.here()).await?;
            password_policy::hold(policy.as_ref(), password)?;
            let hash = profile.passwords.hash(cx, password);
            profile.set(cx, policy.as_ref(), &hash)?;
        }
        if let Some(required) = self.password_reset_required {
            profile.reset_required = required;
        }
        cx.put(cx.here(), &profile).await?;
        Ok(Empty {})
    }
}

/// Takes a user's password away.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteLoginProfile.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteLoginProfile {
    user_name: Option<String>,
}

impl Operation for DeleteLoginProfile {
    const NAME: &'static str = "DeleteLoginProfile";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        user::demand(cx, "iam:DeleteLoginProfile", self.user_name.as_ref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (holder, name) = user::holder(cx, self.user_name.as_ref()).await?;
        known(cx, &holder, name.as_deref()).await?;
        cx.delete::<LoginProfile>(cx.here(), &holder).await?;
        Ok(Empty {})
    }
}
