//! Passwords of users for the console: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords.html>.

mod change;
mod edit;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::errors::NoSuchEntityException;
use crate::password::{Hash, Passwords};
use crate::password_policy::{self, PasswordPolicy};

pub(crate) use change::ChangePassword;
pub(crate) use edit::{CreateLoginProfile, DeleteLoginProfile, GetLoginProfile, UpdateLoginProfile};

/// The password of a user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LoginProfile {
    /// Unique id of the user, or [`ROOT`](crate::user::ROOT).
    holder: String,
    created: Timestamp,
    /// When the password was set last.
    pub(crate) changed: Timestamp,
    reset_required: bool,
    passwords: Passwords,
}

impl Resource for LoginProfile {
    const KIND: &'static str = "iam/login-profile";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        (&self.holder).into_key()
    }
}

/// The login profile of a holder, if it has one.
pub(crate) async fn find(cx: &mut Cx, place: Place, holder: &str) -> Result<Option<LoginProfile>> {
    cx.get::<LoginProfile>(place, holder).await
}

async fn known(cx: &mut Cx, holder: &str, name: Option<&str>) -> Result<LoginProfile> {
    find(cx, cx.here(), holder).await?.ok_or_else(|| missing(cx, name))
}

fn missing(cx: &Cx, name: Option<&str>) -> Error {
    let account = cx.account().to_string();
    let name = name.unwrap_or(&account);
    NoSuchEntityException::because(format!("Login Profile for User {name} cannot be found."))
}

impl LoginProfile {
    /// When the password expires, if the policy lets it.
    pub(crate) fn expires(&self, policy: Option<&PasswordPolicy>) -> Option<Timestamp> {
        let days = policy?.max_age?;
        Some(self.changed.plus(Duration::from_secs(u64::from(days) * 86_400)))
    }

    /// Sets another password, which the policy must permit.
    fn set(&mut self, cx: &Cx, policy: Option<&PasswordPolicy>, hash: &Hash) -> Result<()> {
        let remembered = policy.and_then(|policy| policy.reuse).unwrap_or(0);
        if self.passwords.is_among(cx, hash, remembered as usize)? {
            return Err(password_policy::violation());
        }
        self.passwords.set(cx, hash)?;
        self.changed = cx.now().whole_secs();
        Ok(())
    }
}

/// A login profile in answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LoginProfileView {
    user_name: String,
    create_date: Timestamp,
    password_reset_required: bool,
}

impl LoginProfileView {
    fn of(cx: &Cx, profile: &LoginProfile, name: Option<String>) -> Self {
        Self {
            user_name: name.unwrap_or_else(|| cx.account().to_string()),
            create_date: profile.created,
            password_reset_required: profile.reset_required,
        }
    }
}
