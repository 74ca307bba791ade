//! The gate before the operator's API.
//!
//! A request passes if it carries the operator's token, or comes from this machine, by a name that
//! only this machine has (so that no web page can reach it by DNS rebinding), and not from a web
//! page of another origin (so that none can post blindly). What container health checks wait for
//! is open to other machines.

use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::request::Parts;
use http::{Method, StatusCode};
use std::net::SocketAddr;
use subtle::ConstantTimeEq;

use crate::local_names::is_loopback;
use crate::refusal::Refusal;
use crate::{Config, cors};

/// Where the operator's API is mounted.
const MOUNTS: [&str; 2] = ["/_welkin", "/_localstack"];
/// What anyone who can reach the port may read: that Welkin is up. A container's host is another
/// machine, and health checks have no token.
const OPEN: [&str; 3] = ["/_welkin/health", "/_localstack/health", "/_localstack/init"];

/// Whether a path is the operator's.
pub(crate) fn is_admin(path: &str) -> bool {
    path.starts_with("/_") && MOUNTS.iter().any(|mount| is_under(path, mount))
}

fn is_under(path: &str, mount: &str) -> bool {
    path.strip_prefix(mount).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether the request may pass.
pub(crate) fn check(parts: &Parts, peer: SocketAddr, config: &Config) -> Result<(), Refusal> {
    if has_token(parts, config.operator_token.as_deref()) {
        return Ok(());
    }
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !config.names.is_trusted(host) {
        return Err(forbidden(
            format!("the Host header says {host:?}, which is not a name of this machine"),
            "use http://localhost, or add the name to those of this machine in Welkin's configuration",
        ));
    }
    if let Some(origin) = parts.headers.get(ORIGIN)
        && !config.cors.allows_operator(cors::text(origin))
    {
        return Err(forbidden(
            format!("the request comes from a web page of {origin:?}"),
            "allow the origin with --cors, or call from outside a browser",
        ));
    }
    let open = parts.method == Method::GET && OPEN.iter().any(|open| is_under(parts.uri.path(), open));
    if open || is_loopback(peer.ip()) {
        return Ok(());
    }
    Err(forbidden(
        format!("{} is not this machine and sent no valid token", peer.ip()),
        "send the operator's token: Authorization: Bearer TOKEN",
    ))
}

fn has_token(parts: &Parts, token: Option<&str>) -> bool {
    let sent = parts.headers.get(AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    match (sent, token) {
        (Some(sent), Some(token)) if !token.is_empty() => bool::from(sent.ct_eq(token.as_bytes())),
        _ => false,
    }
}

fn forbidden(detail: String, hint: &'static str) -> Refusal {
    Refusal { status: StatusCode::FORBIDDEN, message: "the operator's API is not open to this request", detail, hint }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn request(path: &str, headers: &[(&str, &str)]) -> Parts {
        let mut builder = http::Request::get(path);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.body(()).unwrap().into_parts().0
    }

    #[test]
    fn only_this_machine_or_the_token_passes() {
        let config = Config { operator_token: Some("s3cret".into()), ..Config::default() };
        let here = "127.0.0.1:9".parse().unwrap();
        let mapped = "[::ffff:127.0.0.1]:9".parse().unwrap();
        let there = "172.17.0.1:9".parse().unwrap();
        let local = ("host", "localhost:4566");
        for (passes, path, headers, peer) in [
            (true, "/_welkin/reset", vec![local], here),
            (true, "/_welkin/reset", vec![local], mapped),
            (false, "/_welkin/reset", vec![local], there),
            (true, "/_localstack/health", vec![local], there),
            (false, "/_localstack/healthy", vec![local], there),
            (true, "/_welkin/reset", vec![local, ("authorization", "Bearer s3cret")], there),
            (false, "/_welkin/reset", vec![local, ("authorization", "Bearer s3cre")], there),
            (false, "/_welkin/reset", vec![local, ("authorization", "Bearer ")], there),
            (false, "/_welkin/reset", vec![("host", "evil.example")], here),
            (false, "/_welkin/reset", vec![local, ("origin", "https://evil.example")], here),
            (false, "/_welkin/reset", vec![local, ("origin", "null")], here),
            (true, "/_welkin/reset", vec![local, ("origin", "http://localhost:3000")], here),
        ] {
            let outcome = check(&request(path, &headers), peer, &config);
            assert_eq!(outcome.is_ok(), passes, "{path} {headers:?} {peer}: {outcome:?}");
        }
    }

    #[test]
    fn an_empty_token_opens_nothing() {
        let config = Config { operator_token: Some(String::new()), ..Config::default() };
        let parts = request("/_welkin/jobs", &[("host", "localhost"), ("authorization", "Bearer ")]);
        assert!(check(&parts, "10.0.0.1:1".parse().unwrap(), &config).is_err());
    }

    #[test]
    fn mounts() {
        for (path, admin) in
            [("/_welkin/health", true), ("/_welkin", true), ("/_welkinx", false), ("/_localstack/init/ready", true)]
        {
            assert_eq!(is_admin(path), admin, "{path}");
        }
    }
}
