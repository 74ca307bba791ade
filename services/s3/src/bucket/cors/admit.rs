//! Which pages the rules of a bucket admit.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderName, VARY,
};
use http::{HeaderMap, HeaderValue};
use welkin_kernel::{Cx, Result, WebPage, WebPages};

use super::{Cors, METHODS, Rule};
use crate::bucket::Bucket;
use crate::errors::{AccessForbidden, BadRequest};

/// Web pages and the rules of buckets.
pub(crate) struct ByRules;

impl WebPages for ByRules {
    fn admit<'a>(&'a self, cx: &'a mut Cx, bucket: &'a str, page: &'a WebPage) -> BoxFuture<'a, Result<HeaderMap>> {
        async move {
            let bucket = Bucket::open_anywhere(cx, bucket).await?;
            if !METHODS.contains(&page.method.as_str()) {
                return Err(BadRequest::because(format!("Invalid Access-Control-Request-Method: {}", page.method)));
            }
            let Some(cors) = cx.get::<Cors>(bucket.place(), (&bucket.name,)).await? else {
                return Err(AccessForbidden::because("CORSResponse: CORS is not enabled for this bucket."));
            };
            match cors.rules.iter().find_map(|rule| rule.admit(page)) {
                Some(headers) => Ok(headers),
                None => Err(AccessForbidden::because(
                    "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, \
                     request method / Access-Control-Request-Method or Access-Control-Request-Headers are not \
                     whitelisted by the resource's CORS spec.",
                )
                .with("Method", page.method.as_str())),
            }
        }
        .boxed()
    }
}

impl Rule {
    /// The headers that admit a page, if the rule does.
    fn admit(&self, page: &WebPage) -> Option<HeaderMap> {
        let origin = self.allowed_origins.iter().find(|pattern| matches(pattern, &page.origin))?;
        let method = self.allowed_methods.contains(&page.method);
        let allows =
            |name: &String| self.allowed_headers.iter().any(|pattern| matches(&pattern.to_ascii_lowercase(), name));
        if !method || !page.headers.iter().all(allows) {
            return None;
        }
        let mut headers = HeaderMap::new();
        let mut put = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        if origin == "*" {
            put(ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        } else {
            put(ACCESS_CONTROL_ALLOW_ORIGIN, &page.origin);
            put(ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
        put(ACCESS_CONTROL_ALLOW_METHODS, &self.allowed_methods.join(", "));
        if !page.headers.is_empty() {
            put(ACCESS_CONTROL_ALLOW_HEADERS, &page.headers.join(", "));
        }
        if !self.expose_headers.is_empty() {
            put(ACCESS_CONTROL_EXPOSE_HEADERS, &self.expose_headers.join(", "));
        }
        if let Some(age) = self.max_age_seconds {
            put(ACCESS_CONTROL_MAX_AGE, &age.to_string());
        }
        put(VARY, "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
        Some(headers)
    }
}

/// Whether a text matches a pattern with at most one `*`.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, end)) => text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_has_one_wildcard() {
        for (pattern, text, expected) in [
            ("*", "https://a.example", true),
            ("https://*.example", "https://a.example", true),
            ("https://*.example", "https://a.example.org", false),
            ("http://a*a", "http://a", false),
            ("http://a.example", "http://a.example", true),
            ("http://a.example", "https://a.example", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_rule_admits_what_it_names() {
        let rule = Rule {
            allowed_methods: vec!["PUT".into()],
            allowed_origins: vec!["https://*.example".into()],
            allowed_headers: vec!["X-Amz-*".into()],
            ..Rule::default()
        };
        let admits = |origin: &str, method: &str, header: &str| {
            let headers = vec![header.to_owned()];
            rule.admit(&WebPage { origin: origin.to_owned(), method: method.to_owned(), headers }).is_some()
        };
        assert!(admits("https://a.example", "PUT", "x-amz-date"));
        assert!(!admits("https://a.example", "GET", "x-amz-date"));
        assert!(!admits("https://a.other", "PUT", "x-amz-date"));
        assert!(!admits("https://a.example", "PUT", "content-type"));
    }
}
