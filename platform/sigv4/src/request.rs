//! What a signature covers of a request.

use http::HeaderMap;

/// The parts of an HTTP request that a signature covers, as they came over the wire.
///
/// For HTTP/2 the gateway puts `:authority` into the `host` header before it hands the request on.
#[derive(Clone, Copy, Debug)]
pub struct RequestView<'a> {
    /// Method, e.g. `"PUT"`.
    pub method: &'a str,
    /// Path as sent: percent-encoded, not normalised, without the query.
    pub path: &'a str,
    /// Query as sent, without the question mark; empty if there is none.
    pub query: &'a str,
    /// All headers.
    pub headers: &'a HeaderMap,
}

impl<'a> RequestView<'a> {
    /// The only value of a header as text; `None` if it is absent, sent twice or not visible ASCII.
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?;
        match values.next() {
            None => value.to_str().ok(),
            Some(_) => None,
        }
    }
}
