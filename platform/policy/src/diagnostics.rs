//! What is wrong with a policy text, and where.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

/// What kind of rule a policy breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum DiagnosticCode {
    /// Not JSON.
    InvalidJson,
    /// A key appears twice in one element.
    DuplicateKey,
    /// Longer than any service accepts.
    TooLarge,
    /// An element has the wrong JSON type or is empty.
    WrongType,
    /// An element the grammar does not know.
    UnknownField,
    /// An element this kind of policy must not have.
    ProhibitedField,
    /// An element this kind of policy must have.
    MissingField,
    /// Two elements that exclude each other, such as `Action` and `NotAction`.
    ConflictingFields,
    /// `Version` is neither 2008-10-17 nor 2012-10-17.
    InvalidVersion,
    /// `Effect` is neither `Allow` nor `Deny`.
    InvalidEffect,
    /// A `Sid` with characters IAM does not accept.
    InvalidSid,
    /// Two statements share a `Sid`.
    DuplicateSid,
    /// An action that is not `vendor:name`.
    InvalidAction,
    /// A resource that is not an ARN.
    InvalidResource,
    /// An ARN of an unknown partition.
    InvalidPartition,
    /// A principal of an unknown type or form.
    InvalidPrincipal,
    /// An unknown condition operator.
    InvalidOperator,
    /// A condition key without a vendor prefix.
    InvalidConditionKey,
}

/// One error in a policy text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// The rule broken.
    pub code: DiagnosticCode,
    /// The wording AWS answers with, for `MalformedPolicyDocument` and its like.
    pub message: String,
    /// What exactly is wrong, where AWS's wording does not say.
    pub detail: String,
    /// The bytes of the source the error is about.
    pub span: Range<usize>,
    /// Line of the first byte, from 1.
    pub line: usize,
    /// Character within the line, from 1.
    pub column: usize,
}

/// Every error found in a policy text; never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// INVARIANT: callers pass at least one diagnostic.
    pub(crate) fn new(mut found: Vec<Diagnostic>) -> Self {
        found.sort_by_key(|diagnostic| diagnostic.span.start);
        Self(found)
    }

    /// The errors in the order of the text.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// The wording of the first error: what AWS answers, since it reports one error only.
    pub fn message(&self) -> &str {
        self.0.first().map_or("Syntax errors in policy.", |first| &first.message)
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, found) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{}:{}: {}", found.line, found.column, found.message)?;
            if !found.detail.is_empty() {
                write!(f, " ({})", found.detail)?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

/// Line and column, both from 1, of a byte of `source`.
pub(crate) fn place(source: &str, byte: usize) -> (usize, usize) {
    let mut at = byte.min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    let before = &source[..at];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
