//! How an account sends text messages in a Region.
//!
//! Reference: <https://docs.aws.amazon.com/sns/latest/api/API_SetSMSAttributes.html>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Key, Operation, Resource, Result, Scope};

use crate::errors::{invalid, invalid_because, not_implemented};

/// What an account has set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings {
    monthly_spend_limit: Option<u32>,
    default_sender_id: Option<String>,
    default_type: Option<String>,
}

impl Resource for Settings {
    const KIND: &'static str = "sns/sms-settings";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        ().into_key()
    }
}

/// What an account may spend in a month unless it asks for more, in US dollars. Nothing that Welkin sends costs
/// anything, so that no limit is ever reached.
///
/// Source: <https://docs.aws.amazon.com/sns/latest/dg/channels-sms-awssupport-spend-threshold.html>
const SPEND_LIMIT: u32 = 1;

/// What a sender's id has to be.
pub(super) const SENDER_ID: &str = "must be 1 to 11 letters and digits with at least one letter";

/// Whether a text is a type of text messages.
pub(super) fn is_type(text: &str) -> bool {
    matches!(text, "Promotional" | "Transactional")
}

/// Whether a text can be shown as the sender.
pub(super) fn is_sender_id(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric());
    plain && (1..=11).contains(&text.len()) && text.bytes().any(|b| b.is_ascii_alphabetic())
}

impl Settings {
    // UNVERIFIED: the wording of the refusals.
    fn set(&mut self, name: &str, value: &str) -> Result<()> {
        match name {
            "MonthlySpendLimit" => {
                let limit = value.parse().map_err(|_| invalid_because(name, "must be a whole number of US dollars"))?;
                self.monthly_spend_limit = Some(limit);
            }
            "DefaultSenderID" if value.is_empty() => self.default_sender_id = None,
            "DefaultSenderID" if is_sender_id(value) => self.default_sender_id = Some(value.to_owned()),
            "DefaultSenderID" => return Err(invalid_because(name, SENDER_ID)),
            "DefaultSMSType" if is_type(value) => self.default_type = Some(value.to_owned()),
            "DefaultSMSType" => return Err(invalid_because(name, "must be Promotional or Transactional")),
            "DeliveryStatusIAMRole" | "DeliveryStatusSuccessSamplingRate" => {
                return Err(not_implemented(&format!("{name} (delivery status goes to CloudWatch Logs)")));
            }
            "UsageReportS3Bucket" => return Err(not_implemented(name)),
            _ => return Err(invalid(format_args!("{name} is not a valid attribute"))),
        }
        Ok(())
    }

    fn to_text(&self) -> BTreeMap<String, String> {
        let limit = self.monthly_spend_limit.unwrap_or(SPEND_LIMIT);
        let mut text = BTreeMap::from([("MonthlySpendLimit".to_owned(), limit.to_string())]);
        text.extend(self.default_sender_id.clone().map(|id| ("DefaultSenderID".to_owned(), id)));
        text.extend(self.default_type.clone().map(|kind| ("DefaultSMSType".to_owned(), kind)));
        text
    }
}

/// Sets how the account sends text messages.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_SetSMSAttributes.html>
#[derive(Deserialize)]
pub(crate) struct SetSMSAttributes {
    attributes: BTreeMap<String, String>,
}

impl Operation for SetSMSAttributes {
    const NAME: &'static str = "SetSMSAttributes";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:SetSMSAttributes"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let here = cx.here();
        let mut settings = cx.get::<Settings>(here, ()).await?.unwrap_or_default();
        for (name, value) in &self.attributes {
            settings.set(name, value)?;
        }
        cx.put(here, &settings).await?;
        Ok(Empty {})
    }
}

/// Tells how the account sends text messages: all that is set, or what is asked for.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_GetSMSAttributes.html>
#[derive(Deserialize)]
pub(crate) struct GetSMSAttributes {
    #[serde(default)]
    attributes: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct GetSMSAttributesResponse {
    attributes: BTreeMap<String, String>,
}

impl Operation for GetSMSAttributes {
    const NAME: &'static str = "GetSMSAttributes";
    type Output = GetSMSAttributesResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:GetSMSAttributes"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetSMSAttributesResponse> {
        let here = cx.here();
        let mut attributes = cx.get::<Settings>(here, ()).await?.unwrap_or_default().to_text();
        if !self.attributes.is_empty() {
            attributes.retain(|name, _| self.attributes.contains(name));
        }
        Ok(GetSMSAttributesResponse { attributes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sender_ids_are_short_and_have_a_letter() {
        assert!(is_sender_id("Welkin") && is_sender_id("4you") && is_sender_id("a"));
        for id in ["", "12345", "twelve-chars", "elevenplus12"] {
            assert!(!is_sender_id(id), "{id}");
        }
    }
}
