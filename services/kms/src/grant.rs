//! Grants: permissions on a key for one principal, beside the key policy.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html>
//!
//! A grant that bears on a call is put before the policy engine as one more statement of the key policy.
//! Grants hold at once: a token is checked and needs no further use.

pub(crate) mod create;
pub(crate) mod end;
pub(crate) mod list;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use welkin_kernel::{
    Access, AccountId, Cx, Error, IntoKey, Page, Place, Principal, Resource, Result, Scope, Timestamp,
};

use crate::encryption_context::EncryptionContext;
use crate::errors::{InvalidGrantIdException, InvalidGrantTokenException};
use crate::key::Key;

/// A grant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) key_id: String,
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) created: Timestamp,
    /// ARN of a principal, or name of a service.
    pub(crate) grantee: String,
    /// ARN of a principal, or name of a service.
    pub(crate) retiring: Option<String>,
    pub(crate) issuing_account: AccountId,
    pub(crate) operations: Vec<String>,
    pub(crate) constraints: Option<Constraints>,
}

/// What a use of the grant must keep to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Constraints {
    /// The encryption context must hold these pairs.
    pub(crate) encryption_context_subset: Option<BTreeMap<String, String>>,
    /// The encryption context must be these pairs.
    pub(crate) encryption_context_equals: Option<BTreeMap<String, String>>,
    /// A service must act for this resource.
    pub(crate) source_arn: Option<String>,
}

impl Resource for Grant {
    const KIND: &'static str = "kms/grant";
    const SCOPE: Scope = Scope::Region;
    const INDEXES: &'static [&'static str] = &["retiring"];

    fn key(&self) -> welkin_kernel::Key {
        (&self.key_id, &self.id).into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, welkin_kernel::Key)> {
        self.retiring.iter().map(|principal| ("retiring", (principal, &self.id).into_key())).collect()
    }
}

/// Operations whose encryption context a constraint is about.
const WITH_CONTEXT: &[&str] = &[
    "Encrypt",
    "Decrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
];

/// What a call wants of a key.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) operation: &'a str,
    pub(crate) context: Option<&'a EncryptionContext>,
    /// The grant that is to be made by `CreateGrant`: it may permit no more than the one that permits it.
    pub(crate) child: Option<&'a Grant>,
    /// The grant that is to be retired by `RetireGrant`.
    pub(crate) retired: Option<&'a str>,
}

impl Grant {
    fn permits(&self, wanted: Wanted<'_>, source_arn: Option<&str>) -> bool {
        if let Some(retired) = wanted.retired {
            return self.id == retired && self.operations.iter().any(|o| o == "RetireGrant");
        }
        self.operations.iter().any(|operation| operation == wanted.operation)
            && self.constraints.as_ref().is_none_or(|constraints| constraints.permit(wanted, source_arn))
            && wanted.child.is_none_or(|child| self.covers(child))
    }

    /// Whether a grant made by means of this one permits no more than it.
    fn covers(&self, child: &Grant) -> bool {
        child.operations.iter().all(|operation| self.operations.contains(operation))
            && self.constraints.as_ref().is_none_or(|own| child.constraints.as_ref().is_some_and(|c| own.covers(c)))
    }
}

impl Constraints {
    fn permit(&self, wanted: Wanted<'_>, source_arn: Option<&str>) -> bool {
        if self.source_arn.as_deref().is_some_and(|arn| source_arn != Some(arn)) {
            return false;
        }
        if !WITH_CONTEXT.contains(&wanted.operation) {
            return true;
        }
        let empty = EncryptionContext::default();
        let EncryptionContext(context) = wanted.context.unwrap_or(&empty);
        self.encryption_context_equals.as_ref().is_none_or(|expected| expected == context)
            && self.encryption_context_subset.as_ref().is_none_or(|expected| is_subset(expected, context))
    }

    /// What conditions see of it: `kms:GrantConstraintType`, and the encryption context that it is about.
    fn condition_keys(&self, access: Access) -> Access {
        let (kind, context) = match (&self.encryption_context_equals, &self.encryption_context_subset) {
            (Some(context), _) => ("EncryptionContextEquals", context),
            (None, Some(context)) => ("EncryptionContextSubset", context),
            (None, None) => return access,
        };
        EncryptionContext(context.clone()).keys(access.key("kms:GrantConstraintType", kind))
    }

    fn covers(&self, child: &Self) -> bool {
        let equals = match &self.encryption_context_equals {
            None => true,
            some => child.encryption_context_equals == *some,
        };
        let subset = self.encryption_context_subset.as_ref().is_none_or(|own| {
            let theirs = child.encryption_context_equals.as_ref().or(child.encryption_context_subset.as_ref());
            theirs.is_some_and(|theirs| is_subset(own, theirs))
        });
        equals && subset && (self.source_arn.is_none() || self.source_arn == child.source_arn)
    }
}

fn is_subset(small: &BTreeMap<String, String>, large: &BTreeMap<String, String>) -> bool {
    small.iter().all(|(key, value)| large.get(key) == Some(value))
}

/// Names under which grants may know the caller.
fn names(cx: &Cx) -> Vec<String> {
    let partition = cx.region().partition();
    let mut names: Vec<String> = cx.principal().arn(partition).map(String::from).into_iter().collect();
    match cx.principal() {
        Principal::Service(service) => names.push(service.name.clone()),
        principal => {
            if let (Some(role), Some(account)) = (principal.role(), principal.account()) {
                names.push(format!("arn:{partition}:iam::{account}:{}", role.resource()));
            }
        }
    }
    names
}

/// The key policy with a statement for the grant that permits the call to the caller; `None` if none does.
// UNVERIFIED: a principal of another account is taken to need its own account's permission as well.
pub(crate) async fn widen(
    cx: &mut Cx,
    key: &Key,
    operation: &str,
    context: Option<&EncryptionContext>,
) -> Result<Option<String>> {
    widen_for(cx, key, Wanted { operation, context, child: None, retired: None }).await
}

/// As [`widen`], for everything that can be wanted.
pub(crate) async fn widen_for(cx: &mut Cx, key: &Key, wanted: Wanted<'_>) -> Result<Option<String>> {
    // A grant to make grants is of use only to CreateGrant itself, which says what it makes.
    if key.grants == 0 || wanted.operation == "CreateGrant" && wanted.child.is_none() {
        return Ok(None);
    }
    let names = names(cx);
    let source_arn = match cx.principal() {
        Principal::Service(service) => service.source_arn.as_ref().map(|arn| arn.as_str().to_owned()),
        _ => None,
    };
    let grants = cx.list::<Grant>(key.place, (&key.id,), Page::ALL).await?;
    let permitting = grants.iter().find_map(|grant| {
        let retires = grant.retiring.as_ref().filter(|name| names.contains(name));
        if let (Some(retired), Some(name)) = (wanted.retired, retires)
            && grant.id == retired
        {
            return Some(name);
        }
        (names.contains(&grant.grantee) && grant.permits(wanted, source_arn.as_deref())).then_some(&grant.grantee)
    });
    permitting.map(|principal| with_statement(&key.policy, principal, wanted.operation)).transpose()
}

fn with_statement(policy: &str, principal: &str, operation: &str) -> Result<String> {
    let kind = if principal.starts_with("arn:") { "AWS" } else { "Service" };
    let statement = serde_json::json!({
        "Sid": "Grant",
        "Effect": "Allow",
        "Principal": { kind: principal },
        "Action": format!("kms:{operation}"),
        "Resource": "*",
    });
    let fault = || Error::internal("a stored key policy is not an object with statements");
    let mut policy: serde_json::Value = serde_json::from_str(policy).map_err(Error::internal)?;
    let statements = policy.get_mut("Statement").ok_or_else(fault)?;
    match statements {
        serde_json::Value::Array(list) => list.push(statement),
        one => *one = serde_json::Value::Array(vec![one.take(), statement]),
    }
    Ok(policy.to_string())
}

const TOKEN: &str = "kms grant token";

/// The token of a grant.
fn token(cx: &Cx, grant: &Grant) -> Result<String> {
    let sealed = cx.sealer().seal(cx.chance(), TOKEN, format!("{} {}", grant.key_id, grant.id).as_bytes())?;
    Ok(STANDARD.encode(sealed))
}

/// The key's id and the grant's that a token holds.
fn read_token(cx: &Cx, token: &str) -> Result<(String, String)> {
    let read = || {
        let sealed = STANDARD.decode(token).ok()?;
        let text = String::from_utf8(cx.sealer().open(TOKEN, &sealed)?).ok()?;
        let (key_id, id) = text.split_once(' ')?;
        Some((key_id.to_owned(), id.to_owned()))
    };
    read().ok_or_else(|| InvalidGrantTokenException.into())
}

/// Refuses an id that no grant has: they are 64 hexadecimal digits.
// UNVERIFIED: the wording, and that such ids are not just not found.
pub(crate) fn check_id(id: &str) -> Result<()> {
    match id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit()) {
        true => Ok(()),
        false => Err(InvalidGrantIdException::because(format!("Invalid grant ID {id}"))),
    }
}

/// Refuses tokens that are none.
pub(crate) fn check_tokens(cx: &Cx, tokens: &[String]) -> Result<()> {
    tokens.iter().try_for_each(|token| read_token(cx, token).map(|_| ()))
}

/// Removes all grants of a key.
pub(crate) async fn delete_all(cx: &mut Cx, place: Place, key_id: &str) -> Result<()> {
    for grant in cx.list::<Grant>(place, (key_id,), Page::ALL).await? {
        cx.delete::<Grant>(place, (key_id, &grant.id)).await?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    fn grant(operations: &[&str], constraints: Option<Constraints>) -> Grant {
        Grant {
            key_id: "k".to_owned(),
            id: "g".to_owned(),
            name: None,
            created: Timestamp::default(),
            grantee: "arn:aws:iam::111122223333:user/a".to_owned(),
            retiring: None,
            issuing_account: AccountId::DEFAULT,
            operations: operations.iter().map(|o| (*o).to_owned()).collect(),
            constraints,
        }
    }

    fn permits(grant: &Grant, operation: &str, context: &[(&str, &str)]) -> bool {
        let context = EncryptionContext(map(context));
        grant.permits(Wanted { operation, context: Some(&context), child: None, retired: None }, None)
    }

    #[test]
    fn constraints_are_about_the_encryption_context() {
        let subset = Constraints { encryption_context_subset: Some(map(&[("a", "1")])), ..Constraints::default() };
        let equals = Constraints { encryption_context_equals: Some(map(&[("a", "1")])), ..Constraints::default() };
        let operations = ["Decrypt", "DescribeKey"];
        let (free, subset, equals) =
            (grant(&operations, None), grant(&operations, Some(subset)), grant(&operations, Some(equals)));
        for (grant, context, expected) in [
            (&free, &[][..], true),
            (&subset, &[], false),
            (&subset, &[("a", "1"), ("b", "2")], true),
            (&subset, &[("a", "2")], false),
            (&equals, &[("a", "1")], true),
            (&equals, &[("a", "1"), ("b", "2")], false),
        ] {
            assert_eq!(permits(grant, "Decrypt", context), expected, "{context:?}");
            assert!(permits(grant, "DescribeKey", context), "a constraint is not about DescribeKey");
            assert!(!permits(grant, "Encrypt", context), "the grant is not for Encrypt");
        }
    }

    #[test]
    fn a_child_permits_no_more_than_its_parent() {
        let narrow = Constraints { encryption_context_subset: Some(map(&[("a", "1")])), ..Constraints::default() };
        let narrower =
            Constraints { encryption_context_equals: Some(map(&[("a", "1"), ("b", "2")])), ..Constraints::default() };
        let parent = grant(&["CreateGrant", "Decrypt"], Some(narrow.clone()));
        assert!(parent.covers(&grant(&["Decrypt"], Some(narrow))));
        assert!(parent.covers(&grant(&["Decrypt"], Some(narrower))));
        assert!(!parent.covers(&grant(&["Decrypt"], None)));
        assert!(!parent.covers(&grant(&["Encrypt"], parent.constraints.clone())));
    }

    #[test]
    fn a_grant_becomes_a_statement() {
        use welkin_kernel::policy::{Document, DocumentKind};
        for policy in [
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"kms:Sign","Resource":"*"}}"#,
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"kms:Sign","Resource":"*"}]}"#,
        ] {
            let json = with_statement(policy, "arn:aws:iam::111122223333:user/a", "Decrypt").unwrap();
            let document = Document::parse(&json, DocumentKind::Resource).unwrap();
            assert_eq!(document.source().matches("Effect").count(), 2);
        }
    }
}
