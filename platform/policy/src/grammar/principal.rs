//! `Principal` and `NotPrincipal`.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use std::ops::Range;

use super::{Reader, SYNTAX, Text};
use crate::diagnostics::DiagnosticCode;
use crate::document::DocumentKind;
use crate::json::{Json, Member, Node};
use crate::principal::{PrincipalElement, PrincipalEntry};

/// A principal and where it stands.
type Placed = (PrincipalEntry, Range<usize>);

impl Reader<'_> {
    /// `Some(None)` where statements have no principal.
    pub(super) fn principal_element(
        &mut self,
        members: &[Member],
        statement: &Node,
    ) -> Option<Option<PrincipalElement>> {
        let Some((member, negated)) = self.either(members, "Principal", "NotPrincipal") else {
            if !self.kind.has_principal() {
                return Some(None);
            }
            self.report(DiagnosticCode::MissingField, "Missing required field Principal", "", statement.span.clone());
            return None;
        };
        let prohibited = format!("Has prohibited field {}", member.key);
        if !self.kind.has_principal() {
            let message = "Policy document should not specify a principal.";
            self.report(DiagnosticCode::ProhibitedField, message, prohibited, member.key_span.clone());
            return None;
        }
        // <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html>
        let unsupported = match self.kind {
            DocumentKind::Rcp => negated || !matches!(&member.node.value, Json::String(all) if all == "*"),
            DocumentKind::Trust => negated,
            _ => false,
        };
        if unsupported {
            self.report(DiagnosticCode::ProhibitedField, prohibited, "", member.key_span.clone());
            return None;
        }
        let entries: Vec<_> = match &member.node.value {
            Json::String(all) if all == "*" => self.everyone(&member.node)?,
            Json::Object(types) if !types.is_empty() => {
                let lists: Option<Vec<_>> = types.iter().map(|list| self.entries(list)).collect();
                lists?.into_iter().flatten().collect()
            }
            _ => {
                let detail = "a principal is \"*\" or an object of AWS, Service, Federated, CanonicalUser";
                self.report(
                    DiagnosticCode::InvalidPrincipal,
                    "Invalid principal in policy",
                    detail,
                    member.node.span.clone(),
                );
                return None;
            }
        };
        let (entries, places) = entries.into_iter().unzip();
        Some(Some(PrincipalElement { negated, entries, places, of_trust: self.kind == DocumentKind::Trust }))
    }

    /// A bare `*`, which IAM refuses in trust policies though it takes `{"AWS": "*"}`.
    fn everyone(&mut self, node: &Node) -> Option<Vec<Placed>> {
        if self.kind == DocumentKind::Trust {
            let message = "AssumeRolepolicy contained an invalid principal: \"STAR\":\"*\".";
            self.report(DiagnosticCode::InvalidPrincipal, message, "", node.span.clone());
            return None;
        }
        Some(vec![(PrincipalEntry::Everyone, node.span.clone())])
    }

    fn entries(&mut self, member: &Member) -> Option<Vec<Placed>> {
        let texts = self.texts(&member.node, "a principal")?;
        if texts.is_empty() {
            self.report(DiagnosticCode::InvalidPrincipal, SYNTAX, "no principal listed", member.node.span.clone());
        }
        let entry: fn(&str) -> Option<PrincipalEntry> = match member.key.as_str() {
            "AWS" => aws,
            "Service" => |name| Some(PrincipalEntry::Service(name.into())),
            "Federated" => |name| Some(PrincipalEntry::Federated(name.into())),
            "CanonicalUser" => |id| Some(PrincipalEntry::CanonicalUser(id.into())),
            _ => {
                let detail = format!("unknown principal type {}", member.key);
                let message = "Invalid principal in policy";
                self.report(DiagnosticCode::InvalidPrincipal, message, detail, member.key_span.clone());
                return None;
            }
        };
        texts.into_iter().map(|text| self.entry(&member.key, text, entry)).collect()
    }

    fn entry(&mut self, kind: &str, text: Text, entry: fn(&str) -> Option<PrincipalEntry>) -> Option<Placed> {
        match entry(&text.value) {
            Some(found) => Some((found, text.span)),
            None => {
                let message = format!("Invalid principal in policy: \"{kind}\":\"{}\"", text.value);
                self.report(DiagnosticCode::InvalidPrincipal, message, "", text.span);
                None
            }
        }
    }
}

/// An account, a user, role or session, a unique id, or everyone. No wildcard but `*` alone.
fn aws(text: &str) -> Option<PrincipalEntry> {
    if text == "*" {
        return Some(PrincipalEntry::Everyone);
    }
    if is_account(text) {
        return Some(PrincipalEntry::Account(text.into()));
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, "root"] if is_account(account) => {
            Some(PrincipalEntry::Account((*account).into()))
        }
        ["arn", partition, "iam" | "sts", "", account, name]
            if !partition.is_empty() && !name.is_empty() && is_owner(account) && !text.contains(['*', '?']) =>
        {
            Some(PrincipalEntry::Arn(text.into()))
        }
        [id] if is_unique_id(id) => Some(PrincipalEntry::UniqueId((*id).into())),
        _ => None,
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// An account, or a service that owns principals: CloudFront's origin access identities.
fn is_owner(text: &str) -> bool {
    is_account(text) || text == "cloudfront"
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>
fn is_unique_id(text: &str) -> bool {
    text.len() >= 16
        && text.starts_with('A')
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
