//! Conditions on values, combined by `&&`, `||` and parentheses.

use crate::NotAPattern;
use crate::parser::{DEPTH, Parser};
use crate::regex::Regex;

/// Conditions on what `S` selects.
#[derive(Clone, Debug)]
pub(crate) enum Expression<S> {
    All(Vec<Self>),
    Any(Vec<Self>),
    Test(S, Check),
}

#[derive(Clone, Debug)]
pub(crate) enum Check {
    /// Whether it is like the text, and whether it should be.
    Like(Wildcard, bool),
    Regex(Regex, bool),
    Number(Order, f64),
    Null,
    True,
    False,
    Exists(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    pub(crate) fn holds(self, a: f64, b: f64) -> bool {
        match self {
            Self::Equal => a == b,
            Self::Unequal => a != b,
            Self::Less => a < b,
            Self::LessOrEqual => a <= b,
            Self::Greater => a > b,
            Self::GreaterOrEqual => a >= b,
        }
    }
}

/// A text in which `*` stands for any text.
#[derive(Clone, Debug)]
pub(crate) struct Wildcard(Vec<String>);

impl Wildcard {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.split('*').map(str::to_owned).collect())
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        let (Some(first), Some(last)) = (self.0.first(), self.0.last()) else { return false };
        if self.0.len() == 1 {
            return text == first;
        }
        let Some(mut rest) = text.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str())) else {
            return false;
        };
        for part in self.0.get(1..self.0.len() - 1).unwrap_or_default() {
            let Some(at) = rest.find(part.as_str()) else { return false };
            rest = rest.get(at + part.len()..).unwrap_or_default();
        }
        true
    }
}

impl<S> Expression<S> {
    /// Whether the conditions hold, each of which `test` judges.
    pub(crate) fn holds(&self, test: &impl Fn(&S, &Check) -> bool) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(test)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(test)),
            Self::Test(selector, check) => test(selector, check),
        }
    }

    /// Calls `visit` for every condition, in order.
    pub(crate) fn each<'a>(&'a self, visit: &mut impl FnMut(&'a S, &'a Check)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.each(visit)),
            Self::Test(selector, check) => visit(selector, check),
        }
    }

    pub(crate) fn has_regex(&self) -> bool {
        let mut found = false;
        self.each(&mut |_, check| found |= matches!(check, Check::Regex(..)));
        found
    }
}

type Selector<S> = fn(&mut Parser) -> Result<S, NotAPattern>;

/// Conditions, with `&&` before `||`. `ends` says which characters end a value without quotes.
pub(crate) fn parse<S>(parser: &mut Parser, selector: Selector<S>, depth: usize) -> Result<Expression<S>, NotAPattern> {
    if depth > DEPTH {
        return Err(parser.fault("too many parentheses"));
    }
    let mut any = vec![conjunction(parser, selector, depth)?];
    while parser.pass("||") {
        any.push(conjunction(parser, selector, depth)?);
    }
    Ok(one_or(any, Expression::Any))
}

fn conjunction<S>(parser: &mut Parser, selector: Selector<S>, depth: usize) -> Result<Expression<S>, NotAPattern> {
    let mut all = vec![single(parser, selector, depth)?];
    while parser.pass("&&") {
        all.push(single(parser, selector, depth)?);
    }
    Ok(one_or(all, Expression::All))
}

fn one_or<S>(mut parts: Vec<Expression<S>>, of: fn(Vec<Expression<S>>) -> Expression<S>) -> Expression<S> {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            of(parts)
        }
    }
}

fn single<S>(parser: &mut Parser, selector: Selector<S>, depth: usize) -> Result<Expression<S>, NotAPattern> {
    if parser.pass("(") {
        let inner = parse(parser, selector, depth + 1)?;
        parser.expect(")", "a parenthesis is not closed")?;
        return Ok(inner);
    }
    let selected = selector(parser)?;
    Ok(Expression::Test(selected, check(parser)?))
}

/// What follows a selector.
fn check(parser: &mut Parser) -> Result<Check, NotAPattern> {
    if parser.pass_word("IS") {
        return match () {
            () if parser.pass_word("NULL") => Ok(Check::Null),
            () if parser.pass_word("TRUE") => Ok(Check::True),
            () if parser.pass_word("FALSE") => Ok(Check::False),
            () => Err(parser.fault("expected NULL, TRUE or FALSE")),
        };
    }
    if parser.pass_word("NOT") {
        return if parser.pass_word("EXISTS") {
            Ok(Check::Exists(false))
        } else {
            Err(parser.fault("expected EXISTS"))
        };
    }
    if parser.pass_word("EXISTS") {
        return Ok(Check::Exists(true));
    }
    let operators = [
        (">=", Order::GreaterOrEqual),
        ("<=", Order::LessOrEqual),
        ("!=", Order::Unequal),
        ("==", Order::Equal),
        ("=", Order::Equal),
        (">", Order::Greater),
        ("<", Order::Less),
    ];
    let found = operators.into_iter().find(|(text, _)| parser.pass(text));
    let Some((_, order)) = found else { return Err(parser.fault("expected an operator")) };
    value(parser, order)
}

fn value(parser: &mut Parser, order: Order) -> Result<Check, NotAPattern> {
    parser.skip_space();
    let positive = match order {
        Order::Equal => Some(true),
        Order::Unequal => Some(false),
        _ => None,
    };
    match (parser.peek(), positive) {
        (Some('"'), Some(positive)) => Ok(Check::Like(Wildcard::new(&parser.quoted()?), positive)),
        (Some('%'), Some(positive)) => Ok(Check::Regex(parser.regex()?, positive)),
        _ => {
            let text = parser.run(|c| !c.is_whitespace() && !"\"%&|()[]{},=<>!".contains(c));
            match (number(&text), positive) {
                (Some(number), _) => Ok(Check::Number(order, number)),
                (None, Some(positive)) if !text.is_empty() => Ok(Check::Like(Wildcard::new(&text), positive)),
                _ => Err(parser.fault("expected a value")),
            }
        }
    }
}

/// A number as it is written: with a sign, a fraction, an exponent.
pub(crate) fn number(text: &str) -> Option<f64> {
    let like_one = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    text.parse().ok().filter(|number: &f64| like_one && number.is_finite())
}

impl Check {
    /// Whether a text holds, where everything is text.
    pub(crate) fn holds_text(&self, text: &str) -> bool {
        match self {
            Self::Like(wildcard, positive) => wildcard.matches(text) == *positive,
            Self::Regex(regex, positive) => regex.is_match(text) == *positive,
            Self::Number(order, right) => match number(text) {
                Some(left) => order.holds(left, *right),
                None => *order == Order::Unequal,
            },
            Self::True => text.eq_ignore_ascii_case("true"),
            Self::False => text.eq_ignore_ascii_case("false"),
            Self::Null => false,
            Self::Exists(wanted) => *wanted,
        }
    }
}
