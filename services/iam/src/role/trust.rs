//! Trust policies: who may assume a role.
//!
//! A user or role that a trust policy names is pinned by its unique id when the policy is saved: if it
//! is removed and another one of that name is made, the other one is not trusted.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles>

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use welkin_kernel::{Access, Arn, Cx, Empty, Operation, Place, Result};
use welkin_policy::{Document, DocumentKind, PrincipalEntry};

use super::Role;
use crate::entity::{self, Entity, named};
use crate::errors::MalformedPolicyDocumentException;
use crate::user::User;
use crate::{access, account, document, quota};

/// A trust policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TrustPolicy {
    /// As it was sent.
    document: String,
    /// Unique ids of the users and roles it names, by ARN.
    pinned: BTreeMap<String, String>,
}

impl TrustPolicy {
    /// Reads a trust policy that a caller sent.
    pub(crate) async fn read(cx: &mut Cx, json: &str) -> Result<Self> {
        let parsed = document::parse(json, DocumentKind::Trust)?;
        if parsed.size() > quota::TRUST_POLICY_SIZE as usize {
            return Err(crate::errors::LimitExceededException::because(format!(
                "Cannot exceed quota for ACLSizePerRole: {}",
                quota::TRUST_POLICY_SIZE
            )));
        }
        let mut pinned = BTreeMap::new();
        for arn in named_principals(&parsed) {
            match unique_id(cx, &arn).await? {
                Some(id) => pinned.insert(arn.into(), id),
                None => {
                    let message = format!(r#"Invalid principal in policy: "AWS":"{arn}""#);
                    return Err(MalformedPolicyDocumentException::because(message));
                }
            };
        }
        Ok(Self { document: json.to_owned(), pinned })
    }

    /// The policy as it now reads: principals that are no more are named by their unique id.
    pub(crate) async fn current(&self, cx: &mut Cx) -> Result<Cow<'_, str>> {
        let mut gone = BTreeMap::new();
        for (arn, id) in &self.pinned {
            let now = match arn.parse::<Arn>() {
                Ok(parsed) => unique_id(cx, &parsed).await?,
                Err(_) => None,
            };
            if now.as_ref() != Some(id) {
                gone.insert(arn.as_str(), id.as_str());
            }
        }
        if gone.is_empty() {
            return Ok(Cow::Borrowed(&self.document));
        }
        Ok(Cow::Owned(replace(&self.document, &gone)))
    }
}

/// ARNs of the users and roles that a policy names.
fn named_principals(document: &Document) -> Vec<Arn> {
    let elements = document.statements().iter().filter_map(|statement| statement.principal());
    let arns = elements.flat_map(|element| &element.entries).filter_map(|entry| match entry {
        PrincipalEntry::Arn(arn) => arn.parse::<Arn>().ok(),
        _ => None,
    });
    arns.filter(|arn| arn.service() == "iam").collect()
}

/// Unique id of the user or role that has this ARN.
async fn unique_id(cx: &mut Cx, arn: &Arn) -> Result<Option<String>> {
    let (Some(account), Some((kind, name))) = (arn.account(), arn.resource().split_once('/')) else { return Ok(None) };
    let name = name.rsplit('/').next().unwrap_or(name);
    let place = Place::new(account, cx.region());
    let head = match kind {
        "user" => cx.get::<User>(place, entity::key(name)).await?.map(|user| (user.head, entity::Kind::User)),
        "role" => cx.get::<Role>(place, entity::key(name)).await?.map(|role| (role.head, entity::Kind::Role)),
        _ => None,
    };
    Ok(head.filter(|(head, kind)| head.arn(*kind, place) == *arn).map(|(head, _)| head.id))
}

/// The document with principals replaced.
fn replace(json: &str, gone: &BTreeMap<&str, &str>) -> String {
    let Ok(mut policy) = serde_json::from_str::<Value>(json) else { return json.to_owned() };
    let statements: Vec<&mut Value> = match policy.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.iter_mut().collect(),
        Some(statement) => vec![statement],
        None => Vec::new(),
    };
    for statement in statements {
        for element in ["Principal", "NotPrincipal"] {
            match statement.get_mut(element).and_then(|principal| principal.get_mut("AWS")) {
                Some(Value::Array(names)) => names.iter_mut().for_each(|name| rename(name, gone)),
                Some(name) => rename(name, gone),
                None => {}
            }
        }
    }
    policy.to_string()
}

fn rename(name: &mut Value, gone: &BTreeMap<&str, &str>) {
    if let Some(id) = name.as_str().and_then(|arn| gone.get(arn)) {
        *name = Value::String((*id).to_owned());
    }
}

/// Gives a role another trust policy.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateAssumeRolePolicy {
    role_name: String,
    policy_document: String,
}

impl Operation for UpdateAssumeRolePolicy {
    const NAME: &'static str = "UpdateAssumeRolePolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<Role>(cx, "iam:UpdateAssumeRolePolicy", &self.role_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut role = named::<Role>(cx, &self.role_name).await?;
        role.hold_modifiable()?;
        role.trust = TrustPolicy::read(cx, &self.policy_document).await?;
        cx.put(cx.here(), &role).await?;
        account::changed(cx).await?;
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/a/b","111122223333"],"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"},
        {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/ada"},"Action":"sts:AssumeRole"},
        {"Effect":"Allow","Principal":{"AWS":"arn:aws:sts::111122223333:assumed-role/b/s"},"Action":"sts:AssumeRole"}]}"#;

    #[test]
    fn users_and_roles_are_found_and_nothing_else() {
        let document = Document::parse(POLICY, DocumentKind::Trust).unwrap();
        let found: Vec<String> = named_principals(&document).into_iter().map(String::from).collect();
        assert_eq!(found, ["arn:aws:iam::111122223333:role/a/b", "arn:aws:iam::111122223333:user/ada"]);
    }

    #[test]
    fn a_principal_that_is_gone_is_named_by_its_id() {
        let gone = BTreeMap::from([("arn:aws:iam::111122223333:user/ada", "AIDAEXAMPLEEXAMPLE234")]);
        let policy = replace(POLICY, &gone);
        assert!(policy.contains(r#""Principal":{"AWS":"AIDAEXAMPLEEXAMPLE234"}"#), "{policy}");
        assert!(policy.contains("role/a/b") && !policy.contains("user/ada"), "{policy}");
        assert!(Document::parse(&policy, DocumentKind::Trust).is_ok());
    }
}
