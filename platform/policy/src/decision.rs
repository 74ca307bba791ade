//! The answer, and the words AWS answers with.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::document::DocumentKind;
use crate::statement::Effect;

/// Whether the request may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It may.
    Allow,
    /// Nothing allows it.
    ImplicitDeny,
    /// A statement forbids it.
    ExplicitDeny,
}

/// The statement that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The kind of policy.
    pub kind: DocumentKind,
    /// The policy's name, id or ARN.
    pub policy: String,
    /// The statement's place in it, from 0.
    pub statement: usize,
    /// The statement's `Sid`.
    pub sid: Option<String>,
    /// The bytes of the policy text that are the statement.
    pub span: Range<usize>,
    /// The line of the policy text where it begins, from 1; told by [`crate::explain`].
    pub line: Option<usize>,
    /// For SCPs and RCPs, the root, unit or account that the policy is attached to; told by [`crate::explain`].
    pub level: Option<String>,
}

/// The first element of a statement that did not match the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Element {
    /// `Action` or `NotAction`.
    Action,
    /// `Principal` or `NotPrincipal`.
    Principal,
    /// `Resource` or `NotResource`.
    Resource,
    /// `Condition`.
    Condition {
        /// The operator as written.
        operator: String,
        /// The key in lower case.
        key: String,
    },
}

/// A condition key that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUse {
    /// The key in lower case.
    pub key: String,
    /// Its values; `None` when the request did not carry it.
    pub values: Option<Vec<String>>,
}

/// How one statement fared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementTrace {
    /// Its place in the policy, from 0.
    pub statement: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Its effect.
    pub effect: Effect,
    /// The line of the policy text where it begins, from 1.
    pub line: usize,
    /// The first element that did not match; `None` if the statement applies.
    pub failed: Option<Element>,
    /// The resources or principals that the statement names, if that is what did not match.
    pub wanted: Vec<String>,
    /// Its conditions, if everything else matches.
    pub conditions: Vec<ConditionTrace>,
}

/// One condition of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionTrace {
    /// The operator as written.
    pub operator: String,
    /// The key in lower case.
    pub key: String,
    /// The values of the policy, as written.
    pub wanted: Vec<String>,
    /// The values of the request; `None` when it does not carry the key.
    pub given: Option<Vec<String>>,
    /// Whether the condition holds.
    pub holds: bool,
}

/// How one policy fared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyTrace {
    /// The kind of policy.
    pub kind: DocumentKind,
    /// Its name, id or ARN.
    pub policy: String,
    /// For SCPs and RCPs, the root, unit or account it is attached to.
    pub level: Option<String>,
    /// What the policy alone says; `ImplicitDeny` when no statement applies.
    pub outcome: Outcome,
    /// Every statement.
    pub statements: Vec<StatementTrace>,
}

/// What was decided, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The answer.
    pub outcome: Outcome,
    /// The statement that allowed or explicitly denied; `None` for an implicit deny, and for the
    /// root user, whom no statement needs to allow.
    pub by: Option<Reason>,
    /// For an implicit deny, the kinds of policy that should have allowed, the first to be told first. For an
    /// explicit one, those that lack an `Allow` besides; filled by [`crate::explain`].
    pub missing: Vec<DocumentKind>,
    /// The condition keys that were looked at; filled by [`crate::explain`].
    pub keys: Vec<KeyUse>,
    /// Every policy; filled by [`crate::explain`].
    pub policies: Vec<PolicyTrace>,
}

impl Decision {
    pub(crate) fn new(outcome: Outcome, by: Option<Reason>, missing: Vec<DocumentKind>) -> Self {
        Self { outcome, by, missing, keys: Vec::new(), policies: Vec::new() }
    }

    /// Whether the request may go on.
    pub fn is_allowed(&self) -> bool {
        self.outcome == Outcome::Allow
    }

    /// AWS's message for a denied request; empty for an allowed one.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
    ///
    /// An empty `resource` is left out, as EC2 does for actions without one; others say `*`.
    /// Services that quote the ARN (S3) pass it quoted.
    pub fn message(&self, principal: &str, action: &str, resource: &str) -> String {
        let because = match self.outcome {
            Outcome::Allow => return String::new(),
            Outcome::ExplicitDeny => {
                self.by.as_ref().map(|reason| format!(" with an explicit deny in {}", denying(reason.kind)))
            }
            Outcome::ImplicitDeny => {
                self.missing.first().map(|kind| format!(" because no {} allows the {action} action", lacking(*kind)))
            }
        };
        let on = match resource {
            "" => String::new(),
            arn => format!(" on resource: {arn}"),
        };
        format!("User: {principal} is not authorized to perform: {action}{on}{}", because.unwrap_or_default())
    }
}

fn denying(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Identity => "an identity-based policy",
        DocumentKind::Resource => "a resource-based policy",
        DocumentKind::Trust => "the role trust policy",
        DocumentKind::Boundary => "a permissions boundary",
        DocumentKind::Session => "a session policy",
        DocumentKind::Scp => "a service control policy",
        DocumentKind::Rcp => "a resource control policy",
        DocumentKind::VpcEndpoint => "a VPC endpoint policy",
        DocumentKind::AccessControlList => "an access control list",
    }
}

fn lacking(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Identity => "identity-based policy",
        DocumentKind::Resource => "resource-based policy",
        // UNVERIFIED: the documentation's own example lacks the "no"; assumed by analogy.
        DocumentKind::Trust => "role trust policy",
        DocumentKind::Boundary => "permissions boundary",
        DocumentKind::Session => "session policy",
        DocumentKind::Scp => "service control policy",
        DocumentKind::Rcp => "resource control policy",
        DocumentKind::VpcEndpoint => "VPC endpoint policy",
        DocumentKind::AccessControlList => "access control list",
    }
}
