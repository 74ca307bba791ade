//! Attributes of applications.
//!
//! Reference: <https://docs.aws.amazon.com/sns/latest/api/API_SetPlatformApplicationAttributes.html>

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::event::Event;
use super::platform::Platform;
use super::{Application, ApplicationArn};
use crate::errors::{invalid, invalid_because, not_implemented};
use crate::topic::TopicArn;

/// Context of the seals.
const CONTEXT: &str = "sns platform credential";

impl Application {
    /// A new application with these attributes.
    ///
    /// # Errors
    /// `InvalidParameter`, `NotImplemented`
    pub(super) fn new(cx: &Cx, platform: Platform, name: &str, attributes: &BTreeMap<String, String>) -> Result<Self> {
        // UNVERIFIED: the wording. AWS asks the platform whether the credentials are right; Welkin has none to ask.
        let missing = |name: &str| invalid(format_args!("Attributes Reason: Missing required attribute: {name}"));
        if !attributes.contains_key("PlatformCredential") {
            return Err(missing("PlatformCredential"));
        }
        if platform.has_principal() && !attributes.contains_key("PlatformPrincipal") {
            return Err(missing("PlatformPrincipal"));
        }
        let mut application = Self {
            platform,
            name: name.to_owned(),
            id: u64::from_le_bytes(cx.chance().bytes()),
            credential: Bytes::new(),
            principal: None,
            method: None,
            team_id: None,
            bundle_id: None,
            events: BTreeMap::new(),
        };
        application.set_all(cx, attributes)?;
        Ok(application)
    }

    fn set_all(&mut self, cx: &Cx, attributes: &BTreeMap<String, String>) -> Result<()> {
        for (name, value) in attributes {
            self.set(cx, name, value)?;
        }
        Ok(())
    }

    fn set(&mut self, cx: &Cx, name: &str, value: &str) -> Result<()> {
        let text = (!value.is_empty()).then(|| value.to_owned());
        match name {
            "PlatformCredential" | "PlatformPrincipal" if value.is_empty() => {
                return Err(invalid_because(name, "must not be empty"));
            }
            "PlatformCredential" => {
                self.method = method(self.platform, value).map(str::to_owned);
                self.credential = cx.sealer().seal(cx.chance(), CONTEXT, value.as_bytes())?.into();
            }
            "PlatformPrincipal" => {
                self.principal = Some(cx.sealer().seal(cx.chance(), CONTEXT, value.as_bytes())?.into());
            }
            "ApplePlatformTeamID" if self.platform.is_apple() => self.team_id = text,
            "ApplePlatformBundleID" if self.platform.is_apple() => self.bundle_id = text,
            "SuccessFeedbackRoleArn" | "FailureFeedbackRoleArn" | "SuccessFeedbackSampleRate" => {
                return Err(not_implemented(&format!("{name} (delivery status goes to CloudWatch Logs)")));
            }
            _ => {
                let event = Event::parse(name).ok_or_else(|| invalid(format_args!("Attributes Reason: {name}")))?;
                match text {
                    None => drop(self.events.remove(&event)),
                    Some(topic) => {
                        let topic = TopicArn(topic).parse(name)?;
                        if topic.place != cx.here() {
                            return Err(invalid_because(name, "the topic must be of the account and Region"));
                        }
                        self.events.insert(event, topic);
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether it has these attributes. Of those that are sealed the text is compared.
    pub(super) fn has(&self, cx: &Cx, attributes: &BTreeMap<String, String>) -> bool {
        let shown = self.to_text();
        attributes.iter().all(|(name, value)| match name.as_str() {
            "PlatformCredential" => is_sealed_as(cx, Some(&self.credential), value),
            "PlatformPrincipal" => is_sealed_as(cx, self.principal.as_ref(), value),
            name => shown.get(name).map_or("", String::as_str) == value,
        })
    }

    /// The attributes that callers may see.
    pub(super) fn to_text(&self) -> BTreeMap<String, String> {
        let mut text = BTreeMap::from([("Enabled".to_owned(), "true".to_owned())]);
        let optional = [
            ("AuthenticationMethod", &self.method),
            ("ApplePlatformTeamID", &self.team_id),
            ("ApplePlatformBundleID", &self.bundle_id),
        ];
        text.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))));
        text.extend(self.events.iter().map(|(event, topic)| (event.as_str().to_owned(), topic.arn().into())));
        text
    }
}

fn is_sealed_as(cx: &Cx, sealed: Option<&Bytes>, text: &str) -> bool {
    sealed.and_then(|sealed| cx.sealer().open(CONTEXT, sealed)).is_some_and(|plain| plain == text.as_bytes())
}

/// How a platform is shown the credential: Apple's a certificate's key or a signing key, Google's an API key or the
/// file of a service account.
fn method(platform: Platform, credential: &str) -> Option<&'static str> {
    if platform == Platform::Gcm {
        let is_file = serde_json::from_str::<Value>(credential).is_ok_and(|file| file.is_object());
        return Some(if is_file { "Token" } else { "Key" });
    }
    // A signing key of Apple's is a bare PKCS #8 key of an elliptic curve, and short.
    let is_signing_key = credential.contains("BEGIN PRIVATE KEY") && credential.len() < 400;
    platform.is_apple().then_some(if is_signing_key { "Token" } else { "Certificate" })
}

/// Tells the attributes of an application.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_GetPlatformApplicationAttributes.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPlatformApplicationAttributes {
    platform_application_arn: ApplicationArn,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPlatformApplicationAttributesResponse {
    attributes: BTreeMap<String, String>,
}

impl Operation for GetPlatformApplicationAttributes {
    const NAME: &'static str = "GetPlatformApplicationAttributes";
    type Output = GetPlatformApplicationAttributesResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:GetPlatformApplicationAttributes"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetPlatformApplicationAttributesResponse> {
        let attributes = self.platform_application_arn.application(cx).await?.to_text();
        Ok(GetPlatformApplicationAttributesResponse { attributes })
    }
}

/// Changes attributes of an application; an empty value takes one back.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_SetPlatformApplicationAttributes.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SetPlatformApplicationAttributes {
    platform_application_arn: ApplicationArn,
    attributes: BTreeMap<String, String>,
}

impl Operation for SetPlatformApplicationAttributes {
    const NAME: &'static str = "SetPlatformApplicationAttributes";
    type Output = Empty;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:SetPlatformApplicationAttributes"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut application = self.platform_application_arn.application(cx).await?;
        application.set_all(cx, &self.attributes)?;
        cx.put(cx.here(), &application).await?;
        Ok(Empty {})
    }
}
