//! The tree of a statement. Every expression knows where it begins, as Trino counts: an operation begins at its operator.

use crate::error::Position;
use crate::types::Type;

/// A name as it was written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) quoted: bool,
    pub(crate) at: Position,
}

impl Name {
    /// As names are compared.
    pub(crate) fn lower(&self) -> String {
        self.text.to_lowercase()
    }
}

/// A query: WITH, a body, ORDER BY and how many rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Query {
    pub(crate) recursive: bool,
    pub(crate) with: Vec<With>,
    pub(crate) body: Body,
    pub(crate) order: Vec<SortItem>,
    pub(crate) offset: Option<Expr>,
    pub(crate) limit: Option<Limit>,
    pub(crate) at: Position,
}

/// A named query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct With {
    pub(crate) name: Name,
    pub(crate) columns: Vec<Name>,
    pub(crate) query: Query,
}

/// `LIMIT n`, `FETCH FIRST n ROWS ONLY` or `WITH TIES`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Limit {
    pub(crate) count: Expr,
    pub(crate) ties: bool,
}

/// What makes rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    Select(Box<Select>),
    Values(Vec<Expr>, Position),
    Table(Vec<Name>),
    Query(Box<Query>),
    Set { op: SetOp, all: bool, left: Box<Body>, right: Box<Body>, at: Position },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum SetOp {
    Union,
    Intersect,
    Except,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Select {
    pub(crate) distinct: bool,
    pub(crate) items: Vec<SelectItem>,
    pub(crate) from: Vec<Relation>,
    pub(crate) filter: Option<Expr>,
    pub(crate) group: Option<GroupBy>,
    pub(crate) having: Option<Expr>,
    pub(crate) windows: Vec<(Name, Window)>,
    pub(crate) at: Position,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SelectItem {
    Expr(Expr, Option<Name>),
    /// `*`, `t.*`, or the fields of a row with names of their own.
    All {
        of: Option<Expr>,
        aliases: Vec<Name>,
        at: Position,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GroupBy {
    pub(crate) distinct: bool,
    pub(crate) elements: Vec<GroupElement>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum GroupElement {
    Simple(Vec<Expr>),
    Sets(Vec<Vec<Expr>>),
    Rollup(Vec<Vec<Expr>>),
    Cube(Vec<Vec<Expr>>),
    /// `GROUP BY AUTO`-like forms do not exist; this is a single expression, which may be a position.
    Expr(Expr),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SortItem {
    pub(crate) expr: Expr,
    pub(crate) descending: bool,
    pub(crate) nulls_first: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Relation {
    Table {
        name: Vec<Name>,
        /// `FOR TIMESTAMP AS OF …`
        version: Option<(AsOf, Expr)>,
        alias: Option<Alias>,
        at: Position,
    },
    Query {
        query: Box<Query>,
        lateral: bool,
        alias: Option<Alias>,
    },
    Unnest {
        args: Vec<Expr>,
        ordinality: bool,
        alias: Option<Alias>,
        at: Position,
    },
    Join {
        kind: JoinKind,
        left: Box<Relation>,
        right: Box<Relation>,
        on: JoinOn,
        at: Position,
    },
    Sample {
        of: Box<Relation>,
        percent: Expr,
        at: Position,
    },
    /// A join in parentheses with a name.
    Aliased {
        of: Box<Relation>,
        alias: Alias,
    },
}

/// By what a state of a table is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AsOf {
    Time,
    Version,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Alias {
    pub(crate) name: Name,
    pub(crate) columns: Vec<Name>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
    Cross,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum JoinOn {
    None,
    On(Expr),
    Using(Vec<Name>),
    Natural,
}

/// An expression and where it is.
#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) kind: Kind,
    pub(crate) at: Position,
}

impl PartialEq for Expr {
    /// The same words, wherever they are.
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Null,
    Boolean(bool),
    Integer(String),
    Decimal(String),
    Double(String),
    Text(String),
    Bytes(Vec<u8>),
    /// `DATE '…'`, `DECIMAL '…'`, `JSON '…'`.
    Typed(String, String),
    Interval {
        negative: bool,
        text: String,
        from: Unit,
        to: Option<Unit>,
    },
    Name(Name),
    Field(Box<Expr>, Name),
    Subscript(Box<Expr>, Box<Expr>),
    Unary {
        minus: bool,
        of: Box<Expr>,
    },
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    Quantified {
        op: CompareOp,
        all: bool,
        left: Box<Expr>,
        query: Box<Query>,
    },
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    IsNull {
        of: Box<Expr>,
        not: bool,
    },
    DistinctFrom {
        left: Box<Expr>,
        right: Box<Expr>,
        not: bool,
    },
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
    InQuery {
        of: Box<Expr>,
        query: Box<Query>,
        not: bool,
    },
    Like {
        of: Box<Expr>,
        pattern: Box<Expr>,
        escape: Option<Box<Expr>>,
        not: bool,
    },
    Exists(Box<Query>),
    Subquery(Box<Query>),
    Case {
        of: Option<Box<Expr>>,
        when: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    Cast {
        of: Box<Expr>,
        to: TypeName,
        safe: bool,
    },
    AtTimeZone(Box<Expr>, Box<Expr>),
    Extract(String, Box<Expr>),
    Array(Vec<Expr>),
    Row(Vec<Expr>),
    Lambda(Vec<Name>, Box<Expr>),
    Call(Box<Call>),
    Grouping(Vec<Expr>),
    /// `CURRENT_DATE` and the like, with a precision.
    Current(&'static str, Option<u8>),
}

/// A function call with everything that may follow.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) distinct: bool,
    /// `count(*)`.
    pub(crate) star: bool,
    pub(crate) args: Vec<Expr>,
    pub(crate) order: Vec<SortItem>,
    pub(crate) filter: Option<Expr>,
    pub(crate) ignore_nulls: bool,
    pub(crate) over: Option<Over>,
    /// `ON OVERFLOW TRUNCATE 'filler' WITH COUNT` of `listagg`.
    pub(crate) overflow: Option<(String, bool)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Over {
    Named(Name),
    Window(Box<Window>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Window {
    pub(crate) base: Option<Name>,
    pub(crate) partition: Vec<Expr>,
    pub(crate) order: Vec<SortItem>,
    pub(crate) frame: Option<Frame>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) unit: FrameUnit,
    pub(crate) start: Bound,
    pub(crate) end: Bound,
    pub(crate) at: Position,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum FrameUnit {
    Rows,
    Range,
    Groups,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Bound {
    UnboundedPreceding,
    Preceding(Expr),
    Current,
    Following(Expr),
    UnboundedFollowing,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulus,
    Concat,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) enum Unit {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// A type as it was written, and where.
#[derive(Clone, Debug)]
pub(crate) struct TypeName {
    pub(crate) of: Type,
}

impl PartialEq for TypeName {
    fn eq(&self, other: &Self) -> bool {
        self.of == other.of
    }
}
