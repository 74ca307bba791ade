//! Which state of a table is meant: `FOR TIMESTAMP AS OF …`, `FOR VERSION AS OF …`.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-time-travel-and-version-travel-queries.html>

use std::sync::Arc;

use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::Schema;
use datafusion::common::DFSchema;
use datafusion::logical_expr::execution_props::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::physical_expr::create_physical_expr;

use super::scope::{Env, Scope};
use super::{Analyzer, Typed};
use crate::arrow::value;
use crate::error::{Code, Result, SqlError, from_datafusion};
use crate::iceberg::Version;
use crate::syntax::ast::{AsOf, Expr};
use crate::types::Type;
use crate::value::Value;

impl Analyzer<'_> {
    pub(super) fn version(&self, of: AsOf, ast: &Expr) -> Result<Version> {
        let env = Env::default();
        let typed = self.expr(ast, &Scope::new(Vec::new(), &env, None))?;
        let wrong = |message: String| SqlError::at(Code::TypeMismatch, ast.at, message);
        let ty = typed.ty.clone();
        match (of, &ty) {
            (AsOf::Time, Type::Date | Type::Timestamp(_) | Type::TimestampTz(_)) => {
                match evaluate(typed, &Type::TimestampTz(6))? {
                    Value::TimestampTz(at, _) => Ok(Version::Time(at)),
                    _ => Err(wrong("Pointer value cannot be NULL".into())),
                }
            }
            (AsOf::Version, Type::Tinyint | Type::Smallint | Type::Integer | Type::Bigint) => {
                match evaluate(typed, &Type::Bigint)? {
                    Value::Integer(id) => Ok(Version::Snapshot(id)),
                    _ => Err(wrong("Pointer value cannot be NULL".into())),
                }
            }
            (AsOf::Version, Type::Varchar(_) | Type::Char(_)) => match evaluate(typed, &Type::VARCHAR)? {
                Value::Text(name) => Ok(Version::Reference(name.to_string())),
                _ => Err(wrong("Pointer value cannot be NULL".into())),
            },
            // The wordings are Trino's.
            (AsOf::Time, ty) => Err(wrong(format!(
                "Type {ty} invalid. Temporal pointers must be of type Timestamp, Timestamp with Time Zone, or Date."
            ))),
            (AsOf::Version, ty) => Err(wrong(format!("Unsupported type for table version: {ty}"))),
        }
    }
}

/// The value of an expression without columns.
fn evaluate(typed: Typed, to: &Type) -> Result<Value> {
    let expr = crate::function::cast::cast(typed.expr, &typed.ty, to);
    let options = RecordBatchOptions::new().with_row_count(Some(1));
    let row = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), Vec::new(), &options);
    let row = row.map_err(|why| from_datafusion(why.into()))?;
    let physical =
        create_physical_expr(&expr, &DFSchema::empty(), &ExecutionProps::new(), &PhysicalPlanningContext::default())
            .map_err(from_datafusion)?;
    let array = physical.evaluate(&row).and_then(|it| it.into_array(1)).map_err(from_datafusion)?;
    Ok(value(to, &array, 0))
}
