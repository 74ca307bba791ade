//! The elements of a statement.

use super::{LEGACY, Reader, SYNTAX, Text, field};
use crate::condition::{Condition, Operator};
use crate::diagnostics::DiagnosticCode;
use crate::document::{DocumentKind, Version};
use crate::json::{Json, Member, Node};
use crate::pattern::{ACTION, Pattern, Reading};
use crate::statement::{Effect, PatternElement, Statement};

/// The elements a statement may have.
const FIELDS: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

impl Reader<'_> {
    pub(super) fn statement(&mut self, index: usize, node: &Node) -> Option<Statement> {
        let Json::Object(members) = &node.value else {
            self.report(DiagnosticCode::WrongType, SYNTAX, "a statement is an object", node.span.clone());
            return None;
        };
        for member in members {
            if !FIELDS.contains(&member.key.as_str()) {
                self.unknown(member);
            }
        }
        let sid = field(members, "Sid").and_then(|member| self.sid(&member.node));
        let effect = self.effect(members, node);
        let principal = self.principal_element(members, node);
        let actions = self.actions(members, node);
        let resources = self.resources(members, node);
        let conditions = field(members, "Condition").map_or(Some(Vec::new()), |member| self.conditions(&member.node));
        Some(Statement {
            index,
            sid: sid.map(Into::into),
            effect: effect?,
            span: node.span.clone(),
            principal: principal?,
            actions: actions?,
            resources: resources?,
            conditions: conditions?,
        })
    }

    fn sid(&mut self, node: &Node) -> Option<String> {
        let sid = self.text(node, "Sid")?;
        // Other services take any characters: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html>.
        let strict = !matches!(self.kind, DocumentKind::Resource | DocumentKind::VpcEndpoint);
        if strict && !sid.value.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let message = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*";
            self.report(DiagnosticCode::InvalidSid, message, "", sid.span);
        }
        Some(sid.value)
    }

    fn effect(&mut self, members: &[Member], statement: &Node) -> Option<Effect> {
        let Some(member) = field(members, "Effect") else {
            self.report(DiagnosticCode::MissingField, "Missing required field Effect", "", statement.span.clone());
            return None;
        };
        let effect = self.text(&member.node, "Effect")?;
        match effect.value.as_str() {
            "Allow" => Some(Effect::Allow),
            "Deny" => Some(Effect::Deny),
            other => {
                let invalid = format!("Invalid effect: {other}");
                let message = if self.is_permissions() { LEGACY.to_owned() } else { invalid.clone() };
                self.report(DiagnosticCode::InvalidEffect, message, invalid, effect.span);
                None
            }
        }
    }

    /// The one of an element and its `Not…` form that is there.
    pub(super) fn either<'m>(
        &mut self,
        members: &'m [Member],
        plain: &str,
        negated: &str,
    ) -> Option<(&'m Member, bool)> {
        match (field(members, plain), field(members, negated)) {
            (Some(_), Some(member)) => {
                let detail = format!("{plain} and {negated} exclude each other");
                self.report(DiagnosticCode::ConflictingFields, SYNTAX, detail, member.key_span.clone());
                Some((member, true))
            }
            (Some(member), None) => Some((member, false)),
            (None, Some(member)) => Some((member, true)),
            (None, None) => None,
        }
    }

    fn actions(&mut self, members: &[Member], statement: &Node) -> Option<PatternElement> {
        let missing = if self.is_permissions() {
            "Policy statement must contain actions."
        } else {
            "Missing required field Action"
        };
        let Some((member, negated)) = self.either(members, "Action", "NotAction") else {
            self.report(DiagnosticCode::MissingField, missing, "", statement.span.clone());
            return None;
        };
        if negated && self.kind == DocumentKind::Rcp {
            self.report(DiagnosticCode::ProhibitedField, "Has prohibited field NotAction", "", member.key_span.clone());
        }
        let actions = self.texts(&member.node, "Action")?;
        if actions.is_empty() {
            self.report(DiagnosticCode::MissingField, missing, "", member.node.span.clone());
        }
        actions.iter().for_each(|action| self.check_action(action));
        Some(element(negated, &actions, |text| Pattern::new(&text.to_ascii_lowercase(), ACTION)))
    }

    /// `Some(None)` where the policy's own resource is meant.
    fn resources(&mut self, members: &[Member], statement: &Node) -> Option<Option<PatternElement>> {
        let Some((member, negated)) = self.either(members, "Resource", "NotResource") else {
            // A trust policy has no resource but its role. Services such as SQS and SNS take policies
            // without it; those that do not, such as S3, check for themselves.
            if !matches!(self.kind, DocumentKind::Trust | DocumentKind::Resource) {
                let message = "Policy statement must contain resources.";
                self.report(DiagnosticCode::MissingField, message, "", statement.span.clone());
            }
            return Some(None);
        };
        if self.kind == DocumentKind::Trust {
            let message = format!("Has prohibited field {}", member.key);
            self.report(DiagnosticCode::ProhibitedField, message, "", member.key_span.clone());
            return None;
        }
        let resources = self.texts(&member.node, "Resource")?;
        if resources.is_empty() {
            let message = "Policy statement must contain resources.";
            self.report(DiagnosticCode::MissingField, message, "", member.node.span.clone());
        }
        if self.kind != DocumentKind::Resource {
            resources.iter().for_each(|resource| self.check_resource(resource));
        }
        let reading = Reading { wildcards: true, variables: self.version == Version::V2012, resource: true };
        Some(Some(element(negated, &resources, |text| Pattern::new(text, reading))))
    }

    fn conditions(&mut self, node: &Node) -> Option<Vec<Condition>> {
        let Json::Object(operators) = &node.value else {
            self.report(DiagnosticCode::WrongType, SYNTAX, "Condition must be an object", node.span.clone());
            return None;
        };
        let mut conditions = Vec::new();
        for member in operators {
            let Some(operator) = Operator::parse(&member.key) else {
                let message = format!("Invalid Condition type : {}.", member.key);
                self.report(DiagnosticCode::InvalidOperator, message, "", member.key_span.clone());
                continue;
            };
            let Json::Object(keys) = &member.node.value else {
                let detail = format!("{} must be an object", member.key);
                self.report(DiagnosticCode::WrongType, SYNTAX, detail, member.node.span.clone());
                continue;
            };
            for key in keys {
                self.check_condition_key(key);
                if let Some(values) = self.condition_values(&key.node) {
                    let variables = self.version == Version::V2012;
                    conditions.push(Condition::new(operator, &member.key, &key.key, &values, variables));
                }
            }
        }
        Some(conditions)
    }

    /// One value or a list; quotation marks are optional for numbers and booleans.
    fn condition_values(&mut self, node: &Node) -> Option<Vec<String>> {
        match &node.value {
            Json::Array(nodes) => nodes.iter().map(|node| self.condition_value(node)).collect(),
            _ => Some(vec![self.condition_value(node)?]),
        }
    }

    fn condition_value(&mut self, node: &Node) -> Option<String> {
        match &node.value {
            Json::String(text) | Json::Number(text) => Some(text.clone()),
            Json::Bool(value) => Some(value.to_string()),
            Json::Null | Json::Array(_) | Json::Object(_) => {
                let detail = "a condition value is a string, a number or a boolean";
                self.report(DiagnosticCode::WrongType, SYNTAX, detail, node.span.clone());
                None
            }
        }
    }
}

fn element(negated: bool, texts: &[Text], compile: impl Fn(&str) -> Pattern) -> PatternElement {
    PatternElement {
        negated,
        patterns: texts.iter().map(|text| compile(&text.value)).collect(),
        written: texts.iter().map(|text| text.value.as_str().into()).collect(),
    }
}
