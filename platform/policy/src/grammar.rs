//! From text to [`Document`]: the grammar, and every way to break it.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
//!
//! IAM reports one error, without its place; this reader finds them all. The wording is IAM's where
//! its answers are documented or publicly reported, otherwise its general
//! `Syntax errors in policy.`, with the particulars in `detail`.

mod names;
mod principal;
mod statement;

use std::collections::HashSet;
use std::ops::Range;

use crate::diagnostics::{Diagnostic, DiagnosticCode, Diagnostics, place};
use crate::document::{Document, DocumentKind, Version};
use crate::json::{Json, Member, Node, scan};
use crate::statement::Statement;

/// More than any service takes: KMS allows 32 kB, S3 20 kB, IAM 6,144 characters without white space.
const MAX_BYTES: usize = 256 * 1024;

/// Errors told at most: finding the line of each costs a walk through the text.
const MAX_FOUND: usize = 64;

/// IAM's answer to whatever it has no better words for.
const SYNTAX: &str = "Syntax errors in policy.";

/// IAM's answer when its older parser gives up.
const LEGACY: &str = "The policy failed legacy parsing";

/// Organizations' one answer.
const ORGANIZATIONS: &str = "The provided policy document does not meet the requirements of the specified policy type.";

pub(crate) fn parse(source: &str, kind: DocumentKind) -> Result<Document, Diagnostics> {
    let mut reader = Reader { source, kind, version: Version::V2008, found: Vec::new() };
    let document = reader.document();
    match document {
        Some(document) if reader.found.is_empty() => Ok(document),
        _ => {
            if reader.found.is_empty() {
                reader.report(DiagnosticCode::WrongType, SYNTAX, "not a policy", 0..source.len());
            }
            Err(Diagnostics::new(reader.found))
        }
    }
}

/// A string of the policy and where it stands.
struct Text {
    value: String,
    span: Range<usize>,
}

struct Reader<'a> {
    source: &'a str,
    kind: DocumentKind,
    version: Version,
    found: Vec<Diagnostic>,
}

impl Reader<'_> {
    /// Notes an error. Organizations has one wording for all of them.
    fn report(
        &mut self,
        code: DiagnosticCode,
        message: impl Into<String>,
        detail: impl Into<String>,
        span: Range<usize>,
    ) {
        if self.found.len() >= MAX_FOUND {
            return;
        }
        let (line, column) = place(self.source, span.start);
        let (mut message, mut detail) = (message.into(), detail.into());
        if matches!(self.kind, DocumentKind::Scp | DocumentKind::Rcp) {
            if detail.is_empty() {
                detail = message;
            }
            message = ORGANIZATIONS.into();
        }
        self.found.push(Diagnostic { code, message, detail, span, line, column });
    }

    /// Whether the policy is one that IAM itself stores as permissions.
    fn is_permissions(&self) -> bool {
        matches!(self.kind, DocumentKind::Identity | DocumentKind::Boundary | DocumentKind::Session)
    }

    fn document(&mut self) -> Option<Document> {
        if self.source.len() > MAX_BYTES {
            let detail = format!("longer than {MAX_BYTES} bytes");
            self.report(DiagnosticCode::TooLarge, SYNTAX, detail, 0..self.source.len());
            return None;
        }
        let root = match scan(self.source) {
            Ok(root) => root,
            Err(error) => {
                let message = match self.kind {
                    DocumentKind::Trust | DocumentKind::Resource => "This policy contains invalid Json",
                    _ => SYNTAX,
                };
                let code = if error.duplicate { DiagnosticCode::DuplicateKey } else { DiagnosticCode::InvalidJson };
                self.report(code, message, error.what, error.span);
                return None;
            }
        };
        let Json::Object(members) = &root.value else {
            self.report(DiagnosticCode::WrongType, SYNTAX, "a policy is an object", root.span);
            return None;
        };
        for member in members {
            if !matches!(member.key.as_str(), "Version" | "Id" | "Statement") {
                self.unknown(member);
            }
        }
        if let Some(version) = field(members, "Version") {
            self.version = self.read_version(&version.node)?;
        }
        let id = field(members, "Id").and_then(|id| self.text(&id.node, "Id"));
        let statements = self.statements(members, &root.span)?;
        Some(Document {
            source: self.source.into(),
            kind: self.kind,
            version: self.version,
            id: id.map(|id| id.value.into()),
            statements,
        })
    }

    fn unknown(&mut self, member: &Member) {
        let message = format!("Unknown field {}", member.key);
        self.report(DiagnosticCode::UnknownField, message, "", member.key_span.clone());
    }

    fn read_version(&mut self, node: &Node) -> Option<Version> {
        match &node.value {
            Json::String(version) if version == "2012-10-17" => Some(Version::V2012),
            Json::String(version) if version == "2008-10-17" => Some(Version::V2008),
            _ => {
                let message = if self.is_permissions() {
                    "Policy document must be version 2012-10-17 or greater."
                } else {
                    SYNTAX
                };
                let detail = "Version must be \"2012-10-17\" or \"2008-10-17\"";
                self.report(DiagnosticCode::InvalidVersion, message, detail, node.span.clone());
                None
            }
        }
    }

    fn statements(&mut self, members: &[Member], whole: &Range<usize>) -> Option<Vec<Statement>> {
        let Some(member) = field(members, "Statement") else {
            let message = if self.is_permissions() { SYNTAX } else { "Missing required field Statement" };
            self.report(DiagnosticCode::MissingField, message, "Missing required field Statement", whole.clone());
            return None;
        };
        let nodes = match &member.node.value {
            Json::Array(nodes) => nodes.as_slice(),
            _ => std::slice::from_ref(&member.node),
        };
        if nodes.is_empty() {
            let message =
                if self.is_permissions() { SYNTAX } else { "Could not parse the policy: Statement is empty!" };
            self.report(DiagnosticCode::WrongType, message, "Statement is empty", member.node.span.clone());
        }
        let statements: Vec<_> =
            nodes.iter().enumerate().filter_map(|(index, node)| self.statement(index, node)).collect();
        self.unique_sids(&statements);
        Some(statements)
    }

    fn unique_sids(&mut self, statements: &[Statement]) {
        let mut seen = HashSet::new();
        for statement in statements {
            let Some(sid) = statement.sid().filter(|sid| !sid.is_empty()) else { continue };
            if !seen.insert(sid) {
                let message = "Statement IDs (SID) in a single policy must be unique.";
                self.report(DiagnosticCode::DuplicateSid, message, sid, statement.span());
            }
        }
    }

    /// A value that must be a string.
    fn text(&mut self, node: &Node, what: &str) -> Option<Text> {
        match &node.value {
            Json::String(value) => Some(Text { value: value.clone(), span: node.span.clone() }),
            _ => {
                let detail = format!("{what} must be a string");
                self.report(DiagnosticCode::WrongType, SYNTAX, detail, node.span.clone());
                None
            }
        }
    }

    /// A value that must be a string or a list of strings.
    fn texts(&mut self, node: &Node, what: &str) -> Option<Vec<Text>> {
        match &node.value {
            Json::Array(nodes) => nodes.iter().map(|node| self.text(node, what)).collect(),
            _ => Some(vec![self.text(node, what)?]),
        }
    }
}

fn field<'m>(members: &'m [Member], key: &str) -> Option<&'m Member> {
    members.iter().find(|member| member.key == key)
}
