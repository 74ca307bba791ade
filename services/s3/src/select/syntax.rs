//! The query of an object: its grammar.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-select.html>

mod call;
mod expression;
mod lexer;
mod parser;

pub(super) use parser::parse;

use super::time::Part;
use super::value::Value;

/// `SELECT … FROM S3Object… WHERE … LIMIT …`
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Select {
    pub(super) items: Items,
    pub(super) from: From,
    pub(super) filter: Option<Expr>,
    pub(super) limit: Option<u64>,
    /// Aggregates in the items, which refer to them by number.
    pub(super) aggregates: Vec<Aggregate>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Items {
    /// `*`
    All,
    List(Vec<Item>),
}

/// An expression, with the name that it has in the output: `None` for its number.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub(super) expr: Expr,
    pub(super) name: Option<String>,
}

/// `S3Object[*].path alias`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct From {
    pub(super) path: Vec<Step>,
    pub(super) alias: Option<Name>,
}

/// A name; in double quotes its case matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) quoted: bool,
}

impl Name {
    pub(super) fn is(&self, other: &str) -> bool {
        if self.quoted { self.text == other } else { self.text.eq_ignore_ascii_case(other) }
    }
}

/// A step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Name(Name),
    Index(usize),
    /// `[*]`
    Each,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    Literal(Value),
    /// A name and steps from it.
    Path(Name, Vec<Step>),
    Negate(Box<Expr>),
    Not(Box<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
    Between {
        of: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        not: bool,
    },
    In {
        of: Box<Expr>,
        list: Vec<Expr>,
        not: bool,
    },
    Like {
        of: Box<Expr>,
        pattern: Box<Expr>,
        escape: Option<Box<Expr>>,
        not: bool,
    },
    Is {
        of: Box<Expr>,
        what: What,
        not: bool,
    },
    Case {
        of: Option<Box<Expr>>,
        when: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    Cast(Box<Expr>, Type),
    Call(Function, Vec<Expr>),
    /// The aggregate with this number.
    Aggregate(usize),
}

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Concat,
    Plus,
    Minus,
    Times,
    Divided,
    Modulo,
}

/// What `IS` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Null,
    Missing,
    Bool(bool),
}

/// A type to cast to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Bool,
    Int,
    Float,
    /// Digits in all, and after the point.
    Decimal(Option<(u32, u32)>),
    Text,
    Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Coalesce,
    NullIf,
    DateAdd(Part),
    DateDiff(Part),
    Extract(Part),
    ToString,
    ToTimestamp,
    UtcNow,
    CharLength,
    Lower,
    Upper,
    Substring,
    Trim(Side),
}

/// What `TRIM` takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Leading,
    Trailing,
    Both,
}

/// An aggregate over all records.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Aggregate {
    pub(super) kind: AggregateKind,
    /// `None` for `COUNT(*)`.
    pub(super) of: Option<Expr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AggregateKind {
    Avg,
    Count,
    Max,
    Min,
    Sum,
}

impl Expr {
    /// Shows each expression within, it first.
    pub(super) fn each<'a>(&'a self, visit: &mut impl FnMut(&'a Expr)) {
        visit(self);
        match self {
            Self::Literal(_) | Self::Path(..) | Self::Aggregate(_) => {}
            Self::Negate(of) | Self::Not(of) | Self::Is { of, .. } | Self::Cast(of, _) => of.each(visit),
            Self::Binary(_, left, right) => {
                left.each(visit);
                right.each(visit);
            }
            Self::Between { of, low, high, .. } => [of, low, high].into_iter().for_each(|expr| expr.each(visit)),
            Self::In { of, list, .. } => {
                of.each(visit);
                list.iter().for_each(|expr| expr.each(visit));
            }
            Self::Like { of, pattern, escape, .. } => {
                [of, pattern].into_iter().chain(escape).for_each(|expr| expr.each(visit));
            }
            Self::Case { of, when, otherwise } => {
                of.iter().chain(otherwise).for_each(|expr| expr.each(visit));
                when.iter().for_each(|(condition, then)| {
                    condition.each(visit);
                    then.each(visit);
                });
            }
            Self::Call(_, list) => list.iter().for_each(|expr| expr.each(visit)),
        }
    }
}
