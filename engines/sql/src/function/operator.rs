//! The operators: `+ - * / %`, comparisons.
//!
//! <https://trino.io/docs/current/functions/math.html>,
//! <https://trino.io/docs/current/functions/decimal.html>,
//! <https://trino.io/docs/current/functions/comparison.html>

mod column;
mod moment;

use datafusion::logical_expr::{BinaryExpr, Expr, Operator};

use super::cast::cast;
use super::udf::{Kernel, RowUdf};
use super::{Run, Types};
use crate::error::Result;
use crate::syntax::ast::{BinaryOp, CompareOp};
use crate::types::Type;
use crate::types::coerce::{as_decimal, common};
use crate::value::Value;

pub(crate) use moment::plus as add;

/// An expression and its type.
pub(crate) type Pair = (Expr, Type);

/// `left op right`, if there is such an operator.
pub(crate) fn arithmetic(op: BinaryOp, (left, from): &Pair, (right, of): &Pair) -> Option<Pair> {
    if let Some(pair) = moment::arithmetic(op, (left, from), (right, of)) {
        return Some(pair);
    }
    let given = (from, of);
    let known = |ty: &Type, other: &Type| if *ty == Type::Unknown { other.clone() } else { ty.clone() };
    let (from, of) = (&known(from, of), &known(of, from));
    let (left, right) = (left.clone(), right.clone());
    if *from == Type::Unknown {
        // NULL + NULL
        return Some((left, Type::Unknown));
    }
    let both = common(from, of)?;
    if !both.is_numeric() {
        return None;
    }
    if both.is_float() {
        let operator = match op {
            BinaryOp::Add => Operator::Plus,
            BinaryOp::Subtract => Operator::Minus,
            BinaryOp::Multiply => Operator::Multiply,
            BinaryOp::Divide => Operator::Divide,
            BinaryOp::Modulus => Operator::Modulo,
            BinaryOp::Concat => return None,
        };
        let expr =
            BinaryExpr::new(Box::new(cast(left, given.0, &both)), operator, Box::new(cast(right, given.1, &both)));
        return Some((Expr::BinaryExpr(expr), both));
    }
    if both.is_integer() {
        let types = Types { args: vec![both.clone(), both.clone()], result: both.clone() };
        let args = vec![cast(left, given.0, &both), cast(right, given.1, &both)];
        return Some((RowUdf::call(symbol(op), Kernel::Column(column::integers(op)?), types, false, true, args), both));
    }
    let (a, b) = (as_decimal(from)?, as_decimal(of)?);
    let result = decimal_result(op, &a, &b)?;
    let args = vec![cast(left, given.0, &a), cast(right, given.1, &b)];
    let types = Types { args: vec![a, b], result: result.clone() };
    Some((RowUdf::call(symbol(op), Kernel::Column(column::decimals(op)?), types, false, true, args), result))
}

fn symbol(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Modulus => "%",
        BinaryOp::Concat => "||",
    }
}

/// Precision and scale of results, as Trino's documentation has them.
fn decimal_result(op: BinaryOp, left: &Type, right: &Type) -> Option<Type> {
    let (Type::Decimal(p1, s1), Type::Decimal(p2, s2)) = (left, right) else { return None };
    let (p1, s1, p2, s2) = (*p1, *s1, *p2, *s2);
    let scale = s1.max(s2);
    let (precision, scale) = match op {
        BinaryOp::Add | BinaryOp::Subtract => ((p1 - s1).max(p2 - s2) + scale + 1, scale),
        BinaryOp::Multiply => (p1 + p2, s1 + s2),
        BinaryOp::Divide => (p1 + s2 + s2.saturating_sub(s1), scale),
        BinaryOp::Modulus => ((p1 - s1).min(p2 - s2) + scale, scale),
        BinaryOp::Concat => return None,
    };
    (scale <= 38).then(|| Type::Decimal(precision.clamp(1, 38), scale))
}

/// `-of`, if there is such an operator.
pub(crate) fn negate((of, ty): &Pair) -> Option<Pair> {
    if ty.is_float() {
        return Some((Expr::Negative(Box::new(of.clone())), ty.clone()));
    }
    let negates =
        ty.is_numeric() || matches!(ty, Type::IntervalDayToSecond | Type::IntervalYearToMonth | Type::Unknown);
    let types = Types { args: vec![ty.clone()], result: ty.clone() };
    negates.then(|| {
        (RowUdf::call("negate", Kernel::Row(Run::Typed(negated)), types, false, true, vec![of.clone()]), ty.clone())
    })
}

fn negated(types: &Types, args: &[Value]) -> Result<Value> {
    let overflow = || crate::error::SqlError::range(format!("{} negation overflow", types.result));
    Ok(match &args[0] {
        Value::Integer(it) => Value::Integer(it.checked_neg().ok_or_else(overflow)?),
        Value::Decimal(it, scale) => Value::Decimal(-it, *scale),
        Value::Months(it) => Value::Months(it.checked_neg().ok_or_else(overflow)?),
        Value::Millis(it) => Value::Millis(it.checked_neg().ok_or_else(overflow)?),
        other => other.clone(),
    })
}

/// `left op right` of values that have been made one type.
pub(crate) fn compare(op: CompareOp, of: &Type, left: Expr, right: Expr) -> Expr {
    if of.is_plain() {
        let operator = match op {
            CompareOp::Equal => Operator::Eq,
            CompareOp::NotEqual => Operator::NotEq,
            CompareOp::Less => Operator::Lt,
            CompareOp::LessOrEqual => Operator::LtEq,
            CompareOp::Greater => Operator::Gt,
            CompareOp::GreaterOrEqual => Operator::GtEq,
        };
        return Expr::BinaryExpr(BinaryExpr::new(Box::new(left), operator, Box::new(right)));
    }
    let kernel = match (of, op) {
        (Type::Double, op) => Kernel::Column(column::doubles(op)),
        (_, CompareOp::Equal) => Kernel::Row(Run::Plain(|args| Ok(truth(args[0].equals(&args[1]))))),
        (_, CompareOp::NotEqual) => Kernel::Row(Run::Plain(|args| Ok(truth(args[0].equals(&args[1]).map(|it| !it))))),
        (_, CompareOp::Less) => Kernel::Row(Run::Plain(|args| Ok(ordered(args, std::cmp::Ordering::is_lt)))),
        (_, CompareOp::LessOrEqual) => Kernel::Row(Run::Plain(|args| Ok(ordered(args, std::cmp::Ordering::is_le)))),
        (_, CompareOp::Greater) => Kernel::Row(Run::Plain(|args| Ok(ordered(args, std::cmp::Ordering::is_gt)))),
        (_, CompareOp::GreaterOrEqual) => Kernel::Row(Run::Plain(|args| Ok(ordered(args, std::cmp::Ordering::is_ge)))),
    };
    let types = Types { args: vec![of.clone(), of.clone()], result: Type::Boolean };
    RowUdf::call(&op.to_string(), kernel, types, false, true, vec![left, right])
}

fn truth(known: Option<bool>) -> Value {
    known.map_or(Value::Null, Value::Boolean)
}

/// NULL only for NULL: what cannot be ordered, a NaN, is not.
fn ordered(args: &[Value], test: fn(std::cmp::Ordering) -> bool) -> Value {
    Value::Boolean(args[0].compares(&args[1]).is_some_and(test))
}

/// `left IS DISTINCT FROM right`.
pub(crate) fn distinct(of: &Type, left: Expr, right: Expr) -> Expr {
    if of.is_plain() {
        return Expr::BinaryExpr(BinaryExpr::new(Box::new(left), Operator::IsDistinctFrom, Box::new(right)));
    }
    let types = Types { args: vec![of.clone(), of.clone()], result: Type::Boolean };
    let run = Run::Plain(|args| Ok(Value::Boolean(!args[0].same(&args[1]))));
    RowUdf::call("is distinct from", Kernel::Row(run), types, true, true, vec![left, right])
}
