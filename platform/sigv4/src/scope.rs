//! Algorithms and credential scopes.

use std::fmt;

/// Signature algorithms of version 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// `AWS4-HMAC-SHA256`.
    HmacSha256,
    /// `AWS4-ECDSA-P256-SHA256`, SigV4a: valid in a set of Regions.
    EcdsaP256Sha256,
}

impl Algorithm {
    /// Name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::HmacSha256 => "AWS4-HMAC-SHA256",
            Self::EcdsaP256Sha256 => "AWS4-ECDSA-P256-SHA256",
        }
    }

    /// The algorithm of a name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::HmacSha256, Self::EcdsaP256Sha256].into_iter().find(|algorithm| algorithm.name() == name)
    }
}

/// Where and when a signature is valid.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    /// Day, `YYYYMMDD`.
    pub date: String,
    /// Region; empty for SigV4a, whose Regions are in [`Claim::region_set`](crate::Claim::region_set).
    pub region: String,
    /// Signing name of the service, e.g. `"s3"`.
    pub service: String,
    /// `aws4_request`.
    pub terminator: String,
}

/// The only terminator there is.
pub(crate) const TERMINATOR: &str = "aws4_request";

impl Scope {
    /// Parses a `Credential`: access key id and scope. SigV4a's has no Region.
    pub(crate) fn parse_credential(credential: &str, algorithm: Algorithm) -> Option<(String, Self)> {
        // From the right: an access key id may hold a slash, nothing else may.
        let mut parts = credential.rsplitn(if algorithm == Algorithm::HmacSha256 { 5 } else { 4 }, '/');
        let terminator = parts.next()?.to_owned();
        let service = parts.next()?.to_owned();
        let region = match algorithm {
            Algorithm::HmacSha256 => parts.next()?.to_owned(),
            Algorithm::EcdsaP256Sha256 => String::new(),
        };
        let date = parts.next()?.to_owned();
        let access_key_id = parts.next()?.to_owned();
        if access_key_id.is_empty() || access_key_id.contains('/') {
            return None;
        }
        Some((access_key_id, Self { date, region, service, terminator }))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.region.is_empty() {
            write!(f, "{}/{}/{}", self.date, self.service, self.terminator)
        } else {
            write!(f, "{}/{}/{}/{}", self.date, self.region, self.service, self.terminator)
        }
    }
}
