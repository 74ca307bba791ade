//! What was agreed on for an encrypted connection.

use rustls::{CipherSuite, ProtocolVersion, ServerConnection};

/// Version and cipher suite of a TLS connection, under the names that AWS has for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsSession {
    /// Version, e.g. `1.3`.
    pub version: &'static str,
    /// Cipher suite by its name in OpenSSL, e.g. `ECDHE-RSA-AES128-GCM-SHA256`.
    pub cipher_suite: &'static str,
}

impl TlsSession {
    /// Of a connection whose handshake is done.
    pub(crate) fn of(connection: &ServerConnection) -> Self {
        let cipher_suite = connection.negotiated_cipher_suite().map(|suite| suite.suite());
        Self { version: version(connection.protocol_version()), cipher_suite: cipher_suite.map_or("", name) }
    }
}

/// The version as policies have it (`s3:TlsVersion`): Welkin speaks no older ones than 1.2.
fn version(version: Option<ProtocolVersion>) -> &'static str {
    if version == Some(ProtocolVersion::TLSv1_2) { "1.2" } else { "1.3" }
}

/// The suites that the server offers. <https://docs.openssl.org/3.0/man1/openssl-ciphers/>
fn name(suite: CipherSuite) -> &'static str {
    match suite {
        CipherSuite::TLS13_AES_128_GCM_SHA256 => "TLS_AES_128_GCM_SHA256",
        CipherSuite::TLS13_AES_256_GCM_SHA384 => "TLS_AES_256_GCM_SHA384",
        CipherSuite::TLS13_CHACHA20_POLY1305_SHA256 => "TLS_CHACHA20_POLY1305_SHA256",
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 => "ECDHE-ECDSA-AES128-GCM-SHA256",
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 => "ECDHE-ECDSA-AES256-GCM-SHA384",
        CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 => "ECDHE-ECDSA-CHACHA20-POLY1305",
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 => "ECDHE-RSA-AES128-GCM-SHA256",
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 => "ECDHE-RSA-AES256-GCM-SHA384",
        CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 => "ECDHE-RSA-CHACHA20-POLY1305",
        _ => "",
    }
}
