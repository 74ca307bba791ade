//! HTTP requests that services make to endpoints of customers: webhooks, API destinations, token endpoints.
//!
//! A client is made for one URL. It connects to the addresses that the host has at that moment and to no others, follows
//! no redirects and uses no proxy; an address at which clouds tell machines their secrets is refused, whatever name it
//! goes by.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};

/// Which addresses of this very machine may be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loopback {
    /// The loopback addresses: what is being tested runs there.
    Allowed,
    /// None.
    Refused,
}

/// Why there is no client for a URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoClient {
    /// The URL has no host.
    #[error("the URL has no host")]
    NoHost,
    /// The host's name has no address for now.
    #[error("{0} is not found: {1}")]
    NotFound(String, String),
    /// The address describes the machine, or is the machine's own.
    #[error("{0} is an address that describes the machine")]
    Forbidden(String),
    /// A fault of Welkin's.
    #[error("{0}")]
    Fault(String),
}

/// A client for one URL, which waits for an answer as long as `patience`.
///
/// # Errors
/// Why there is none.
pub async fn client(url: &reqwest::Url, patience: Duration, loopback: Loopback) -> Result<reqwest::Client, NoClient> {
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Err(NoClient::NoHost);
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let not_found = |why: String| NoClient::NotFound(host.to_owned(), why);
    let found: Vec<SocketAddr> = match tokio::time::timeout(patience, tokio::net::lookup_host((bare, port))).await {
        Ok(Ok(found)) => found.collect(),
        Ok(Err(error)) => return Err(not_found(error.to_string())),
        Err(_) => return Err(not_found("the look-up takes too long".to_owned())),
    };
    if found.iter().any(|address| is_forbidden(address.ip(), loopback)) {
        return Err(NoClient::Forbidden(host.to_owned()));
    }
    let builder = reqwest::Client::builder().use_preconfigured_tls(tls()?).redirect(Policy::none()).no_proxy();
    let client = builder.timeout(patience).resolve_to_addrs(bare, &found).build();
    client.map_err(|error| NoClient::Fault(error.to_string()))
}

/// Whether an address is one at which clouds tell machines their secrets, or the machine's own where that is refused.
fn is_forbidden(address: IpAddr, loopback: Loopback) -> bool {
    let address = address.to_canonical();
    let is_own = address.is_loopback() || address.is_unspecified();
    let describes = match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => match address.segments() {
            // A translator (NAT64) turns it into the address of IPv4 that is in it.
            [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)).is_link_local()
            }
            [0xfd00, 0xec2, 0, 0, ..] => true,
            _ => address.is_unicast_link_local(),
        },
    };
    describes || (is_own && loopback == Loopback::Refused)
}

/// TLS with the authorities that this machine trusts.
fn tls() -> Result<ClientConfig, NoClient> {
    static ROOTS: LazyLock<Arc<RootCertStore>> = LazyLock::new(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(roots)
    });
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| NoClient::Fault(error.to_string()))?;
    Ok(builder.with_root_certificates(Arc::clone(&ROOTS)).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_describe_the_machine_are_forbidden() {
        let is = |text: &str, loopback| is_forbidden(text.parse().expect("an address"), loopback);
        for address in ["169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fd00:ec2::254", "fe80::1"] {
            assert!(is(address, Loopback::Allowed), "{address}");
        }
        for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0"] {
            assert!(!is(address, Loopback::Allowed) && is(address, Loopback::Refused), "{address}");
        }
        assert!(!is("203.0.113.7", Loopback::Refused) && !is("10.0.0.1", Loopback::Refused));
    }
}
