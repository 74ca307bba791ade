//! The sandbox: an account in it sends text messages only to numbers whose holders have told it a one-time password.
//!
//! Accounts of a Welkin that is strict are in the sandbox, as new accounts of AWS are; accounts of others are out of
//! it, as after the support case that AWS asks for. Numbers can be verified in either.
//! Reference: <https://docs.aws.amazon.com/sns/latest/dg/sns-sms-sandbox.html>

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Error, IntoKey, Key, Operation, Page, Resource, Result, Scope, Timestamp};

use super::e164;
use super::opt_out::OptOut;
use crate::errors::{
    OptedOutException, ResourceNotFoundException, UserErrorException, VerificationException, invalid_because,
};
use crate::page;
use crate::subscription::protocol::is_phone_number;

/// A number that an account wants to send to from the sandbox.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SandboxNumber {
    number: String,
    /// The password last sent, sealed; `None` once it was told.
    password: Option<Bytes>,
    /// When it was sent, or told.
    since: Timestamp,
}

impl Resource for SandboxNumber {
    const KIND: &'static str = "sns/sandbox-number";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.number.as_str().into_key()
    }
}

impl SandboxNumber {
    pub(super) fn is_verified(&self) -> bool {
        self.password.is_none()
    }

    fn status(&self) -> &'static str {
        if self.is_verified() { "Verified" } else { "Pending" }
    }
}

/// Numbers of an account at most.
///
/// Source: "You can verify up to 10 destination phone numbers":
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-sms-sandbox-verifying-phone-numbers.html>
const MOST: usize = 10;

/// How long a password holds.
// UNVERIFIED: the time.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// How long a number stays at least.
///
/// Source: a number can be deleted "24 hours or more" after it was verified, or its password last sent:
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-sms-sandbox-verifying-phone-numbers.html>
const STAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Context of the seal.
const CONTEXT: &str = "sns sandbox password";

/// Whether the accounts of this Welkin are in the sandbox.
pub(super) fn is_in_sandbox(cx: &Cx) -> bool {
    cx.is_strict()
}

// UNVERIFIED: the wording.
fn read(number: &str) -> Result<String> {
    if is_phone_number(number) {
        Ok(e164(number))
    } else {
        Err(invalid_because("PhoneNumber", "must be a valid phone number in E.164 format"))
    }
}

/// Adds a number, and sends it a one-time password; again if it is asked for again.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_CreateSMSSandboxPhoneNumber.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateSMSSandboxPhoneNumber {
    phone_number: String,
    language_code: Option<String>,
}

impl Operation for CreateSMSSandboxPhoneNumber {
    const NAME: &'static str = "CreateSMSSandboxPhoneNumber";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:CreateSMSSandboxPhoneNumber"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (here, number) = (cx.here(), read(&self.phone_number)?);
        if cx.get::<OptOut>(here, &number).await?.is_some_and(|found| found.opted_out) {
            return Err(OptedOutException.into());
        }
        let all = cx.list::<SandboxNumber>(here, (), Page::ALL).await?;
        let known = all.iter().find(|one| one.number == number);
        if known.is_some_and(SandboxNumber::is_verified) {
            return Err(UserErrorException::because(format!("The phone number {number} is already verified")));
        }
        if known.is_none() && all.len() >= MOST {
            return Err(UserErrorException::because(format!("You can verify up to {MOST} phone numbers")));
        }
        let password = cx.chance().text(6, b"0123456789");
        let sealed = Bytes::from(cx.sealer().seal(cx.chance(), CONTEXT, password.as_bytes())?);
        let since = cx.now();
        cx.send_message(&number, "", self.text(&password)).await?;
        cx.put(here, &SandboxNumber { number, password: Some(sealed), since }).await?;
        Ok(Empty {})
    }
}

impl CreateSMSSandboxPhoneNumber {
    /// The message, in the language that is asked for.
    fn text(&self, password: &str) -> String {
        let language = self.language_code.as_deref().and_then(|code| code.split('-').next());
        match language {
            Some("de") => format!("Ihr Bestätigungscode lautet {password}"),
            Some("es") => format!("Su código de verificación es {password}"),
            Some("fr") => format!("Votre code de vérification est {password}"),
            Some("it") => format!("Il codice di verifica è {password}"),
            Some("ja") => format!("確認コードは {password} です"),
            Some("kr") => format!("인증 코드는 {password}입니다"),
            Some("pt") => format!("Seu código de verificação é {password}"),
            Some("zh") => format!("您的验证码是 {password}"),
            _ => format!("Your verification code is {password}"),
        }
    }
}

/// Verifies a number by the password that it was sent.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_VerifySMSSandboxPhoneNumber.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VerifySMSSandboxPhoneNumber {
    phone_number: String,
    one_time_password: String,
}

impl Operation for VerifySMSSandboxPhoneNumber {
    const NAME: &'static str = "VerifySMSSandboxPhoneNumber";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:VerifySMSSandboxPhoneNumber"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (here, number) = (cx.here(), read(&self.phone_number)?);
        let found = cx.get::<SandboxNumber>(here, &number).await?;
        let mut found = found.ok_or(ResourceNotFoundException)?;
        let Some(sealed) = &found.password else { return Ok(Empty {}) };
        let password = cx.sealer().open(CONTEXT, sealed).ok_or_else(|| Error::internal("a password does not open"))?;
        if found.since.plus(PATIENCE) <= cx.now() || password != self.one_time_password.as_bytes() {
            return Err(VerificationException.into());
        }
        found.password = None;
        found.since = cx.now();
        cx.put(here, &found).await?;
        Ok(Empty {})
    }
}

/// Removes a number, a day or more after it was verified or its password was sent.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_DeleteSMSSandboxPhoneNumber.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteSMSSandboxPhoneNumber {
    phone_number: String,
}

impl Operation for DeleteSMSSandboxPhoneNumber {
    const NAME: &'static str = "DeleteSMSSandboxPhoneNumber";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:DeleteSMSSandboxPhoneNumber"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (here, number) = (cx.here(), read(&self.phone_number)?);
        let found = cx.get::<SandboxNumber>(here, &number).await?.ok_or(ResourceNotFoundException)?;
        if cx.now() < found.since.plus(STAY) {
            // UNVERIFIED: the wording.
            return Err(UserErrorException::because(
                "You can delete a phone number 24 hours or more after it was verified or last asked to verify",
            ));
        }
        cx.discard::<SandboxNumber>(here, &number)?;
        Ok(Empty {})
    }
}

/// Lists the numbers of the account, verified or not.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_ListSMSSandboxPhoneNumbers.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSMSSandboxPhoneNumbers {
    next_token: Option<String>,
    max_results: Option<usize>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSMSSandboxPhoneNumbersResult {
    phone_numbers: Vec<ListedNumber>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedNumber {
    phone_number: String,
    status: String,
}

impl Operation for ListSMSSandboxPhoneNumbers {
    const NAME: &'static str = "ListSMSSandboxPhoneNumbers";
    type Output = ListSMSSandboxPhoneNumbersResult;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:ListSMSSandboxPhoneNumbers"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListSMSSandboxPhoneNumbersResult> {
        let (here, size) = (cx.here(), self.max_results.unwrap_or(page::SIZE));
        let after = page::read_token(self.next_token.as_deref())?.map(IntoKey::into_key);
        let mut found = cx.list::<SandboxNumber>(here, (), Page::of(size + 1, after.as_ref())).await?;
        let more = found.len() > size;
        found.truncate(size);
        let next_token = found.last().filter(|_| more).map(|last| page::token(&last.number));
        let phone_numbers =
            found.into_iter().map(|one| ListedNumber { status: one.status().to_owned(), phone_number: one.number });
        Ok(ListSMSSandboxPhoneNumbersResult { phone_numbers: phone_numbers.collect(), next_token })
    }
}

/// Tells whether the account is in the sandbox.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_GetSMSSandboxAccountStatus.html>
#[derive(Deserialize)]
pub(crate) struct GetSMSSandboxAccountStatus {}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetSMSSandboxAccountStatusResult {
    is_in_sandbox: bool,
}

impl Operation for GetSMSSandboxAccountStatus {
    const NAME: &'static str = "GetSMSSandboxAccountStatus";
    type Output = GetSMSSandboxAccountStatusResult;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:GetSMSSandboxAccountStatus"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetSMSSandboxAccountStatusResult> {
        Ok(GetSMSSandboxAccountStatusResult { is_in_sandbox: is_in_sandbox(cx) })
    }
}
