//! Which policies of an entity grant which services.

use std::sync::Arc;

use welkin_kernel::{Cx, Page, Place, Result};
use welkin_policy::{Document, Effect, Statement, matches_action};

use crate::entity::{Entity, Head, Kind, by_id};
use crate::errors::{InvalidInputException, NoSuchEntityException};
use crate::group::{Group, Membership};
use crate::role::Role;
use crate::user::User;
use crate::{attachment, entity, inline_policy, policy};

/// A user, group or role.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) kind: Kind,
    pub(crate) head: Head,
}

impl Named {
    pub(crate) fn arn(&self, place: Place) -> String {
        self.head.arn(self.kind, place).into()
    }
}

/// A policy, and on whom it is.
#[derive(Clone, Debug)]
pub(crate) struct Granting {
    pub(crate) name: String,
    /// ARN of a managed policy.
    pub(crate) arn: Option<String>,
    pub(crate) on: Named,
    pub(crate) document: Arc<Document>,
}

/// The user, group or role with this ARN, which must be in the account; `None` if it is the ARN of a policy.
pub(crate) async fn by_arn(cx: &mut Cx, arn: &str) -> Result<Option<Named>> {
    let prefix = String::from(cx.here().global_arn("iam", ""));
    // AWS's own policies belong to no account.
    let resource = arn.strip_prefix(&prefix).or_else(|| arn.strip_prefix("arn:aws:iam::aws:"));
    let invalid = || InvalidInputException::because(format!("ARN {arn} is not valid."));
    let (kind, name) = resource.and_then(|resource| resource.split_once('/')).ok_or_else(invalid)?;
    let name = name.rsplit('/').next().unwrap_or(name);
    let found = match kind {
        "user" => named::<User>(cx, name).await?,
        "group" => named::<Group>(cx, name).await?,
        "role" => named::<Role>(cx, name).await?,
        "policy" => return Ok(None),
        _ => return Err(invalid()),
    };
    let found = found.filter(|found| found.arn(cx.here()) == arn);
    found.map(Some).ok_or_else(|| NoSuchEntityException::because(format!("ARN {arn} cannot be found.")))
}

async fn named<E: Entity>(cx: &mut Cx, name: &str) -> Result<Option<Named>> {
    Ok(entity::find::<E>(cx, name).await?.map(|entity| Named { kind: E::WHAT, head: entity.head().clone() }))
}

/// The policies of an entity, those of a user's groups included.
pub(crate) async fn policies(cx: &mut Cx, on: &Named) -> Result<Vec<Granting>> {
    let mut policies = own(cx, on).await?;
    if on.kind == Kind::User {
        let place = cx.here();
        for membership in cx.list::<Membership>(place, (&on.head.id,), Page::ALL).await? {
            if let Some(group) = by_id::<Group>(cx, place, &membership.group).await? {
                policies.extend(own(cx, &Named { kind: Kind::Group, head: group.head }).await?);
            }
        }
    }
    Ok(policies)
}

async fn own(cx: &mut Cx, on: &Named) -> Result<Vec<Granting>> {
    let mut policies = Vec::new();
    for inline in inline_policy::of(cx, cx.here(), &on.head.id).await? {
        let document = policy::compile(&inline.name, &inline.document)?;
        policies.push(Granting { name: inline.name, arn: None, on: on.clone(), document });
    }
    for attachment in attachment::of(cx, cx.here(), &on.head.id).await? {
        if let Some(document) = policy::compiled(cx, cx.account(), &attachment.policy_arn).await? {
            let name = policy::name_of(&attachment.policy_arn).to_owned();
            policies.push(Granting { name, arn: Some(attachment.policy_arn), on: on.clone(), document });
        }
    }
    Ok(policies)
}

/// Whether a policy allows anything of a service, whatever else it demands or denies.
pub(crate) fn grants(document: &Document, service: &str) -> bool {
    document.statements().iter().filter(|statement| statement.effect() == Effect::Allow).any(|statement| {
        let names = |pattern: &str| of_service(pattern, service);
        match statement.is_not_action() {
            // All but these: the service is left out only if all of it is.
            true => !statement.actions().any(|pattern| names(pattern) && is_whole(pattern)),
            false => names_any(statement, names),
        }
    })
}

fn names_any(statement: &Statement, names: impl Fn(&str) -> bool) -> bool {
    statement.actions().any(names)
}

/// Whether a pattern of actions may name one of the service.
fn of_service(pattern: &str, service: &str) -> bool {
    match pattern.split_once(':') {
        Some((prefix, _)) => matches_action(prefix, service),
        None => pattern == "*",
    }
}

/// Whether a pattern names all actions of the services that it names.
fn is_whole(pattern: &str) -> bool {
    pattern.split_once(':').is_none_or(|(_, action)| action.bytes().all(|byte| byte == b'*'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use welkin_policy::DocumentKind;

    #[test]
    fn a_policy_grants_the_services_that_it_allows_something_of() {
        for (statement, granted, not) in [
            (r#""Effect":"Allow","Action":"s3:GetObject""#, "s3", "sqs"),
            (r#""Effect":"Allow","Action":["sqs:*","s3:Get*"]"#, "s3", "ses"),
            (r#""Effect":"Allow","NotAction":["iam:*","sqs:SendMessage"]"#, "sqs", "iam"),
        ] {
            let json = format!(r#"{{"Version":"2012-10-17","Statement":{{{statement},"Resource":"*"}}}}"#);
            let document = Document::parse(&json, DocumentKind::Identity).unwrap();
            assert!(grants(&document, granted) && !grants(&document, not), "{statement}");
        }
        let all = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
        assert!(grants(&Document::parse(all, DocumentKind::Identity).unwrap(), "anything"));
        let none = all.replace("Allow", "Deny");
        assert!(!grants(&Document::parse(&none, DocumentKind::Identity).unwrap(), "anything"));
    }
}
