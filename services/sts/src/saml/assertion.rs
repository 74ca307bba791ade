//! What an identity provider asserts of its user.
//!
//! What AWS reads: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html>.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha1::{Digest, Sha1};
use welkin_kernel::{AccountId, Error, Result, Timestamp};

use super::attributes;
use super::encryption;
use super::metadata::Metadata;
use super::signature;
use super::xml::{Document, Id};
use crate::errors::{ExpiredTokenException, IDPRejectedClaimException, InvalidIdentityTokenException};
use crate::source_identity;

const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const FORMATS: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:";
const AWS: &str = "https://aws.amazon.com/SAML/Attributes/";

/// For whom assertions must be: AWS's sign-in page, or its entity id.
const AUDIENCES: [&str; 2] = ["https://signin.aws.amazon.com/saml", "urn:amazon:webservices"];

/// How long after it was issued an assertion can be used, in seconds.
///
/// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html>
const FRESH: i64 = 300;

/// How far the clocks of providers may be ahead, in seconds.
// UNVERIFIED: AWS documents no tolerance.
const SKEW: i64 = 300;

/// An assertion that its provider signed, and that is valid now.
#[derive(Debug)]
pub(super) struct Assertion {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) subject_type: String,
    /// `Recipient` of the confirmation: what answers and policies call the audience.
    pub(super) recipient: String,
    pub(super) session_name: String,
    /// Pairs of ARNs, of a role and of a provider.
    roles: Vec<String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) transitive: Vec<String>,
    pub(super) source_identity: Option<String>,
    /// When the provider's own session of the user ends.
    pub(super) session_ends: Option<Timestamp>,
    /// Condition keys that attributes of directories give.
    attributes: Vec<(String, Vec<String>)>,
}

fn invalid(message: &str) -> Error {
    InvalidIdentityTokenException::because(message)
}

impl Assertion {
    /// Reads and verifies the answer of an identity provider: a `Response` in base 64 with one assertion.
    /// `decryption` are private keys in PEM, for assertions that are encrypted.
    pub(super) fn read(encoded: &str, provider: &Metadata, decryption: &Decryption, now: Timestamp) -> Result<Self> {
        // UNVERIFIED: the wordings where no source is named.
        let xml = signature::decode(encoded).and_then(|bytes| String::from_utf8(bytes).ok());
        let document =
            xml.and_then(|xml| Document::parse(&xml).ok()).ok_or_else(|| invalid("Invalid base64 SAMLResponse"))?;
        let response = document.root();
        if !document.is(response, SAMLP, "Response") {
            return Err(invalid("Invalid SAML response"));
        }
        check_status(&document, response)?;
        let opened = decryption.open(&document, response)?;
        // The document that the assertion stands in: the response, or what was encrypted in it.
        let (of_assertion, assertion) = match &opened {
            Some(opened) if opened.is(opened.root(), SAML, "Assertion") => (opened, opened.root()),
            Some(_) => return Err(invalid("Invalid SAML response")),
            None => (&document, document.child(response, SAML, "Assertion").ok_or_else(one_assertion)?),
        };
        let documents = || [Some(&document), opened.as_ref()].into_iter().flatten();
        let everywhere = documents().flat_map(|document| document.ids().map(move |id| document.element(id)));
        if everywhere.filter(|element| element.local == "Assertion").count() != 1 {
            return Err(one_assertion());
        }
        let issuer = of_assertion.child(assertion, SAML, "Issuer").and_then(|issuer| of_assertion.text(issuer));
        let issuer = issuer.map(str::trim);
        // Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html, as the next one.
        if issuer != Some(provider.entity.as_str()) {
            return Err(invalid("Issuer not present in specified provider"));
        }
        let signatures = [(&document, response), (of_assertion, assertion)];
        let signatures = signatures.map(|(document, signed)| signature::verify(document, signed, &provider.keys));
        let all =
            documents().flat_map(|document| document.ids().filter(|id| document.is(*id, signature::DS, "Signature")));
        let all = all.count();
        let stated: Vec<bool> = signatures.into_iter().flatten().collect();
        if stated.is_empty() || stated.len() != all || stated.contains(&false) {
            return Err(invalid("Response signature invalid"));
        }
        let reading = Reading { document: of_assertion, assertion, now: now.secs() };
        reading.assertion(provider.entity.clone())
    }

    /// Whether the provider lets its user take the role.
    pub(super) fn names(&self, role: &str, provider: &str) -> bool {
        self.roles.iter().any(|pair| {
            let parts: Vec<&str> = pair.split(',').map(str::trim).collect();
            parts == [role, provider] || parts == [provider, role]
        })
    }

    /// What tells the subject from those of other providers.
    ///
    /// Source: `NameQualifier`, <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html>
    pub(super) fn name_qualifier(&self, account: AccountId, provider: &str) -> String {
        BASE64.encode(Sha1::digest(format!("{}{account}/{provider}", self.issuer)))
    }

    /// Condition keys of the call itself.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-saml>
    pub(super) fn condition_keys(&self, qualifier: &str) -> Vec<(String, Vec<String>)> {
        let mut keys: Vec<_> = self.session_keys(qualifier).into_iter().collect();
        keys.push(("saml:aud".to_owned(), vec![self.recipient.clone()]));
        keys.push(("saml:iss".to_owned(), vec![self.issuer.clone()]));
        keys.extend(self.attributes.iter().cloned());
        keys
    }

    /// Condition keys that the session has as well.
    pub(super) fn session_keys(&self, qualifier: &str) -> BTreeMap<String, Vec<String>> {
        BTreeMap::from([
            ("saml:sub".to_owned(), vec![self.subject.clone()]),
            ("saml:sub_type".to_owned(), vec![self.subject_type.clone()]),
            ("saml:namequalifier".to_owned(), vec![qualifier.to_owned()]),
        ])
    }
}

fn check_status(document: &Document, response: Id) -> Result<()> {
    let status = document.child(response, SAMLP, "Status");
    let code = status.and_then(|status| document.child(status, SAMLP, "StatusCode"));
    match code.and_then(|code| document.attribute(code, "Value")) {
        Some(SUCCESS) => Ok(()),
        Some(_) => Err(IDPRejectedClaimException.into()),
        None => Err(invalid("Invalid SAML response")),
    }
}

/// There must be exactly one assertion, wherever one may stand, so that no other one can be taken for it.
fn one_assertion() -> Error {
    invalid("Response must contain exactly one assertion")
}

/// How assertions that are encrypted are opened, and whether they must be encrypted.
#[derive(Debug)]
pub(super) struct Decryption {
    /// Private keys in PEM.
    pub(super) keys: Vec<String>,
    pub(super) required: bool,
}

impl Decryption {
    /// What is encrypted in a response; `None` if nothing is, and nothing has to be.
    fn open(&self, document: &Document, response: Id) -> Result<Option<Document>> {
        let mut encrypted = document.children(response, SAML, "EncryptedAssertion");
        match (encrypted.next(), encrypted.next()) {
            (Some(_), Some(_)) => Err(one_assertion()),
            (Some(encrypted), None) => match encryption::open(document, encrypted, &self.keys) {
                Some(opened) => Ok(Some(opened)),
                None => Err(invalid("The encrypted assertion could not be decrypted")),
            },
            (None, _) if self.required => Err(invalid("The assertion must be encrypted")),
            (None, _) => Ok(None),
        }
    }
}

/// Reads a verified assertion.
struct Reading<'a> {
    document: &'a Document,
    assertion: Id,
    now: i64,
}

impl Reading<'_> {
    fn assertion(&self, issuer: String) -> Result<Assertion> {
        let issued = self.time(self.assertion, "IssueInstant")?.ok_or_else(|| invalid("Invalid SAML response"))?;
        if self.now > issued.saturating_add(FRESH) {
            return Err(ExpiredTokenException::because("Token must be redeemed within 5 minutes of issuance"));
        }
        if issued > self.now.saturating_add(SKEW) {
            return Err(invalid("Response is not valid yet"));
        }
        self.check_conditions()?;
        let (subject, subject_type, recipient) = self.subject()?;
        let attributes = self.attributes()?;
        let of = |name: &str| attributes.iter().find(|(own, _)| own.strip_prefix(AWS) == Some(name)).map(|(_, v)| v);
        let one = |name: &str| {
            of(name).map(|values| match values.as_slice() {
                [one] => Some(one.as_str()),
                _ => None,
            })
        };
        let name = one("RoleSessionName").ok_or_else(|| invalid("RoleSessionName is required in AuthnResponse"))?;
        let name = name
            .filter(|name| source_identity::is_name(name))
            .ok_or_else(|| invalid("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"))?;
        Ok(Assertion {
            issuer,
            subject,
            subject_type,
            recipient,
            session_name: name.to_owned(),
            roles: of("Role").cloned().unwrap_or_default(),
            tags: tags(&attributes)?,
            transitive: of("TransitiveTagKeys").cloned().unwrap_or_default(),
            source_identity: one("SourceIdentity").map(source_identity::read).transpose()?,
            session_ends: self.session_ends()?,
            attributes: attributes::condition_keys(&attributes),
        })
    }

    /// A point in time that an attribute states, in seconds.
    fn time(&self, id: Id, attribute: &str) -> Result<Option<i64>> {
        let Some(text) = self.document.attribute(id, attribute) else { return Ok(None) };
        let time: jiff::Timestamp = text.trim().parse().map_err(|_| invalid("Invalid SAML response"))?;
        Ok(Some(time.as_second()))
    }

    /// Holds the times of an element against the clock.
    fn check_times(&self, id: Id) -> Result<()> {
        if self.time(id, "NotBefore")?.is_some_and(|begins| begins > self.now.saturating_add(SKEW)) {
            return Err(invalid("Response is not valid yet"));
        }
        if self.time(id, "NotOnOrAfter")?.is_some_and(|ends| ends <= self.now) {
            return Err(ExpiredTokenException::because("Response has expired"));
        }
        Ok(())
    }

    fn check_conditions(&self) -> Result<()> {
        let document = self.document;
        // Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html
        let audience = || invalid("Response does not contain the required audience.");
        let conditions = document.child(self.assertion, SAML, "Conditions").ok_or_else(audience)?;
        self.check_times(conditions)?;
        let mut restrictions = document.children(conditions, SAML, "AudienceRestriction").peekable();
        restrictions.peek().ok_or_else(audience)?;
        let for_aws = |restriction| {
            let mut audiences = document.children(restriction, SAML, "Audience");
            audiences.any(|one| document.text(one).is_some_and(|text| AUDIENCES.contains(&text.trim())))
        };
        if restrictions.all(for_aws) { Ok(()) } else { Err(audience()) }
    }

    /// Name and type of the subject, and the recipient for whom the bearer of the assertion is confirmed.
    fn subject(&self) -> Result<(String, String, String)> {
        let document = self.document;
        let missing = || invalid("Invalid SAML response: the subject is not confirmed for AWS");
        let subject = document.child(self.assertion, SAML, "Subject").ok_or_else(missing)?;
        let name = document.child(subject, SAML, "NameID").ok_or_else(missing)?;
        let text = document.text(name).map(str::trim).filter(|text| !text.is_empty()).ok_or_else(missing)?;
        let format =
            document.attribute(name, "Format").unwrap_or("urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified");
        let format = format.strip_prefix(FORMATS).unwrap_or(format);
        let confirmations = document.children(subject, SAML, "SubjectConfirmation");
        let bearers = confirmations.filter(|id| document.attribute(*id, "Method") == Some(BEARER));
        let mut data = bearers.filter_map(|id| document.child(id, SAML, "SubjectConfirmationData")).filter_map(|id| {
            let recipient = document.attribute(id, "Recipient").filter(|url| is_sign_in(url))?;
            document.attribute(id, "NotOnOrAfter")?;
            Some((id, recipient))
        });
        let (data, recipient) = data.next().ok_or_else(missing)?;
        self.check_times(data)?;
        Ok((text.to_owned(), format.to_owned(), recipient.to_owned()))
    }

    /// Names and values of all attributes.
    fn attributes(&self) -> Result<Vec<(String, Vec<String>)>> {
        let document = self.document;
        let statements = document.children(self.assertion, SAML, "AttributeStatement");
        let attributes = statements.flat_map(|statement| document.children(statement, SAML, "Attribute"));
        let mut all: Vec<(String, Vec<String>)> = Vec::new();
        for attribute in attributes {
            let name = document.attribute(attribute, "Name").ok_or_else(|| invalid("Invalid SAML response"))?;
            let values = document.children(attribute, SAML, "AttributeValue");
            let values = values.filter_map(|value| document.text(value)).map(|text| text.trim().to_owned());
            match all.iter_mut().find(|(own, _)| own == name) {
                Some((_, own)) => own.extend(values),
                None => all.push((name.to_owned(), values.collect())),
            }
        }
        Ok(all)
    }

    fn session_ends(&self) -> Result<Option<Timestamp>> {
        let mut first = None;
        for statement in self.document.children(self.assertion, SAML, "AuthnStatement") {
            if let Some(ends) = self.time(statement, "SessionNotOnOrAfter")? {
                first = Some(first.map_or(ends, |first: i64| first.min(ends)));
            }
        }
        match first {
            Some(ends) if ends <= self.now => Err(ExpiredTokenException::because("Response has expired")),
            ends => Ok(ends.map(Timestamp::from_secs)),
        }
    }
}

/// Session tags: each has one value.
fn tags(attributes: &[(String, Vec<String>)]) -> Result<BTreeMap<String, String>> {
    let mut tags = BTreeMap::new();
    for (name, values) in attributes {
        let Some(key) = name.strip_prefix(AWS).and_then(|name| name.strip_prefix("PrincipalTag:")) else { continue };
        let [value] = values.as_slice() else {
            return Err(InvalidIdentityTokenException::because(format!("The tag {key} must have one value")));
        };
        tags.insert(key.to_owned(), value.clone());
    }
    Ok(tags)
}

/// Whether a URL is that of AWS's sign-in page, of all Regions or of one.
fn is_sign_in(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let Some((host, path)) = rest.split_once('/') else { return false };
    let region = host.strip_suffix("signin.aws.amazon.com");
    let host = region.is_some_and(|region| {
        let name = region.strip_suffix('.').unwrap_or(region);
        region.is_empty() || name.len() < region.len() && name.parse::<welkin_kernel::Region>().is_ok()
    });
    host && (path == "saml" || path.strip_prefix("saml/acs/").is_some_and(|id| !id.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assertions_are_for_the_sign_in_page() {
        for url in [
            "https://signin.aws.amazon.com/saml",
            "https://us-west-2.signin.aws.amazon.com/saml",
            "https://eu-central-1.signin.aws.amazon.com/saml/acs/SAMLSP0123",
        ] {
            assert!(is_sign_in(url), "{url}");
        }
        for url in [
            "http://signin.aws.amazon.com/saml",
            "https://signin.aws.amazon.com/saml2",
            "https://evilsignin.aws.amazon.com/saml",
            "https://evil.signin.aws.amazon.com/saml",
            "https://signin.aws.amazon.com.evil.example/saml",
            "https://signin.aws.amazon.com",
        ] {
            assert!(!is_sign_in(url), "{url}");
        }
    }
}
