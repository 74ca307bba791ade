//! Values of expressions: numbers, time series, arrays of time series.

use std::collections::BTreeMap;

use super::Fault;
use super::operator::Operator;

/// A time series: values by seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Points {
    /// What it is called where no label is given.
    pub(crate) label: String,
    /// Seconds between points.
    pub(crate) period: i64,
    pub(crate) values: BTreeMap<i64, f64>,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Number(f64),
    Series(Points),
    Array(Vec<Points>),
}

impl Points {
    /// The same with other values; those that are none are left out.
    pub(crate) fn map(&self, of: impl Fn(i64, f64) -> Option<f64>) -> Self {
        let values = self.values.iter().filter_map(|(at, value)| Some((*at, of(*at, *value)?)));
        Self { label: self.label.clone(), period: self.period, values: values.collect() }
    }
}

impl Value {
    /// What an expression answers, as time series.
    ///
    /// # Errors
    /// It is a number.
    pub(crate) fn into_series(self) -> Result<Vec<Points>, Fault> {
        match self {
            Self::Number(_) => Err("The expression does not return a time series".to_owned()),
            Self::Series(points) => Ok(vec![points]),
            Self::Array(array) => Ok(array),
        }
    }

    /// The same with other numbers.
    pub(crate) fn map(self, of: impl Fn(i64, f64) -> Option<f64>) -> Self {
        match self {
            Self::Number(number) => Self::Number(of(0, number).unwrap_or(f64::NAN)),
            Self::Series(points) => Self::Series(points.map(of)),
            Self::Array(array) => Self::Array(array.iter().map(|points| points.map(&of)).collect()),
        }
    }

    /// An operator between two values: point by point, where both have one.
    ///
    /// # Errors
    /// Both are arrays.
    pub(crate) fn operate(operator: Operator, left: Self, right: Self) -> Result<Self, Fault> {
        let of = |a, b| operator.of_numbers(a, b);
        Ok(match (left, right) {
            (Self::Number(a), Self::Number(b)) => Self::Number(of(a, b).unwrap_or(f64::NAN)),
            (left, Self::Number(b)) => left.map(|_, a| of(a, b)),
            (Self::Number(a), right) => right.map(|_, b| of(a, b)),
            (Self::Series(a), Self::Series(b)) => Self::Series(pairs(&a, &b, of)),
            (Self::Array(array), Self::Series(b)) => Self::Array(array.iter().map(|a| pairs(a, &b, of)).collect()),
            (Self::Series(a), Self::Array(array)) => {
                let series = array.iter().map(|b| Points { label: b.label.clone(), ..pairs(&a, b, of) });
                Self::Array(series.collect())
            }
            (Self::Array(_), Self::Array(_)) => {
                return Err("An operator cannot be between two arrays of time series".to_owned());
            }
        })
    }
}

fn pairs(left: &Points, right: &Points, of: impl Fn(f64, f64) -> Option<f64>) -> Points {
    left.map(|at, value| of(value, *right.values.get(&at)?))
}
