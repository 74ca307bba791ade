//! Which web sites can be configured.

use welkin_kernel::{Error, Result};

use super::rule::{Condition, Redirect, RoutingRule};
use super::{Configuration, RedirectAll};
use crate::errors::{InvalidRequest, MalformedXML, invalid_argument};

/// Routing rules that a web site may have.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketWebsite.html>
const MOST_RULES: usize = 50;

// UNVERIFIED: the wording of the messages below; codes and rules are documented.

impl Configuration {
    /// # Errors
    /// `MalformedXML`, `InvalidRequest`, `InvalidArgument`
    pub(super) fn check(&self) -> Result<()> {
        if let Some(all) = &self.redirect_all_requests_to {
            if self.index_document.is_some() || self.error_document.is_some() || self.routing_rules.is_some() {
                return Err(InvalidRequest::because(
                    "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
                ));
            }
            return all.check();
        }
        self.check_documents()?;
        let Some(rules) = &self.routing_rules else { return Ok(()) };
        if rules.is_empty() {
            return Err(MalformedXML.into());
        }
        if rules.len() > MOST_RULES {
            return Err(InvalidRequest::because(format!(
                "{} routing rules provided, the number of routing rules in a website configuration is limited to \
                 {MOST_RULES}.",
                rules.len()
            )));
        }
        rules.iter().try_for_each(RoutingRule::check)
    }

    fn check_documents(&self) -> Result<()> {
        let Some(index) = &self.index_document else {
            let message = "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty";
            return Err(invalid_argument(message, "IndexDocument", "null"));
        };
        match index.suffix.as_deref() {
            None => return Err(MalformedXML.into()),
            Some(suffix) if suffix.is_empty() || suffix.contains('/') => {
                return Err(invalid_argument("The IndexDocument Suffix is not well formed", "IndexDocument", suffix));
            }
            Some(_) => {}
        }
        match self.error_document.as_ref().map(|document| document.key.as_deref()) {
            Some(None) => Err(MalformedXML.into()),
            Some(Some("")) => Err(invalid_argument("The ErrorDocument Key is not well formed", "ErrorDocument", "")),
            _ => Ok(()),
        }
    }
}

impl RedirectAll {
    fn check(&self) -> Result<()> {
        match self.host_name.as_deref() {
            None => return Err(MalformedXML.into()),
            Some("") => {
                return Err(InvalidRequest::because(
                    "A host name must be provided to redirect all requests (e.g. \"example.com\").",
                ));
            }
            Some(name) => check_host(name)?,
        }
        check_protocol(self.protocol.as_deref())
    }
}

impl RoutingRule {
    fn check(&self) -> Result<()> {
        if let Some(condition) = &self.condition {
            condition.check()?;
        }
        match &self.redirect {
            Some(redirect) => redirect.check(),
            None => Err(MalformedXML.into()),
        }
    }
}

impl Condition {
    fn check(&self) -> Result<()> {
        let Some(code) = &self.http_error_code_returned_equals else {
            return match self.key_prefix_equals {
                Some(_) => Ok(()),
                None => Err(InvalidRequest::because(
                    "Condition cannot be empty. To redirect all requests without a condition, the condition element \
                     shouldn't be present.",
                )),
            };
        };
        match code.parse::<u16>() {
            Ok(400..=599) => Ok(()),
            _ => Err(InvalidRequest::because(format!(
                "The provided HTTP error code ({code}) is not valid. Valid codes are 4XX or 5XX."
            ))),
        }
    }
}

impl Redirect {
    fn check(&self) -> Result<()> {
        if *self == Self::default() {
            return Err(MalformedXML.into());
        }
        if self.replace_key_with.is_some() && self.replace_key_prefix_with.is_some() {
            return Err(InvalidRequest::because("You can only define ReplaceKeyPrefix or ReplaceKey but not both."));
        }
        if let Some(name) = &self.host_name {
            check_host(name)?;
        }
        check_protocol(self.protocol.as_deref())?;
        match self.http_redirect_code.as_deref().map(str::parse::<u16>) {
            None | Some(Ok(301..=305 | 307 | 308)) => Ok(()),
            _ => {
                let code = self.http_redirect_code.as_deref().unwrap_or_default();
                Err(InvalidRequest::because(format!(
                    "The provided HTTP redirect code ({code}) is not valid. Valid codes are 3XX except 300."
                )))
            }
        }
    }
}

fn check_protocol(protocol: Option<&str>) -> Result<()> {
    match protocol {
        None | Some("http" | "https") => Ok(()),
        Some(_) => Err(InvalidRequest::because(
            "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected \
             automatically.",
        )),
    }
}

/// A host name, and a port maybe: what stands between the slashes of a URL.
fn check_host(name: &str) -> Result<(), Error> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b':' | b'_' | b'[' | b']');
    if !name.is_empty() && name.bytes().all(fits) {
        return Ok(());
    }
    Err(InvalidRequest::because(format!("The provided host name \"{name}\" is not valid.")))
}
