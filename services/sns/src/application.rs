//! Platform applications, their endpoints on devices, and what devices are pushed.
//!
//! Reference: <https://docs.aws.amazon.com/sns/latest/dg/sns-mobile-application-as-subscriber.html>

pub(crate) mod attributes;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod endpoint;
pub(crate) mod event;
pub(crate) mod list;
pub(crate) mod platform;
pub(crate) mod push;

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Cx, IntoKey, Key, Place, Resource, Result, Scope};

use crate::errors::{NotFoundException, invalid};
use crate::topic::Address;
use event::Event;
use platform::Platform;

/// An application as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Application {
    pub(crate) platform: Platform,
    pub(crate) name: String,
    /// What its endpoints are kept under: another one when an application of the same name is created again.
    pub(crate) id: u64,
    /// By which the platform knows the application, sealed: nobody reads it any more.
    credential: Bytes,
    principal: Option<Bytes>,
    /// How the platform is shown the credential.
    method: Option<String>,
    /// The identifiers of Apple's that go with a signing key.
    team_id: Option<String>,
    bundle_id: Option<String>,
    /// Topics that are told what happens to endpoints.
    events: BTreeMap<Event, Address>,
}

impl Resource for Application {
    const KIND: &'static str = "sns/application";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.platform.as_str(), &self.name).into_key()
    }
}

impl Application {
    pub(crate) fn arn(&self, place: Place) -> Arn {
        place.arn("sns", format_args!("app/{}/{}", self.platform.as_str(), self.name))
    }
}

/// The ARN of an application as callers write it.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct ApplicationArn(String);

impl ApplicationArn {
    /// Its platform and name.
    ///
    /// # Errors
    /// `InvalidParameter`, also for an application of another account or Region.
    pub(crate) fn parse(&self, cx: &Cx) -> Result<(Platform, &str)> {
        let refused = || invalid("PlatformApplicationArn");
        let arn: Arn = self.0.parse().map_err(|_| refused())?;
        let is_here =
            arn.service() == "sns" && arn.account() == Some(cx.account()) && arn.region() == Some(cx.region());
        let path = self.0.rsplit(':').next().unwrap_or_default();
        let parts = path.strip_prefix("app/").and_then(|rest| rest.split_once('/'));
        let (platform, name) = parts.filter(|_| is_here).ok_or_else(refused)?;
        Ok((Platform::parse(platform).ok_or_else(refused)?, name))
    }

    /// The application, if there is one.
    ///
    /// # Errors
    /// `InvalidParameter`
    pub(crate) async fn find(&self, cx: &mut Cx) -> Result<Option<Application>> {
        let (here, (platform, name)) = (cx.here(), self.parse(cx)?);
        cx.get::<Application>(here, (platform.as_str(), name)).await
    }

    /// The application.
    ///
    /// # Errors
    /// `InvalidParameter`, `NotFound`
    pub(crate) async fn application(&self, cx: &mut Cx) -> Result<Application> {
        self.find(cx).await?.ok_or_else(|| NotFoundException::because("PlatformApplication does not exist"))
    }
}

/// Whether a text can be the name of an application.
///
/// Source: <https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformApplication.html>
fn is_name(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    plain && (1..=256).contains(&text.len())
}
