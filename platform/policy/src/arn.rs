//! Matching of Amazon Resource Names, in the two ways IAM has.

use crate::context::{Context, MapContext};
use crate::pattern::{Pattern, Piece, Reading, glob, resolve, split, variables};

/// Fields of an ARN: `arn:partition:service:region:account:resource`.
const FIELDS: usize = 6;

/// Whether an ARN matches a pattern of a `Resource` element.
///
/// In the resource part, after the fifth colon, `*` and `?` match everything. In the fields before
/// it they stay within their field, except a `*` that ends its field, which may run on beyond the
/// colon: `arn:aws:sqs:*` covers every queue.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
pub fn matches_arn(pattern: &str, arn: &str) -> bool {
    glob(&split(pattern, Reading { wildcards: true, variables: false, resource: true }), arn)
}

/// Whether an ARN matches a pattern of the `ArnLike` operator: each of the six fields separately.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN>
pub fn matches_arn_like(pattern: &str, arn: &str) -> bool {
    ArnPattern::new(pattern, false).matches(arn, &MapContext::new())
}

/// A compiled pattern of the ARN operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArnPattern {
    /// One pattern for each field.
    Fields(Box<[Pattern]>),
    /// Holds variables, whose values may bring colons, so it is divided when evaluated.
    Template(Box<[Piece]>),
}

impl ArnPattern {
    pub(crate) fn new(text: &str, with_variables: bool) -> Self {
        let pieces = split(text, Reading { wildcards: true, variables: with_variables, resource: false });
        if pieces.iter().any(|piece| matches!(piece, Piece::Variable { .. })) {
            return ArnPattern::Template(pieces.into());
        }
        ArnPattern::Fields(fields(pieces).into_iter().map(Pattern::from_pieces).collect())
    }

    pub(crate) fn matches(&self, arn: &str, context: &dyn Context) -> bool {
        let parts: Vec<&str> = arn.splitn(FIELDS, ':').collect();
        if parts.len() < FIELDS {
            return false;
        }
        match self {
            ArnPattern::Fields(patterns) => {
                patterns.iter().zip(parts).all(|(pattern, part)| pattern.matches(part, context))
            }
            ArnPattern::Template(pieces) => resolve(pieces, context)
                .is_some_and(|pieces| fields(pieces).iter().zip(parts).all(|(field, part)| glob(field, part))),
        }
    }

    /// The variables of the pattern, in lower case.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        let pieces = match self {
            ArnPattern::Template(pieces) => &**pieces,
            ArnPattern::Fields(_) => &[],
        };
        variables(pieces)
    }

    pub(crate) fn resolves(&self, context: &dyn Context) -> bool {
        match self {
            ArnPattern::Fields(_) => true,
            ArnPattern::Template(pieces) => resolve(pieces, context).is_some(),
        }
    }
}

/// Divides pieces at the first five colons; fields that are missing match anything, as IAM
/// completes an incomplete ARN with wildcards.
fn fields(pieces: Vec<Piece>) -> Vec<Vec<Piece>> {
    let mut fields = vec![Vec::new()];
    for piece in pieces {
        let Piece::Text(text) = piece else {
            push(&mut fields, piece);
            continue;
        };
        let mut rest = &*text;
        while fields.len() < FIELDS
            && let Some((before, after)) = rest.split_once(':')
        {
            if !before.is_empty() {
                push(&mut fields, Piece::Text(before.into()));
            }
            fields.push(Vec::new());
            rest = after;
        }
        if !rest.is_empty() {
            push(&mut fields, Piece::Text(rest.into()));
        }
    }
    fields.resize_with(FIELDS, || vec![Piece::Many { crosses: true }]);
    fields
}

/// Adds a piece to the last field.
fn push(fields: &mut [Vec<Piece>], piece: Piece) {
    if let Some(last) = fields.last_mut() {
        last.push(piece);
    }
}
