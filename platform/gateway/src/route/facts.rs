//! What a request says of where it goes, read once.

use http::HeaderMap;
use http::header::{CONTENT_TYPE, HOST};
use http::request::Parts;

use super::host::{self, Host};
use super::matcher::Offer;
use super::query_string;
use super::signature::{self, Signature};
use crate::local_names::LocalNames;

/// What a request says of where it goes.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) method: &'a str,
    /// Percent-encoded.
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) host: Host<'a>,
    pub(super) signature: Signature<'a>,
}

impl<'a> Facts<'a> {
    pub(super) fn read(parts: &'a Parts, names: &LocalNames) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        let authority = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        Self {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query,
            headers: &parts.headers,
            host: host::read(authority, names),
            signature: signature::read(&parts.headers, query),
        }
    }

    /// A header as text, `""` without one.
    pub(super) fn header(&self, name: &str) -> &'a str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(super) fn content_type(&self) -> &'a str {
        self.header(CONTENT_TYPE.as_str())
    }

    /// Whether the body is a form, in which the query protocols name their operation.
    pub(super) fn is_form(&self) -> bool {
        self.method == "POST" && self.content_type().starts_with("application/x-www-form-urlencoded")
    }

    /// Whether the query string names an operation.
    pub(super) fn has_action(&self) -> bool {
        !self.query.is_empty() && query_string::has(self.query, "Action")
    }

    /// Service in the credential scope.
    pub(super) fn signing_name(&self) -> Option<&str> {
        match &self.signature {
            Signature::V4 { service, .. } => Some(service),
            _ => None,
        }
    }

    /// Region of the call.
    pub(super) fn region(&self) -> Option<&str> {
        match &self.signature {
            Signature::V4 { region: Some(region), .. } => Some(region),
            _ => self.host.region,
        }
    }

    /// What a matcher needs, with the path as it counts.
    pub(super) fn offer<'b>(&'b self, path: &'b str) -> Offer<'b> {
        Offer { method: self.method, path, query: self.query, headers: self.headers }
    }
}
