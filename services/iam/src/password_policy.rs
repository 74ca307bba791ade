//! What an account demands of passwords:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html>.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Key, Operation, Place, Resource, Result, Scope};

use crate::access;
use crate::errors::{NoSuchEntityException, PasswordPolicyViolationException};

/// Characters that count as symbols.
const SYMBOLS: &str = "!@#$%^&*()_+-=[]{}|'";

/// Shortest password where the account has no policy, and where its policy does not say.
const SHORTEST_BY_DEFAULT: u32 = 8;
const SHORTEST_UNLESS_SAID: u32 = 6;

/// An account's own password policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PasswordPolicy {
    shortest: u32,
    symbols: bool,
    numbers: bool,
    uppercase: bool,
    lowercase: bool,
    /// Whether every user may change its own password.
    pub(crate) users_change: bool,
    /// Days after which a password expires.
    pub(crate) max_age: Option<u32>,
    /// Former passwords that may not be used again.
    pub(crate) reuse: Option<u32>,
    hard_expiry: Option<bool>,
}

impl Resource for PasswordPolicy {
    const KIND: &'static str = "iam/password-policy";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        ().into_key()
    }
}

/// The account's own policy, if it has one.
pub(crate) async fn find(cx: &mut Cx, place: Place) -> Result<Option<PasswordPolicy>> {
    cx.get::<PasswordPolicy>(place, ()).await
}

/// Refuses a password that the policy does not permit. Whether it was used before is for the caller to see.
pub(crate) fn hold(policy: Option<&PasswordPolicy>, password: &str) -> Result<()> {
    let permitted = match policy {
        Some(policy) => policy.permits(password),
        None => permitted_by_default(password),
    };
    if permitted { Ok(()) } else { Err(violation()) }
}

/// The error for a password that the policy does not permit.
pub(crate) fn violation() -> welkin_kernel::Error {
    PasswordPolicyViolationException::because("Password does not conform to the account password policy.")
}

fn has(password: &str, kind: impl Fn(char) -> bool) -> bool {
    password.chars().any(kind)
}

fn is_long(password: &str, shortest: u32) -> bool {
    password.chars().count() >= shortest as usize
}

/// AWS's own policy: eight characters, and three kinds out of four.
fn permitted_by_default(password: &str) -> bool {
    let kinds = [
        has(password, |c| c.is_ascii_uppercase()),
        has(password, |c| c.is_ascii_lowercase()),
        has(password, |c| c.is_ascii_digit()),
        has(password, |c| SYMBOLS.contains(c)),
    ];
    is_long(password, SHORTEST_BY_DEFAULT) && kinds.into_iter().filter(|kind| *kind).count() >= 3
}

impl PasswordPolicy {
    fn permits(&self, password: &str) -> bool {
        is_long(password, self.shortest)
            && (!self.symbols || has(password, |c| SYMBOLS.contains(c)))
            && (!self.numbers || has(password, |c| c.is_ascii_digit()))
            && (!self.uppercase || has(password, |c| c.is_ascii_uppercase()))
            && (!self.lowercase || has(password, |c| c.is_ascii_lowercase()))
    }
}

/// Gives the account a password policy. What is left out takes its default, not its former value.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateAccountPasswordPolicy {
    minimum_password_length: Option<u32>,
    require_symbols: Option<bool>,
    require_numbers: Option<bool>,
    require_uppercase_characters: Option<bool>,
    require_lowercase_characters: Option<bool>,
    allow_users_to_change_password: Option<bool>,
    max_password_age: Option<u32>,
    password_reuse_prevention: Option<u32>,
    hard_expiry: Option<bool>,
}

impl Operation for UpdateAccountPasswordPolicy {
    const NAME: &'static str = "UpdateAccountPasswordPolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::to(cx, "iam:UpdateAccountPasswordPolicy")
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let policy = PasswordPolicy {
            shortest: self.minimum_password_length.unwrap_or(SHORTEST_UNLESS_SAID),
            symbols: self.require_symbols.unwrap_or(false),
            numbers: self.require_numbers.unwrap_or(false),
            uppercase: self.require_uppercase_characters.unwrap_or(false),
            lowercase: self.require_lowercase_characters.unwrap_or(false),
            users_change: self.allow_users_to_change_password.unwrap_or(false),
            max_age: self.max_password_age,
            reuse: self.password_reuse_prevention,
            hard_expiry: self.hard_expiry,
        };
        cx.put(cx.here(), &policy).await?;
        Ok(Empty {})
    }
}

fn missing(cx: &Cx) -> welkin_kernel::Error {
    NoSuchEntityException::because(format!("The Password Policy with domain name {} cannot be found.", cx.account()))
}

/// Takes the account's password policy away: AWS's own holds again.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccountPasswordPolicy.html>
#[derive(Debug, Deserialize)]
pub(crate) struct DeleteAccountPasswordPolicy {}

impl Operation for DeleteAccountPasswordPolicy {
    const NAME: &'static str = "DeleteAccountPasswordPolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::to(cx, "iam:DeleteAccountPasswordPolicy")
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        match cx.delete::<PasswordPolicy>(cx.here(), ()).await? {
            Some(_) => Ok(Empty {}),
            None => Err(missing(cx)),
        }
    }
}

/// Tells the account's password policy.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountPasswordPolicy.html>
#[derive(Debug, Deserialize)]
pub(crate) struct GetAccountPasswordPolicy {}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetAccountPasswordPolicyResponse {
    password_policy: PolicyView,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyView {
    minimum_password_length: u32,
    require_symbols: bool,
    require_numbers: bool,
    require_uppercase_characters: bool,
    require_lowercase_characters: bool,
    allow_users_to_change_password: bool,
    expire_passwords: bool,
    max_password_age: Option<u32>,
    password_reuse_prevention: Option<u32>,
    hard_expiry: Option<bool>,
}

impl Operation for GetAccountPasswordPolicy {
    const NAME: &'static str = "GetAccountPasswordPolicy";
    type Output = GetAccountPasswordPolicyResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::to(cx, "iam:GetAccountPasswordPolicy")
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetAccountPasswordPolicyResponse> {
        let policy = find(cx, cx.here()).await?.ok_or_else(|| missing(cx))?;
        Ok(GetAccountPasswordPolicyResponse {
            password_policy: PolicyView {
                minimum_password_length: policy.shortest,
                require_symbols: policy.symbols,
                require_numbers: policy.numbers,
                require_uppercase_characters: policy.uppercase,
                require_lowercase_characters: policy.lowercase,
                allow_users_to_change_password: policy.users_change,
                expire_passwords: policy.max_age.is_some(),
                max_password_age: policy.max_age,
                password_reuse_prevention: policy.reuse,
                hard_expiry: policy.hard_expiry,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_policy_three_kinds_of_characters_and_eight_of_them_are_enough() {
        for (password, permitted) in [
            ("Passw0rd", true),
            ("passw0rd!", true),
            ("PASSWORD1!", true),
            ("Passw0r", false),
            ("password1", false),
            ("Passwordx", false),
            ("pässwörd1", false),
        ] {
            assert_eq!(hold(None, password).is_ok(), permitted, "{password}");
        }
    }

    #[test]
    fn a_policy_demands_what_it_says() {
        let lax = PasswordPolicy {
            shortest: 6,
            symbols: false,
            numbers: false,
            uppercase: false,
            lowercase: false,
            users_change: false,
            max_age: None,
            reuse: None,
            hard_expiry: None,
        };
        assert!(lax.permits("aaaaaa") && !lax.permits("aaaaa"));
        for (policy, bad, good) in [
            (PasswordPolicy { symbols: true, ..lax.clone() }, "aaaaaa\"", "aaaaaa'"),
            (PasswordPolicy { numbers: true, ..lax.clone() }, "aaaaaa", "aaaaa1"),
            (PasswordPolicy { uppercase: true, ..lax.clone() }, "aaaaaä", "aaaaaA"),
            (PasswordPolicy { lowercase: true, ..lax.clone() }, "AAAAAA", "AAAAAa"),
        ] {
            assert!(!policy.permits(bad) && policy.permits(good), "{policy:?}");
        }
    }
}
