//! Signing of requests: for outgoing calls, the command line, benchmarks and tests.

use crate::{
    Algorithm, Credentials, Payload, RequestView, Scope, SigningKey, Style,
    canonical::{canonical_request, string_to_sign},
    chunk_signer::ChunkSigner,
    ecdsa,
    encoding::push_encoded,
    hash::EMPTY_SHA256_HEX,
    scope::TERMINATOR,
    time::basic,
};
use http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};
use jiff::Timestamp;
use std::time::Duration;

/// Whose signature, where and when.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    /// Who signs.
    pub credentials: &'a Credentials,
    /// Algorithm.
    pub algorithm: Algorithm,
    /// Region; with SigV4a the set of Regions, e.g. `"*"`.
    pub region: &'a str,
    /// Signing name of the service.
    pub service: &'a str,
    /// How paths become canonical ([`Rules::of`](crate::Rules::of) knows).
    pub style: Style,
    /// Time of signing.
    pub time: Timestamp,
}

/// Parts of a request that is to be signed.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// Method.
    pub method: &'a str,
    /// Path, percent-encoded as it will be sent.
    pub path: &'a str,
    /// Query, encoded as it will be sent, without the question mark.
    pub query: &'a str,
}

/// A request cannot be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// There is no `host` header.
    #[error("the request has no host header")]
    NoHost,
    /// A token or Region holds what no header may hold.
    #[error("{0} is not a permitted value of a header")]
    BadHeader(&'static str),
    /// No SigV4a key follows from the secret.
    #[error("no SigV4a key can be derived from the secret access key")]
    NoKey,
}

/// Headers that proxies and libraries add or change on the way.
const NOT_SIGNED: [&str; 6] =
    ["authorization", "connection", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id"];

impl Signer<'_> {
    fn scope(&self, time: &str) -> Scope {
        let region = if self.algorithm == Algorithm::HmacSha256 { self.region } else { "" };
        Scope {
            date: time.get(..8).unwrap_or_default().to_owned(),
            region: region.to_owned(),
            service: self.service.to_owned(),
            terminator: TERMINATOR.to_owned(),
        }
    }

    /// The key that requests of this signer's day, Region and service are signed with, for [`sign_headers_with`].
    /// `None` for SigV4a, which signs with the secret's own key.
    pub fn key(&self) -> Option<SigningKey> {
        let scope = self.scope(&basic(self.time));
        (self.algorithm == Algorithm::HmacSha256).then(|| SigningKey::hmac(&self.credentials.secret, &scope))
    }

    fn sign(&self, scope: &Scope, message: &[u8], key: Option<&SigningKey>) -> Result<String, SignError> {
        let Credentials { access_key_id, secret, .. } = self.credentials;
        if let Some(key) = key {
            return key.sign(message).map(hex::encode).ok_or(SignError::NoKey);
        }
        match self.algorithm {
            Algorithm::HmacSha256 => {
                SigningKey::hmac(secret, scope).sign(message).map(hex::encode).ok_or(SignError::NoKey)
            }
            Algorithm::EcdsaP256Sha256 => ecdsa::sign(access_key_id, secret, message).ok_or(SignError::NoKey),
        }
    }
}

/// Signs a request by its headers: adds `x-amz-date`, `x-amz-security-token`, `x-amz-region-set`, for S3 or whenever
/// the payload is not a plain hash `x-amz-content-sha256`, and `authorization`.
///
/// `headers` must hold `host`. A [`Payload::Absent`] stands for an empty body. The answer signs the chunks of the
/// body where the payload is chunked.
///
/// # Errors
/// If `host` is missing, or a value does not fit into a header.
pub fn sign_headers(
    parts: Parts<'_>,
    headers: &mut HeaderMap,
    payload: &Payload,
    signer: &Signer<'_>,
) -> Result<ChunkSigner, SignError> {
    sign_headers_with(None, parts, headers, payload, signer)
}

/// [`sign_headers`] with a key that [`Signer::key`] made before on the same day, which saves five HMACs.
///
/// # Errors
/// As [`sign_headers`].
pub fn sign_headers_with(
    key: Option<&SigningKey>,
    parts: Parts<'_>,
    headers: &mut HeaderMap,
    payload: &Payload,
    signer: &Signer<'_>,
) -> Result<ChunkSigner, SignError> {
    let time = basic(signer.time);
    let hash = payload.text().map_or_else(|| EMPTY_SHA256_HEX.to_owned(), |text| text.into_owned());
    if !headers.contains_key("host") {
        return Err(SignError::NoHost);
    }
    put(headers, "x-amz-date", &time)?;
    if let Some(token) = &signer.credentials.session_token {
        put(headers, "x-amz-security-token", token)?;
    }
    if signer.algorithm == Algorithm::EcdsaP256Sha256 {
        put(headers, "x-amz-region-set", signer.region)?;
    }
    if signer.style == Style::S3 || !matches!(payload, Payload::Absent | Payload::Sha256(_)) {
        put(headers, "x-amz-content-sha256", &hash)?;
    }
    let signed_headers = signed_headers(headers);
    let scope = signer.scope(&time);
    let view = RequestView { method: parts.method, path: parts.path, query: parts.query, headers };
    let canonical = canonical_request(&view, &signed_headers, &hash, signer.style).unwrap_or_default();
    let algorithm = signer.algorithm.name();
    let signature = signer.sign(&scope, &string_to_sign(algorithm, &time, &scope, &canonical), key)?;
    let access_key_id = &signer.credentials.access_key_id;
    let value = format!(
        "{algorithm} Credential={access_key_id}/{scope}, SignedHeaders={signed_headers}, Signature={signature}"
    );
    put(headers, AUTHORIZATION.as_str(), &value)?;
    Ok(ChunkSigner::new(signer.algorithm, signer.credentials.clone(), scope, time, signature))
}

/// Signs a request by its query and gives the whole query of the presigned URL.
///
/// `headers` are those that the user of the URL must send; `host` at least. S3's URLs leave the body unsigned; other
/// services' cover `payload`.
///
/// # Errors
/// If `host` is missing.
pub fn presign(
    parts: Parts<'_>,
    headers: &HeaderMap,
    payload: &Payload,
    expires: Duration,
    signer: &Signer<'_>,
) -> Result<String, SignError> {
    if !headers.contains_key("host") {
        return Err(SignError::NoHost);
    }
    let time = basic(signer.time);
    let scope = signer.scope(&time);
    let signed_headers = signed_headers(headers);
    let expires = expires.as_secs().to_string();
    let credential = format!("{}/{scope}", signer.credentials.access_key_id);
    let mut query = Query(parts.query.to_owned());
    query.push("X-Amz-Algorithm", signer.algorithm.name());
    query.push("X-Amz-Credential", &credential);
    query.push("X-Amz-Date", &time);
    query.push("X-Amz-Expires", &expires);
    query.push("X-Amz-SignedHeaders", &signed_headers);
    if let Some(token) = &signer.credentials.session_token {
        query.push("X-Amz-Security-Token", token);
    }
    if signer.algorithm == Algorithm::EcdsaP256Sha256 {
        query.push("X-Amz-Region-Set", signer.region);
    }
    let hash = match (signer.style, payload.text()) {
        (Style::S3, _) => "UNSIGNED-PAYLOAD".to_owned(),
        (Style::Standard, Some(text)) => text.into_owned(),
        (Style::Standard, None) => EMPTY_SHA256_HEX.to_owned(),
    };
    let view = RequestView { method: parts.method, path: parts.path, query: &query.0, headers };
    let canonical = canonical_request(&view, &signed_headers, &hash, signer.style).unwrap_or_default();
    let signature = signer.sign(&scope, &string_to_sign(signer.algorithm.name(), &time, &scope, &canonical), None)?;
    query.push("X-Amz-Signature", &signature);
    Ok(query.0)
}

struct Query(String);

impl Query {
    fn push(&mut self, name: &str, value: &str) {
        let mut encoded = Vec::with_capacity(value.len());
        value.bytes().for_each(|byte| push_encoded(&mut encoded, byte));
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(name);
        self.0.push('=');
        self.0.push_str(&String::from_utf8_lossy(&encoded));
    }
}

fn put(headers: &mut HeaderMap, name: &'static str, value: &str) -> Result<(), SignError> {
    let value = HeaderValue::from_str(value).map_err(|_| SignError::BadHeader(name))?;
    headers.insert(HeaderName::from_static(name), value);
    Ok(())
}

/// Names of the headers to sign, sorted, separated by semicolons.
fn signed_headers(headers: &HeaderMap) -> String {
    let mut names: Vec<&str> =
        headers.keys().map(HeaderName::as_str).filter(|name| !NOT_SIGNED.contains(name)).collect();
    names.sort_unstable();
    names.join(";")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_key_made_before_signs_as_the_secret_does() {
        let credentials =
            Credentials { access_key_id: "AKIDEXAMPLE".to_owned(), secret: "secret".into(), session_token: None };
        let (region, service, style, time) = ("us-east-1", "sts", Style::Standard, Timestamp::UNIX_EPOCH);
        let parts = Parts { method: "POST", path: "/", query: "" };
        let signed = |algorithm, with_key: bool| {
            let signer = Signer { credentials: &credentials, algorithm, region, service, style, time };
            let key = if with_key { signer.key() } else { None };
            let mut headers = HeaderMap::new();
            headers.insert("host", HeaderValue::from_static("127.0.0.1"));
            sign_headers_with(key.as_ref(), parts, &mut headers, &Payload::Absent, &signer).unwrap();
            (key.is_some(), headers.remove(AUTHORIZATION).unwrap())
        };
        let (had_key, fast) = signed(Algorithm::HmacSha256, true);
        assert!(had_key);
        assert_eq!(fast, signed(Algorithm::HmacSha256, false).1);
        assert!(!signed(Algorithm::EcdsaP256Sha256, true).0);
    }
}
