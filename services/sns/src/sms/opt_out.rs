//! Telephones whose holders want no text messages of an account: they said so by answering one of them.
//!
//! Reference: <https://docs.aws.amazon.com/sns/latest/dg/sms_manage.html#sms_manage_optout>

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, Cx, Empty, IntoKey, Job, Key, Operation, Page, Resource, Result, Scope, ServiceEvent, Timestamp,
};

use super::e164;
use crate::errors::{invalid, invalid_because};
use crate::page;
use crate::subscription::protocol::is_phone_number;

/// What the holder of a telephone said to an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OptOut {
    number: String,
    pub(super) opted_out: bool,
    /// When the account opted it in again.
    opted_in: Option<Timestamp>,
}

impl Resource for OptOut {
    const KIND: &'static str = "sns/opt-out";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.number.as_str().into_key()
    }
}

/// How long an account waits before it opts the same number in again.
///
/// Source: "You can opt in a phone number only once every 30 days":
/// <https://docs.aws.amazon.com/sns/latest/api/API_OptInPhoneNumber.html>
const PATIENCE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Words by which a holder opts out.
///
/// Source: <https://docs.aws.amazon.com/sns/latest/dg/sms_manage.html#sms_manage_optout>
const WORDS: [&str; 10] =
    ["ARRET", "CANCEL", "END", "OPT-OUT", "OPTOUT", "QUIT", "REMOVE", "STOP", "TD", "UNSUBSCRIBE"];

/// The holder of a telephone answered a message.
#[derive(Serialize, Deserialize)]
pub(crate) struct Answered {
    by: String,
    text: String,
}

impl From<ServiceEvent> for Answered {
    fn from(event: ServiceEvent) -> Self {
        let text = |name: &str| event.detail[name].as_str().unwrap_or_default().to_owned();
        Self { by: text("by"), text: text("text") }
    }
}

impl Job for Answered {
    const NAME: &'static str = "sns/answered";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let word = self.text.trim().to_ascii_uppercase();
        if !is_phone_number(&self.by) || !WORDS.contains(&word.as_str()) {
            return Ok(());
        }
        let (here, number) = (cx.here(), e164(&self.by));
        let opted_in = cx.get::<OptOut>(here, &number).await?.and_then(|known| known.opted_in);
        cx.put(here, &OptOut { number, opted_out: true, opted_in }).await
    }
}

/// Reads a telephone number that a caller wrote.
///
/// # Errors
/// `InvalidParameter`
fn read(number: &str) -> Result<String> {
    if is_phone_number(number) {
        Ok(e164(number))
    } else {
        // UNVERIFIED: the wording.
        Err(invalid_because("PhoneNumber", "input incorrectly formatted"))
    }
}

/// Tells whether the holder of a telephone has opted out.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_CheckIfPhoneNumberIsOptedOut.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CheckIfPhoneNumberIsOptedOut {
    phone_number: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CheckIfPhoneNumberIsOptedOutResponse {
    is_opted_out: bool,
}

impl Operation for CheckIfPhoneNumberIsOptedOut {
    const NAME: &'static str = "CheckIfPhoneNumberIsOptedOut";
    type Output = CheckIfPhoneNumberIsOptedOutResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:CheckIfPhoneNumberIsOptedOut"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CheckIfPhoneNumberIsOptedOutResponse> {
        let (here, number) = (cx.here(), read(&self.phone_number)?);
        let is_opted_out = cx.get::<OptOut>(here, &number).await?.is_some_and(|found| found.opted_out);
        Ok(CheckIfPhoneNumberIsOptedOutResponse { is_opted_out })
    }
}

/// Lists the telephones whose holders have opted out, by number.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_ListPhoneNumbersOptedOut.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListPhoneNumbersOptedOut {
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListPhoneNumbersOptedOutResponse {
    phone_numbers: Vec<String>,
    next_token: Option<String>,
}

impl Operation for ListPhoneNumbersOptedOut {
    const NAME: &'static str = "ListPhoneNumbersOptedOut";
    type Output = ListPhoneNumbersOptedOutResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:ListPhoneNumbersOptedOut"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListPhoneNumbersOptedOutResponse> {
        let here = cx.here();
        let after = page::read_token(self.next_token.as_deref())?;
        let mut phone_numbers: Vec<String> = Vec::new();
        let mut last = after.map(IntoKey::into_key);
        // Those that were opted in again lie between the others.
        while phone_numbers.len() <= page::SIZE {
            let some = cx.list::<OptOut>(here, (), Page::of(page::SIZE + 1, last.as_ref())).await?;
            phone_numbers.extend(some.iter().filter(|one| one.opted_out).map(|one| one.number.clone()));
            match some.last() {
                Some(one) if some.len() > page::SIZE => last = Some(one.key()),
                _ => break,
            }
        }
        let more = phone_numbers.len() > page::SIZE;
        phone_numbers.truncate(page::SIZE);
        let next_token = phone_numbers.last().filter(|_| more).map(|number| page::token(number));
        Ok(ListPhoneNumbersOptedOutResponse { phone_numbers, next_token })
    }
}

/// Opts a telephone in again, with its holder's consent; once in thirty days.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_OptInPhoneNumber.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OptInPhoneNumber {
    phone_number: String,
}

impl Operation for OptInPhoneNumber {
    const NAME: &'static str = "OptInPhoneNumber";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:OptInPhoneNumber"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let (here, number) = (cx.here(), read(&self.phone_number)?);
        let Some(mut found) = cx.get::<OptOut>(here, &number).await?.filter(|found| found.opted_out) else {
            return Ok(Empty {});
        };
        if found.opted_in.is_some_and(|at| cx.now() < at.plus(PATIENCE)) {
            // UNVERIFIED: the error and its wording.
            return Err(invalid(format_args!(
                "Cannot opt in {number} right now, it was opted in less than 30 days ago"
            )));
        }
        found.opted_out = false;
        found.opted_in = Some(cx.now());
        cx.put(here, &found).await?;
        Ok(Empty {})
    }
}
