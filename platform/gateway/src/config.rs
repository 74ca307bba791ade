//! Settings of the gateway.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::{Cors, Limits, LocalNames, Tls};

/// The port where Welkin is expected.
pub const DEFAULT_PORT: u16 = 4566;

/// Settings of the gateway.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen. Default: port 4566 of `127.0.0.1` and `::1`.
    pub listen: Vec<SocketAddr>,
    /// TLS on the same port; without it a TLS handshake is refused. Default: none.
    pub tls: Option<Tls>,
    /// Limits per connection and request.
    pub limits: Limits,
    /// Host names that mean this machine.
    pub names: LocalNames,
    /// Which web pages may call.
    pub cors: Cors,
    /// The operator's token, which opens the admin API to peers that are not on this machine.
    pub operator_token: Option<String>,
}

impl Config {
    /// Both loopback addresses at `port`.
    pub fn loopback(port: u16) -> Vec<SocketAddr> {
        vec![SocketAddr::from((Ipv4Addr::LOCALHOST, port)), SocketAddr::from((Ipv6Addr::LOCALHOST, port))]
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: Self::loopback(DEFAULT_PORT),
            tls: None,
            limits: Limits::default(),
            names: LocalNames::default(),
            cors: Cors::default(),
            operator_token: None,
        }
    }
}
