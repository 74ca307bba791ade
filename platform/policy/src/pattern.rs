//! Text patterns with wildcards and policy variables, split once when the policy is parsed.

use std::borrow::Cow;

use crate::context::Context;

/// One piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(Box<str>),
    /// `?`. One that does not cross stops at a colon: it stands in the first five fields of an ARN.
    One {
        crosses: bool,
    },
    /// `*`, likewise.
    Many {
        crosses: bool,
    },
    /// `${key}` or `${key, 'default'}`; the key in lower case.
    Variable {
        key: Box<str>,
        default: Option<Box<str>>,
    },
}

/// How a pattern text is to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// `*` and `?` are wildcards.
    pub(crate) wildcards: bool,
    /// `${…}` is a variable; false in policies of version 2008-10-17.
    pub(crate) variables: bool,
    /// The pattern is an ARN of a `Resource` element.
    pub(crate) resource: bool,
}

/// A pattern in its cheapest form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    Any,
    Exact(Box<str>),
    Prefix(Box<str>),
    Glob(Box<[Piece]>),
    Template(Box<[Piece]>),
}

impl Pattern {
    pub(crate) fn new(text: &str, reading: Reading) -> Self {
        Self::from_pieces(split(text, reading))
    }

    pub(crate) fn from_pieces(pieces: Vec<Piece>) -> Self {
        if pieces.iter().any(|piece| matches!(piece, Piece::Variable { .. })) {
            return Pattern::Template(pieces.into());
        }
        match pieces.as_slice() {
            [] => Pattern::Exact("".into()),
            [Piece::Text(text)] => Pattern::Exact(text.clone()),
            [Piece::Many { crosses: true }] => Pattern::Any,
            [Piece::Text(text), Piece::Many { crosses: true }] => Pattern::Prefix(text.clone()),
            _ => Pattern::Glob(pieces.into()),
        }
    }

    /// Whether `text` matches. A pattern with a variable the context cannot resolve matches nothing.
    pub(crate) fn matches(&self, text: &str, context: &dyn Context) -> bool {
        match self {
            Pattern::Any => true,
            Pattern::Exact(exact) => **exact == *text,
            Pattern::Prefix(prefix) => text.starts_with(&**prefix),
            Pattern::Glob(pieces) => glob(pieces, text),
            Pattern::Template(pieces) => resolve(pieces, context).is_some_and(|pieces| glob(&pieces, text)),
        }
    }

    /// The pattern as plain text, when it has no wildcard left; for comparison ignoring case.
    pub(crate) fn text<'p>(&'p self, context: &dyn Context) -> Option<Cow<'p, str>> {
        match self {
            Pattern::Exact(exact) => Some(Cow::Borrowed(exact)),
            Pattern::Template(pieces) => {
                let mut text = String::new();
                for piece in resolve(pieces, context)? {
                    match piece {
                        Piece::Text(part) => text.push_str(&part),
                        _ => return None,
                    }
                }
                Some(Cow::Owned(text))
            }
            _ => None,
        }
    }

    /// The variables of the pattern, in lower case.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        let pieces = match self {
            Pattern::Template(pieces) => &**pieces,
            _ => &[],
        };
        variables(pieces)
    }

    /// Whether every variable of the pattern has a value.
    pub(crate) fn resolves(&self, context: &dyn Context) -> bool {
        match self {
            Pattern::Template(pieces) => resolve(pieces, context).is_some(),
            _ => true,
        }
    }
}

/// Replaces variables by their values, which are literal text: a `*` in a value is no wildcard.
/// `None` when one has neither value nor default. Only single-valued keys can be variables:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>.
pub(crate) fn resolve(pieces: &[Piece], context: &dyn Context) -> Option<Vec<Piece>> {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Variable { key, default } => {
                let values = context.values(key);
                let value = values.as_ref().and_then(|values| values.single());
                value.or(default.as_deref()).map(|value| Piece::Text(value.into()))
            }
            piece => Some(piece.clone()),
        })
        .collect()
}

/// The names of the variables among pieces.
pub(crate) fn variables(pieces: &[Piece]) -> impl Iterator<Item = &str> {
    pieces.iter().filter_map(|piece| match piece {
        Piece::Variable { key, .. } => Some(&**key),
        _ => None,
    })
}

/// Splits a pattern text into pieces.
pub(crate) fn split(text: &str, reading: Reading) -> Vec<Piece> {
    let mut splitter = Splitter { pieces: Vec::new(), literal: String::new() };
    let mut colons = 0;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        // The first five fields of a resource ARN take no variables, and wildcards there stay
        // within their field unless they end it.
        let head = reading.resource && colons < 5;
        if reading.variables
            && !head
            && let Some((piece, length)) = variable(rest)
        {
            splitter.variable(piece);
            rest = &rest[length..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match c {
            '*' if reading.wildcards => {
                splitter.push(Piece::Many { crosses: !head || rest.is_empty() || rest.starts_with(':') });
            }
            '?' if reading.wildcards => splitter.push(Piece::One { crosses: !head }),
            c => {
                colons += usize::from(c == ':');
                splitter.literal.push(c);
            }
        }
    }
    splitter.finish()
}

struct Splitter {
    pieces: Vec<Piece>,
    literal: String,
}

impl Splitter {
    fn flush(&mut self) {
        if !self.literal.is_empty() {
            self.pieces.push(Piece::Text(std::mem::take(&mut self.literal).into()));
        }
    }

    fn push(&mut self, piece: Piece) {
        self.flush();
        if let (Some(Piece::Many { crosses: before }), Piece::Many { crosses }) = (self.pieces.last_mut(), &piece) {
            *before |= crosses;
            return;
        }
        self.pieces.push(piece);
    }

    /// A variable, or the literal that `${*}`, `${?}` and `${$}` stand for.
    fn variable(&mut self, piece: Piece) {
        match piece {
            Piece::Text(text) => self.literal.push_str(&text),
            piece => self.push(piece),
        }
    }

    fn finish(mut self) -> Vec<Piece> {
        self.flush();
        self.pieces
    }
}

/// A variable at the start of `text` and its length in bytes.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
fn variable(text: &str) -> Option<(Piece, usize)> {
    let body = text.strip_prefix("${")?;
    let (inner, length) = match body.split_once('\'') {
        // A default may hold a brace, so it ends at the quotation mark.
        Some((before, rest)) if !before.contains('}') => {
            let (default, after) = rest.split_once('\'')?;
            after.starts_with('}').then_some(())?;
            let key = before.trim_end().strip_suffix(',')?.trim();
            return Some((
                Piece::Variable { key: key.to_ascii_lowercase().into(), default: Some(default.into()) },
                2 + before.len() + default.len() + 3,
            ));
        }
        _ => {
            let end = body.find('}')?;
            (&body[..end], end + 3)
        }
    };
    let piece = match inner {
        "*" | "?" | "$" => Piece::Text(inner.into()),
        key => Piece::Variable { key: key.trim().to_ascii_lowercase().into(), default: None },
    };
    Some((piece, length))
}

/// Whether `text` matches `pieces`, which hold no variable.
pub(crate) fn glob(pieces: &[Piece], text: &str) -> bool {
    if pieces.iter().any(|piece| matches!(piece, Piece::Many { crosses: false })) {
        return glob_fields(pieces, text);
    }
    let (mut at, mut rest) = (0, text);
    // Where to resume when a piece fails: after the last `*`, one character further on.
    let mut resume: Option<(usize, &str)> = None;
    loop {
        let next = match pieces.get(at) {
            None => rest.is_empty().then_some(rest),
            Some(Piece::Many { .. }) => {
                at += 1;
                if at == pieces.len() {
                    return true;
                }
                resume = Some((at, rest));
                continue;
            }
            Some(piece) => step(piece, rest),
        };
        match next {
            Some(_) if at == pieces.len() => return true,
            Some(after) => (at, rest) = (at + 1, after),
            None => {
                let Some((star, from)) = resume else { return false };
                let mut chars = from.chars();
                if chars.next().is_none() {
                    return false;
                }
                let mut from = chars.as_str();
                // Skip ahead to where the text after the star can start at all.
                if let Some(Piece::Text(literal)) = pieces.get(star) {
                    match from.find(&**literal) {
                        Some(found) => from = &from[found..],
                        None => return false,
                    }
                }
                resume = Some((star, from));
                (at, rest) = (star, from);
            }
        }
    }
}

/// The text left after a piece other than `*` has matched the start of `rest`.
fn step<'t>(piece: &Piece, rest: &'t str) -> Option<&'t str> {
    match piece {
        Piece::Text(text) => rest.strip_prefix(&**text),
        Piece::One { crosses } => {
            let mut chars = rest.chars();
            let c = chars.next()?;
            (*crosses || c != ':').then_some(chars.as_str())
        }
        Piece::Many { .. } | Piece::Variable { .. } => None,
    }
}

/// The slow way, for patterns where some `*` must stop at a colon: all positions at once.
fn glob_fields(pieces: &[Piece], text: &str) -> bool {
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for piece in pieces {
        let mut next = vec![false; text.len() + 1];
        let mut running = false;
        for (at, c) in text.char_indices().chain([(text.len(), ':')]) {
            if let Piece::Many { crosses } = piece {
                running |= reached[at];
                next[at] = running;
                running &= *crosses || c != ':';
            } else if reached[at]
                && let Some(rest) = step(piece, &text[at..])
            {
                next[text.len() - rest.len()] = true;
            }
        }
        reached = next;
    }
    reached[text.len()]
}

/// Whether an action matches a pattern of an `Action` element, ignoring case:
/// `matches_action("s3:Get*", "s3:GetObject")`.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>
pub fn matches_action(pattern: &str, action: &str) -> bool {
    glob(&split(&pattern.to_ascii_lowercase(), ACTION), &action.to_ascii_lowercase())
}

/// How an action pattern is read.
pub(crate) const ACTION: Reading = Reading { wildcards: true, variables: false, resource: false };
