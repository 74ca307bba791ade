//! Which content a policy of a type can have.

use serde_json::Value;
use welkin_policy::{Document, DocumentKind};

use super::kind::{Content, PolicyType};
use super::merge::Rule;
use crate::errors::{MalformedPolicyDocumentException, constraint};
use welkin_kernel::Result;

/// Checks the content of a policy.
pub(super) fn check(kind: PolicyType, content: &str) -> Result<()> {
    let facts = kind.facts();
    if content.chars().count() > facts.size {
        return Err(constraint("POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the maximum policy size."));
    }
    let fits = match facts.content {
        Content::Statements(DocumentKind::Rcp) => statements(DocumentKind::Rcp, content) && resource_control(content),
        Content::Statements(kind) => statements(kind, content),
        Content::Settings(key) => settings(kind, key, content).is_some(),
    };
    if fits { Ok(()) } else { Err(MalformedPolicyDocumentException.into()) }
}

fn statements(kind: DocumentKind, content: &str) -> bool {
    Document::parse(content, kind).is_ok()
}

/// Resource control policies of customers deny actions of services that know them.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html>
fn resource_control(content: &str) -> bool {
    let Ok(policy) = serde_json::from_str::<Value>(content) else { return false };
    let statements = match policy.get("Statement") {
        Some(Value::Array(many)) => many.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    statements.into_iter().all(|statement| {
        let actions = match statement.get("Action") {
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(one)) => vec![one.as_str()],
            _ => Vec::new(),
        };
        let known = |action: &&str| welkin_policy::has_resource_control(action);
        statement.get("Effect").and_then(Value::as_str) == Some("Deny") && actions.iter().all(known)
    })
}

/// The settings of a policy, if they are such of this type.
fn settings(kind: PolicyType, key: &str, content: &str) -> Option<Rule> {
    let value: Value = serde_json::from_str(content).ok()?;
    let rule = Rule::parse(&value).ok()?;
    let mut below = rule.below();
    let (only, top) = below.next()?;
    if only != key || below.next().is_some() || rule.is_setting() || top.is_setting() {
        return None;
    }
    let fits = match kind {
        PolicyType::Tag => top.below().all(|(key, tag)| of_tag(key, tag)),
        PolicyType::AiServicesOptOut => top.below().all(|(_, service)| of_ai_service(service)),
        PolicyType::Backup => top.below().all(|(_, plan)| known_members(plan, PLAN)),
        PolicyType::DeclarativeEc2 => known_members(top, EC2),
        _ => true,
    };
    drop(below);
    fits.then_some(rule)
}

fn known_members(rule: &Rule, known: &[&str]) -> bool {
    !rule.is_setting() && rule.below().all(|(key, _)| known.contains(&key))
}

/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_backup_syntax.html>
const PLAN: &[&str] =
    &["advanced_backup_settings", "backup_plan_tags", "regions", "rules", "scan_settings", "selections"];

/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_declarative_syntax.html>
const EC2: &[&str] = &[
    "allowed_images_settings",
    "exception_message",
    "image_block_public_access",
    "instance_metadata_defaults",
    "serial_console_access",
    "snapshot_block_public_access",
    "vpc_block_public_access",
];

/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_ai-opt-out_syntax.html>
fn of_ai_service(service: &Rule) -> bool {
    let choice =
        |rule: &Rule| rule.values().into_iter().all(|value| matches!(value.as_str(), Some("optIn" | "optOut")));
    !service.is_setting() && service.below().all(|(key, rule)| key == "opt_out_policy" && choice(rule))
}

/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_example-tag-policies.html>
fn of_tag(key: &str, tag: &Rule) -> bool {
    let text = |rule: &Rule| rule.values().into_iter().all(Value::is_string);
    let resource = |value: &&Value| {
        let parts = value.as_str().and_then(|text| text.split_once(':'));
        parts.is_some_and(|(service, kind)| !service.is_empty() && !kind.is_empty())
    };
    !tag.is_setting()
        && tag.below().all(|(member, rule)| match member {
            // The key of the policy is the tag's key in lower case.
            "tag_key" => rule
                .values()
                .into_iter()
                .all(|value| value.as_str().is_some_and(|name| name.to_lowercase() == key.to_lowercase())),
            "tag_value" => text(rule),
            "enforced_for" | "report_required_tag_for" => rule.values().iter().all(resource),
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use PolicyType as T;

    fn is_malformed(kind: PolicyType, content: &str) -> bool {
        check(kind, content).is_err_and(|error| error.is("MalformedPolicyDocumentException"))
    }

    #[test]
    fn each_type_has_its_content() {
        for (kind, content) in [
            (
                T::ServiceControl,
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#,
            ),
            (
                T::ResourceControl,
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":["s3:*","sts:AssumeRole"],"Resource":"*"}}"#,
            ),
            (T::Tag, r#"{"tags":{"cost":{"tag_key":{"@@assign":"Cost"},"enforced_for":{"@@assign":["sqs:queue"]}}}}"#),
            (T::AiServicesOptOut, r#"{"services":{"default":{"opt_out_policy":{"@@assign":"optOut"}}}}"#),
            (
                T::Backup,
                r#"{"plans":{"daily":{"regions":{"@@append":["us-east-1"]},"rules":{"r":{"target_backup_vault_name":{"@@assign":"v"}}}}}}"#,
            ),
            (T::DeclarativeEc2, r#"{"ec2_attributes":{"serial_console_access":{"status":{"@@assign":"disabled"}}}}"#),
            (T::Chatbot, r#"{"chatbot":{"platforms":{"slack":{"client":{"@@assign":"disabled"}}}}}"#),
            (T::SecurityHub, r#"{"securityhub":{"enable_in_regions":{"@@assign":["ALL_SUPPORTED"]}}}"#),
        ] {
            assert!(check(kind, content).is_ok(), "{kind:?}");
            let other = if kind == T::Tag { T::Backup } else { T::Tag };
            assert!(is_malformed(other, content), "{kind:?} as {other:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (kind, content) in [
            (T::Tag, r#"{"tags":{"cost":{"tag_key":{"@@assign":"Price"}}}}"#),
            (T::Tag, r#"{"tags":{"cost":{"tag_kee":{"@@assign":"Cost"}}}}"#),
            (T::Tag, r#"{"tags":{"cost":{"enforced_for":{"@@assign":["sqs"]}}}}"#),
            (T::Tag, r#"{"tags":{"cost":{"tag_key":"Cost"}}}"#),
            (T::Tag, r#"{"tags":{},"plans":{}}"#),
            (T::AiServicesOptOut, r#"{"services":{"default":{"opt_out_policy":{"@@assign":"maybe"}}}}"#),
            (T::Backup, r#"{"plans":{"daily":{"region":{"@@assign":["us-east-1"]}}}}"#),
            (
                T::ResourceControl,
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#,
            ),
            (
                T::ResourceControl,
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"iam:*","Resource":"*"}}"#,
            ),
            (
                T::ResourceControl,
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}"#,
            ),
        ] {
            assert!(is_malformed(kind, content), "{content}");
        }
        let long = " ".repeat(10_241);
        assert!(check(T::ServiceControl, &long).is_err_and(|error| error.is("ConstraintViolationException")));
    }
}
