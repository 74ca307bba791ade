//! The value of an expression.

use std::collections::BTreeMap;

use super::Fault;
use super::function;
use super::parse::Expression;
use super::value::{Points, Value};

/// What an expression is evaluated among.
pub(crate) struct Scope<'a> {
    /// Values of the queries by their ids.
    pub(crate) values: &'a BTreeMap<String, Value>,
    /// Ids of the queries that are metrics, in order.
    pub(crate) metrics: &'a [String],
    /// Results of searches, by the search.
    pub(crate) found: &'a BTreeMap<String, Vec<Points>>,
    /// Periods of time series that are made of numbers: first, end, seconds of each.
    pub(crate) times: (i64, i64, i64),
}

impl Scope<'_> {
    /// The value of an expression.
    ///
    /// # Errors
    /// Why it has none.
    pub(crate) fn evaluate(&self, expression: &Expression) -> Result<Value, Fault> {
        match expression {
            Expression::Number(number) => Ok(Value::Number(*number)),
            Expression::Text(text) => Err(format!("Unexpected text '{text}'")),
            Expression::Name(name) => {
                self.values.get(name).cloned().ok_or_else(|| format!("Unrecognized id or word '{name}'"))
            }
            Expression::Negated(inner) => Ok(self.evaluate(inner)?.map(|_, value| Some(-value))),
            Expression::Operation(operator, left, right) => {
                Value::operate(*operator, self.evaluate(left)?, self.evaluate(right)?)
            }
            Expression::Array(parts) => {
                let mut array = Vec::new();
                for part in parts {
                    array.extend(self.evaluate(part)?.into_series()?);
                }
                Ok(Value::Array(array))
            }
            Expression::Call(name, parts) => function::call(self, name, parts),
        }
    }

    /// The metrics of the call whose id or label has a text in it.
    pub(crate) fn metrics(&self, text: &str) -> Vec<Points> {
        let mut metrics = Vec::new();
        for id in self.metrics {
            if let Some(Value::Series(points)) = self.values.get(id)
                && (id.contains(text) || points.label.contains(text))
            {
                metrics.push(points.clone());
            }
        }
        metrics
    }
}
