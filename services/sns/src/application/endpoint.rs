//! Endpoints: an application on a device.

pub(crate) mod attributes;
pub(crate) mod create;
pub(crate) mod delete;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Cx, IntoKey, Key, Place, Resource, Result, Scope};

use super::Application;
use super::platform::Platform;
use crate::errors::{NotFoundException, invalid, invalid_because};

/// An endpoint as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Endpoint {
    /// Id of its application.
    pub(super) application: u64,
    pub(super) id: String,
    /// By which the platform knows the device.
    pub(super) token: String,
    /// Whether it is sent anything.
    pub(super) enabled: bool,
    pub(super) user_data: String,
}

impl Resource for Endpoint {
    const KIND: &'static str = "sns/endpoint";
    const SCOPE: Scope = Scope::Region;
    const INDEXES: &'static [&'static str] = &[TOKEN];

    fn key(&self) -> Key {
        (self.application, &self.id).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        vec![(TOKEN, (self.application, &self.token).into_key())]
    }
}

/// Index of endpoints by application and token.
const TOKEN: &str = "token";

/// Longest data of the user's, in bytes.
///
/// Source: "must be in UTF-8 format and less than 2KB":
/// <https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformEndpoint.html>
const LONGEST_USER_DATA: usize = 2048;

/// Longest token of a device of Apple's, in hexadecimal digits.
const LONGEST_APPLE_TOKEN: usize = 400;

impl Endpoint {
    pub(super) fn arn(&self, place: Place, application: &Application) -> Arn {
        let path = format!("endpoint/{}/{}/{}", application.platform.as_str(), application.name, self.id);
        place.arn("sns", path)
    }

    fn set(&mut self, platform: Platform, name: &str, value: &str) -> Result<()> {
        match name {
            "Token" => {
                check_token(platform, value)?;
                value.clone_into(&mut self.token);
            }
            "Enabled" if value.eq_ignore_ascii_case("true") => self.enabled = true,
            "Enabled" if value.eq_ignore_ascii_case("false") => self.enabled = false,
            "Enabled" => return Err(invalid_because("Attributes", "Invalid value for attribute: Enabled")),
            "CustomUserData" if value.len() < LONGEST_USER_DATA => value.clone_into(&mut self.user_data),
            "CustomUserData" => {
                return Err(invalid_because("CustomUserData", "must be at most 2048 bytes long in UTF-8 encoding"));
            }
            // Of Baidu's.
            "ChannelId" | "UserId" if platform == Platform::Baidu => {}
            _ => return Err(invalid_because("Attributes", format_args!("Invalid attribute name: {name}"))),
        }
        Ok(())
    }

    /// The other endpoint of the application that has this one's token, if there is one.
    async fn namesake(&self, cx: &mut Cx) -> Result<Option<Self>> {
        let here = cx.here();
        let found = cx.find::<Self>(here, TOKEN, (self.application, &self.token), 2).await?;
        Ok(found.into_iter().find(|found| found.id != self.id && found.token == self.token))
    }
}

/// An endpoint that would have the token of another one, in the words of SNS.
fn token_is_taken(arn: &Arn) -> welkin_kernel::Error {
    invalid_because(
        "Token",
        format_args!("Endpoint {arn} already exists with the same Token, but different attributes."),
    )
}

// UNVERIFIED: the wording.
fn check_token(platform: Platform, token: &str) -> Result<()> {
    if token.is_empty() {
        return Err(invalid_because("Token", "must not be empty"));
    }
    let is_hex = token.bytes().all(|b| b.is_ascii_hexdigit());
    if platform.is_apple() && !(is_hex && token.len() <= LONGEST_APPLE_TOKEN) {
        return Err(invalid_because("Token", "iOS device tokens must be no more than 400 hexadecimal characters"));
    }
    Ok(())
}

/// The ARN of an endpoint as callers write it.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct EndpointArn(pub(crate) String);

/// What the ARN of an endpoint names.
pub(crate) struct Named<'a> {
    pub(crate) platform: Platform,
    application: &'a str,
    id: &'a str,
}

impl EndpointArn {
    /// Whether it looks like one.
    pub(crate) fn is_one(&self) -> bool {
        self.0.splitn(6, ':').nth(5).is_some_and(|path| path.starts_with("endpoint/"))
    }

    /// What it names; `None` if it is not the ARN of an endpoint of this account and Region.
    pub(crate) fn parse(&self, place: Place) -> Option<Named<'_>> {
        let arn: Arn = self.0.parse().ok()?;
        let is_here =
            arn.service() == "sns" && arn.account() == Some(place.account) && arn.region() == Some(place.region);
        let mut parts = self.0.splitn(6, ':').nth(5).filter(|_| is_here)?.split('/');
        let (Some("endpoint"), Some(platform), Some(application), Some(id), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        Some(Named { platform: Platform::parse(platform)?, application, id })
    }

    /// The endpoint with its application, if there is one.
    ///
    /// # Errors
    /// `InvalidParameter`
    pub(crate) async fn find(&self, cx: &mut Cx, place: Place) -> Result<Option<(Application, Endpoint)>> {
        let Named { platform, application, id } = self.parse(place).ok_or_else(|| invalid("EndpointArn"))?;
        let found = cx.get::<Application>(place, (platform.as_str(), application)).await?;
        let Some(application) = found else { return Ok(None) };
        let endpoint = cx.get::<Endpoint>(place, (application.id, id)).await?;
        Ok(endpoint.map(|endpoint| (application, endpoint)))
    }

    /// The endpoint with its application.
    ///
    /// # Errors
    /// `InvalidParameter`, `NotFound`
    async fn endpoint(&self, cx: &mut Cx) -> Result<(Application, Endpoint)> {
        self.find(cx, cx.here()).await?.ok_or_else(|| NotFoundException::because("Endpoint does not exist"))
    }
}
