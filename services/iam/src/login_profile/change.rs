//! A user changing its own password.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::known;
use crate::errors::{AccessDenied, InvalidUserTypeException};
use crate::user::{self, User};
use crate::{access, password_policy};

/// Lets every user change its own password, as a password policy can. A denial elsewhere goes before it.
const EVERYBODY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"iam:ChangePassword","Resource":"*"}}"#;

/// Gives the caller another password, if it knows the present one.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ChangePassword.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ChangePassword {
    old_password: String,
    new_password: String,
}

fn caller(cx: &Cx) -> Result<String> {
    match cx.principal().user() {
        Some(user) => Ok(user.name.clone()),
        None => Err(InvalidUserTypeException::because("Only IAM Users can change their own password")),
    }
}

impl Operation for ChangePassword {
    const NAME: &'static str = "ChangePassword";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = access::on::<User>(cx, "iam:ChangePassword", &caller(cx)?).await?;
        let policy = password_policy::find(cx, cx.here()).await?;
        Ok(access.policy(policy.filter(|policy| policy.users_change).map(|_| EVERYBODY)))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (holder, name) = user::holder(cx, Some(&caller(cx)?)).await?;
        let mut profile = known(cx, &holder, name.as_deref()).await?;
        let old = profile.passwords.hash(cx, &self.old_password);
        if !profile.passwords.is_present(cx, &old)? {
            // UNVERIFIED: AWS's code and wording; its documentation lists no error for it.
            return Err(AccessDenied::because("The old password was incorrect."));
        }
        let policy = password_policy::find(cx, cx.here()).await?;
        password_policy::hold(policy.as_ref(), &self.new_password)?;
        let new = profile.passwords.hash(cx, &self.new_password);
        profile.set(cx, policy.as_ref(), &new)?;
        profile.reset_required = false;
        cx.put(cx.here(), &profile).await?;
        Ok(Empty {})
    }
}
