//! Browsers' uploads to S3: forms with a signed policy.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>

mod condition;
mod policy;

pub use condition::Condition;
pub use policy::Policy;

use crate::{
    Algorithm, Error, ErrorKind, KeyCache, Location, Mismatch, PostError, Scope, Secret, SigningKey, scope::TERMINATOR,
    time::parse_basic,
};
use jiff::Timestamp;
use std::sync::Arc;

/// The fields of a form that stand before its file.
///
/// Names are case-insensitive. `${filename}` in values has been replaced already: S3 expands variables before it
/// judges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    fields: Vec<(String, String)>,
}

/// The signature of a form, parsed but not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostClaim {
    /// Algorithm.
    pub algorithm: Algorithm,
    /// Access key id.
    pub access_key_id: String,
    /// Credential scope.
    pub scope: Scope,
    /// Time of signing.
    pub timestamp: Timestamp,
    /// Session token.
    pub session_token: Option<String>,
    /// Signature as sent, in hexadecimal.
    pub signature: String,
    /// The policy as sent, in base64: this is what is signed.
    pub policy: String,
}

impl Form {
    /// A form of these fields, in the form's order.
    pub fn new(fields: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { fields: fields.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect() }
    }

    /// The first value of a field; `name` is in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// All fields, names in lower case.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Finds the signature. `None` if the form has no policy: it is anonymous.
    ///
    /// # Errors
    /// If there is a policy without a whole signature, or a signature of version 2.
    pub fn present(&self) -> Result<Option<PostClaim>, Error> {
        let Some(policy) = self.get("policy") else { return Ok(None) };
        if self.get("x-amz-signature").is_none() && self.get("awsaccesskeyid").is_some() {
            return Err(ErrorKind::SigV2.into());
        }
        let field = |name: &str, shown| self.get(name).ok_or(PostError::MissingField(shown));
        let signature = field("x-amz-signature", "X-Amz-Signature")?;
        let algorithm = field("x-amz-algorithm", "X-Amz-Algorithm")?;
        let credential = field("x-amz-credential", "X-Amz-Credential")?;
        let date = field("x-amz-date", "X-Amz-Date")?;
        let location = Location::Form;
        let algorithm = Algorithm::parse(algorithm)
            .ok_or_else(|| ErrorKind::UnknownAlgorithm { value: algorithm.to_owned(), location })?;
        let (access_key_id, scope) = Scope::parse_credential(credential, algorithm)
            .ok_or_else(|| ErrorKind::MalformedCredential { value: credential.to_owned(), location })?;
        let timestamp =
            parse_basic(date).ok_or_else(|| ErrorKind::MalformedDate { value: date.to_owned(), location })?;
        if scope.terminator != TERMINATOR {
            return Err(ErrorKind::WrongScopeTerminator { given: scope.terminator, location }.into());
        }
        if date.get(..8) != Some(scope.date.as_str()) {
            let (given, timestamp) = (scope.date, date.to_owned());
            return Err(ErrorKind::WrongScopeDate { given, timestamp, location }.into());
        }
        Ok(Some(PostClaim {
            algorithm,
            access_key_id,
            scope,
            timestamp,
            session_token: self.get("x-amz-security-token").map(str::to_owned),
            signature: signature.to_owned(),
            policy: policy.to_owned(),
        }))
    }
}

/// Verifies a form: its signature, its policy's time and its conditions but for the file's size, which
/// [`Policy::check_size`] judges when it is known. `bucket` is the one that was asked.
///
/// # Errors
/// If anything does not hold.
pub fn verify(
    claim: &PostClaim,
    form: &Form,
    bucket: &str,
    secret: &Secret,
    now: Timestamp,
    keys: &KeyCache,
) -> Result<Policy, Error> {
    check_signature(claim, secret, keys)?;
    let policy = Policy::parse(&claim.policy)?;
    policy.check(form, bucket, now)?;
    Ok(policy)
}

fn check_signature(claim: &PostClaim, secret: &Secret, keys: &KeyCache) -> Result<(), Error> {
    let slot = keys.lookup(claim.algorithm, &claim.access_key_id, secret, &claim.scope);
    let cached = slot.get();
    let key = match &cached {
        Some(key) => Some(key.clone()),
        None => SigningKey::derive(claim.algorithm, &claim.access_key_id, secret, &claim.scope).map(Arc::new),
    };
    match key {
        Some(key) if key.verifies(claim.policy.as_bytes(), &claim.signature) => {
            if cached.is_none() {
                slot.put(&key);
            }
            Ok(())
        }
        _ => Err(ErrorKind::SignatureMismatch(Box::new(Mismatch {
            access_key_id: claim.access_key_id.clone(),
            signature: claim.signature.clone(),
            string_to_sign: claim.policy.clone(),
            canonical_request: None,
        }))
        .into()),
    }
}
