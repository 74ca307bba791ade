//! Asks an issuer for its keys: <https://openid.net/specs/openid-connect-discovery-1_0.html>.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use serde::Deserialize;
use sha1::{Digest, Sha1};
use welkin_kernel::{Error, Result};

use super::key_set::{KeySet, no_key};
use crate::errors::{IDPCommunicationErrorException, InvalidIdentityTokenException};

/// How long an issuer has for one answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Longest document that is read of an issuer, in bytes.
const LONGEST: usize = 1 << 20;

#[derive(Deserialize)]
struct Configuration {
    issuer: String,
    jwks_uri: String,
}

/// The keys that the issuer publishes now. `issuer` is without `https://`; `thumbprints` are those of certificates
/// that are trusted besides those of public authorities.
pub(super) async fn keys(issuer: &str, thumbprints: &[String]) -> Result<KeySet> {
    let distrusted = Arc::new(AtomicBool::new(false));
    let client = client(thumbprints, Arc::clone(&distrusted))?;
    let read = async |url: String| {
        let answer = get(&client, &url).await;
        if distrusted.load(Ordering::Relaxed) {
            return Err(InvalidIdentityTokenException::because(
                "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
            ));
        }
        answer
    };
    let document = read(format!("https://{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))).await?;
    let configuration: Configuration = serde_json::from_slice(&document).map_err(|_| no_key())?;
    let own = configuration.issuer.strip_prefix("https://") == Some(issuer);
    if !own || !configuration.jwks_uri.starts_with("https://") {
        return Err(no_key());
    }
    KeySet::read(&read(configuration.jwks_uri).await?)
}

fn client(thumbprints: &[String], distrusted: Arc<AtomicBool>) -> Result<reqwest::Client> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let trust = Trust {
        public: public(&provider),
        thumbprints: thumbprints.iter().map(|print| print.to_ascii_lowercase()).collect(),
        provider: Arc::clone(&provider),
        distrusted,
    };
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::internal)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(trust))
        .with_no_client_auth();
    reqwest::Client::builder()
        .use_preconfigured_tls(tls)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .https_only(true)
        .timeout(PATIENCE)
        .build()
        .map_err(Error::internal)
}

async fn get(client: &reqwest::Client, url: &str) -> Result<Vec<u8>> {
    let unreachable = |error: reqwest::Error| {
        tracing::debug!(%error, url, "an identity provider could not be asked");
        Error::from(IDPCommunicationErrorException)
    };
    let mut answer = client.get(url).send().await.map_err(unreachable)?;
    if answer.status().is_server_error() {
        return Err(IDPCommunicationErrorException.into());
    }
    if !answer.status().is_success() {
        return Err(no_key());
    }
    let mut document = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
        if document.len() + chunk.len() > LONGEST {
            return Err(no_key());
        }
        document.extend_from_slice(&chunk);
    }
    Ok(document)
}

/// Verifies by the authorities that this machine trusts; `None` if it trusts none.
fn public(provider: &Arc<CryptoProvider>) -> Option<Arc<WebPkiServerVerifier>> {
    static ROOTS: LazyLock<Arc<RootCertStore>> = LazyLock::new(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(roots)
    });
    WebPkiServerVerifier::builder_with_provider(Arc::clone(&ROOTS), Arc::clone(provider)).build().ok()
}

/// Trusts servers with a certificate of a public authority, or with one whose chain ends in a certificate that has
/// one of the thumbprints.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html>
#[derive(Debug)]
struct Trust {
    public: Option<Arc<WebPkiServerVerifier>>,
    thumbprints: Vec<String>,
    provider: Arc<CryptoProvider>,
    /// Set when a server was not trusted.
    distrusted: Arc<AtomicBool>,
}

impl Trust {
    fn by_thumbprint(
        &self,
        server: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), rustls::Error> {
        let distrusted = || rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let last = others.last().unwrap_or(server);
        if !self.thumbprints.contains(&hex::encode(Sha1::digest(last))) {
            return Err(distrusted());
        }
        let Some((anchor, between)) = others.split_last() else {
            // The thumbprint is that of the server's own certificate.
            return verify_server_name(&ParsedCertificate::try_from(server)?, name);
        };
        let mut roots = RootCertStore::empty();
        roots.add(anchor.clone().into_owned())?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider));
        let verifier = verifier.build().map_err(|_| distrusted())?;
        verifier.verify_server_cert(server, between, name, &[], now).map(|_| ())
    }
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        server: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let public = self.public.as_ref().map(|public| public.verify_server_cert(server, others, name, ocsp, now));
        if let Some(Ok(verified)) = public {
            return Ok(verified);
        }
        self.by_thumbprint(server, others, name, now)
            .inspect_err(|_| self.distrusted.store(true, Ordering::Relaxed))?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        server: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, server, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        server: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, server, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
