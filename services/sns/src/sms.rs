//! Text messages: how an account sends them, who does not want them, and the sandbox in which accounts begin.
//!
//! Reference: <https://docs.aws.amazon.com/sns/latest/dg/sns-mobile-phone-number-as-subscriber.html>

pub(crate) mod opt_out;
pub(crate) mod sandbox;
pub(crate) mod settings;

use welkin_kernel::{Cx, Result};

use crate::errors::{invalid, invalid_because};
use crate::publish::attribute::{MessageAttribute, MessageAttributes};
use opt_out::OptOut;
use sandbox::SandboxNumber;

/// Longest text message, in characters.
///
/// Source: <https://docs.aws.amazon.com/sns/latest/dg/sms_sending-overview.html>
const LONGEST: usize = 1600;

/// Why a telephone does not get a text message that SNS has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsent {
    /// Its holder wants none from the account.
    OptedOut,
    /// The account is in the sandbox, where it sends only to numbers that are verified.
    NotVerified,
}

impl Unsent {
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::OptedOut => "Phone number is opted out",
            Self::NotVerified => "the account is in the SMS sandbox, and the phone number is not verified",
        }
    }
}

/// Sends a text message for the account of the call, or tells why the telephone does not get it.
///
/// # Errors
/// When the store fails.
pub(crate) async fn send(cx: &mut Cx, number: &str, text: &str) -> Result<std::result::Result<(), Unsent>> {
    let (here, number) = (cx.here(), e164(number));
    if cx.get::<OptOut>(here, &number).await?.is_some_and(|found| found.opted_out) {
        return Ok(Err(Unsent::OptedOut));
    }
    if sandbox::is_in_sandbox(cx) {
        let found = cx.get::<SandboxNumber>(here, &number).await?;
        if !found.is_some_and(|found| found.is_verified()) {
            return Ok(Err(Unsent::NotVerified));
        }
    }
    cx.send_message(number, "", text).await?;
    Ok(Ok(()))
}

/// Holds a message to a telephone against the rules of text messages.
///
/// # Errors
/// `InvalidParameter`
pub(crate) fn check(text: &str, attributes: &MessageAttributes) -> Result<()> {
    if text.chars().count() > LONGEST {
        return Err(invalid("Message too long"));
    }
    let value = |name: &str| attributes.get(name).and_then(MessageAttribute::string_value);
    // UNVERIFIED: the wording of these refusals.
    if value("AWS.SNS.SMS.SMSType").is_some_and(|kind| !settings::is_type(kind)) {
        return Err(invalid_because("AWS.SNS.SMS.SMSType", "must be Promotional or Transactional"));
    }
    if value("AWS.SNS.SMS.SenderID").is_some_and(|id| !settings::is_sender_id(id)) {
        return Err(invalid_because("AWS.SNS.SMS.SenderID", settings::SENDER_ID));
    }
    if value("AWS.SNS.SMS.MaxPrice").is_some_and(|price| !price.parse::<f64>().is_ok_and(|price| price >= 0.0)) {
        return Err(invalid_because("AWS.SNS.SMS.MaxPrice", "must be an amount of US dollars"));
    }
    Ok(())
}

/// A telephone number as all of SNS has it: with its plus.
pub(crate) fn e164(number: &str) -> String {
    if number.starts_with('+') { number.to_owned() } else { format!("+{number}") }
}
