//! Delivery to HTTP and HTTPS endpoints: a POST that the endpoint must answer in time.
//!
//! References: <https://docs.aws.amazon.com/sns/latest/dg/http-header.html>,
//! <https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html>

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};
use welkin_kernel::{Cx, Error, Result};

use super::Outcome;
use super::envelope::Parcel;

/// How long an endpoint has for its answer.
///
/// Source: "Your endpoint must respond within 15 seconds":
/// <https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html>
const PATIENCE: Duration = Duration::from_secs(15);

/// Which addresses may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// All but those at which clouds tell machines their secrets.
    All,
    /// Neither those nor this machine's own: strangers subscribe endpoints to a Welkin that is strict.
    NotThisMachine,
}

impl Reach {
    pub(super) fn of(cx: &Cx) -> Self {
        if cx.is_strict() { Self::NotThisMachine } else { Self::All }
    }

    fn permits(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        !is_of_the_machine(address) && (self == Self::All || !(address.is_loopback() || address.is_unspecified()))
    }
}

/// Posts a parcel. The answer's body is not read: it may be without end.
///
/// # Errors
/// Faults of Welkin's; what the endpoint does is the outcome.
pub(super) async fn post(endpoint: &str, content_type: &str, parcel: &Parcel, reach: Reach) -> Result<Outcome> {
    let url = reqwest::Url::parse(endpoint).map_err(|_| Error::internal("a URL was checked when it was set"))?;
    let client = match client(&url, reach).await? {
        Ok(client) => client,
        Err(outcome) => return Ok(outcome),
    };
    let mut request = client
        .post(url)
        .header("content-type", content_type)
        .header("user-agent", "Amazon Simple Notification Service Agent")
        .header("x-amz-sns-message-type", parcel.kind)
        .header("x-amz-sns-message-id", &parcel.message_id)
        .header("x-amz-sns-topic-arn", &parcel.topic_arn);
    if parcel.kind != "SubscriptionConfirmation" {
        request = request.header("x-amz-sns-subscription-arn", &parcel.subscription_arn);
    }
    if parcel.raw {
        request = request.header("x-amz-sns-rawdelivery", "true");
    }
    if let Some(trace) = &parcel.trace {
        request = request.header("x-amzn-trace-id", trace);
    }
    match request.body(parcel.body.clone()).send().await {
        Ok(answer) => Ok(judge(answer.status().as_u16())),
        Err(error) => Ok(Outcome::Failed(format!("no answer: {error}"))),
    }
}

/// What a status says: trouble of the server's passes, others do not.
fn judge(status: u16) -> Outcome {
    match status {
        200..300 => Outcome::Delivered,
        429 | 500.. => Outcome::Failed(format!("HTTP status {status}")),
        _ => Outcome::Refused(format!("HTTP status {status}")),
    }
}

/// A client that connects to the addresses of this host and to no others; or why there is none.
async fn client(url: &reqwest::Url, reach: Reach) -> Result<std::result::Result<reqwest::Client, Outcome>> {
    let builder =
        reqwest::Client::builder().use_preconfigured_tls(tls()?).redirect(Policy::none()).no_proxy().timeout(PATIENCE);
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Ok(Err(Outcome::Refused("the URL has no host".to_owned())));
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let found: Vec<SocketAddr> = match tokio::time::timeout(PATIENCE, tokio::net::lookup_host((bare, port))).await {
        Ok(Ok(found)) => found.collect(),
        Err(_) => return Ok(Err(Outcome::Failed(format!("{host} is not found in time")))),
        Ok(Err(error)) => return Ok(Err(Outcome::Failed(format!("{host} is not found: {error}")))),
    };
    if found.iter().any(|address| !reach.permits(address.ip())) {
        return Ok(Err(Outcome::Refused(format!("{host} is an address that is not to be called"))));
    }
    builder.resolve_to_addrs(bare, &found).build().map(Ok).map_err(Error::internal)
}

/// Whether an address is one at which clouds tell machines their secrets.
fn is_of_the_machine(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => match address.segments() {
            // A translator (NAT64) turns it into the address of IPv4 that is in it.
            [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)).is_link_local()
            }
            [0xfd00, 0xec2, 0, 0, ..] => true,
            _ => address.is_unicast_link_local(),
        },
    }
}

/// TLS with the authorities that this machine trusts.
fn tls() -> Result<ClientConfig> {
    static ROOTS: std::sync::LazyLock<Arc<RootCertStore>> = std::sync::LazyLock::new(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(roots)
    });
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(builder.map_err(Error::internal)?.with_root_certificates(Arc::clone(&ROOTS)).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_of_the_server_passes_and_refusals_do_not() {
        assert_eq!(judge(204), Outcome::Delivered);
        for status in [429, 500, 503] {
            assert!(matches!(judge(status), Outcome::Failed(_)), "{status}");
        }
        for status in [301, 400, 403, 404] {
            assert!(matches!(judge(status), Outcome::Refused(_)), "{status}");
        }
    }

    #[test]
    fn addresses_that_describe_the_machine_are_known() {
        let known = |text: &str| is_of_the_machine(text.parse().expect("an address"));
        for address in ["169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fd00:ec2::254", "fe80::1"] {
            assert!(known(address), "{address}");
        }
        for address in ["127.0.0.1", "::1", "10.0.0.1", "8.8.8.8"] {
            assert!(!known(address), "{address}");
        }
    }

    #[test]
    fn a_strict_welkin_calls_nobody_on_its_own_machine() {
        let permits = |reach: Reach, text: &str| reach.permits(text.parse().expect("an address"));
        for address in ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::"] {
            assert!(permits(Reach::All, address) && !permits(Reach::NotThisMachine, address), "{address}");
        }
        assert!(permits(Reach::NotThisMachine, "10.0.0.1") && !permits(Reach::All, "169.254.169.254"));
    }
}
