//! What a token claims.
//!
//! Claims: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html>, session tags:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp>.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use welkin_kernel::{Result, Timestamp};

use super::token::{Token, missing};
use crate::errors::{ExpiredTokenException, InvalidIdentityTokenException};
use crate::source_identity;

/// How far the clocks of issuers may be ahead, in seconds.
// UNVERIFIED: AWS documents no tolerance.
const SKEW: i64 = 300;

/// Longest subject: `webIdentitySubjectType` in the model.
const SUBJECT: usize = 255;

const TAGS: &str = "https://aws.amazon.com/tags";
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";

/// Claims that policies can test besides audience and subject, by issuer.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html>
const OF_ISSUERS: [(&str, &[&str]); 1] = [(
    "token.actions.githubusercontent.com",
    &[
        "actor",
        "actor_id",
        "job_workflow_ref",
        "repository",
        "repository_id",
        "workflow",
        "ref",
        "environment",
        "enterprise_id",
    ],
)];

/// The claims of a token that count.
#[derive(Debug)]
pub(super) struct Claims {
    pub(super) subject: String,
    /// For whom it was issued: the authorised party if there is one, else the audiences.
    pub(super) audiences: Vec<String>,
    /// The audiences, where an authorised party takes their place.
    original_audiences: Vec<String>,
    methods: Vec<String>,
    others: BTreeMap<&'static str, String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) transitive: Vec<String>,
    pub(super) source_identity: Option<String>,
}

impl Claims {
    /// Reads the claims of a verified token that is valid now.
    pub(super) fn read(token: &Token<'_>, now: Timestamp) -> Result<Self> {
        let claims = &token.claims;
        check_times(claims, now.secs())?;
        let subject = claims.get("sub").and_then(Value::as_str).ok_or_else(|| missing("sub"))?;
        if subject.is_empty() || subject.len() > SUBJECT {
            return Err(InvalidIdentityTokenException::because(format!(
                "The subject of the token must have 1 to {SUBJECT} characters."
            )));
        }
        let audiences = texts(claims.get("aud")).filter(|list| !list.is_empty()).ok_or_else(|| missing("aud"))?;
        let (audiences, original_audiences) = match claims.get("azp").and_then(Value::as_str) {
            Some(party) => (vec![party.to_owned()], audiences),
            None => (audiences, Vec::new()),
        };
        let issuer = token.issuer()?;
        let of_issuer = OF_ISSUERS.iter().filter(|(name, _)| *name == issuer).flat_map(|(_, names)| names.iter());
        let others = of_issuer.filter_map(|name| Some((*name, claims.get(*name)?.as_str()?.to_owned()))).collect();
        let source_identity =
            claims.get(SOURCE_IDENTITY).map(|value| source_identity::read(value.as_str())).transpose()?;
        let (tags, transitive) = tags(claims)?;
        Ok(Self {
            subject: subject.to_owned(),
            audiences,
            original_audiences,
            methods: texts(claims.get("amr")).unwrap_or_default(),
            others,
            tags,
            transitive,
            source_identity,
        })
    }

    /// The audience as answers show it.
    pub(super) fn audience(&self) -> &str {
        self.audiences.first().map_or("", String::as_str)
    }

    /// Condition keys of the call itself.
    pub(super) fn condition_keys(&self, issuer: &str) -> Vec<(String, Vec<String>)> {
        let mut keys: Vec<_> = self.session_keys(issuer).into_iter().collect();
        if !self.original_audiences.is_empty() {
            keys.push((format!("{issuer}:oaud"), self.original_audiences.clone()));
        }
        keys.extend(self.others.iter().map(|(name, value)| (format!("{issuer}:{name}"), vec![value.clone()])));
        keys
    }

    /// Condition keys that the session has as well.
    pub(super) fn session_keys(&self, issuer: &str) -> BTreeMap<String, Vec<String>> {
        let mut keys = BTreeMap::from([
            (format!("{issuer}:sub"), vec![self.subject.clone()]),
            (format!("{issuer}:aud"), self.audiences.clone()),
        ]);
        if !self.methods.is_empty() {
            keys.insert(format!("{issuer}:amr"), self.methods.clone());
        }
        keys
    }
}

fn check_times(claims: &Map<String, Value>, now: i64) -> Result<()> {
    let at = |claim: &str| claims.get(claim).and_then(Value::as_f64);
    let expires = at("exp").ok_or_else(|| missing("exp"))?;
    let issued = at("iat").ok_or_else(|| missing("iat"))?;
    #[allow(clippy::cast_precision_loss)] // Seconds since 1970 are exact in an f64.
    let (now, latest) = (now as f64, now.saturating_add(SKEW) as f64);
    if expires <= now {
        return Err(ExpiredTokenException::because(format!(
            "Token expired: current date/time {now} must be before the expiration date/time {expires}"
        )));
    }
    if issued > latest || at("nbf").is_some_and(|begins| begins > latest) {
        // UNVERIFIED: AWS's wording.
        return Err(InvalidIdentityTokenException::because("The ID Token provided is not valid yet."));
    }
    Ok(())
}

/// A text, or a list of texts.
fn texts(value: Option<&Value>) -> Option<Vec<String>> {
    match value? {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(values) => values.iter().map(|value| value.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

/// Session tags: nested in one claim, or flat, each in a claim of its own.
fn tags(claims: &Map<String, Value>) -> Result<(BTreeMap<String, String>, Vec<String>)> {
    let invalid = || InvalidIdentityTokenException::because(format!("The claim {TAGS} is not valid."));
    let mut found: Vec<(&str, &Value)> = Vec::new();
    let mut transitive = None;
    if let Some(nested) = claims.get(TAGS) {
        let nested = nested.as_object().ok_or_else(invalid)?;
        let tags = nested.get("principal_tags").map(|tags| tags.as_object().ok_or_else(invalid)).transpose()?;
        found.extend(tags.into_iter().flatten().map(|(key, value)| (key.as_str(), value)));
        transitive = nested.get("transitive_tag_keys");
    }
    for (claim, value) in claims {
        let Some(flat) = claim.strip_prefix(TAGS).and_then(|rest| rest.strip_prefix('/')) else { continue };
        match flat.strip_prefix("principal_tags/") {
            Some(key) => found.push((key, value)),
            None if flat == "transitive_tag_keys" => transitive = Some(value),
            None => {}
        }
    }
    let mut tags = BTreeMap::new();
    for (key, value) in found {
        // Each tag has one value.
        let [value] = &*texts(Some(value)).ok_or_else(invalid)? else { return Err(invalid()) };
        tags.insert(key.to_owned(), value.clone());
    }
    let transitive = transitive.map(|keys| texts(Some(keys)).ok_or_else(invalid)).transpose()?;
    Ok((tags, transitive.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    const NOW: i64 = 1_700_000_000;

    fn read(change: Value) -> Result<Claims> {
        let mut claims = json!({ "iss": "https://i.example", "sub": "s", "aud": "a", "iat": NOW, "exp": NOW + 60 });
        for (name, value) in change.as_object().unwrap() {
            claims.as_object_mut().unwrap().insert(name.clone(), value.clone());
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}.", part(&json!({ "alg": "RS256" })), part(&claims));
        Claims::read(&Token::read(&text).unwrap(), Timestamp::from_secs(NOW))
    }

    #[test]
    fn times_are_held_against_the_clock() {
        assert!(read(json!({})).is_ok());
        assert!(read(json!({ "exp": NOW })).unwrap_err().is("ExpiredTokenException"));
        assert!(read(json!({ "exp": null })).unwrap_err().is("InvalidIdentityTokenException"));
        assert!(read(json!({ "iat": NOW + SKEW })).is_ok());
        for late in [json!({ "iat": NOW + SKEW + 1 }), json!({ "nbf": NOW + SKEW + 1 }), json!({ "iat": "now" })] {
            assert!(read(late).unwrap_err().is("InvalidIdentityTokenException"));
        }
    }

    #[test]
    fn an_authorised_party_takes_the_place_of_the_audience() {
        let claims = read(json!({ "aud": ["a", "b"], "amr": ["authenticated"] })).unwrap();
        let keys: BTreeMap<_, _> = claims.condition_keys("i.example").into_iter().collect();
        assert_eq!(keys["i.example:aud"], ["a", "b"]);
        assert_eq!(keys["i.example:amr"], ["authenticated"]);
        let claims = read(json!({ "aud": ["a", "b"], "azp": "p" })).unwrap();
        let keys: BTreeMap<_, _> = claims.condition_keys("i.example").into_iter().collect();
        assert_eq!((claims.audience(), &keys["i.example:oaud"]), ("p", &vec!["a".to_owned(), "b".to_owned()]));
        for none in [json!({ "aud": [] }), json!({ "aud": 1 }), json!({ "aud": [1] }), json!({ "sub": "" })] {
            assert!(read(none).is_err());
        }
    }

    #[test]
    fn tags_are_nested_or_flat() {
        let nested = json!({ TAGS: { "principal_tags": { "k": ["v"] }, "transitive_tag_keys": ["k"] } });
        let flat = json!({ format!("{TAGS}/principal_tags/k"): ["v"], format!("{TAGS}/transitive_tag_keys"): ["k"] });
        for claims in [read(nested).unwrap(), read(flat).unwrap()] {
            assert_eq!(claims.tags, BTreeMap::from([("k".to_owned(), "v".to_owned())]));
            assert_eq!(claims.transitive, ["k"]);
        }
        for wrong in [json!({ TAGS: 1 }), json!({ TAGS: { "principal_tags": { "k": ["v", "w"] } } })] {
            assert!(read(wrong).is_err());
        }
    }

    #[test]
    fn the_claims_of_github_are_keys() {
        let issuer = "token.actions.githubusercontent.com";
        let claims = read(json!({ "iss": format!("https://{issuer}"), "repository": "o/r", "unknown": "x" })).unwrap();
        let keys: BTreeMap<_, _> = claims.condition_keys(issuer).into_iter().collect();
        assert_eq!(keys[&format!("{issuer}:repository")], ["o/r"]);
        assert!(!keys.contains_key(&format!("{issuer}:unknown")));
        assert!(!claims.session_keys(issuer).contains_key(&format!("{issuer}:repository")));
        assert!(!read(json!({ "repository": "o/r" })).unwrap().others.contains_key("repository"), "of GitHub only");
    }
}
