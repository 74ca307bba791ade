//! Push notification services, and what they are given.
//!
//! Reference: <https://docs.aws.amazon.com/sns/latest/dg/sns-send-custom-platform-specific-payloads-mobile-devices.html>

use serde::{Deserialize, Serialize};
use serde_json::json;

/// A push notification service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Platform {
    Adm,
    Apns,
    ApnsSandbox,
    ApnsVoip,
    ApnsVoipSandbox,
    Baidu,
    Gcm,
    MacOs,
    MacOsSandbox,
    Mpns,
    Wns,
}

/// All of them, with their names.
const NAMES: [(Platform, &str); 11] = [
    (Platform::Adm, "ADM"),
    (Platform::Apns, "APNS"),
    (Platform::ApnsSandbox, "APNS_SANDBOX"),
    (Platform::ApnsVoip, "APNS_VOIP"),
    (Platform::ApnsVoipSandbox, "APNS_VOIP_SANDBOX"),
    (Platform::Baidu, "BAIDU"),
    (Platform::Gcm, "GCM"),
    (Platform::MacOs, "MACOS"),
    (Platform::MacOsSandbox, "MACOS_SANDBOX"),
    (Platform::Mpns, "MPNS"),
    (Platform::Wns, "WNS"),
];

impl Platform {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        NAMES.into_iter().find(|(_, name)| *name == text).map(|(platform, _)| platform)
    }

    /// Its name in ARNs, and the key of its payload in a message that says something else by each protocol.
    pub(crate) fn as_str(self) -> &'static str {
        NAMES.into_iter().find(|(platform, _)| *platform == self).map_or("", |(_, name)| name)
    }

    pub(crate) fn is_apple(self) -> bool {
        matches!(
            self,
            Self::Apns | Self::ApnsSandbox | Self::ApnsVoip | Self::ApnsVoipSandbox | Self::MacOs | Self::MacOsSandbox
        )
    }

    /// Whether it knows an application by a principal beside the credential.
    pub(crate) fn has_principal(self) -> bool {
        self != Self::Gcm
    }

    /// The payload that a plain text becomes.
    // UNVERIFIED: the forms of those but Apple's and Google's, of which the reference has examples.
    pub(crate) fn wrap(self, text: &str) -> String {
        match self {
            Self::Gcm | Self::Adm => json!({ "data": { "default": text } }).to_string(),
            Self::Baidu => json!({ "title": "", "description": text }).to_string(),
            Self::Mpns | Self::Wns => text.to_owned(),
            _ => json!({ "aps": { "alert": text } }).to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_platform_has_a_name_of_its_own() {
        for (platform, name) in NAMES {
            assert_eq!((platform.as_str(), Platform::parse(name)), (name, Some(platform)));
        }
        assert_eq!(Platform::parse("PIGEON"), None);
    }

    #[test]
    fn a_plain_text_is_wrapped_as_the_platform_wants_it() {
        assert_eq!(Platform::Gcm.wrap("a\"b"), r#"{"data":{"default":"a\"b"}}"#);
        assert_eq!(Platform::ApnsSandbox.wrap("x"), r#"{"aps":{"alert":"x"}}"#);
    }
}
