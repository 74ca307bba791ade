//! OpenID Connect providers: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html>.

mod client;
mod create;
mod show;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Cx, Error, IntoKey, Key, OidcProvider, Page, Place, Resource, Result, Scope, Timestamp};

use crate::directory::home;
use crate::errors::{InvalidInputException, NoSuchEntityException};
use crate::named::{Named, tagging};
use crate::quota;
use crate::tag::Tags;

pub(crate) use client::{
    AddClientIDToOpenIDConnectProvider, RemoveClientIDFromOpenIDConnectProvider, UpdateOpenIDConnectProviderThumbprint,
};
pub(crate) use create::{CreateOpenIDConnectProvider, DeleteOpenIDConnectProvider};
pub(crate) use show::{GetOpenIDConnectProvider, ListOpenIDConnectProviders};

/// A provider that the account trusts to tell who its users are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Provider {
    /// Without `https://`: what its ARN ends with.
    url: String,
    client_ids: Vec<String>,
    thumbprints: Vec<String>,
    created: Timestamp,
    tags: Tags,
}

impl Resource for Provider {
    const KIND: &'static str = "iam/oidc-provider";
    const SCOPE: Scope = Scope::Account;

    fn key(&self) -> Key {
        (&self.url).into_key()
    }
}

/// The URL in the ARN of a provider of `place`.
fn parse(place: Place, arn: &str) -> Option<&str> {
    let prefix = String::from(place.global_arn("iam", "oidc-provider"));
    arn.strip_prefix(&prefix)?.strip_prefix('/')
}

impl Named for Provider {
    async fn find(cx: &mut Cx, name: &str) -> Result<Option<Self>> {
        match parse(cx.here(), name) {
            Some(url) => cx.get::<Self>(cx.here(), url).await,
            None => Ok(None),
        }
    }

    fn arn(&self, place: Place) -> String {
        place.global_arn("iam", format_args!("oidc-provider/{}", self.url)).into()
    }

    fn arn_of(_: Place, name: &str) -> String {
        name.to_owned()
    }

    fn missing(name: &str) -> Error {
        NoSuchEntityException::because(format!("OpenIDConnect Provider not found for arn {name}"))
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Tags {
        &mut self.tags
    }
}

tagging!(Provider, arn "OpenIDConnectProviderArn":
    TagOpenIDConnectProvider "iam:TagOpenIDConnectProvider",
    UntagOpenIDConnectProvider "iam:UntagOpenIDConnectProvider",
    ListOpenIDConnectProviderTags "iam:ListOpenIDConnectProviderTags");

/// How many the account has.
pub(crate) async fn count(cx: &mut Cx) -> Result<usize> {
    Ok(cx.list::<Provider>(cx.here(), (), Page::ALL).await?.len())
}

/// The provider with this ARN, for those who take its tokens.
pub(crate) async fn trusted(cx: &mut Cx, arn: &Arn) -> Result<Option<OidcProvider>> {
    let Some(place) = arn.account().map(home) else { return Ok(None) };
    let Some(url) = parse(place, arn.as_str()) else { return Ok(None) };
    Ok(cx.get::<Provider>(place, url).await?.map(|provider| OidcProvider {
        url: provider.url,
        client_ids: provider.client_ids,
        thumbprints: provider.thumbprints,
        tags: provider.tags,
    }))
}

/// Refuses thumbprints that are none, or too many.
fn hold_thumbprints(thumbprints: &[String]) -> Result<()> {
    if thumbprints.len() > quota::THUMBPRINTS_PER_OIDC_PROVIDER as usize {
        return Err(InvalidInputException::because("Thumbprint list must contain fewer than 5 entries."));
    }
    if let Some(wrong) = thumbprints.iter().find(|print| !print.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        // UNVERIFIED: AWS's wording. That a thumbprint is 40 hexadecimal digits is documented.
        return Err(InvalidInputException::because(format!("Thumbprint {wrong} is not a hexadecimal SHA-1 hash.")));
    }
    Ok(())
}

/// The URL of a provider without its scheme, if it may be one: HTTPS, no query, no fragment.
///
/// AWS's guide says that it should have no port. One is accepted, since issuers on the same machine have one.
fn read_url(url: &str) -> Result<&str> {
    let invalid = || InvalidInputException::because("Invalid Open ID Connect Provider URL");
    let rest = url.strip_prefix("https://").ok_or_else(invalid)?;
    let authority = rest.split('/').next().unwrap_or_default();
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let is_port = !port.starts_with('0') && port.parse::<u16>().is_ok();
    let is_host = !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        && !host.starts_with(['.', '-']);
    let is_path = rest.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#' | b'@' | b'"' | b'<'));
    if is_host && is_port && is_path { Ok(rest) } else { Err(invalid()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_url_is_https_without_query() {
        for (url, expected) in [
            ("https://token.actions.githubusercontent.com", Some("token.actions.githubusercontent.com")),
            ("https://oidc.eks.eu-west-1.amazonaws.com/id/ABC", Some("oidc.eks.eu-west-1.amazonaws.com/id/ABC")),
            ("http://example.com", None),
            ("https://", None),
            ("https://localhost:8443/realm", Some("localhost:8443/realm")),
            ("https://example.com:", None),
            ("https://example.com:x", None),
            ("https://example.com:99999", None),
            ("https://example.com/?a=b", None),
            ("https://example.com/#a", None),
            ("https://exa mple.com", None),
            ("example.com", None),
        ] {
            assert_eq!(read_url(url).ok(), expected, "{url}");
        }
    }

    #[test]
    fn thumbprints_are_five_hashes_at_most() {
        let print = |n: usize| format!("{n:040x}");
        assert!(hold_thumbprints(&(0..5).map(print).collect::<Vec<_>>()).is_ok());
        assert!(hold_thumbprints(&(0..6).map(print).collect::<Vec<_>>()).unwrap_err().is("InvalidInputException"));
        assert!(hold_thumbprints(&["z".repeat(40)]).unwrap_err().is("InvalidInputException"));
    }
}
