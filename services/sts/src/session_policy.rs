//! Session policies: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session>.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde::Deserialize;
use welkin_kernel::{AccountId, Arn, Result, Session};
use welkin_policy::{Document, DocumentKind};

use crate::errors::{MalformedPolicyDocumentException, PackedPolicyTooLargeException, ValidationError};

/// Managed policies that a session can be limited by, at most.
const MANAGED: usize = 10;

/// Space for session policies and tags, packed.
///
/// UNVERIFIED: AWS documents neither how it packs them nor the space, only the percentage. Deflated
/// into this space, what AWS documents as possible (2,048 characters of policies and 50 tags) fits.
const SPACE: usize = 4_096;

/// A managed policy in the input.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PolicyDescriptor {
    pub(crate) arn: Option<String>,
}

/// The inline policy of the input.
pub(crate) fn inline(policy: Option<&String>) -> Result<Vec<String>> {
    let Some(json) = policy else { return Ok(Vec::new()) };
    match Document::parse(json, DocumentKind::Session) {
        Ok(_) => Ok(vec![json.clone()]),
        Err(why) => Err(MalformedPolicyDocumentException::because(why.message())),
    }
}

/// The managed policies of the input, which must be AWS's or of the session's account.
pub(crate) fn managed(policies: Option<&Vec<PolicyDescriptor>>, account: AccountId) -> Result<Vec<Arn>> {
    let policies = policies.map_or(&[][..], Vec::as_slice);
    if policies.len() > MANAGED {
        return Err(ValidationError::because(format!(
            "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have \
             length less than or equal to {MANAGED}"
        )));
    }
    let arn = |policy: &PolicyDescriptor| {
        let text = policy.arn.clone().unwrap_or_default();
        let parsed = text.parse::<Arn>().ok().filter(|arn| {
            arn.service() == "iam"
                && arn.resource().starts_with("policy/")
                && arn.account().is_none_or(|owner| owner == account)
        });
        // UNVERIFIED: AWS's wording.
        parsed.ok_or_else(|| ValidationError::because(format!("{text} is invalid")))
    };
    policies.iter().map(arn).collect()
}

/// How much of the space a session's policies and tags take, in percent; `None` if it has none.
pub(crate) fn packed_size(session: &Session) -> Result<Option<usize>> {
    if session.policies.is_empty() && session.policy_arns.is_empty() && session.tags.is_empty() {
        return Ok(None);
    }
    let percent = (packed(&session.policies, &session.policy_arns, &session.tags) * 100).div_ceil(SPACE);
    if percent > 100 {
        return Err(PackedPolicyTooLargeException::because(format!(
            "Packed policy consumes {percent}% of allotted space, please use smaller policy."
        )));
    }
    Ok(Some(percent))
}

fn packed(policies: &[String], arns: &[Arn], tags: &BTreeMap<String, String>) -> usize {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let texts = policies.iter().map(String::as_str).chain(arns.iter().map(Arn::as_str));
    let tags = tags.iter().flat_map(|(key, value)| [key.as_str(), value.as_str()]);
    let mut plain = 0;
    for text in texts.chain(tags) {
        plain += text.len();
        if encoder.write_all(text.as_bytes()).is_err() {
            return plain;
        }
    }
    encoder.finish().map_or(plain, |packed| packed.len())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn managed_policies_are_of_the_account_or_of_aws() {
        let account = AccountId::new(111_122_223_333).unwrap();
        let read = |arn: &str| managed(Some(&vec![PolicyDescriptor { arn: Some(arn.into()) }]), account);
        assert!(read("arn:aws:iam::111122223333:policy/p").is_ok());
        assert!(read("arn:aws:iam::aws:policy/ReadOnlyAccess").is_ok());
        for arn in ["arn:aws:iam::444455556666:policy/p", "arn:aws:iam::111122223333:role/r", "p", ""] {
            assert!(read(arn).unwrap_err().is("ValidationError"), "{arn}");
        }
        let many = vec![PolicyDescriptor { arn: Some("arn:aws:iam::aws:policy/ReadOnlyAccess".into()) }; 11];
        assert!(managed(Some(&many), account).is_err());
    }

    #[test]
    fn what_packs_small_fits_and_what_does_not_is_refused() {
        let repeated = "x".repeat(100_000);
        assert!(packed(&[repeated], &[], &BTreeMap::new()) < SPACE);
        let noise: String = (0u64..20_000)
            .map(|n| char::from(b'!' + (n.wrapping_mul(n).wrapping_mul(2_654_435_761) >> 13) as u8 % 90))
            .collect();
        assert!(packed(&[noise], &[], &BTreeMap::new()) > SPACE);
    }
}
