//! Functions over windows, and the plan of them.
//!
//! <https://trino.io/docs/current/functions/window.html>

use std::sync::Arc;

use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::functions_window as df;
use datafusion::logical_expr::expr::{NullTreatment, Sort, WindowFunction};
use datafusion::logical_expr::{
    Expr, LogicalPlan, LogicalPlanBuilder, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowFunctionDefinition,
    WindowUDF,
};

use super::aggregate::is_aggregate_name;
use super::group::constant_int;
use super::scope::Scope;
use super::select::{Item, has, is_window};
use super::{Analyzer, Typed, column, planning};
use crate::error::{Code, Position, Result, SqlError};
use crate::function::cast::cast;
use crate::syntax::ast::{self, Bound, Call, Frame, FrameUnit, Over, Window};
use crate::types::Type;
use crate::types::coerce::common;

impl Analyzer<'_> {
    /// A call with OVER.
    pub(super) fn over(&self, call: &Call, over: &Over, at: Position, scope: &Scope<'_>) -> Result<Typed> {
        let window = self.window_of(over, scope, 0)?;
        let partition =
            window.partition.iter().map(|expr| Ok(self.expr(expr, scope)?.expr)).collect::<Result<Vec<_>>>()?;
        let mut order = Vec::new();
        let mut order_type = None;
        for item in &window.order {
            let typed = self.expr(&item.expr, scope)?;
            order_type.get_or_insert(typed.ty.clone());
            order.push(self.sort_key(typed, item)?);
        }
        let frame = self.frame(window.frame.as_ref(), &window, order_type.as_ref(), scope)?;
        let filter = self.filter(call, scope)?;
        let (definition, args, distinct, finish) = self.window_function(call, at, scope)?;
        if args.iter().chain(&partition).any(|expr| has(expr, is_window)) {
            return Err(SqlError::at(Code::NestedWindow, at, "Cannot nest window functions inside window function"));
        }
        let mut function = WindowFunction::new(definition, args);
        function.params.partition_by = partition;
        function.params.order_by = order;
        function.params.window_frame = frame;
        function.params.filter = filter.map(Box::new);
        function.params.distinct = distinct;
        function.params.null_treatment = call.ignore_nulls.then_some(NullTreatment::IgnoreNulls);
        Ok(finish(Expr::WindowFunction(Box::new(function))))
    }

    /// The window with what its base adds.
    fn window_of(&self, over: &Over, scope: &Scope<'_>, depth: usize) -> Result<Window> {
        let (mut window, base) = match over {
            Over::Named(name) => {
                (Window { base: None, partition: Vec::new(), order: Vec::new(), frame: None }, Some(name))
            }
            Over::Window(window) => (window.as_ref().clone(), window.base.as_ref()),
        };
        let Some(name) = base else { return Ok(window) };
        let known = scope.windows.iter().find(|(own, _)| *own == name.lower());
        let Some((_, known)) = known.filter(|_| depth < 50) else {
            return Err(SqlError::at(
                Code::InvalidWindowFrame,
                name.at,
                format!("Cannot resolve WINDOW name {}", name.text),
            ));
        };
        let base = self.window_of(&Over::Window(Box::new(known.clone())), scope, depth + 1)?;
        window.partition = base.partition;
        if window.order.is_empty() {
            window.order = base.order;
        }
        window.frame = window.frame.or(base.frame);
        Ok(window)
    }

    #[expect(clippy::type_complexity, reason = "function, arguments, DISTINCT, and what becomes of the result")]
    fn window_function(
        &self,
        call: &Call,
        at: Position,
        scope: &Scope<'_>,
    ) -> Result<(WindowFunctionDefinition, Vec<Expr>, bool, Box<dyn FnOnce(Expr) -> Typed>)> {
        let name = call.name.as_str();
        let ranking = |of: WindowUDF, from: Type, to: Type| {
            let finish: Box<dyn FnOnce(Expr) -> Typed> =
                Box::new(move |expr| Typed::new(unsigned(expr, &from, &to), to));
            (WindowFunctionDefinition::WindowUDF(Arc::new(of)), Vec::new(), false, finish)
        };
        let mut args = call.args.iter().map(|arg| self.expr(arg, scope)).collect::<Result<Vec<_>>>();
        let none = call.args.is_empty();
        match name {
            "row_number" if none => {
                return Ok(ranking(df::row_number::RowNumber::new().into(), Type::Unknown, Type::Bigint));
            }
            "rank" if none => return Ok(ranking(df::rank::Rank::basic().into(), Type::Unknown, Type::Bigint)),
            "dense_rank" if none => {
                return Ok(ranking(df::rank::Rank::dense_rank().into(), Type::Unknown, Type::Bigint));
            }
            "percent_rank" if none => {
                return Ok(ranking(df::rank::Rank::percent_rank().into(), Type::Double, Type::Double));
            }
            "cume_dist" if none => {
                return Ok(ranking(df::cume_dist::CumeDist::new().into(), Type::Double, Type::Double));
            }
            "ntile" if call.args.len() == 1 => {
                let Some(buckets) = constant_int(&call.args[0]).filter(|n| *n > 0) else {
                    return Err(SqlError::at(Code::InvalidFunctionArgument, at, "Buckets must be greater than 0"));
                };
                let (of, _, distinct, finish) = ranking(df::ntile::Ntile::new().into(), Type::Unknown, Type::Bigint);
                return Ok((of, vec![datafusion::logical_expr::lit(buckets)], distinct, finish));
            }
            _ => (),
        }
        if matches!(name, "first_value" | "last_value" | "nth_value" | "lag" | "lead") {
            return self.window_value(name, call, std::mem::replace(&mut args, Ok(Vec::new()))?, at);
        }
        if !is_aggregate_name(name) {
            return Err(SqlError::at(Code::FunctionNotWindow, at, format!("Not a window function: {name}")));
        }
        let aggregated = self.aggregated(call, at, scope)?;
        let (func, args, distinct) = aggregated.parts();
        let finish: Box<dyn FnOnce(Expr) -> Typed> = Box::new(move |expr| aggregated.wrap(expr));
        Ok((WindowFunctionDefinition::AggregateUDF(func), args, distinct, finish))
    }

    #[expect(clippy::type_complexity, reason = "as above")]
    fn window_value(
        &self,
        name: &str,
        call: &Call,
        args: Vec<Typed>,
        at: Position,
    ) -> Result<(WindowFunctionDefinition, Vec<Expr>, bool, Box<dyn FnOnce(Expr) -> Typed>)> {
        let wrong = || SqlError::at(Code::FunctionNotFound, at, format!("Unexpected parameters for function {name}"));
        let mut args = args.into_iter();
        let first = args.next().ok_or_else(wrong)?;
        let mut ty = first.ty.clone();
        let number = |n: usize| {
            call.args.get(n).map(|arg| {
                constant_int(arg)
                    .ok_or_else(|| SqlError::unsupported(arg.at, format!("An offset of {name} that is not constant")))
            })
        };
        let mut exprs = Vec::new();
        let udf: WindowUDF = match name {
            "first_value" => df::nth_value::NthValue::first().into(),
            "last_value" => df::nth_value::NthValue::last().into(),
            "nth_value" => {
                let n = number(1).ok_or_else(wrong)??;
                if n < 1 {
                    return Err(SqlError::at(Code::InvalidFunctionArgument, at, "Offset must be at least 1"));
                }
                exprs.push(datafusion::logical_expr::lit(n));
                df::nth_value::NthValue::nth().into()
            }
            _ => {
                let offset = number(1).unwrap_or(Ok(1))?;
                if offset < 0 {
                    return Err(SqlError::at(Code::InvalidFunctionArgument, at, "Offset must be at least 0"));
                }
                exprs.push(datafusion::logical_expr::lit(offset));
                if let Some(default) = args.nth(1) {
                    ty = common(&ty, &default.ty).ok_or_else(wrong)?;
                    exprs.push(default.into_type(&ty));
                }
                if name == "lag" {
                    df::lead_lag::WindowShift::lag().into()
                } else {
                    df::lead_lag::WindowShift::lead().into()
                }
            }
        };
        exprs.insert(0, first.into_type(&ty));
        let finish: Box<dyn FnOnce(Expr) -> Typed> = Box::new(move |expr| Typed::new(expr, ty));
        Ok((WindowFunctionDefinition::WindowUDF(Arc::new(udf)), exprs, false, finish))
    }

    /// The rows of a window around each row.
    fn frame(
        &self,
        frame: Option<&Frame>,
        window: &Window,
        order: Option<&Type>,
        scope: &Scope<'_>,
    ) -> Result<WindowFrame> {
        let Some(frame) = frame else {
            return Ok(WindowFrame::new((!window.order.is_empty()).then_some(false)));
        };
        let invalid = |message: &str| SqlError::at(Code::InvalidWindowFrame, frame.at, message);
        match (&frame.start, &frame.end) {
            (Bound::UnboundedFollowing, _) => return Err(invalid("Window frame start cannot be UNBOUNDED FOLLOWING")),
            (_, Bound::UnboundedPreceding) => return Err(invalid("Window frame end cannot be UNBOUNDED PRECEDING")),
            (Bound::Current, Bound::Preceding(_)) => {
                return Err(invalid("Window frame starting from CURRENT ROW cannot end with PRECEDING"));
            }
            (Bound::Following(_), Bound::Preceding(_)) => {
                return Err(invalid("Window frame starting from FOLLOWING cannot end with PRECEDING"));
            }
            (Bound::Following(_), Bound::Current) => {
                return Err(invalid("Window frame starting from FOLLOWING cannot end with CURRENT ROW"));
            }
            _ => (),
        }
        let offset = matches!(frame.start, Bound::Preceding(_) | Bound::Following(_))
            || matches!(frame.end, Bound::Preceding(_) | Bound::Following(_));
        if frame.unit != FrameUnit::Rows && offset && window.order.len() != 1 {
            return Err(invalid(
                "Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER BY",
            ));
        }
        let units = match frame.unit {
            FrameUnit::Rows => WindowFrameUnits::Rows,
            FrameUnit::Range => WindowFrameUnits::Range,
            FrameUnit::Groups => WindowFrameUnits::Groups,
        };
        let bound = |bound: &Bound| self.bound(bound, frame, order, scope);
        Ok(WindowFrame::new_bounds(units, bound(&frame.start)?, bound(&frame.end)?))
    }

    fn bound(&self, bound: &Bound, frame: &Frame, order: Option<&Type>, scope: &Scope<'_>) -> Result<WindowFrameBound> {
        let none = ScalarValue::UInt64(None);
        Ok(match bound {
            Bound::UnboundedPreceding => WindowFrameBound::Preceding(none),
            Bound::UnboundedFollowing => WindowFrameBound::Following(none),
            Bound::Current => WindowFrameBound::CurrentRow,
            Bound::Preceding(by) => WindowFrameBound::Preceding(self.offset(by, frame, order, scope)?),
            Bound::Following(by) => WindowFrameBound::Following(self.offset(by, frame, order, scope)?),
        })
    }

    fn offset(&self, by: &ast::Expr, frame: &Frame, order: Option<&Type>, scope: &Scope<'_>) -> Result<ScalarValue> {
        let typed = self.expr(by, scope)?;
        let Expr::Literal(scalar, _) = &typed.expr else {
            return Err(SqlError::unsupported(by.at, "A window frame's offset that is not constant"));
        };
        if frame.unit != FrameUnit::Range {
            let rows = constant_int(by).and_then(|n| u64::try_from(n).ok());
            let rows = rows.ok_or_else(|| {
                SqlError::at(Code::InvalidWindowFrame, by.at, "Window frame offset value must not be negative or null")
            })?;
            return Ok(ScalarValue::UInt64(Some(rows)));
        }
        match order {
            Some(order) if order.is_numeric() => match cast(typed.expr.clone(), &typed.ty, order) {
                Expr::Literal(scalar, _) => Ok(scalar),
                _ => scalar.cast_to(&crate::arrow::data_type(order)).map_err(planning),
            },
            Some(_) => Err(SqlError::unsupported(by.at, "A window frame RANGE over dates or times")),
            None => Err(SqlError::at(Code::InvalidWindowFrame, by.at, "Window frame RANGE needs ORDER BY")),
        }
    }

    /// Computes the windows of all expressions, which are left with the columns of the results.
    pub(super) fn windowed(&self, plan: LogicalPlan, items: &mut [Item], keys: &mut [Sort]) -> Result<LogicalPlan> {
        let mut found: Vec<(Expr, String)> = Vec::new();
        let exprs = items.iter().map(|item| &item.typed.expr).chain(keys.iter().map(|key| &key.expr));
        for expr in exprs {
            expr.apply(|node| {
                if is_window(node) {
                    if !found.iter().any(|(known, _)| known == node) {
                        found.push((node.clone(), node.schema_name().to_string()));
                    }
                    return Ok(TreeNodeRecursion::Jump);
                }
                Ok(TreeNodeRecursion::Continue)
            })
            .map_err(planning)?;
        }
        if found.is_empty() {
            return Ok(plan);
        }
        let windows: Vec<Expr> = found.iter().map(|(expr, _)| expr.clone()).collect();
        let plan = LogicalPlanBuilder::window_plan(plan, windows).map_err(planning)?;
        let replace = |expr: &Expr| {
            let replaced = expr.clone().transform_down(|node| match found.iter().find(|(known, _)| *known == node) {
                Some((_, name)) => Ok(Transformed::new(column(name), true, TreeNodeRecursion::Jump)),
                None => Ok(Transformed::no(node)),
            });
            replaced.map(|it| it.data).map_err(planning)
        };
        for item in items {
            item.typed.expr = replace(&item.typed.expr)?;
        }
        for key in keys {
            key.expr = replace(&key.expr)?;
        }
        Ok(plan)
    }
}

/// Ranks are unsigned in DataFusion.
fn unsigned(expr: Expr, from: &Type, to: &Type) -> Expr {
    if from == to { expr } else { datafusion::logical_expr::cast(expr, crate::arrow::data_type(to)) }
}
