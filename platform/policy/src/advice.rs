//! What would allow a request that was denied.

use crate::decision::{ConditionTrace, Decision, Element, Outcome, PolicyTrace, StatementTrace};
use crate::document::DocumentKind;
use crate::principal::{Identity, Issuer};
use crate::request::{Level, Policies, Request, ResourceRule};
use crate::statement::Effect;

/// Statements that come close, told for each kind of policy.
const NEAR: usize = 3;

/// Each change that a denied request needs, in words; every one of them is needed. `decision` is what
/// [`crate::explain`] told of the request. Empty for what is allowed.
pub fn advice(request: &Request<'_>, policies: &Policies<'_>, decision: &Decision) -> Vec<String> {
    if decision.is_allowed() {
        return Vec::new();
    }
    let advice = Advice { request, policies, decision };
    let mut lines = advice.lift_denials();
    decision.missing.iter().for_each(|kind| advice.grant(*kind, &mut lines));
    lines
}

struct Advice<'a> {
    request: &'a Request<'a>,
    policies: &'a Policies<'a>,
    decision: &'a Decision,
}

impl Advice<'_> {
    /// Every statement that denies has to go, or not to apply.
    fn lift_denials(&self) -> Vec<String> {
        let denying = self.decision.policies.iter().filter(|policy| policy.outcome == Outcome::ExplicitDeny);
        let binding = denying.filter(|policy| self.binds(policy.kind));
        let statements = binding.flat_map(|policy| policy.statements.iter().map(move |statement| (policy, statement)));
        let denials =
            statements.filter(|(_, statement)| statement.effect == Effect::Deny && statement.failed.is_none());
        let line = |(policy, statement): (&PolicyTrace, &StatementTrace)| {
            let conditions: Vec<_> = statement.conditions.iter().map(told).collect();
            let or = match conditions.as_slice() {
                [] => String::new(),
                all => format!(", or call so that its condition does not hold: {}", all.join("; ")),
            };
            format!("remove or narrow Deny {} in {}{or}", name(statement), self.policy(policy))
        };
        denials.map(line).collect()
    }

    /// Whether policies of this kind restrict the caller: control policies do not restrict service-linked roles.
    fn binds(&self, kind: DocumentKind) -> bool {
        let control = matches!(kind, DocumentKind::Scp | DocumentKind::Rcp);
        !(control && self.request.principal.is_service_linked())
    }

    /// A policy of this kind has to allow.
    fn grant(&self, kind: DocumentKind, lines: &mut Vec<String>) {
        let Request { action, resource, .. } = self.request;
        match kind {
            DocumentKind::Scp => self.levels(kind, self.policies.scps, lines),
            DocumentKind::Rcp => self.levels(kind, self.policies.rcps, lines),
            DocumentKind::Identity => {
                let mut line = format!("an identity policy of {} that allows {action} on {resource}", self.holder());
                if self.is_same_account() && self.policies.resource_rule == ResourceRule::Standard && self.has_policy()
                {
                    line += &format!(", or a statement that names it in the policy of {resource}");
                }
                lines.push(line);
            }
            DocumentKind::Boundary => {
                let id = self.policies.boundary.map_or("", |policy| policy.id);
                lines.push(format!(
                    "the permissions boundary {id} of {} has to allow {action} on {resource}",
                    self.holder()
                ));
            }
            DocumentKind::Session => lines.push(match self.policies.session {
                Some([]) | None => format!(
                    "session policies that allow {action} on {resource}: a federated user may do only what they allow"
                ),
                Some(_) => {
                    format!("a session without session policies, or with one that allows {action} on {resource}")
                }
            }),
            DocumentKind::Resource if self.policies.resource_rule == ResourceRule::ListOnly => {
                lines.push(self.resource("the access control list of"));
            }
            DocumentKind::Resource => lines.push(self.resource("the policy of")),
            DocumentKind::AccessControlList => lines.push(self.resource("the access control list of")),
            DocumentKind::Trust => lines.push(self.resource("the trust policy of")),
            DocumentKind::VpcEndpoint => {
                lines.push(format!("the policy of the VPC endpoint has to allow {action} on {resource}"));
            }
        }
        self.near(kind, lines);
    }

    fn resource(&self, policy: &str) -> String {
        let Request { action, resource, principal, .. } = self.request;
        let mut line = format!("{policy} {resource} has to allow {action} to {}", principal.name());
        if let Some(account) = &principal.account {
            line += &format!(" or to account {account}");
            if self.is_same_account() {
                line += ", whose identity policies then decide";
            }
        }
        match self.request.resource_account {
            Some(owner) if !self.is_same_account() => format!("{line}; it is account {owner} that can say so"),
            _ => line,
        }
    }

    fn levels(&self, kind: DocumentKind, levels: &[Level<'_>], lines: &mut Vec<String>) {
        let Request { action, resource, .. } = self.request;
        let word = if kind == DocumentKind::Scp { "service" } else { "resource" };
        for level in levels {
            let traces = self.decision.policies.iter().filter(|policy| policy.kind == kind);
            let mut here = traces.filter(|policy| policy.level.as_deref() == Some(level.id));
            let allows = |policy: &PolicyTrace| {
                policy.statements.iter().any(|s| s.effect == Effect::Allow && s.failed.is_none())
            };
            if !here.any(allows) {
                let ids: Vec<_> = level.policies.iter().map(|policy| last(policy.id)).collect();
                lines.push(format!(
                    "a {word} control policy attached to {} that allows {action} on {resource}: none of those there does ({})",
                    level.id,
                    ids.join(", ")
                ));
            }
        }
    }

    /// Statements of this kind that allow the action, but not quite this request.
    fn near(&self, kind: DocumentKind, lines: &mut Vec<String>) {
        let policies = self.decision.policies.iter().filter(|policy| policy.kind == kind);
        let statements = policies.flat_map(|policy| policy.statements.iter().map(move |statement| (policy, statement)));
        let allowing = statements.filter(|(_, statement)| statement.effect == Effect::Allow);
        let near = allowing.filter_map(|(policy, statement)| {
            let but = match &statement.failed {
                Some(Element::Condition { .. }) => {
                    let failing = statement.conditions.iter().filter(|condition| !condition.holds);
                    format!("but its {}", failing.map(told).collect::<Vec<_>>().join("; "))
                }
                Some(Element::Resource) => format!("but on {} only", some(&statement.wanted)),
                Some(Element::Principal) => format!("but to {} only", some(&statement.wanted)),
                Some(Element::Action) | None => return None,
            };
            Some(format!("  statement {} of {} allows it, {but}", name(statement), self.policy(policy)))
        });
        lines.extend(near.take(NEAR));
    }

    fn is_same_account(&self) -> bool {
        let own = self.request.principal.account.as_deref();
        self.request.resource_account.is_none_or(|owner| own == Some(owner))
    }

    fn has_policy(&self) -> bool {
        self.policies.resource.is_some()
    }

    /// Whose identity policies count: `user/alice`.
    fn holder(&self) -> &str {
        let arn = match &self.request.principal.identity {
            Identity::RoleSession { role_arn, .. } => role_arn,
            Identity::User { arn, .. } | Identity::FederatedUser { issuer: Issuer::User { arn, .. }, .. } => arn,
            _ => self.request.principal.name(),
        };
        arn.splitn(6, ':').nth(5).unwrap_or(arn)
    }

    /// A policy by its type, its name and what it is attached to.
    fn policy(&self, policy: &PolicyTrace) -> String {
        let id = &policy.policy;
        let managed = id.starts_with("arn:");
        let level = policy.level.as_deref().unwrap_or_default();
        match policy.kind {
            DocumentKind::Identity if managed => format!("the managed policy {id} of {}", self.holder()),
            DocumentKind::Identity => match id.strip_prefix("group/").and_then(|id| id.split_once('/')) {
                Some((group, id)) => format!("the inline policy {id} of group/{group}"),
                None => format!("the inline policy {id} of {}", self.holder()),
            },
            DocumentKind::Boundary => format!("the permissions boundary {id} of {}", self.holder()),
            DocumentKind::Session if managed => format!("the session policy {id}"),
            DocumentKind::Session => "the session policy that was passed when the session was made".to_owned(),
            DocumentKind::Scp => format!("SCP {} attached to {level}", last(id)),
            DocumentKind::Rcp => format!("RCP {} attached to {level}", last(id)),
            DocumentKind::Resource => format!("the policy of {id}"),
            DocumentKind::Trust => format!("the trust policy of {id}"),
            DocumentKind::VpcEndpoint => "the policy of the VPC endpoint".to_owned(),
            DocumentKind::AccessControlList => format!("the access control list of {id}"),
        }
    }
}

/// A control policy's own id, which ends its ARN.
fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// `'Sid' (statement 2, line 7)`.
fn name(statement: &StatementTrace) -> String {
    let (number, line) = (statement.statement + 1, statement.line);
    match &statement.sid {
        Some(sid) => format!("'{sid}' (statement {number}, line {line})"),
        None => format!("{number} (line {line})"),
    }
}

/// `condition IpAddress aws:sourceip wants 10.0.0.0/8, the call has 127.0.0.1`.
fn told(condition: &ConditionTrace) -> String {
    let given = match &condition.given {
        Some(values) => format!("the call has {}", values.join(", ")),
        None => "the call does not have it".to_owned(),
    };
    format!("condition {} {} wants {}, {given}", condition.operator, condition.key, some(&condition.wanted))
}

/// The first few of a list.
fn some(names: &[String]) -> String {
    match names {
        [] => "other ones".to_owned(),
        [a, b, c, _, _, ..] => format!("{a}, {b}, {c}, … ({} in all)", names.len()),
        names => names.join(", "),
    }
}
