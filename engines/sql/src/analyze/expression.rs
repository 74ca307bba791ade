//! Expressions: names, operators, conditions.

use datafusion::logical_expr::expr::{Case, InList};
use datafusion::logical_expr::{BinaryExpr, Expr, Like, Operator, lit};

use super::scope::Scope;
use super::{Analyzer, Typed, literal};
use crate::error::{Code, Position, Result, SqlError};
use crate::function::cast::{cast, exists, null, try_cast};
use crate::function::operator;
use crate::function::udf::{Kernel, RowUdf};
use crate::function::{Run, Types};
use crate::syntax::ast::{self, BinaryOp, CompareOp, Kind, Name};
use crate::types::Type;
use crate::types::coerce::common;
use crate::value::Value;

pub(super) fn mismatch(at: Position, message: impl Into<String>) -> SqlError {
    SqlError::at(Code::TypeMismatch, at, message)
}

pub(super) fn boolean(expr: Expr) -> Typed {
    Typed::new(expr, Type::Boolean)
}

fn binary(left: Expr, op: Operator, right: Expr) -> Expr {
    Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right)))
}

impl Analyzer<'_> {
    /// Resolves an expression.
    pub(super) fn expr(&self, ast: &ast::Expr, scope: &Scope<'_>) -> Result<Typed> {
        let at = ast.at;
        match &ast.kind {
            Kind::Null => Ok(Typed::new(null(&Type::Unknown), Type::Unknown)),
            Kind::Boolean(it) => Ok(boolean(lit(*it))),
            Kind::Integer(digits) => literal::integer(digits, false, at),
            Kind::Decimal(text) => literal::decimal(text, at),
            Kind::Double(text) => literal::double(text, at),
            Kind::Text(text) => literal::text(text),
            Kind::Bytes(bytes) => literal::constant(Type::Varbinary, &Value::bytes(bytes)),
            Kind::Typed(name, text) => literal::typed(name, text, at),
            Kind::Interval { negative, text, from, to } => literal::interval(*negative, text, *from, *to, at),
            Kind::Name(_) | Kind::Field(..) => self.name(ast, scope),
            Kind::Subscript(of, index) => self.subscript(of, index, scope),
            Kind::Unary { minus, of } => self.unary(*minus, of, at, scope),
            Kind::Binary(BinaryOp::Concat, left, right) => {
                self.function("concat", &[left.as_ref().clone(), right.as_ref().clone()], at, scope)
            }
            Kind::Binary(op, left, right) => self.arithmetic(*op, left, right, at, scope),
            Kind::Compare(op, left, right) => {
                let (left, right) = (self.expr(left, scope)?, self.expr(right, scope)?);
                self.compare(*op, left, right, at).map(boolean)
            }
            Kind::Quantified { op, all, left, query } => self.quantified(*op, *all, left, query, at, scope),
            Kind::And(left, right) => self.logical(Operator::And, left, right, scope),
            Kind::Or(left, right) => self.logical(Operator::Or, left, right, scope),
            Kind::Not(of) => Ok(boolean(Expr::Not(Box::new(self.typed(
                of,
                scope,
                &Type::Boolean,
                "Value of logical NOT expression",
            )?)))),
            Kind::IsNull { of, not } => {
                let of = Box::new(self.expr(of, scope)?.expr);
                Ok(boolean(if *not { Expr::IsNotNull(of) } else { Expr::IsNull(of) }))
            }
            Kind::DistinctFrom { left, right, not } => {
                let (left, right) = (self.expr(left, scope)?, self.expr(right, scope)?);
                let both = self.comparable("IS DISTINCT FROM", &left.ty, &right.ty, at)?;
                let distinct = operator::distinct(&both, left.into_type(&both), right.into_type(&both));
                Ok(boolean(if *not { Expr::Not(Box::new(distinct)) } else { distinct }))
            }
            Kind::Between { of, low, high, not } => self.between(of, low, high, *not, at, scope),
            Kind::In { of, list, not } => self.in_list(of, list, *not, scope),
            Kind::InQuery { of, query, not } => self.in_query(of, query, *not, at, scope),
            Kind::Like { of, pattern, escape, not } => self.like(of, pattern, escape.as_deref(), *not, at, scope),
            Kind::Exists(query) => self.exists(query, scope),
            Kind::Subquery(query) => self.scalar_subquery(query, at, scope),
            Kind::Case { of, when, otherwise } => self.case(of.as_deref(), when, otherwise.as_deref(), scope),
            Kind::Cast { of, to, safe } => {
                let of = self.expr(of, scope)?;
                if !exists(&of.ty, &to.of) {
                    return Err(mismatch(at, format!("Cannot cast {} to {}", of.ty, to.of)));
                }
                let convert = if *safe { try_cast } else { cast };
                Ok(Typed::new(convert(of.expr, &of.ty, &to.of), to.of.clone()))
            }
            Kind::AtTimeZone(of, zone) => {
                self.function("at_timezone", &[of.as_ref().clone(), zone.as_ref().clone()], at, scope)
            }
            Kind::Extract(field, of) => self.extract(field, of, at, scope),
            Kind::Array(list) => self.array(list, scope),
            Kind::Row(fields) => self.row(fields, scope),
            Kind::Lambda(..) => {
                Err(SqlError::at(Code::TypeMismatch, at, "Lambda expression should always be used inside a function"))
            }
            Kind::Call(call) => self.call(call, at, scope),
            Kind::Grouping(args) => self.grouping(args, at, scope),
            Kind::Current(what, precision) => self.current(what, *precision, at),
        }
    }

    fn name(&self, ast: &ast::Expr, scope: &Scope<'_>) -> Result<Typed> {
        let Some(path) = path(ast) else {
            let Kind::Field(of, field) = &ast.kind else { return Err(SqlError::internal("no name")) };
            return self.field(self.expr(of, scope)?, field);
        };
        let Some((mut typed, taken)) = scope.resolve(&path)? else {
            let shown: Vec<&str> = path.iter().map(|name| name.text.as_str()).collect();
            let message = format!("Column '{}' cannot be resolved", shown.join(".").to_lowercase());
            return Err(SqlError::at(Code::ColumnNotFound, ast.at, message));
        };
        for field in &path[taken..] {
            typed = self.field(typed, field)?;
        }
        Ok(typed)
    }

    /// A field of a row by its name.
    fn field(&self, of: Typed, name: &Name) -> Result<Typed> {
        let Type::Row(fields) = &of.ty else {
            return Err(mismatch(name.at, format!("Expression {} is not of type ROW", name.text)));
        };
        let mut found = fields
            .iter()
            .enumerate()
            .filter(|(_, (own, _))| own.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(&name.text)));
        match (found.next(), found.next()) {
            (Some((n, (_, ty))), None) => Ok(field_of(&of, n, ty.clone())),
            (Some(_), Some(_)) => {
                Err(SqlError::at(Code::AmbiguousName, name.at, format!("Ambiguous row field reference: {}", name.text)))
            }
            _ => Err(SqlError::at(Code::ColumnNotFound, name.at, format!("Column '{}' cannot be resolved", name.text))),
        }
    }

    fn subscript(&self, of: &ast::Expr, index: &ast::Expr, scope: &Scope<'_>) -> Result<Typed> {
        let at = of.at;
        let base = self.expr(of, scope)?;
        match &base.ty {
            Type::Row(fields) => {
                let Kind::Integer(digits) = &index.kind else {
                    return Err(mismatch(index.at, "Subscript expression on ROW requires a constant index"));
                };
                let n: usize = digits.parse().unwrap_or(0);
                match n.checked_sub(1).and_then(|n| fields.get(n).map(|(_, ty)| (n, ty.clone()))) {
                    Some((n, ty)) => Ok(field_of(&base, n, ty)),
                    None => Err(SqlError::at(
                        Code::InvalidFunctionArgument,
                        index.at,
                        format!("ROW index out of bounds: {n}"),
                    )),
                }
            }
            Type::Array(_) | Type::Map(..) => self.function("subscript", &[of.clone(), index.clone()], at, scope),
            other => {
                let index = self.expr(index, scope)?;
                Err(mismatch(at, format!("Cannot use {} for subscript of {other}", index.ty)))
            }
        }
    }

    fn unary(&self, minus: bool, of: &ast::Expr, at: Position, scope: &Scope<'_>) -> Result<Typed> {
        if let (true, Kind::Integer(digits)) = (minus, &of.kind) {
            return literal::integer(digits, true, at);
        }
        let typed = self.expr(of, scope)?;
        if !minus {
            let numeric = typed.ty.is_numeric() || typed.ty == Type::Unknown;
            return if numeric {
                Ok(typed)
            } else {
                Err(mismatch(at, format!("Unary '+' operator cannot by applied to {} type", typed.ty)))
            };
        }
        let ty = typed.ty.clone();
        let (expr, ty) =
            operator::negate(&(typed.expr, typed.ty)).ok_or_else(|| mismatch(at, format!("Cannot negate {ty}")))?;
        Ok(Typed::new(expr, ty))
    }

    fn arithmetic(
        &self,
        op: BinaryOp,
        left: &ast::Expr,
        right: &ast::Expr,
        at: Position,
        scope: &Scope<'_>,
    ) -> Result<Typed> {
        let (left, right) = (self.expr(left, scope)?, self.expr(right, scope)?);
        let fail = mismatch(at, format!("Cannot apply operator: {} {op} {}", left.ty, right.ty));
        let (expr, ty) = operator::arithmetic(op, &(left.expr, left.ty), &(right.expr, right.ty)).ok_or(fail)?;
        Ok(Typed::new(expr, ty))
    }

    /// The type in which two values are compared.
    pub(super) fn comparable(&self, op: &str, left: &Type, right: &Type, at: Position) -> Result<Type> {
        let orders = matches!(op, "<" | "<=" | ">" | ">=");
        match common(left, right) {
            Some(both) if both.is_comparable() && (!orders || both.is_orderable()) => Ok(both),
            _ => Err(mismatch(at, format!("Cannot apply operator: {left} {op} {right}"))),
        }
    }

    pub(super) fn compare(&self, op: CompareOp, left: Typed, right: Typed, at: Position) -> Result<Expr> {
        let (left, right) = (self.as_time(left, &right.ty), right);
        let right = self.as_time(right, &left.ty);
        let both = self.comparable(&op.to_string(), &left.ty, &right.ty, at)?;
        if both == Type::Unknown {
            return Ok(null(&Type::Boolean));
        }
        Ok(operator::compare(op, &both, left.into_type(&both), right.into_type(&both)))
    }

    /// Text as a time, if that is what it is compared with and text is read so.
    fn as_time(&self, typed: Typed, other: &Type) -> Typed {
        let is_time = matches!(other, Type::Date | Type::Time(_) | Type::Timestamp(_) | Type::TimestampTz(_));
        if !(self.text_as_time && is_time && typed.ty.is_text()) {
            return typed;
        }
        // A text that tells a time of day is not cut to its day.
        let to = if *other == Type::Date { Type::Timestamp(3) } else { other.clone() };
        Typed::new(cast(typed.expr, &typed.ty, &to), to)
    }

    fn logical(&self, op: Operator, left: &ast::Expr, right: &ast::Expr, scope: &Scope<'_>) -> Result<Typed> {
        let left = self.typed(left, scope, &Type::Boolean, "Logical expression term")?;
        let right = self.typed(right, scope, &Type::Boolean, "Logical expression term")?;
        Ok(boolean(binary(left, op, right)))
    }

    fn between(
        &self,
        of: &ast::Expr,
        low: &ast::Expr,
        high: &ast::Expr,
        not: bool,
        at: Position,
        scope: &Scope<'_>,
    ) -> Result<Typed> {
        let (of, low, high) = (self.expr(of, scope)?, self.expr(low, scope)?, self.expr(high, scope)?);
        let (low, high) = (self.as_time(low, &of.ty), self.as_time(high, &of.ty));
        let fail = || mismatch(at, format!("Cannot check if {} is BETWEEN {} and {}", of.ty, low.ty, high.ty));
        common(&of.ty, &low.ty).and_then(|both| common(&both, &high.ty)).filter(Type::is_orderable).ok_or_else(fail)?;
        let from = self.compare(CompareOp::GreaterOrEqual, of.clone(), low, at)?;
        let to = self.compare(CompareOp::LessOrEqual, of, high, at)?;
        let between = binary(from, Operator::And, to);
        Ok(boolean(if not { Expr::Not(Box::new(between)) } else { between }))
    }

    fn in_list(&self, of: &ast::Expr, list: &[ast::Expr], not: bool, scope: &Scope<'_>) -> Result<Typed> {
        let typed = self.expr(of, scope)?;
        let one = |one: &ast::Expr| Ok((self.as_time(self.expr(one, scope)?, &typed.ty), one.at));
        let list = list.iter().map(one).collect::<Result<Vec<_>>>()?;
        let mut both = typed.ty.clone();
        for (one, at) in &list {
            both = common(&both, &one.ty).filter(Type::is_comparable).ok_or_else(|| {
                mismatch(*at, format!("IN value and list items may not be of different types: {both}, {}", one.ty))
            })?;
        }
        if both.is_plain() {
            let list = list.into_iter().map(|(one, _)| one.into_type(&both)).collect();
            return Ok(boolean(Expr::InList(InList::new(Box::new(typed.into_type(&both)), list, not))));
        }
        if both == Type::Unknown {
            return Ok(boolean(null(&Type::Boolean)));
        }
        let left = typed.into_type(&both);
        let each = list
            .into_iter()
            .map(|(one, _)| operator::compare(CompareOp::Equal, &both, left.clone(), one.into_type(&both)));
        let any = each.reduce(|a, b| binary(a, Operator::Or, b)).unwrap_or_else(|| lit(false));
        Ok(boolean(if not { Expr::Not(Box::new(any)) } else { any }))
    }

    /// <https://trino.io/docs/current/functions/comparison.html#pattern-comparison-like>
    fn like(
        &self,
        of: &ast::Expr,
        pattern: &ast::Expr,
        escape: Option<&ast::Expr>,
        not: bool,
        at: Position,
        scope: &Scope<'_>,
    ) -> Result<Typed> {
        let text = |ast: &ast::Expr, name: &str| {
            let typed = self.expr(ast, scope)?;
            if typed.ty.is_text() || typed.ty == Type::Unknown {
                return Ok(typed);
            }
            let message = format!("{name} of LIKE expression must evaluate to a varchar (actual: {})", typed.ty);
            Err(mismatch(ast.at, message))
        };
        let left = text(of, "Left side")?;
        // What DataFusion compares whole columns with takes a backslash for an escape, which it is not here.
        if let (Kind::Text(constant), None, Type::Varchar(_)) = (&pattern.kind, escape, &left.ty)
            && !constant.contains('\\')
        {
            let pattern = Box::new(lit(constant.clone()));
            return Ok(boolean(Expr::Like(Like::new(not, Box::new(left.expr), pattern, None, false))));
        }
        let mut args = vec![left, text(pattern, "Pattern")?];
        args.extend(escape.map(|escape| text(escape, "Escape")).transpose()?);
        let like = self.function_of("like", args, at)?;
        Ok(if not { boolean(Expr::Not(Box::new(like.expr))) } else { like })
    }

    fn case(
        &self,
        of: Option<&ast::Expr>,
        when: &[(ast::Expr, ast::Expr)],
        otherwise: Option<&ast::Expr>,
        scope: &Scope<'_>,
    ) -> Result<Typed> {
        let of = of.map(|of| self.expr(of, scope)).transpose()?;
        let mut branches = Vec::new();
        for (condition, result) in when {
            let condition = match &of {
                Some(of) => self.compare(CompareOp::Equal, of.clone(), self.expr(condition, scope)?, condition.at)?,
                None => self.typed(condition, scope, &Type::Boolean, "CASE WHEN clause")?,
            };
            branches.push((condition, self.expr(result, scope)?, result.at));
        }
        let otherwise = otherwise.map(|it| Ok::<_, SqlError>((self.expr(it, scope)?, it.at))).transpose()?;
        let results =
            branches.iter().map(|(_, typed, at)| (typed, *at)).chain(otherwise.iter().map(|(typed, at)| (typed, *at)));
        let mut ty = Type::Unknown;
        for (typed, at) in results {
            ty = common(&ty, &typed.ty)
                .ok_or_else(|| mismatch(at, format!("All CASE results must be the same type or coercible to a common type. Cannot find common type between {ty} and {}", typed.ty)))?;
        }
        let branches = branches.into_iter().map(|(condition, typed, _)| (condition, typed.into_type(&ty))).collect();
        let otherwise = otherwise.map_or_else(|| null(&ty), |(typed, _)| typed.into_type(&ty));
        Ok(Typed::new(when_then(branches, otherwise), ty))
    }

    fn array(&self, list: &[ast::Expr], scope: &Scope<'_>) -> Result<Typed> {
        let mut element = Type::Unknown;
        let mut all = Vec::new();
        for one in list {
            let typed = self.expr(one, scope)?;
            element = common(&element, &typed.ty).ok_or_else(|| {
                mismatch(one.at, format!("All ARRAY elements must be the same type or coercible to a common type. Cannot find common type between {element} and {}", typed.ty))
            })?;
            all.push(typed);
        }
        let args = all.into_iter().map(|typed| typed.into_type(&element)).collect();
        let types = Types { args: vec![element.clone(); list.len()], result: Type::array(element) };
        let ty = types.result.clone();
        let run = Run::Plain(|args| Ok(Value::Array(args.into())));
        Ok(Typed::new(RowUdf::call("array", Kernel::Row(run), types, true, true, args), ty))
    }

    fn row(&self, fields: &[ast::Expr], scope: &Scope<'_>) -> Result<Typed> {
        let all = fields.iter().map(|field| self.expr(field, scope)).collect::<Result<Vec<_>>>()?;
        Ok(row_of(all))
    }

    /// The condition or NULL that other clauses need to be of one type.
    pub(super) fn conditional(&self, list: Vec<(Typed, Position)>, name: &str) -> Result<(Vec<Expr>, Type)> {
        let mut ty = Type::Unknown;
        for (typed, at) in &list {
            ty = common(&ty, &typed.ty).ok_or_else(|| {
                mismatch(*at, format!("All {name} operands must be the same type or coercible to a common type. Cannot find common type between {ty} and {}", typed.ty))
            })?;
        }
        Ok((list.into_iter().map(|(typed, _)| typed.into_type(&ty)).collect(), ty))
    }
}

/// `CASE WHEN … THEN … ELSE … END`.
pub(super) fn when_then(branches: Vec<(Expr, Expr)>, otherwise: Expr) -> Expr {
    let branches = branches.into_iter().map(|(when, then)| (Box::new(when), Box::new(then))).collect();
    Expr::Case(Case { expr: None, when_then_expr: branches, else_expr: Some(Box::new(otherwise)) })
}

/// A row without names of these.
pub(super) fn row_of(all: Vec<Typed>) -> Typed {
    let ty = Type::Row(all.iter().map(|typed| (None, typed.ty.clone())).collect());
    let types = Types { args: all.iter().map(|typed| typed.ty.clone()).collect(), result: ty.clone() };
    let run = Run::Plain(|args| Ok(Value::Row(args.into())));
    let args = all.into_iter().map(|typed| typed.expr).collect();
    Typed::new(RowUdf::call("row", Kernel::Row(run), types, true, true, args), ty)
}

/// The field at a place of a row.
pub(super) fn field_of(of: &Typed, n: usize, ty: Type) -> Typed {
    let types = Types { args: vec![of.ty.clone()], result: ty.clone() };
    let name = format!("field {n} of");
    Typed::new(RowUdf::call(&name, Kernel::Field(n), types, false, true, vec![of.expr.clone()]), ty)
}

/// The names of a dotted name, if it is one.
pub(super) fn path(ast: &ast::Expr) -> Option<Vec<Name>> {
    match &ast.kind {
        Kind::Name(name) => Some(vec![name.clone()]),
        Kind::Field(of, name) => {
            let mut all = path(of)?;
            all.push(name.clone());
            Some(all)
        }
        _ => None,
    }
}
