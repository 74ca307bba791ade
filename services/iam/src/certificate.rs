//! X.509 certificates as callers send them, in PEM: RFC 5280.

use welkin_kernel::{Error, Result, Timestamp};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use crate::errors::MalformedCertificateException;
use crate::pem;

/// Certificates in a chain, at most.
const LONGEST_CHAIN: usize = 32;

/// One certificate, in DER.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    pub(crate) der: Vec<u8>,
}

fn unreadable() -> Error {
    MalformedCertificateException::because(
        "Unable to parse certificate. Please ensure the certificate is in PEM format.",
    )
}

impl Certificate {
    /// Reads exactly one.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let mut all = all(text)?;
        match (all.pop(), all.is_empty()) {
            (Some(certificate), true) => Ok(certificate),
            _ => Err(unreadable()),
        }
    }

    fn parsed(&self) -> Result<X509Certificate<'_>> {
        match X509Certificate::from_der(&self.der) {
            Ok(([], parsed)) => Ok(parsed),
            _ => Err(unreadable()),
        }
    }

    /// When it is valid: from the first time to the second.
    pub(crate) fn validity(&self) -> Result<(Timestamp, Timestamp)> {
        let parsed = self.parsed()?;
        let time = |at: x509_parser::time::ASN1Time| Timestamp::from_secs(at.timestamp());
        Ok((time(parsed.validity().not_before), time(parsed.validity().not_after)))
    }

    /// Whether it is valid at this time.
    pub(crate) fn is_valid(&self, now: Timestamp) -> Result<bool> {
        let (begins, ends) = self.validity()?;
        Ok(begins <= now && now <= ends)
    }

    /// Its public key: the bits of `subjectPublicKey`.
    pub(crate) fn public_bits(&self) -> Result<Vec<u8>> {
        Ok(self.parsed()?.public_key().subject_public_key.data.to_vec())
    }

    /// Whether `issuer` has issued it.
    fn is_issued_by(&self, issuer: &Self) -> Result<bool> {
        let (own, issuer) = (self.parsed()?, issuer.parsed()?);
        let named = own.issuer().as_raw() == issuer.subject().as_raw();
        Ok(named && own.verify_signature(Some(issuer.public_key())).is_ok())
    }

    /// Holds that the first certificate of `chain` has issued this one, and each further one the one before it.
    pub(crate) fn hold_chain(&self, chain: &[Self]) -> Result<()> {
        let issued = std::iter::once(self).chain(chain);
        for (at, (issued, issuer)) in issued.zip(chain).enumerate() {
            if !issued.is_issued_by(issuer)? {
                let message = format!(
                    "Unable to validate certificate chain. The certificate chain must start with the immediate signing \
                     certificate, followed by any intermediaries in order. The index within the chain of the invalid \
                     certificate is: {}",
                    i64::try_from(at).unwrap_or(i64::MAX) - 1
                );
                return Err(MalformedCertificateException::because(message));
            }
        }
        Ok(())
    }
}

/// Reads certificates that follow on each other.
pub(crate) fn all(text: &str) -> Result<Vec<Certificate>> {
    let blocks = pem::blocks(text).ok_or_else(unreadable)?;
    if blocks.is_empty() || blocks.len() > LONGEST_CHAIN {
        return Err(unreadable());
    }
    let mut certificates = Vec::with_capacity(blocks.len());
    for block in blocks {
        if block.label != "CERTIFICATE" {
            return Err(unreadable());
        }
        let certificate = Certificate { der: block.der };
        certificate.parsed()?;
        certificates.push(certificate);
    }
    Ok(certificates)
}
