//! A parsed policy.

use serde::{Deserialize, Serialize};

use crate::diagnostics::Diagnostics;
use crate::grammar;
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
}

impl DocumentKind {
    /// Whether statements name principals.
    pub(crate) fn has_principal(self) -> bool {
        matches!(self, Self::Resource | Self::Trust | Self::Rcp | Self::VpcEndpoint)
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

    /// The statements with one effect.
    pub(crate) fn with_effect(&self, effect: Effect) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(move |statement| statement.effect == effect)
    }
}
