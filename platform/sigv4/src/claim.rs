//! Who a request says it is from: the signature it presents, parsed but not yet verified.

use crate::{Algorithm, Error, ErrorKind, Location, Payload, RequestView, Scope, header, presigned, scope::TERMINATOR};
use jiff::Timestamp;
use std::time::Duration;

/// What a request presents.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "made once per request and taken apart at once; nearly always signed")]
pub enum Presented {
    /// No signature.
    Anonymous,
    /// A signature.
    Signed(Claim),
}

/// A signature of version 4 and what it says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Algorithm.
    pub algorithm: Algorithm,
    /// Access key id.
    pub access_key_id: String,
    /// Credential scope.
    pub scope: Scope,
    /// `X-Amz-Region-Set` of SigV4a: Regions, or patterns with `*`, separated by commas.
    pub region_set: Option<String>,
    /// `SignedHeaders` as sent: lower-case names separated by semicolons.
    pub signed_headers: String,
    /// Signature as sent, in hexadecimal.
    pub signature: String,
    /// Time of signing.
    pub timestamp: Timestamp,
    /// Time of signing, `YYYYMMDDTHHMMSSZ`.
    pub timestamp_text: String,
    /// How long a presigned URL is valid; absent in header signatures and where the URL does not say.
    pub expires: Option<Duration>,
    /// Session token.
    pub session_token: Option<String>,
    /// How the body is signed.
    pub payload: Payload,
    /// Where the signature was found.
    pub location: Location,
}

/// Finds the signature of a request, in the `Authorization` header or in the query.
///
/// # Errors
/// If it is malformed, in more than one place, of version 2, or of a scheme that is not AWS's.
pub fn present(view: &RequestView<'_>) -> Result<Presented, Error> {
    let in_query = presigned::find(view.query);
    let mut headers = view.headers.get_all(http::header::AUTHORIZATION).iter();
    let Some(value) = headers.next() else {
        return match in_query {
            presigned::Found::Nothing => Ok(Presented::Anonymous),
            presigned::Found::Version2 => Err(ErrorKind::SigV2.into()),
            presigned::Found::Version4 => presigned::parse(view).map(Presented::Signed),
        };
    };
    let value = String::from_utf8_lossy(value.as_bytes());
    if headers.next().is_some() || in_query != presigned::Found::Nothing {
        return Err(ErrorKind::SeveralMechanisms(value.into_owned()).into());
    }
    header::parse(view, &value).map(Presented::Signed)
}

impl Claim {
    /// Names of the signed headers.
    pub fn signed_header_names(&self) -> impl Iterator<Item = &str> {
        self.signed_headers.split(';').filter(|name| !name.is_empty())
    }

    /// Whether a header is signed; `name` is in lower case.
    pub fn signs(&self, name: &str) -> bool {
        self.signed_header_names().any(|signed| signed == name)
    }

    /// Checks that the scope is the one of the service and, if given, the Region that was asked.
    ///
    /// # Errors
    /// If it is not.
    pub fn expect_scope(&self, service: &str, region: Option<&str>) -> Result<(), Error> {
        let location = self.location;
        if let Some(region) = region
            && !self.covers_region(region)
        {
            let given = self.region_set.clone().unwrap_or_else(|| self.scope.region.clone());
            return Err(ErrorKind::WrongScopeRegion { given, expected: region.to_owned(), location }.into());
        }
        if self.scope.service != service {
            let given = self.scope.service.clone();
            return Err(ErrorKind::WrongScopeService { given, expected: service.to_owned(), location }.into());
        }
        Ok(())
    }

    /// Whether the signature is valid in a Region: its own, or for SigV4a one that a pattern of the set matches.
    pub fn covers_region(&self, region: &str) -> bool {
        match (&self.region_set, self.algorithm) {
            (Some(set), Algorithm::EcdsaP256Sha256) => set.split(',').any(|pattern| matches(pattern.trim(), region)),
            (None, Algorithm::EcdsaP256Sha256) => false,
            (_, Algorithm::HmacSha256) => self.scope.region == region,
        }
    }

    /// Checks what the scope must be whatever the service: the day of the request and the terminator.
    pub(crate) fn check_scope_form(&self) -> Result<(), Error> {
        let location = self.location;
        if self.scope.terminator != TERMINATOR {
            return Err(ErrorKind::WrongScopeTerminator { given: self.scope.terminator.clone(), location }.into());
        }
        if self.timestamp_text.get(..8) != Some(self.scope.date.as_str()) {
            let (given, timestamp) = (self.scope.date.clone(), self.timestamp_text.clone());
            return Err(ErrorKind::WrongScopeDate { given, timestamp, location }.into());
        }
        Ok(())
    }
}

/// Whether `pattern`, in which the first `*` stands for anything, matches `region`.
// UNVERIFIED: AWS documents `*` and prefixes such as `us-west-*`; more than one asterisk is taken literally here.
fn matches(pattern: &str, region: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == region,
        Some((head, tail)) => {
            region.len() >= head.len() + tail.len() && region.starts_with(head) && region.ends_with(tail)
        }
    }
}
