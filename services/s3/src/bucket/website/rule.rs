//! Routing rules: which visitors are sent elsewhere.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html>

use serde::{Deserialize, Serialize};

/// A rule, as the API has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RoutingRule {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) condition: Option<Condition>,
    pub(super) redirect: Option<Redirect>,
}

/// Which requests the rule is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Condition {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) http_error_code_returned_equals: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) key_prefix_equals: Option<String>,
}

/// Where to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Redirect {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) host_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) http_redirect_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) protocol: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) replace_key_prefix_with: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) replace_key_with: Option<String>,
}

/// Another place to go.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target<'a> {
    pub(super) protocol: Option<&'a str>,
    pub(super) host: Option<&'a str>,
    pub(super) key: String,
    pub(super) status: u16,
}

impl RoutingRule {
    /// Where a request for a key is sent: before anything is read (`error` is `None`), or after it came to an error.
    pub(super) fn target<'a>(&'a self, key: &str, error: Option<u16>) -> Option<Target<'a>> {
        let condition = self.condition.as_ref();
        let code = condition.and_then(|condition| condition.http_error_code_returned_equals.as_deref());
        let prefix = condition.and_then(|condition| condition.key_prefix_equals.as_deref()).unwrap_or_default();
        let code_fits = match (code, error) {
            (None, None) => true,
            (Some(code), Some(error)) => code.parse() == Ok(error),
            _ => false,
        };
        let rest = key.strip_prefix(prefix).filter(|_| code_fits)?;
        let redirect = self.redirect.as_ref()?;
        let key = match (&redirect.replace_key_with, &redirect.replace_key_prefix_with) {
            (Some(whole), _) => whole.clone(),
            (None, Some(start)) => [start, rest].concat(),
            (None, None) => key.to_owned(),
        };
        let status = redirect.http_redirect_code.as_deref().and_then(|code| code.parse().ok()).unwrap_or(301);
        Some(Target { protocol: redirect.protocol.as_deref(), host: redirect.host_name.as_deref(), key, status })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(code: Option<&str>, prefix: Option<&str>, redirect: Redirect) -> RoutingRule {
        let condition = Condition {
            http_error_code_returned_equals: code.map(str::to_owned),
            key_prefix_equals: prefix.map(str::to_owned),
        };
        RoutingRule { condition: Some(condition), redirect: Some(redirect) }
    }

    #[test]
    fn the_documentations_examples() {
        let prefix = |with: &str| Redirect { replace_key_prefix_with: Some(with.into()), ..Redirect::default() };
        let whole = Redirect { replace_key_with: Some("folderdeleted.html".into()), ..Redirect::default() };
        for (rule, key, error, expected) in [
            (rule(None, Some("docs/"), prefix("documents/")), "docs/a", None, Some("documents/a")),
            (rule(None, Some("docs/"), prefix("documents/")), "doc/a", None, None),
            (rule(None, Some("images/"), whole), "images/a/b", None, Some("folderdeleted.html")),
            (rule(Some("404"), None, prefix("report-404/")), "a", Some(404), Some("report-404/a")),
            (rule(Some("404"), None, prefix("report-404/")), "a", Some(403), None),
            (rule(Some("404"), None, prefix("report-404/")), "a", None, None),
            (rule(None, Some("docs/"), prefix("documents/")), "docs/a", Some(404), None),
        ] {
            let target = rule.target(key, error);
            assert_eq!(target.as_ref().map(|target| target.key.as_str()), expected, "{key} {error:?}");
        }
    }
}
