//! Calls of aggregates. The common ones are DataFusion's own, with results checked; the rest are ours.
//!
//! <https://trino.io/docs/current/functions/aggregate.html>

use std::sync::Arc;

use datafusion::functions_aggregate as df;
use datafusion::logical_expr::expr::{AggregateFunction, Sort};
use datafusion::logical_expr::{AggregateUDF, Expr, lit};

use super::call::choose;
use super::group::no_nesting;
use super::scope::Scope;
use super::{Analyzer, Typed};
use crate::arrow::data_type;
use crate::error::{Code, Position, Result, SqlError};
use crate::function::aggregate::{self, Finisher, Order, Overflow, RowUdaf, Skip};
use crate::function::cast::cast;
use crate::function::udf::{Kernel, RowUdf};
use crate::function::{Run, Signature, Types};
use crate::syntax::ast::{Call, Kind};
use crate::types::Type;
use crate::types::coerce::common;
use crate::value::Value;

/// What DataFusion computes.
const NATIVE: &[&str] = &[
    "count",
    "count_if",
    "sum",
    "avg",
    "min",
    "max",
    "bool_and",
    "bool_or",
    "every",
    "stddev",
    "stddev_samp",
    "stddev_pop",
    "variance",
    "var_samp",
    "var_pop",
    "corr",
    "covar_pop",
    "covar_samp",
    "regr_slope",
    "regr_intercept",
    "approx_distinct",
];

/// Whether a function of this name is an aggregate.
pub(super) fn is_aggregate_name(name: &str) -> bool {
    name == "listagg"
        || name == "checksum"
        || NATIVE.contains(&name)
        || (aggregate::named(name).is_some() && name != "single value")
}

/// What an aggregate is before it is known whether it runs over groups or over a window.
pub(super) struct Aggregated {
    func: Arc<AggregateUDF>,
    args: Vec<Expr>,
    distinct: bool,
    /// What becomes of the result, and its type.
    after: After,
}

enum After {
    Is(Type),
    /// Checked or converted by a function of the result.
    Cast(Type, Type),
    Sum(Type),
}

impl Aggregated {
    fn new(func: Arc<AggregateUDF>, args: Vec<Expr>, distinct: bool, after: After) -> Self {
        Self { func, args, distinct, after }
    }

    /// The parts that make an expression of DataFusion.
    pub(super) fn parts(&self) -> (Arc<AggregateUDF>, Vec<Expr>, bool) {
        (Arc::clone(&self.func), self.args.clone(), self.distinct)
    }

    pub(super) fn wrap(self, expr: Expr) -> Typed {
        match self.after {
            After::Is(ty) => Typed::new(expr, ty),
            After::Cast(from, to) => Typed::new(cast(expr, &from, &to), to),
            After::Sum(to) => {
                let types = Types { args: vec![Type::Decimal(38, 0)], result: to.clone() };
                Typed::new(
                    RowUdf::call("checked sum", Kernel::Row(Run::Plain(narrow)), types, false, true, vec![expr]),
                    to,
                )
            }
        }
    }
}

fn narrow(args: &[Value]) -> Result<Value> {
    match &args[0] {
        Value::Decimal(digits, _) => match i64::try_from(*digits) {
            Ok(sum) => Ok(Value::Integer(sum)),
            Err(_) => Err(SqlError::range(format!("bigint addition overflow: sum is {digits}"))),
        },
        other => Ok(other.clone()),
    }
}

/// `count(*)`.
pub(super) fn count_rows() -> Expr {
    Expr::AggregateFunction(AggregateFunction::new_udf(
        df::count::count_udaf(),
        vec![lit(1_i64)],
        false,
        None,
        vec![],
        None,
    ))
}

/// The only value, or an error when there are several.
pub(super) fn single_value(of: Expr, ty: &Type) -> Expr {
    let types = Types { args: vec![ty.clone()], result: ty.clone() };
    // INVARIANT: it is registered in this crate.
    let finish = aggregate::named("single value")
        .map_or(Finisher::Plain(|_, _| Ok(Value::Null)), |all| Finisher::Plain(all[0].finish));
    let udaf = RowUdaf::udaf("single value", types, Vec::new(), finish, None, Skip::None);
    Expr::AggregateFunction(AggregateFunction::new_udf(udaf, vec![of], false, None, vec![], None))
}

/// All values, as an array; NULL when there are none.
pub(super) fn listed(of: Expr, ty: &Type) -> Expr {
    let types = Types { args: vec![ty.clone()], result: Type::array(ty.clone()) };
    // INVARIANT: it is registered in this crate.
    let finish = aggregate::named("array_agg")
        .map_or(Finisher::Plain(|_, _| Ok(Value::Null)), |all| Finisher::Plain(all[0].finish));
    let udaf = RowUdaf::udaf("array_agg", types, Vec::new(), finish, None, Skip::None);
    Expr::AggregateFunction(AggregateFunction::new_udf(udaf, vec![of], false, None, vec![], None))
}

impl Analyzer<'_> {
    /// A call over groups.
    pub(super) fn aggregate(&self, call: &Call, at: Position, scope: &Scope<'_>) -> Result<Typed> {
        let aggregated = self.aggregated(call, at, scope)?;
        let filter = self.filter(call, scope)?;
        let (func, args, distinct) = aggregated.parts();
        no_nesting(&args, &call.name, at)?;
        let filter = filter.map(Box::new);
        let expr = Expr::AggregateFunction(AggregateFunction::new_udf(func, args, distinct, filter, vec![], None));
        Ok(aggregated.wrap(expr))
    }

    pub(super) fn filter(&self, call: &Call, scope: &Scope<'_>) -> Result<Option<Expr>> {
        call.filter.as_ref().map(|filter| self.typed(filter, scope, &Type::Boolean, "FILTER clause")).transpose()
    }

    /// Resolves which aggregate a call is, and its arguments.
    pub(super) fn aggregated(&self, call: &Call, at: Position, scope: &Scope<'_>) -> Result<Aggregated> {
        let name = call.name.as_str();
        if call.star {
            if name != "count" {
                return Err(SqlError::at(
                    Code::FunctionNotFound,
                    at,
                    format!("Unexpected parameters (*) for function {name}"),
                ));
            }
            return Ok(Aggregated::new(df::count::count_udaf(), vec![lit(1_i64)], false, After::Is(Type::Bigint)));
        }
        let args = call.args.iter().map(|arg| self.expr(arg, scope)).collect::<Result<Vec<_>>>()?;
        if call.distinct && args.iter().any(|arg| !arg.ty.is_comparable()) {
            return Err(SqlError::at(
                Code::TypeMismatch,
                at,
                format!("DISTINCT can only be applied to comparable types in {name}"),
            ));
        }
        if call.order.is_empty()
            && let Some(native) = native(name, &args, call.distinct)
        {
            return Ok(native);
        }
        let mut order: Order = Vec::new();
        let mut keys = Vec::new();
        for item in &call.order {
            let Sort { expr, asc, nulls_first } = self.sort_key(self.expr(&item.expr, scope)?, item)?;
            let ty = self.expr(&item.expr, scope)?.ty;
            order.push((ty, !asc, nulls_first));
            keys.push(expr);
        }
        if name == "listagg" {
            return listagg(call, args, order, keys, at);
        }
        if name == "checksum" {
            return Err(SqlError::unsupported(at, "checksum"));
        }
        if order.is_empty() || aggregate::named(name).is_some() {
            return self.own(name, args, order, keys, call.distinct, at);
        }
        // The order makes no difference to those that DataFusion computes.
        native(name, &args, call.distinct).ok_or_else(|| wrong(name, &args, at))
    }

    fn own(
        &self,
        name: &str,
        args: Vec<Typed>,
        order: Order,
        keys: Vec<Expr>,
        distinct: bool,
        at: Position,
    ) -> Result<Aggregated> {
        let forms = aggregate::named(name).unwrap_or_default();
        let types: Vec<Type> = args.iter().map(|arg| arg.ty.clone()).collect();
        let signatures: Vec<&Signature> = forms.iter().map(|form| &form.signature).collect();
        let Some((n, types)) = choose(&signatures, &types) else { return Err(wrong(name, &args, at)) };
        let form = &forms[n];
        let mut exprs: Vec<Expr> = args.into_iter().zip(&types.args).map(|(arg, ty)| arg.into_type(ty)).collect();
        exprs.extend(keys);
        let result = types.result.clone();
        let udaf = RowUdaf::udaf(name, types, order, Finisher::Plain(form.finish), form.reduce, form.skips);
        Ok(Aggregated::new(udaf, exprs, distinct, After::Is(result)))
    }
}

fn wrong(name: &str, args: &[Typed], at: Position) -> SqlError {
    let given: Vec<String> = args.iter().map(|arg| arg.ty.to_string()).collect();
    let forms: Vec<String> =
        aggregate::named(name).unwrap_or_default().iter().map(|form| form.signature.shown(name)).collect();
    let expected = if forms.is_empty() { format!("{name}(…)") } else { forms.join(", ") };
    let message = format!("Unexpected parameters ({}) for function {name}. Expected: {expected}", given.join(", "));
    SqlError::at(Code::FunctionNotFound, at, message)
}

fn listagg(call: &Call, args: Vec<Typed>, order: Order, keys: Vec<Expr>, at: Position) -> Result<Aggregated> {
    let separator = match call.args.get(1).map(|arg| &arg.kind) {
        Some(Kind::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let Some(first) = args.into_iter().next() else { return Err(wrong("listagg", &[], at)) };
    if !first.ty.is_text() && first.ty != Type::Unknown {
        return Err(wrong("listagg", &[first], at));
    }
    let types = Types { args: vec![Type::VARCHAR], result: Type::VARCHAR };
    let finish = Finisher::Listagg(Overflow { separator, truncate: call.overflow.clone() });
    let udaf = RowUdaf::udaf("listagg", types, order, finish, None, Skip::At(0));
    let mut exprs = vec![first.into_type(&Type::VARCHAR)];
    exprs.extend(keys);
    Ok(Aggregated::new(udaf, exprs, call.distinct, After::Is(Type::VARCHAR)))
}

/// An aggregate of DataFusion, if it is one for these types.
fn native(name: &str, args: &[Typed], distinct: bool) -> Option<Aggregated> {
    let arg = |n: usize| args.get(n).cloned();
    let double = |typed: Typed| {
        common(&typed.ty, &Type::Double).filter(|to| *to == Type::Double).map(|_| typed.into_type(&Type::Double))
    };
    let doubles = |func: Arc<AggregateUDF>, count: usize| {
        let exprs = args.iter().cloned().map(double).collect::<Option<Vec<_>>>()?;
        (exprs.len() == count).then(|| Aggregated::new(func, exprs, distinct, After::Is(Type::Double)))
    };
    match (name, args.len()) {
        ("count", 0) => {
            Some(Aggregated::new(df::count::count_udaf(), vec![lit(1_i64)], false, After::Is(Type::Bigint)))
        }
        ("count", 1) => {
            Some(Aggregated::new(df::count::count_udaf(), vec![arg(0)?.expr], distinct, After::Is(Type::Bigint)))
        }
        ("approx_distinct", 1 | 2) => {
            // Exact, so within the error that may be asked for.
            arg(0)?.ty.is_comparable().then_some(())?;
            Some(Aggregated::new(df::count::count_udaf(), vec![arg(0)?.expr], true, After::Is(Type::Bigint)))
        }
        ("count_if", 1) if arg(0)?.ty == Type::Boolean => {
            let counted = super::expression::when_then(
                vec![(arg(0)?.expr, lit(1_i64))],
                lit(datafusion::common::ScalarValue::Int64(None)),
            );
            Some(Aggregated::new(df::count::count_udaf(), vec![counted], false, After::Is(Type::Bigint)))
        }
        ("bool_and" | "every", 1) if arg(0)?.ty == Type::Boolean => {
            Some(Aggregated::new(df::bool_and_or::bool_and_udaf(), vec![arg(0)?.expr], false, After::Is(Type::Boolean)))
        }
        ("bool_or", 1) if arg(0)?.ty == Type::Boolean => {
            Some(Aggregated::new(df::bool_and_or::bool_or_udaf(), vec![arg(0)?.expr], false, After::Is(Type::Boolean)))
        }
        ("min" | "max", 1) => {
            let arg = arg(0)?;
            let func = if name == "min" { df::min_max::min_udaf() } else { df::min_max::max_udaf() };
            let fits = arg.ty.is_plain()
                && arg.ty.is_orderable()
                && !matches!(arg.ty, Type::IntervalDayToSecond | Type::IntervalYearToMonth | Type::Ipaddress);
            fits.then(|| Aggregated::new(func, vec![arg.expr], false, After::Is(arg.ty)))
        }
        ("sum", 1) => sum(arg(0)?, distinct),
        ("avg", 1) => average(arg(0)?, distinct),
        ("stddev" | "stddev_samp", 1) => doubles(df::stddev::stddev_udaf(), 1),
        ("stddev_pop", 1) => doubles(df::stddev::stddev_pop_udaf(), 1),
        ("variance" | "var_samp", 1) => doubles(df::variance::var_samp_udaf(), 1),
        ("var_pop", 1) => doubles(df::variance::var_pop_udaf(), 1),
        ("corr", 2) => doubles(df::correlation::corr_udaf(), 2),
        ("covar_pop", 2) => doubles(df::covariance::covar_pop_udaf(), 2),
        ("covar_samp", 2) => doubles(df::covariance::covar_samp_udaf(), 2),
        ("regr_slope", 2) => doubles(df::regr::regr_slope_udaf(), 2),
        ("regr_intercept", 2) => doubles(df::regr::regr_intercept_udaf(), 2),
        _ => None,
    }
}

/// Integers are summed as decimals, which cannot overflow, and the result is held against bigint's range.
fn sum(arg: Typed, distinct: bool) -> Option<Aggregated> {
    let func = df::sum::sum_udaf();
    match &arg.ty {
        Type::Unknown => {
            Some(Aggregated::new(func, vec![arg.into_type(&Type::Double)], distinct, After::Is(Type::Double)))
        }
        ty if ty.is_integer() => Some(Aggregated::new(func, vec![wide(arg, 0)], distinct, After::Sum(Type::Bigint))),
        Type::Decimal(_, scale) => {
            let scale = *scale;
            Some(Aggregated::new(func, vec![wide(arg, scale)], distinct, After::Is(Type::Decimal(38, scale))))
        }
        Type::Double => Some(Aggregated::new(func, vec![arg.expr], distinct, After::Is(Type::Double))),
        Type::Real => Some(Aggregated::new(
            func,
            vec![arg.into_type(&Type::Double)],
            distinct,
            After::Cast(Type::Double, Type::Real),
        )),
        Type::IntervalDayToSecond | Type::IntervalYearToMonth => None,
        _ => None,
    }
}

fn wide(arg: Typed, scale: u8) -> Expr {
    datafusion::logical_expr::cast(arg.expr, data_type(&Type::Decimal(38, scale)))
}

fn average(arg: Typed, distinct: bool) -> Option<Aggregated> {
    let func = df::average::avg_udaf();
    match arg.ty.clone() {
        Type::Decimal(precision, scale) => {
            // DataFusion answers with four digits more, which the cast back rounds away half up, as Trino does.
            let answer = Type::Decimal(precision.saturating_add(4).min(38), scale.saturating_add(4).min(38));
            Some(Aggregated::new(func, vec![arg.expr], distinct, After::Cast(answer, Type::Decimal(precision, scale))))
        }
        Type::Real => Some(Aggregated::new(
            func,
            vec![arg.into_type(&Type::Double)],
            distinct,
            After::Cast(Type::Double, Type::Real),
        )),
        Type::Double | Type::Unknown | Type::Tinyint | Type::Smallint | Type::Integer | Type::Bigint => {
            Some(Aggregated::new(func, vec![arg.into_type(&Type::Double)], distinct, After::Is(Type::Double)))
        }
        _ => None,
    }
}
