//! Functions of rows as functions of columns, which is how DataFusion calls them.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, make_array};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::common::{Column, DFSchema, ScalarValue};
use datafusion::error::Result as DfResult;
use datafusion::execution::context::ExecutionProps;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature,
    Volatility,
};
use datafusion::physical_expr::{PhysicalExpr, create_physical_expr};

use super::{Run, Types};
use crate::arrow::{column, data_type, value};
use crate::error::{Result, SqlError, from_datafusion};
use crate::types::Type;
use crate::value::{Lambda, Value};

/// What a call does.
#[derive(Clone)]
pub(crate) enum Kernel {
    /// Row by row.
    Row(Run),
    /// Row by row, by chance.
    Chance(Run, Arc<AtomicU64>),
    /// Whole columns at once.
    Column(fn(&Types, &[ArrayRef]) -> Result<ArrayRef>),
    /// A field of a row.
    Field(usize),
    /// `TRY`: the body, and NULL where it fails.
    Try(Arc<Body>),
}

/// Where an argument comes from.
#[derive(Clone)]
pub(crate) enum Slot {
    /// The next column.
    Value,
    /// A lambda, whose captured values are among the columns behind the arguments.
    Lambda(Arc<Body>),
}

/// A compiled expression over captured columns and parameters.
pub(crate) struct Body {
    expr: Arc<dyn PhysicalExpr>,
    schema: SchemaRef,
    captures: Vec<Type>,
    params: Vec<Type>,
    result: Type,
    shown: String,
}

impl Body {
    /// Compiles an expression over columns `capture0…`, then these parameters.
    pub(crate) fn compile(expr: &Expr, captures: Vec<Type>, params: Vec<(String, Type)>, result: Type) -> Result<Self> {
        let named = captures.iter().enumerate().map(|(n, of)| (format!("capture{n}"), of));
        let all = named.chain(params.iter().map(|(name, of)| (name.clone(), of)));
        let schema = Schema::new(all.map(|(name, of)| Field::new(name, data_type(of), true)).collect::<Vec<_>>());
        let shown = format!("{expr}/{captures:?}/{params:?}");
        let df = DFSchema::try_from(schema.clone()).map_err(from_datafusion)?;
        let expr = create_physical_expr(expr, &df, &ExecutionProps::new(), &PhysicalPlanningContext::default())
            .map_err(from_datafusion)?;
        let params = params.into_iter().map(|(_, of)| of).collect();
        Ok(Self { expr, schema: Arc::new(schema), captures, params, result, shown })
    }

    /// The lambda with its captured values.
    fn close(self: &Arc<Self>, captured: &[Value]) -> Value {
        let (body, captured) = (Arc::clone(self), captured.to_vec());
        Value::Lambda(Lambda(Arc::new(move |rows| body.call(&captured, rows))))
    }

    fn call(&self, captured: &[Value], rows: &[Vec<Value>]) -> Result<Vec<Value>> {
        let mut columns = Vec::with_capacity(self.schema.fields().len());
        for (of, value) in self.captures.iter().zip(captured) {
            columns.push(column(of, &vec![value.clone(); rows.len()])?);
        }
        for (n, of) in self.params.iter().enumerate() {
            let values: Vec<Value> = rows.iter().map(|row| row.get(n).cloned().unwrap_or(Value::Null)).collect();
            columns.push(column(of, &values)?);
        }
        let result = self.evaluate(columns, rows.len()).map_err(from_datafusion)?;
        Ok((0..rows.len()).map(|n| value(&self.result, &result, n)).collect())
    }

    fn evaluate(&self, columns: Vec<ArrayRef>, rows: usize) -> DfResult<ArrayRef> {
        let options = datafusion::arrow::array::RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?;
        self.expr.evaluate(&batch)?.into_array(rows)
    }

    /// All rows at once; if that fails, each alone, and NULL for those that fail.
    fn attempt(&self, columns: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        match self.evaluate(columns.to_vec(), rows).map_err(from_datafusion) {
            Err(error) if error.is_tried() => (),
            other => return other,
        }
        let one = |n: usize| -> Result<Value> {
            let row = columns.iter().map(|column| column.slice(n, 1)).collect();
            match self.evaluate(row, 1).map_err(from_datafusion) {
                Ok(result) => Ok(value(&self.result, &result, 0)),
                Err(error) if error.is_tried() => Ok(Value::Null),
                Err(error) => Err(error),
            }
        };
        column(&self.result, &(0..rows).map(one).collect::<Result<Vec<_>>>()?)
    }
}

/// A function as DataFusion sees it. Its name tells everything about it, so that equal names are equal functions.
pub(crate) struct RowUdf {
    name: String,
    kernel: Kernel,
    slots: Vec<Slot>,
    types: Types,
    sees_null: bool,
    signature: Signature,
}

impl RowUdf {
    /// A call with these arguments, of which lambdas have been compiled.
    pub(crate) fn call(
        name: &str,
        kernel: Kernel,
        types: Types,
        sees_null: bool,
        stable: bool,
        args: Vec<Expr>,
    ) -> Expr {
        let slots = vec![Slot::Value; types.args.len()];
        Self::call_with(name, kernel, types, slots, sees_null, stable, args)
    }

    pub(crate) fn call_with(
        name: &str,
        kernel: Kernel,
        types: Types,
        slots: Vec<Slot>,
        sees_null: bool,
        stable: bool,
        args: Vec<Expr>,
    ) -> Expr {
        let mut full = format!("{name}:");
        types.args.iter().for_each(|of| full.push_str(&format!("{of},")));
        full.push_str(&types.result.to_string());
        for slot in &slots {
            if let Slot::Lambda(body) = slot {
                full.push_str(&format!("[{}]", body.shown));
            }
        }
        if let Kernel::Try(body) = &kernel {
            full.push_str(&format!("[{}]", body.shown));
        }
        let volatility = if stable { Volatility::Immutable } else { Volatility::Volatile };
        let signature = Signature::one_of(vec![TypeSignature::VariadicAny, TypeSignature::Nullary], volatility);
        let udf = Self { name: full, kernel, slots, types, sees_null, signature };
        Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(ScalarUDF::new_from_impl(udf)), args))
    }

    /// Whether a call does not always answer the same.
    pub(crate) fn is_by_chance(&self) -> bool {
        matches!(self.kernel, Kernel::Chance(..)) || self.signature.volatility != Volatility::Immutable
    }

    fn rows(&self, run: Run, args: &[ColumnarValue], rows: usize) -> Result<Vec<Value>> {
        let types = self.column_types();
        let constants: Vec<Option<Value>> = args
            .iter()
            .zip(&types)
            .map(|(arg, of)| match arg {
                ColumnarValue::Scalar(scalar) => Ok(Some(constant(of, scalar)?)),
                ColumnarValue::Array(_) => Ok(None),
            })
            .collect::<Result<_>>()?;
        let mut out = Vec::with_capacity(rows);
        let mut row = Vec::with_capacity(args.len());
        for n in 0..rows {
            row.clear();
            for ((arg, known), of) in args.iter().zip(&constants).zip(&types) {
                row.push(match (known, arg) {
                    (Some(known), _) => known.clone(),
                    (None, ColumnarValue::Array(array)) => value(of, array, n),
                    (None, ColumnarValue::Scalar(_)) => Value::Null,
                });
            }
            out.push(self.one(run, &mut row)?);
        }
        Ok(out)
    }

    /// The types of the columns that come in: arguments that are no lambdas, then what lambdas captured.
    fn column_types(&self) -> Vec<Type> {
        let plain = self.types.args.iter().zip(&self.slots).filter(|(_, slot)| matches!(slot, Slot::Value));
        let mut types: Vec<Type> = plain.map(|(of, _)| of.clone()).collect();
        for slot in &self.slots {
            if let Slot::Lambda(body) = slot {
                types.extend(body.captures.iter().cloned());
            }
        }
        if let Kernel::Try(body) = &self.kernel {
            types = body.captures.clone();
        }
        types
    }

    fn one(&self, run: Run, row: &mut Vec<Value>) -> Result<Value> {
        let plain = self.slots.iter().filter(|slot| matches!(slot, Slot::Value)).count();
        if !self.sees_null && row[..plain].iter().any(Value::is_null) {
            return Ok(Value::Null);
        }
        if plain < self.slots.len() {
            let captured = row.split_off(plain);
            let mut captured = captured.as_slice();
            for (n, slot) in self.slots.iter().enumerate() {
                if let Slot::Lambda(body) = slot {
                    let (own, rest) = captured.split_at(body.captures.len());
                    row.insert(n, body.close(own));
                    captured = rest;
                }
            }
        }
        match run {
            Run::Plain(run) => run(row),
            Run::Typed(run) => run(&self.types, row),
        }
    }
}

fn constant(of: &Type, scalar: &ScalarValue) -> Result<Value> {
    let array = scalar.to_array().map_err(|why| SqlError::internal(why.to_string()))?;
    Ok(value(of, &array, 0))
}

impl ScalarUDFImpl for RowUdf {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> DfResult<DataType> {
        Ok(data_type(&self.types.result))
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs<'_>) -> DfResult<FieldRef> {
        Ok(Arc::new(Field::new(&self.name, data_type(&self.types.result), true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> DfResult<ColumnarValue> {
        let constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let stable = self.signature.volatility == Volatility::Immutable;
        let rows = if constant && stable { 1 } else { args.number_rows };
        let result = match &self.kernel {
            Kernel::Row(run) => column(&self.types.result, &self.rows(*run, &args.args, rows)?)?,
            Kernel::Chance(run, state) => {
                column(&self.types.result, &super::various::with_chance(state, || self.rows(*run, &args.args, rows))?)?
            }
            Kernel::Column(run) => run(&self.types, &arrays(&args.args, rows)?)?,
            Kernel::Field(n) => field(&arrays(&args.args, rows)?[0], *n)?,
            Kernel::Try(body) => body.attempt(&arrays(&args.args, rows)?, rows)?,
        };
        if constant && stable {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    }
}

/// The column of a field, NULL where the row is.
fn field(row: &ArrayRef, n: usize) -> DfResult<ArrayRef> {
    let row = row.as_struct();
    let child = row.column(n);
    if child.data_type().is_null() {
        return Ok(Arc::clone(child));
    }
    let nulls = NullBuffer::union(row.nulls(), child.nulls());
    Ok(make_array(child.to_data().into_builder().nulls(nulls).build()?))
}

fn arrays(args: &[ColumnarValue], rows: usize) -> DfResult<Vec<ArrayRef>> {
    args.iter().map(|arg| arg.to_array(rows)).collect()
}

impl fmt::Debug for RowUdf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
impl PartialEq for RowUdf {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
impl Eq for RowUdf {}
impl Hash for RowUdf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

/// Takes the columns that an expression reads, but for the parameters, out of it: what is left reads `capture0…`.
pub(crate) fn capture(body: Expr, is_param: &dyn Fn(&str) -> bool) -> Result<(Expr, Vec<Expr>)> {
    use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
    let mut captured: Vec<Expr> = Vec::new();
    let body = body
        .transform_down(|node| {
            let outer = match &node {
                Expr::Column(column) => !is_param(&column.name),
                Expr::OuterReferenceColumn(..) | Expr::ScalarSubquery(_) | Expr::Exists(_) | Expr::InSubquery(_) => {
                    true
                }
                Expr::AggregateFunction(_) | Expr::WindowFunction(_) => true,
                _ => false,
            };
            if !outer {
                return Ok(Transformed::no(node));
            }
            let n = captured.iter().position(|known| *known == node).unwrap_or_else(|| {
                captured.push(node);
                captured.len() - 1
            });
            let column = Expr::Column(Column::new_unqualified(format!("capture{n}")));
            Ok(Transformed::new(column, true, TreeNodeRecursion::Jump))
        })
        .map_err(from_datafusion)?;
    Ok((body.data, captured))
}
