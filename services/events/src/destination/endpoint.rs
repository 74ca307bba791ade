//! Which endpoints may be called.

use welkin_kernel::{Cx, Result};
use welkin_outbound::Loopback;

use crate::errors::invalid_parameter;

/// Whether endpoints on this very machine may be called: what is tested with Welkin runs there.
pub(crate) fn loopback(cx: &Cx) -> Loopback {
    if cx.is_strict() { Loopback::Refused } else { Loopback::Allowed }
}

/// Holds an endpoint against the rules: HTTPS; or HTTP on this very machine, where that may be called.
///
/// # Errors
/// `ValidationException`
pub(crate) fn check(cx: &Cx, parameter: &str, text: &str) -> Result<()> {
    // A path may have `*` in it, which stand for the target's values.
    let url = reqwest::Url::parse(text).ok().filter(|url| url.host_str().is_some());
    let fits = url.is_some_and(|url| {
        let own = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        url.scheme() == "https" || (url.scheme() == "http" && own && loopback(cx) == Loopback::Allowed)
    });
    if fits { Ok(()) } else { Err(invalid_parameter(parameter, "The endpoint must be an HTTPS URL.")) }
}

/// Reads an answer as far as `most` bytes.
///
/// # Errors
/// The connection breaks.
pub(crate) async fn read(answer: reqwest::Response, most: usize) -> std::result::Result<Vec<u8>, reqwest::Error> {
    let mut answer = answer;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() >= most {
            bytes.truncate(most);
            break;
        }
    }
    Ok(bytes)
}
