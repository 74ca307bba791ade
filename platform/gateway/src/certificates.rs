//! Certificates per host name, minted when first asked for.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use welkin_wire::Timestamp;

use crate::ca::{Ca, CaError, LEAF_LIFE};

/// Certificates kept; the least recently used goes.
const KEPT: usize = 1024;

/// What time it is by the machine's clock, by which clients judge certificates.
pub type MachineClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How the listener does TLS.
#[derive(Clone)]
pub struct Tls {
    /// Who signs the certificates.
    pub ca: Arc<Ca>,
    /// The machine's clock.
    pub clock: MachineClock,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// Server side of TLS 1.2 and 1.3 with ALPN `h2` and `http/1.1`; `addresses` are in the
    /// certificate that clients without SNI (those that dial an address) are shown.
    pub(crate) fn server(&self, addresses: &[IpAddr]) -> Result<Arc<rustls::ServerConfig>, rustls::Error> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut addresses = addresses.to_vec();
        addresses.extend([IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]);
        addresses.retain(|address| !address.is_unspecified());
        addresses.sort_unstable();
        addresses.dedup();
        let certificates =
            Certificates { tls: self.clone(), provider: Arc::clone(&provider), addresses, minted: Mutex::default() };
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(certificates));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

struct Certificates {
    tls: Tls,
    provider: Arc<rustls::crypto::CryptoProvider>,
    addresses: Vec<IpAddr>,
    /// By host name; the empty name is that of clients without SNI.
    minted: Mutex<HashMap<Box<str>, Minted>>,
}

struct Minted {
    key: Arc<CertifiedKey>,
    renew: Timestamp,
    used: Timestamp,
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificates")
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().unwrap_or_default().to_ascii_lowercase();
        match self.certificate(&name) {
            Ok(key) => Some(key),
            Err(error) => {
                tracing::warn!(host = name, %error, "no certificate");
                None
            }
        }
    }
}

impl Certificates {
    fn certificate(&self, name: &str) -> Result<Arc<CertifiedKey>, CaError> {
        let now = (self.tls.clock)();
        let mut minted = self.minted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = minted.get_mut(name)
            && now < known.renew
        {
            known.used = now;
            return Ok(Arc::clone(&known.key));
        }
        if minted.len() >= KEPT
            && let Some(oldest) = minted.iter().min_by_key(|(_, minted)| minted.used).map(|(name, _)| name.clone())
        {
            minted.remove(&oldest);
        }
        let key = Arc::new(self.mint(name, now)?);
        let renew = now.plus(LEAF_LIFE / 2);
        minted.insert(name.into(), Minted { key: Arc::clone(&key), renew, used: now });
        Ok(key)
    }

    fn mint(&self, name: &str, now: Timestamp) -> Result<CertifiedKey, CaError> {
        let leaf = match name {
            "" => self.tls.ca.leaf(&["localhost", "*.localhost"], &self.addresses, now)?,
            "localhost" => self.tls.ca.leaf(&[name], &self.addresses, now)?,
            _ => self.tls.ca.leaf(&[name], &[], now)?,
        };
        CertifiedKey::from_der(vec![leaf.certificate], leaf.key, &self.provider)
            .map_err(|error| CaError::Invalid(error.to_string()))
    }
}
