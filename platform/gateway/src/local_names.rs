//! Host names that mean this machine.

use std::net::{IpAddr, Ipv6Addr};

/// Host names that mean this machine, each with all its subdomains: `localhost` makes
/// `bucket.s3.localhost` S3's. Configured names are added to those that always count.
#[derive(Clone, Debug)]
pub struct LocalNames(Vec<String>);

impl Default for LocalNames {
    fn default() -> Self {
        Self::with([])
    }
}

impl LocalNames {
    /// `localhost`, names that resolve to it by convention, and `names`.
    pub fn with(names: impl IntoIterator<Item = String>) -> Self {
        let always = ["localhost", "localhost.localstack.cloud", "host.docker.internal"].map(str::to_owned);
        let mut all: Vec<String> = always.into_iter().chain(names).collect();
        // The longest match counts.
        all.sort_by_key(|name| std::cmp::Reverse(name.len()));
        Self(all)
    }

    /// What stands in front of a local name: `"bucket.s3"` of `bucket.s3.localhost`, `""` of
    /// `localhost` itself, `None` of any other host. `host` has no port.
    pub(crate) fn prefix<'a>(&self, host: &'a str) -> Option<&'a str> {
        self.0.iter().find_map(|name| strip_domain(host, name))
    }

    /// Whether a page on some other host cannot have made its own name resolve here: the name is
    /// local, or is an address.
    pub(crate) fn is_trusted(&self, authority: &str) -> bool {
        let host = host_of(authority);
        is_address(host) || self.prefix(host).is_some()
    }
}

/// What stands in front of `domain` in `host`, without the dot.
pub(crate) fn strip_domain<'a>(host: &'a str, domain: &str) -> Option<&'a str> {
    let at = host.len().checked_sub(domain.len())?;
    let (front, back) = host.split_at_checked(at)?;
    if !back.eq_ignore_ascii_case(domain) {
        return None;
    }
    if front.is_empty() { Some(front) } else { front.strip_suffix('.') }
}

/// The host of `host:port`, without brackets or a final dot.
pub(crate) fn host_of(authority: &str) -> &str {
    if let Some(rest) = authority.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default();
    }
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    host.strip_suffix('.').unwrap_or(host)
}

/// Whether a host is an IP address.
pub(crate) fn is_address(host: &str) -> bool {
    // Only these characters begin one; parsing every name would cost more.
    host.starts_with(|c: char| c.is_ascii_hexdigit() || c == ':')
        && (host.parse::<IpAddr>().is_ok() || host.parse::<Ipv6Addr>().is_ok())
}

/// Whether an address is this machine's, also as IPv4 in IPv6.
pub(crate) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_prefixes() {
        for (authority, host, prefix) in [
            ("localhost:4566", "localhost", Some("")),
            ("localhost", "localhost", Some("")),
            ("Bucket.S3.LOCALHOST.:80", "Bucket.S3.LOCALHOST", Some("Bucket.S3")),
            ("s3.localhost.localstack.cloud:4566", "s3.localhost.localstack.cloud", Some("s3")),
            ("notlocalhost", "notlocalhost", None),
            ("evil.example", "evil.example", None),
            ("welkin", "welkin", Some("")),
            ("[::1]:4566", "::1", None),
        ] {
            assert_eq!(host_of(authority), host);
            assert_eq!(LocalNames::with(["welkin".to_owned()]).prefix(host), prefix, "{authority}");
        }
    }

    #[test]
    fn names_that_cannot_be_rebound_are_trusted() {
        let names = LocalNames::default();
        for good in ["localhost", "127.0.0.1:4566", "[::1]:4566", "10.0.0.7", "x.localhost:1"] {
            assert!(names.is_trusted(good), "{good}");
        }
        for bad in ["evil.example", "localhost.evil.example", "", "127.0.0.1.evil.example", "1evil"] {
            assert!(!names.is_trusted(bad), "{bad}");
        }
    }
}
