//! Calls: which function is meant, and the forms that are no functions (`IF`, `COALESCE`, `TRY` …).

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use datafusion::logical_expr::Expr;

use super::aggregate::is_aggregate_name;
use super::expression::{mismatch, when_then};
use super::scope::Scope;
use super::{Analyzer, Typed, literal};
use crate::error::{Code, Position, Result, SqlError};
use crate::function::cast::null;
use crate::function::udf::{Body, Kernel, RowUdf, capture};
use crate::function::{self, Binding, Run, Signature, Types};
use crate::syntax::ast::{self, Call, CompareOp, Kind};
use crate::types::Type;
use crate::types::coerce::common;
use crate::value::Value;

/// The form that takes arguments of these types, and what it makes of them: as they are if that is possible, else with
/// coercions.
pub(super) fn choose(forms: &[&Signature], given: &[Type]) -> Option<(usize, Types)> {
    for coerce in [false, true] {
        for (n, form) in forms.iter().enumerate() {
            if !form.takes(given.len()) {
                continue;
            }
            let mut binding = Binding::default();
            let fits =
                given.iter().enumerate().all(|(n, ty)| form.arg(n).is_some_and(|arg| binding.fit(arg, ty, coerce)));
            if fits {
                let args = (0..given.len()).filter_map(|n| form.arg(n)).map(|arg| binding.resolve(arg)).collect();
                return Some((n, Types { args, result: binding.resolve(&form.result) }));
            }
        }
    }
    None
}

impl Analyzer<'_> {
    pub(super) fn call(&self, call: &Call, at: Position, scope: &Scope<'_>) -> Result<Typed> {
        if let Some(over) = &call.over {
            return self.over(call, over, at, scope);
        }
        let name = call.name.as_str();
        if is_aggregate_name(name) {
            return self.aggregate(call, at, scope);
        }
        if call.star {
            return Err(SqlError::at(
                Code::FunctionNotFound,
                at,
                format!("Unexpected parameters (*) for function {name}"),
            ));
        }
        for (used, what) in
            [(call.distinct, "DISTINCT"), (call.filter.is_some(), "FILTER"), (!call.order.is_empty(), "ORDER BY")]
        {
            if used {
                return Err(SqlError::at(
                    Code::FunctionNotAggregate,
                    at,
                    format!("{what} is not supported for non-aggregate function: {name}"),
                ));
            }
        }
        match (name, call.args.as_slice()) {
            ("if", [condition, then]) => self.if_then(condition, then, None, scope),
            ("if", [condition, then, otherwise]) => self.if_then(condition, then, Some(otherwise), scope),
            ("coalesce", args) if args.len() >= 2 => self.coalesce(args, scope),
            ("nullif", [a, b]) => self.null_if(a, b, at, scope),
            ("try", [of]) => self.attempt(of, scope),
            ("now", []) => self.current("current_timestamp", None, at),
            ("typeof", [of]) => literal::constant(Type::VARCHAR, &Value::text(self.expr(of, scope)?.ty.to_string())),
            ("current_timezone", []) => literal::constant(Type::VARCHAR, &Value::text("UTC")),
            ("version", []) => literal::constant(Type::VARCHAR, &Value::text("Athena engine version 3")),
            ("grouping", args) => self.grouping(args, at, scope),
            (
                "row_number" | "rank" | "dense_rank" | "ntile" | "lag" | "lead" | "first_value" | "last_value"
                | "nth_value" | "percent_rank" | "cume_dist",
                _,
            ) => {
                Err(SqlError::at(Code::FunctionNotFound, at, format!("Window function {name} requires an OVER clause")))
            }
            (_, args) => self.function(name, args, at, scope),
        }
    }

    /// A call of a scalar function.
    pub(super) fn function(&self, name: &str, args: &[ast::Expr], at: Position, scope: &Scope<'_>) -> Result<Typed> {
        let Some(forms) = function::named(name) else {
            if function::is_refused(name) {
                return Err(SqlError::unsupported(at, format!("Function {name}")));
            }
            return Err(SqlError::at(Code::FunctionNotFound, at, format!("Function '{name}' not registered")));
        };
        if args.iter().any(|arg| matches!(arg.kind, Kind::Lambda(..))) {
            return self.with_lambda(name, forms, args, at, scope);
        }
        let args = args.iter().map(|arg| self.expr(arg, scope)).collect::<Result<Vec<_>>>()?;
        self.function_of(name, args, at)
    }

    /// The same with arguments that have been resolved.
    pub(super) fn function_of(&self, name: &str, args: Vec<Typed>, at: Position) -> Result<Typed> {
        let forms = function::named(name).unwrap_or_default();
        let given: Vec<Type> = args.iter().map(|arg| arg.ty.clone()).collect();
        let signatures: Vec<&Signature> = forms.iter().map(|form| &form.signature).collect();
        let Some((n, types)) = choose(&signatures, &given) else { return Err(wrong(name, &given, &signatures, at)) };
        let form = &forms[n];
        let mut types = types;
        types.result = refined(name, &given, types.result);
        let exprs = args.into_iter().zip(&types.args).map(|(arg, ty)| arg.into_type(ty)).collect();
        let result = types.result.clone();
        let of_columns = types.args.first().and_then(|of| function::datetime_column::part(name, of));
        let expr = if form.stable {
            let kernel = of_columns.map_or(Kernel::Row(form.run), Kernel::Column);
            RowUdf::call(name, kernel, types, form.sees_null, true, exprs)
        } else {
            self.volatile(name, form.run, types, exprs)
        };
        Ok(Typed::new(expr, result))
    }

    /// Each call of a volatile function is one of its own.
    fn volatile(&self, name: &str, run: Run, types: Types, args: Vec<Expr>) -> Expr {
        let own = self.fresh();
        let mark =
            own.bytes().fold(self.session.seed, |all, byte| all.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte));
        let kernel = Kernel::Chance(run, Arc::new(AtomicU64::new(mark)));
        RowUdf::call(&format!("{name} {own}"), kernel, types, false, false, args)
    }

    fn if_then(
        &self,
        condition: &ast::Expr,
        then: &ast::Expr,
        otherwise: Option<&ast::Expr>,
        scope: &Scope<'_>,
    ) -> Result<Typed> {
        let condition = self.typed(condition, scope, &Type::Boolean, "IF condition")?;
        let then_typed = self.expr(then, scope)?;
        let Some(otherwise) = otherwise else {
            let ty = then_typed.ty.clone();
            return Ok(Typed::new(when_then(vec![(condition, then_typed.expr)], null(&ty)), ty));
        };
        let list = vec![(then_typed, then.at), (self.expr(otherwise, scope)?, otherwise.at)];
        let types = format!("Result types for IF must be the same: {} vs {}", list[0].0.ty, list[1].0.ty);
        let Some(ty) = common(&list[0].0.ty, &list[1].0.ty) else { return Err(mismatch(then.at, types)) };
        let mut exprs = list.into_iter().map(|(typed, _)| typed.into_type(&ty));
        let (Some(then), Some(otherwise)) = (exprs.next(), exprs.next()) else {
            return Err(SqlError::internal("two branches"));
        };
        Ok(Typed::new(when_then(vec![(condition, then)], otherwise), ty))
    }

    fn coalesce(&self, args: &[ast::Expr], scope: &Scope<'_>) -> Result<Typed> {
        let list = args.iter().map(|arg| Ok((self.expr(arg, scope)?, arg.at))).collect::<Result<Vec<_>>>()?;
        let (mut exprs, ty) = self.conditional(list, "COALESCE")?;
        let last = exprs.pop().unwrap_or_else(|| null(&ty));
        let branches = exprs.into_iter().map(|expr| (expr.clone().is_not_null(), expr)).collect();
        Ok(Typed::new(when_then(branches, last), ty))
    }

    fn null_if(&self, a: &ast::Expr, b: &ast::Expr, at: Position, scope: &Scope<'_>) -> Result<Typed> {
        let (first, second) = (self.expr(a, scope)?, self.expr(b, scope)?);
        let message = format!("Types are not comparable with NULLIF: {} vs {}", first.ty, second.ty);
        let equal = self.compare(CompareOp::Equal, first.clone(), second, at).map_err(|_| mismatch(a.at, message))?;
        let ty = first.ty.clone();
        Ok(Typed::new(when_then(vec![(equal, null(&ty))], first.expr), ty))
    }

    /// `TRY(of)`: NULL where it fails.
    ///
    /// <https://trino.io/docs/current/functions/conditional.html#try>
    fn attempt(&self, of: &ast::Expr, scope: &Scope<'_>) -> Result<Typed> {
        let typed = self.expr(of, scope)?;
        let (body, captured) = capture(typed.expr, &|_| false)?;
        let types = self.capture_types(&captured, scope)?;
        let body = Arc::new(Body::compile(&body, types.clone(), Vec::new(), typed.ty.clone())?);
        let types = Types { args: types, result: typed.ty.clone() };
        Ok(Typed::new(RowUdf::call("try", Kernel::Try(body), types, true, true, captured), typed.ty))
    }

    pub(super) fn extract(&self, field: &str, of: &ast::Expr, at: Position, scope: &Scope<'_>) -> Result<Typed> {
        let name = match field {
            "year" | "quarter" | "month" | "week" | "day" | "hour" | "minute" | "second" | "timezone_hour"
            | "timezone_minute" => field,
            "day_of_month" => "day",
            "day_of_week" | "dow" => "day_of_week",
            "day_of_year" | "doy" => "day_of_year",
            "year_of_week" | "yow" => "year_of_week",
            _ => return Err(SqlError::at(Code::SyntaxError, at, format!("Invalid EXTRACT field: {field}"))),
        };
        self.function(name, std::slice::from_ref(of), at, scope)
    }

    /// What the clock of the session says.
    pub(super) fn current(&self, what: &str, precision: Option<u8>, at: Position) -> Result<Typed> {
        let precision = precision.unwrap_or(3);
        if precision > 6 {
            return Err(SqlError::unsupported(at, format!("Precision {precision} of time types")));
        }
        let now = crate::function::cast::convert(
            &Type::Timestamp(6),
            &Type::Timestamp(precision),
            &Value::Timestamp(self.session.now),
        )?;
        let Value::Timestamp(now) = now else { return Err(SqlError::internal("a timestamp")) };
        let day = crate::civil::DAY;
        match what {
            "current_date" => {
                literal::constant(Type::Date, &Value::Date(i32::try_from(now.div_euclid(day)).unwrap_or_default()))
            }
            "localtimestamp" => literal::constant(Type::Timestamp(precision), &Value::Timestamp(now)),
            "localtime" => literal::constant(Type::Time(precision), &Value::Time(now.rem_euclid(day))),
            "current_timestamp" => {
                literal::constant(Type::TimestampTz(precision), &Value::TimestampTz(now, "UTC".into()))
            }
            other => Err(SqlError::unsupported(at, other)),
        }
    }
}

pub(super) fn wrong(name: &str, given: &[Type], forms: &[&Signature], at: Position) -> SqlError {
    let given: Vec<String> = given.iter().map(Type::to_string).collect();
    let forms: Vec<String> = forms.iter().map(|form| form.shown(name)).collect();
    let message =
        format!("Unexpected parameters ({}) for function {name}. Expected: {}", given.join(", "), forms.join(", "));
    SqlError::at(Code::FunctionNotFound, at, message)
}

/// What signatures cannot say.
fn refined(name: &str, given: &[Type], result: Type) -> Type {
    if let ("zip", Some(row)) = (name, zipped(given)) {
        return Type::array(row);
    }
    let rounded = || function::math::rounded_type(name, given);
    function::map::entry_types(name, given).or_else(rounded).unwrap_or(result)
}

/// The row of the elements of some arrays.
fn zipped(given: &[Type]) -> Option<Type> {
    let element = |of: &Type| match of {
        Type::Array(element) => Some((None, element.as_ref().clone())),
        Type::Unknown => Some((None, Type::Unknown)),
        _ => None,
    };
    given.iter().map(element).collect::<Option<_>>().map(Type::Row)
}
