//! UNNEST: arrays and maps as rows.
//!
//! <https://trino.io/docs/current/sql/select.html#unnest>,
//! <https://docs.aws.amazon.com/athena/latest/ug/flattening-arrays.html>

use datafusion::common::{Column, UnnestOptions};
use datafusion::logical_expr::LogicalPlanBuilder;

use super::expression::field_of;
use super::relation::named;
use super::scope::{Env, Field, Scope};
use super::{Analyzer, Planned, Typed, planning};
use crate::error::{Code, Position, Result, SqlError};
use crate::function::udf::{Kernel, RowUdf};
use crate::function::{Run, Types};
use crate::syntax::ast::{self, Alias};
use crate::types::Type;
use crate::value::Value;

impl Analyzer<'_> {
    /// The rows of the left, each with every element of the arguments beside each other.
    #[expect(clippy::too_many_arguments, reason = "everything that UNNEST may say")]
    pub(super) fn unnest(
        &self,
        left: Planned,
        args: &[ast::Expr],
        ordinality: bool,
        alias: Option<&Alias>,
        at: Position,
        keep: bool,
        env: &Env,
        outer: Option<&Scope<'_>>,
    ) -> Result<Planned> {
        let scope = Scope::new(left.fields.clone(), env, outer);
        let (mut typed, mut columns) = (Vec::new(), Vec::new());
        for arg in args {
            let arg_typed = self.expr(arg, &scope)?;
            columns.extend(columns_of(&arg_typed.ty).ok_or_else(|| {
                SqlError::at(Code::TypeMismatch, arg.at, format!("Cannot unnest type: {}", arg_typed.ty))
            })?);
            typed.push(arg_typed);
        }
        if ordinality {
            columns.push((None, Type::Bigint));
        }
        if columns.is_empty() {
            return Err(SqlError::at(Code::TypeMismatch, at, "UNNEST needs an argument"));
        }
        let element = Type::Row(columns);
        let types =
            Types { args: typed.iter().map(|typed| typed.ty.clone()).collect(), result: Type::array(element.clone()) };
        let run = Run::Typed(match (ordinality, keep) {
            (false, false) => |types, args| zip(types, args, false, false),
            (true, false) => |types, args| zip(types, args, true, false),
            (false, true) => |types, args| zip(types, args, false, true),
            (true, true) => |types, args| zip(types, args, true, true),
        });
        let name = format!("unnest {ordinality} {keep}");
        let args = typed.into_iter().map(|typed| typed.expr).collect();
        let zipped = RowUdf::call(&name, Kernel::Row(run), types, true, true, args);

        let list = self.fresh();
        let mut exprs: Vec<_> = left.fields.iter().map(Field::expr).collect();
        exprs.push(zipped.alias(&list));
        let options = UnnestOptions::new().with_preserve_nulls(false);
        let builder = LogicalPlanBuilder::from(left.plan)
            .project(exprs)
            .and_then(|it| it.unnest_column_with_options(Column::new_unqualified(&list), options))
            .map_err(planning)?;
        let one = Typed::new(super::column(&list), element.clone());
        let mut exprs: Vec<_> = left.fields.iter().map(Field::expr).collect();
        let mut fields = Vec::new();
        let Type::Row(columns) = element else { return Err(SqlError::internal("a row was made")) };
        for (n, (name, ty)) in columns.into_iter().enumerate() {
            let fresh = self.fresh();
            exprs.push(field_of(&one, n, ty.clone()).expr.alias(&fresh));
            fields.push(Field { relation: Vec::new(), name, ty, column: fresh, hidden: false });
        }
        let plan = builder.project(exprs).and_then(LogicalPlanBuilder::build).map_err(planning)?;
        let mut unnested = Planned { plan, fields };
        if let Some(alias) = alias {
            unnested = named(unnested, &alias.name, &alias.columns)?;
        }
        Ok(Planned { plan: unnested.plan, fields: [left.fields, unnested.fields].concat() })
    }
}

/// An array of rows has a column for each field, any other array one, a map two.
fn columns_of(of: &Type) -> Option<Vec<(Option<String>, Type)>> {
    match of {
        Type::Array(element) => match element.as_ref() {
            Type::Row(fields) => Some(fields.clone()),
            other => Some(vec![(None, other.clone())]),
        },
        Type::Map(key, value) => Some(vec![(None, key.as_ref().clone()), (None, value.as_ref().clone())]),
        _ => None,
    }
}

fn zip(types: &Types, args: &[Value], ordinality: bool, keep: bool) -> Result<Value> {
    let mut length = 0;
    for arg in args {
        length = length.max(match arg {
            Value::Array(all) => all.len(),
            Value::Map(all) => all.len(),
            _ => 0,
        });
    }
    let rows = if length == 0 && keep { 1 } else { length };
    let row = |n: usize| {
        let mut row = Vec::new();
        for (arg, of) in args.iter().zip(&types.args) {
            let width = columns_of(of).map_or(0, |columns| columns.len());
            let spread = matches!(of, Type::Array(element) if matches!(**element, Type::Row(_)));
            match arg {
                Value::Array(all) => match all.get(n) {
                    Some(Value::Row(fields)) if spread => row.extend(fields.iter().cloned()),
                    Some(Value::Null) | None => row.extend(std::iter::repeat_n(Value::Null, width)),
                    Some(one) => row.push(one.clone()),
                },
                Value::Map(all) => match all.get(n) {
                    Some((key, value)) => row.extend([key.clone(), value.clone()]),
                    None => row.extend([Value::Null, Value::Null]),
                },
                _ => row.extend(std::iter::repeat_n(Value::Null, width)),
            }
        }
        if ordinality {
            row.push(if length == 0 { Value::Null } else { Value::Integer(n as i64 + 1) });
        }
        Value::Row(row.into())
    };
    Ok(Value::Array((0..rows).map(row).collect()))
}
