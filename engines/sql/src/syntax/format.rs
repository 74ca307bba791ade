//! Expressions as Trino writes them in its messages.

use std::fmt;

use super::ast::*;

fn list(f: &mut fmt::Formatter<'_>, all: &[Expr]) -> fmt::Result {
    all.iter().enumerate().try_for_each(|(n, one)| write!(f, "{}{one}", if n > 0 { ", " } else { "" }))
}

fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.quoted { write!(f, "\"{}\"", self.text.replace('"', "\"\"")) } else { f.write_str(&self.text) }
    }
}

impl fmt::Display for BinaryOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BinaryOp::Add => "+",
            BinaryOp::Subtract => "-",
            BinaryOp::Multiply => "*",
            BinaryOp::Divide => "/",
            BinaryOp::Modulus => "%",
            BinaryOp::Concat => "||",
        })
    }
}

impl fmt::Display for CompareOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CompareOp::Equal => "=",
            CompareOp::NotEqual => "<>",
            CompareOp::Less => "<",
            CompareOp::LessOrEqual => "<=",
            CompareOp::Greater => ">",
            CompareOp::GreaterOrEqual => ">=",
        })
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = |not: &bool| if *not { "NOT " } else { "" };
        match &self.kind {
            Kind::Null => f.write_str("null"),
            Kind::Boolean(it) => write!(f, "{it}"),
            Kind::Integer(it) | Kind::Double(it) => f.write_str(it),
            Kind::Decimal(it) => write!(f, "DECIMAL '{it}'"),
            Kind::Text(it) => f.write_str(&quote(it)),
            Kind::Bytes(it) => write!(f, "X'{}'", hex::encode_upper(it)),
            Kind::Typed(name, text) => write!(f, "{} {}", name.to_uppercase(), quote(text)),
            Kind::Interval { negative, text, from, to } => {
                write!(f, "INTERVAL {}'{text}' {from:?}", if *negative { "-" } else { "" })?;
                to.iter().try_for_each(|to| write!(f, " TO {to:?}"))
            }
            Kind::Name(name) => write!(f, "{name}"),
            Kind::Field(of, name) => write!(f, "{of}.{name}"),
            Kind::Subscript(of, index) => write!(f, "{of}[{index}]"),
            Kind::Unary { minus, of } => write!(f, "{}{of}", if *minus { "-" } else { "+" }),
            Kind::Binary(BinaryOp::Concat, a, b) => write!(f, "concat({a}, {b})"),
            Kind::Binary(op, a, b) => write!(f, "({a} {op} {b})"),
            Kind::Compare(op, a, b) => write!(f, "({a} {op} {b})"),
            Kind::Quantified { op, all, left, query } => {
                write!(f, "({left} {op} {} ({query:?}))", if *all { "ALL" } else { "ANY" })
            }
            Kind::And(a, b) => write!(f, "({a} AND {b})"),
            Kind::Or(a, b) => write!(f, "({a} OR {b})"),
            Kind::Not(of) => write!(f, "(NOT {of})"),
            Kind::IsNull { of, not: no } => write!(f, "({of} IS {}NULL)", not(no)),
            Kind::DistinctFrom { left, right, not: no } => write!(f, "({left} IS {}DISTINCT FROM {right})", not(no)),
            Kind::Between { of, low, high, not: no } => write!(f, "({of} {}BETWEEN {low} AND {high})", not(no)),
            Kind::In { of, list: all, not: no } => {
                write!(f, "({of} {}IN (", not(no))?;
                list(f, all)?;
                f.write_str("))")
            }
            Kind::InQuery { of, query, not: no } => write!(f, "({of} {}IN ({query:?}))", not(no)),
            Kind::Like { of, pattern, escape, not: no } => {
                write!(f, "({of} {}LIKE {pattern}", not(no))?;
                escape.iter().try_for_each(|escape| write!(f, " ESCAPE {escape}"))?;
                f.write_str(")")
            }
            Kind::Exists(query) => write!(f, "(EXISTS ({query:?}))"),
            Kind::Subquery(query) => write!(f, "({query:?})"),
            Kind::Case { of, when, otherwise } => {
                f.write_str("(CASE")?;
                of.iter().try_for_each(|of| write!(f, " {of}"))?;
                when.iter().try_for_each(|(when, then)| write!(f, " WHEN {when} THEN {then}"))?;
                otherwise.iter().try_for_each(|otherwise| write!(f, " ELSE {otherwise}"))?;
                f.write_str(" END)")
            }
            Kind::Cast { of, to, safe } => write!(f, "{}({of} AS {})", if *safe { "TRY_CAST" } else { "CAST" }, to.of),
            Kind::AtTimeZone(of, zone) => write!(f, "({of} AT TIME ZONE {zone})"),
            Kind::Extract(field, of) => write!(f, "EXTRACT({} FROM {of})", field.to_uppercase()),
            Kind::Array(all) => {
                f.write_str("ARRAY[")?;
                all.iter().enumerate().try_for_each(|(n, one)| write!(f, "{}{one}", if n > 0 { "," } else { "" }))?;
                f.write_str("]")
            }
            Kind::Row(all) => {
                f.write_str("ROW (")?;
                list(f, all)?;
                f.write_str(")")
            }
            Kind::Lambda(names, body) => {
                f.write_str("(")?;
                names
                    .iter()
                    .enumerate()
                    .try_for_each(|(n, name)| write!(f, "{}{name}", if n > 0 { ", " } else { "" }))?;
                write!(f, ") -> {body}")
            }
            Kind::Call(call) => write!(f, "{call}"),
            Kind::Grouping(all) => {
                f.write_str("GROUPING(")?;
                list(f, all)?;
                f.write_str(")")
            }
            Kind::Current(name, precision) => {
                f.write_str(&name.to_uppercase())?;
                precision.iter().try_for_each(|precision| write!(f, "({precision})"))
            }
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({}", self.name, if self.distinct { "DISTINCT " } else { "" })?;
        if self.star {
            f.write_str("*")?;
        }
        list(f, &self.args)?;
        if !self.order.is_empty() {
            f.write_str(" ORDER BY ")?;
            self.order.iter().enumerate().try_for_each(|(n, item)| {
                let comma = if n > 0 { ", " } else { "" };
                write!(f, "{comma}{} {}", item.expr, if item.descending { "DESC" } else { "ASC" })
            })?;
        }
        f.write_str(")")?;
        self.filter.iter().try_for_each(|filter| write!(f, " FILTER (WHERE {filter})"))?;
        // Only for telling calls apart: Trino's own form of OVER is longer.
        self.over.iter().try_for_each(|over| match over {
            Over::Named(name) => write!(f, " OVER {name}"),
            Over::Window(window) => write!(f, " OVER ({window:?})"),
        })
    }
}
