//! A parsed policy.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::diagnostics::{self, Diagnostics};
use crate::grammar;
use crate::principal::PrincipalEntry;
use crate::statement::{Effect, Statement};

/// What a policy is attached to, which decides what its grammar requires and forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DocumentKind {
    /// Inline or managed policy of a user, group or role.
    Identity,
    /// Policy of a resource: bucket, key, queue, topic, function …
    Resource,
    /// Trust policy of a role.
    Trust,
    /// Permissions boundary of a user or role.
    Boundary,
    /// Passed when a session was made.
    Session,
    /// Service control policy.
    Scp,
    /// Resource control policy.
    Rcp,
    /// Policy of a VPC endpoint.
    VpcEndpoint,
    /// What an access control list grants, written as a policy.
    AccessControlList,
}

impl DocumentKind {
    /// Whether statements name principals.
    pub(crate) fn has_principal(self) -> bool {
        matches!(self, Self::Resource | Self::Trust | Self::Rcp | Self::VpcEndpoint | Self::AccessControlList)
    }
}

/// The version of the policy language, from the `Version` element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Version {
    /// 2008-10-17, also when the element is missing: no policy variables.
    V2008,
    /// 2012-10-17.
    V2012,
}

/// A policy, compiled. Immutable and free of interior state, so it is shared in an `Arc`.
#[derive(Debug)]
pub struct Document {
    pub(crate) source: Box<str>,
    pub(crate) kind: DocumentKind,
    pub(crate) version: Version,
    pub(crate) id: Option<Box<str>>,
    pub(crate) statements: Vec<Statement>,
}

impl Document {
    /// Reads a policy.
    ///
    /// # Errors
    /// Everything that breaks the grammar, in the order of the text:
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.
    pub fn parse(json: &str, kind: DocumentKind) -> Result<Document, Diagnostics> {
        grammar::parse(json, kind)
    }

    /// The text it was read from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What kind of policy it was read as.
    pub fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// The language version.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The `Id` element.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The statements in order.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Its size as quotas count it: characters without white space.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
    pub fn size(&self) -> usize {
        self.source.chars().filter(|c| !c.is_whitespace()).count()
    }

    /// The names of all condition keys and variables the policy looks at, in lower case: what
    /// `GetContextKeysForCustomPolicy` and the policy simulator need to know.
    pub fn context_keys(&self) -> BTreeSet<&str> {
        self.statements.iter().flat_map(Statement::context_keys).collect()
    }

    /// A condition key or variable, given in lower case, as the policy writes it.
    pub fn written<'a>(&'a self, key: &'a str) -> &'a str {
        let at = self.source.to_ascii_lowercase().find(key);
        at.and_then(|at| self.source.get(at..at + key.len())).unwrap_or(key)
    }

    /// Line and column, both from 1, of a byte of the source, e.g. of where a statement begins.
    pub fn place(&self, byte: usize) -> (usize, usize) {
        diagnostics::place(&self.source, byte)
    }

    /// The source with principals replaced, everything else untouched; `None` keeps one as it is.
    ///
    /// Services store the unique id of a user or role in place of its ARN when a policy is saved,
    /// so that the name is not inherited by a successor, and the ARN in place of the id when it is
    /// shown: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles>.
    pub fn rewrite_principals(&self, mut replace: impl FnMut(&PrincipalEntry) -> Option<String>) -> Cow<'_, str> {
        let mut edits = Vec::new();
        for element in self.statements.iter().filter_map(Statement::principal) {
            for (entry, place) in element.entries.iter().zip(&element.places) {
                edits.extend(replace(entry).map(|text| (place, text)));
            }
        }
        if edits.is_empty() {
            return Cow::Borrowed(&self.source);
        }
        edits.sort_by_key(|(place, _)| place.start);
        let mut out = String::with_capacity(self.source.len());
        let mut copied = 0;
        for (place, text) in edits {
            out.push_str(self.source.get(copied..place.start).unwrap_or_default());
            quote(&text, &mut out);
            copied = place.end;
        }
        out.push_str(self.source.get(copied..).unwrap_or_default());
        Cow::Owned(out)
    }

    /// The statements with one effect.
    pub(crate) fn with_effect(&self, effect: Effect) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(move |statement| statement.effect == effect)
    }
}

/// Writes a JSON string.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_ascii_control() => {
                // INVARIANT: writing to a String does not fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
