//! Lambdas as arguments: their parameters get types from the other arguments.
//!
//! <https://trino.io/docs/current/functions/lambda.html>

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field as ArrowField, Schema};
use datafusion::common::DFSchema;
use datafusion::logical_expr::{Expr, ExprSchemable};

use super::call::wrong;
use super::scope::Scope;
use super::select::{has, is_aggregate, is_window};
use super::{Analyzer, Typed};
use crate::arrow::data_type;
use crate::error::{Code, Position, Result, SqlError};
use crate::function::udf::{Body, Kernel, RowUdf, Slot, capture};
use crate::function::{Binding, Function, Pattern, Signature, Types};
use crate::syntax::ast::{self, Kind, Name};
use crate::types::Type;
use crate::types::coerce::coerces;

struct Lambda {
    params: Vec<(String, Type)>,
    body: Typed,
}

impl Analyzer<'_> {
    pub(super) fn with_lambda(
        &self,
        name: &str,
        forms: &[Function],
        args: &[ast::Expr],
        at: Position,
        scope: &Scope<'_>,
    ) -> Result<Typed> {
        let is_lambda = |arg: &ast::Expr| matches!(arg.kind, Kind::Lambda(..));
        let plain = args
            .iter()
            .map(|arg| if is_lambda(arg) { Ok(None) } else { self.expr(arg, scope).map(Some) })
            .collect::<Result<Vec<_>>>()?;
        let mut problem = None;
        for form in forms {
            let shape = form.signature.takes(args.len())
                && args
                    .iter()
                    .enumerate()
                    .all(|(n, arg)| is_lambda(arg) == matches!(form.signature.arg(n), Some(Pattern::Function(..))));
            if !shape {
                continue;
            }
            match self.bind(form, args, &plain, scope) {
                Ok(Some((types, lambdas))) => return self.lambda_call(name, form, types, plain, lambdas, scope),
                Ok(None) => (),
                Err(error) => problem = Some(error),
            }
        }
        if let Some(problem) = problem {
            return Err(problem);
        }
        let given: Vec<Type> = plain
            .iter()
            .map(|arg| arg.as_ref().map_or(Type::Function(Vec::new(), Box::new(Type::Unknown)), |arg| arg.ty.clone()))
            .collect();
        let signatures: Vec<&Signature> = forms.iter().map(|form| &form.signature).collect();
        Err(wrong(name, &given, &signatures, at))
    }

    /// The types of a form for these arguments, and its lambdas. Plain arguments come first, then lambdas from the left,
    /// of which each may tell variables that the next one needs.
    fn bind(
        &self,
        form: &Function,
        args: &[ast::Expr],
        plain: &[Option<Typed>],
        scope: &Scope<'_>,
    ) -> Result<Option<(Types, Vec<Option<Lambda>>)>> {
        let mut binding = Binding::default();
        for (n, arg) in plain.iter().enumerate() {
            if let (Some(arg), Some(pattern)) = (arg, form.signature.arg(n))
                && !binding.fit(pattern, &arg.ty, true)
            {
                return Ok(None);
            }
        }
        let mut lambdas: Vec<Option<Lambda>> = Vec::new();
        for (n, arg) in args.iter().enumerate() {
            let (Kind::Lambda(names, body), Some(Pattern::Function(params, result))) =
                (&arg.kind, form.signature.arg(n))
            else {
                lambdas.push(None);
                continue;
            };
            if names.len() != params.len() {
                let message =
                    format!("Expected a lambda that takes {} argument(s) but got {}", params.len(), names.len());
                return Err(SqlError::at(Code::TypeMismatch, arg.at, message));
            }
            let types: Vec<Type> = params.iter().map(|param| binding.resolve(param)).collect();
            let lambda = self.lambda(names, types, body, scope)?;
            if !binding.fit(result, &lambda.body.ty, true) {
                return Err(SqlError::at(
                    Code::TypeMismatch,
                    arg.at,
                    format!("Unexpected result {} of lambda expression", lambda.body.ty),
                ));
            }
            lambdas.push(Some(lambda));
        }
        let types: Vec<Type> =
            (0..args.len()).filter_map(|n| form.signature.arg(n)).map(|pattern| binding.resolve(pattern)).collect();
        // A later lambda may have widened what an earlier one takes (the state of `reduce`): bind those again.
        for (n, ty) in types.iter().enumerate() {
            let (Type::Function(params, result), Some(Some(lambda)), Kind::Lambda(names, body)) =
                (ty, lambdas.get(n), &args[n].kind)
            else {
                continue;
            };
            if lambda.params.iter().map(|(_, ty)| ty).ne(params) {
                let again = self.lambda(names, params.clone(), body, scope)?;
                if !coerces(&again.body.ty, result) {
                    return Ok(None);
                }
                lambdas[n] = Some(again);
            }
        }
        Ok(Some((Types { args: types, result: binding.resolve(&form.signature.result) }, lambdas)))
    }

    fn lambda(&self, names: &[Name], types: Vec<Type>, body: &ast::Expr, scope: &Scope<'_>) -> Result<Lambda> {
        let params: Vec<(String, Type, String)> =
            names.iter().zip(types).map(|(name, ty)| (name.lower(), ty, format!("param_{}", self.fresh()))).collect();
        let inner = scope.with_params(params.clone());
        let typed = self.expr(body, &inner)?;
        if has(&typed.expr, |node| is_aggregate(node) || is_window(node)) {
            return Err(SqlError::at(
                Code::ExpressionNotScalar,
                body.at,
                "Lambda expression cannot contain aggregations, window functions or grouping operations",
            ));
        }
        if has(&typed.expr, |node| matches!(node, Expr::ScalarSubquery(_) | Expr::Exists(_) | Expr::InSubquery(_))) {
            return Err(SqlError::unsupported(body.at, "Lambda expression with a subquery"));
        }
        Ok(Lambda { params: params.into_iter().map(|(_, ty, column)| (column, ty)).collect(), body: typed })
    }

    fn lambda_call(
        &self,
        name: &str,
        form: &Function,
        types: Types,
        plain: Vec<Option<Typed>>,
        lambdas: Vec<Option<Lambda>>,
        scope: &Scope<'_>,
    ) -> Result<Typed> {
        let mut args = Vec::new();
        for (arg, ty) in plain.into_iter().zip(&types.args) {
            args.extend(arg.map(|arg| arg.into_type(ty)));
        }
        let mut slots = Vec::new();
        for (lambda, ty) in lambdas.into_iter().zip(&types.args) {
            let (Some(lambda), Type::Function(_, result)) = (lambda, ty) else {
                slots.push(Slot::Value);
                continue;
            };
            let own: Vec<String> = lambda.params.iter().map(|(name, _)| name.clone()).collect();
            let body = lambda.body.into_type(result);
            let (body, captured) = capture(body, &|name| own.iter().any(|own| own == name))?;
            let captured_types = self.capture_types(&captured, scope)?;
            let body = Body::compile(&body, captured_types, lambda.params, result.as_ref().clone())?;
            slots.push(Slot::Lambda(Arc::new(body)));
            args.extend(captured);
        }
        let result = types.result.clone();
        let expr = RowUdf::call_with(name, Kernel::Row(form.run), types, slots, form.sees_null, true, args);
        Ok(Typed::new(expr, result))
    }

    /// The types of what a body took from around it.
    pub(super) fn capture_types(&self, captured: &[Expr], scope: &Scope<'_>) -> Result<Vec<Type>> {
        captured
            .iter()
            .map(|expr| {
                type_of(expr, scope).ok_or_else(|| {
                    SqlError::unsupported(Position { line: 1, column: 1 }, "A subquery within TRY or a lambda")
                })
            })
            .collect()
    }
}

/// The type of a column, of an outer query's column, or of an aggregate.
fn type_of(expr: &Expr, scope: &Scope<'_>) -> Option<Type> {
    match expr {
        Expr::Column(column) => {
            let param = scope.params.iter().find(|(_, _, name)| *name == column.name).map(|(_, ty, _)| ty);
            let field = || scope.fields.iter().find(|field| field.column == column.name).map(|field| &field.ty);
            param.or_else(field).cloned()
        }
        Expr::OuterReferenceColumn(_, column) => {
            let mut outer = scope.outer;
            while let Some(scope) = outer {
                if let Some(field) = scope.fields.iter().find(|field| field.column == column.name) {
                    return Some(field.ty.clone());
                }
                outer = scope.outer;
            }
            None
        }
        Expr::AggregateFunction(_) => {
            let fields = scope.fields.iter().map(|field| ArrowField::new(&field.column, data_type(&field.ty), true));
            let schema = DFSchema::try_from(Schema::new(fields.collect::<Vec<_>>())).ok()?;
            stored(&expr.get_type(&schema).ok()?)
        }
        _ => None,
    }
}

/// A type whose values lie in such a column, for passing them on as they are.
fn stored(of: &DataType) -> Option<Type> {
    Some(match of {
        DataType::Boolean => Type::Boolean,
        DataType::Int8 => Type::Tinyint,
        DataType::Int16 => Type::Smallint,
        DataType::Int32 => Type::Integer,
        DataType::Int64 => Type::Bigint,
        DataType::Float32 => Type::Real,
        DataType::Float64 => Type::Double,
        DataType::Utf8 => Type::VARCHAR,
        DataType::Decimal128(precision, scale) => Type::Decimal(*precision, u8::try_from(*scale).ok()?),
        DataType::Date32 => Type::Date,
        _ => return None,
    })
}
