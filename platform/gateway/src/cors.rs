//! Which web pages may call Welkin from a browser (Fetch standard, CORS protocol).
//!
//! Answers carry no `Access-Control-Allow-Credentials`: AWS clients sign, they send no cookies.

use std::str::FromStr;

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue, ORIGIN, VARY,
};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use welkin_wire::Body;

use crate::local_names::{host_of, is_address, is_loopback, strip_domain};
use crate::refusal::Refusal;

/// Which web pages may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// Pages of this machine: `http://localhost:3000` and the like.
    pub local: bool,
    /// Pages of any origin may call the AWS API (never the operator's).
    pub any: bool,
    /// Pages of these origins, as browsers write them: `https://app.example`.
    pub origins: Vec<String>,
}

impl Default for Cors {
    /// Pages of this machine only.
    fn default() -> Self {
        Self { local: true, any: false, origins: Vec::new() }
    }
}

/// A value of `--cors` that is not one.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not an origin; write none, * or origins such as https://app.example, separated by commas")]
pub struct CorsError(String);

impl FromStr for Cors {
    type Err = CorsError;

    /// `none`, `*`, or origins separated by commas, which are allowed besides those of this machine.
    fn from_str(text: &str) -> Result<Self, CorsError> {
        match text {
            "none" => return Ok(Self { local: false, ..Self::default() }),
            "*" => return Ok(Self { any: true, ..Self::default() }),
            _ => {}
        }
        let origins = text.split(',').map(|origin| origin.trim().trim_end_matches('/')).map(|origin| {
            match origin.split_once("://") {
                Some(("http" | "https", host)) if !host.is_empty() && !host.contains('/') => Ok(origin.to_owned()),
                _ => Err(CorsError(origin.to_owned())),
            }
        });
        Ok(Self { origins: origins.collect::<Result<_, _>>()?, ..Self::default() })
    }
}

impl Cors {
    /// Whether a page of `origin` may call the AWS API.
    pub(crate) fn allows(&self, origin: &str) -> bool {
        self.any || self.allows_operator(origin)
    }

    /// Whether a page of `origin` may call the operator's API.
    pub(crate) fn allows_operator(&self, origin: &str) -> bool {
        self.origins.iter().any(|listed| listed == origin) || (self.local && is_local(origin))
    }

    /// The answer to a preflight.
    pub(crate) fn preflight(&self, parts: &Parts) -> Response<Body> {
        let origin = parts.headers.get(ORIGIN);
        let Some(origin) = origin.filter(|origin| self.allows(text(origin))) else {
            return Refusal {
                status: StatusCode::FORBIDDEN,
                message: "web pages of this origin may not call",
                detail: format!("origin {:?} is not allowed", origin.map(text).unwrap_or_default()),
                hint: "allow it with --cors, or give the bucket a CORS configuration",
            }
            .into();
        };
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD, PUT, POST, DELETE, PATCH"));
        if let Some(names) = parts.headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
        }
        if parts.headers.contains_key(PRIVATE_NETWORK_REQUEST) {
            headers.insert(PRIVATE_NETWORK_ANSWER, HeaderValue::from_static("true"));
        }
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        headers.insert(VARY, HeaderValue::from_static("Origin, Access-Control-Request-Headers"));
        response
    }

    /// Lets the page read the answer, unless the service has decided that itself.
    pub(crate) fn decorate(&self, origin: &HeaderValue, headers: &mut HeaderMap) {
        if headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) || !self.allows(text(origin)) {
            return;
        }
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
        headers.append(VARY, HeaderValue::from_static("Origin"));
    }
}

/// Chrome asks before a public page may call a private address.
/// <https://wicg.github.io/private-network-access/>
const PRIVATE_NETWORK_REQUEST: &str = "access-control-request-private-network";
const PRIVATE_NETWORK_ANSWER: &str = "access-control-allow-private-network";

/// Whether a request is a preflight.
pub(crate) fn is_preflight(parts: &Parts) -> bool {
    parts.method == Method::OPTIONS
        && parts.headers.contains_key(ORIGIN)
        && parts.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// An origin as text; what is not text is no origin that is allowed.
pub(crate) fn text(origin: &HeaderValue) -> &str {
    origin.to_str().unwrap_or_default()
}

fn is_local(origin: &str) -> bool {
    let Some(("http" | "https", authority)) = origin.split_once("://") else { return false };
    let host = host_of(authority);
    strip_domain(host, "localhost").is_some() || (is_address(host) && host.parse().is_ok_and(is_loopback))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn origins() {
        let default = Cors::default();
        for (origin, allowed) in [
            ("http://localhost:3000", true),
            ("https://app.localhost", true),
            ("http://127.0.0.1", true),
            ("http://[::1]:80", true),
            ("http://localhost.evil.example", false),
            ("http://evil.example", false),
            ("http://10.0.0.1", false),
            ("null", false),
            ("", false),
        ] {
            assert_eq!(default.allows(origin), allowed, "{origin}");
        }
        let listed: Cors = "https://a.example, https://b.example/".parse().unwrap();
        assert!(listed.allows("https://b.example") && listed.allows("http://localhost"));
        assert!(!listed.allows("https://c.example"));
        let any: Cors = "*".parse().unwrap();
        assert!(any.allows("https://c.example") && !any.allows_operator("https://c.example"));
        assert!(!"none".parse::<Cors>().unwrap().allows("http://localhost"));
        assert!("example.com".parse::<Cors>().is_err());
    }
}
