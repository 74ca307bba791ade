//! Form-encoded parameters, as a tree of the dotted names.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::MAX_PARAMETERS;
use crate::parse_error::{Fail, ParseErrorKind};

/// Names and texts, in the order sent.
pub(crate) type Pairs<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// Splits and decodes `application/x-www-form-urlencoded` text or a query string.
pub(crate) fn pairs(text: &str) -> Result<Pairs<'_>, Fail> {
    let mut pairs = Vec::new();
    for pair in text.split('&').filter(|p| !p.is_empty()) {
        if pairs.len() == MAX_PARAMETERS {
            return Err(Fail::new(ParseErrorKind::TooLarge, "Too many parameters."));
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.push((decode(name, true)?, decode(value, true)?));
    }
    Ok(pairs)
}

/// Decodes percent escapes, and `+` where it stands for a space.
pub(crate) fn decode(text: &str, plus: bool) -> Result<Cow<'_, str>, Fail> {
    let bytes = text.as_bytes();
    if !bytes.iter().any(|b| *b == b'%' || (plus && *b == b'+')) {
        return Ok(Cow::Borrowed(text));
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' if plus => out.push(b' '),
            b'%' => {
                let hex = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16));
                match (hex(rest.next()), hex(rest.next())) {
                    (Some(high), Some(low)) => out.push((high * 16 + low) as u8),
                    _ => return Err(Fail::malformed("Malformed percent escape.")),
                }
            }
            _ => out.push(*byte),
        }
    }
    String::from_utf8(out).map(Cow::Owned).map_err(|_| Fail::malformed("Percent escapes are not UTF-8."))
}

/// Sorts parameters so that those under one name stand together, the name's own text first.
pub(crate) fn sort(pairs: &mut Pairs<'_>) {
    pairs.sort_by(|(a, _), (b, _)| by_segment(a, b));
}

fn by_segment(a: &str, b: &str) -> Ordering {
    let rank = |byte: u8| if byte == b'.' { 0 } else { u16::from(byte) + 1 };
    a.bytes().map(rank).cmp(b.bytes().map(rank))
}

/// Parameters under one name: a slice of sorted pairs whose names agree up to `offset`.
#[derive(Clone, Copy)]
pub(crate) struct Node<'a> {
    pairs: &'a [(Cow<'a, str>, Cow<'a, str>)],
    offset: usize,
}

impl<'a> Node<'a> {
    pub(crate) fn root(sorted: &'a [(Cow<'a, str>, Cow<'a, str>)]) -> Self {
        Self { pairs: sorted, offset: 0 }
    }

    /// Text of the name itself.
    pub(crate) fn text(&self) -> Option<&'a str> {
        self.pairs.iter().take_while(|(name, _)| name.len() < self.offset).last().map(|(_, text)| text.as_ref())
    }

    /// The name, for messages.
    pub(crate) fn name(&self) -> &'a str {
        let name = self.pairs.first().map_or("", |(name, _)| name.as_ref());
        name.get(..self.offset.saturating_sub(1)).unwrap_or(name)
    }

    /// Next segments and what is under them.
    pub(crate) fn children(self) -> impl Iterator<Item = (&'a str, Node<'a>)> {
        let offset = self.offset;
        let own = self.pairs.iter().take_while(|(name, _)| name.len() < offset).count();
        let mut rest = self.pairs.get(own..).unwrap_or_default();
        std::iter::from_fn(move || {
            let segment = segment(&rest.first()?.0, offset);
            let n = rest.iter().take_while(|(name, _)| self::segment(name, offset) == segment).count();
            let (group, after) = rest.split_at(n);
            rest = after;
            Some((segment, Node { pairs: group, offset: offset + segment.len() + 1 }))
        })
    }

    /// The child `segment`.
    pub(crate) fn child(self, segment: &str) -> Option<Node<'a>> {
        self.children().find(|(s, _)| *s == segment).map(|(_, node)| node)
    }

    /// Children whose segments are numbers, in their order.
    pub(crate) fn numbered(self) -> Vec<Node<'a>> {
        // A number beyond all integers comes last; it is not lost.
        let number = |(segment, node): (&str, Node<'a>)| {
            let digits = !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| (segment.parse().unwrap_or(u32::MAX), node))
        };
        let mut items: Vec<(u32, Node<'a>)> = self.children().filter_map(number).collect();
        items.sort_by_key(|(number, _)| *number);
        items.into_iter().map(|(_, node)| node).collect()
    }
}

fn segment(name: &str, offset: usize) -> &str {
    let rest = name.get(offset..).unwrap_or_default();
    rest.split_once('.').map_or(rest, |(segment, _)| segment)
}
