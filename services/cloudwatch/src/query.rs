//! Queries of metric data: a metric with a statistic, or an expression over other queries.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, Result};

use crate::errors::{invalid, not_implemented};
use crate::get_metric_statistics::check_period;
use crate::math::evaluate::Scope;
use crate::math::function::REFUSED;
use crate::math::parse::{Expression, parse};
use crate::math::value::{Points, Value};
use crate::metric::{Dimension, Metric};
use crate::read::{self, Span};
use crate::search;
use crate::statistic::Statistic;
use crate::unit::Unit;

/// A query as the API has it; alarms store it so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MetricDataQuery {
    pub(crate) id: String,
    pub(crate) metric_stat: Option<MetricStat>,
    pub(crate) expression: Option<String>,
    pub(crate) label: Option<String>,
    pub(crate) return_data: Option<bool>,
    pub(crate) period: Option<i64>,
    pub(crate) account_id: Option<String>,
}

/// A metric with a statistic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MetricStat {
    pub(crate) metric: MetricName,
    pub(crate) period: i64,
    pub(crate) stat: String,
    pub(crate) unit: Option<Unit>,
}

/// A metric by its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MetricName {
    pub(crate) namespace: Option<String>,
    pub(crate) metric_name: Option<String>,
    #[serde(default)]
    pub(crate) dimensions: Vec<Dimension>,
}

impl MetricStat {
    /// Its metric.
    ///
    /// # Errors
    /// `ValidationError` if it has no name, or a dimension twice.
    pub(crate) fn metric(&self) -> Result<Metric> {
        let MetricName { namespace, metric_name, dimensions } = &self.metric;
        match (namespace, metric_name) {
            (Some(namespace), Some(name)) => Metric::new(namespace, name, dimensions),
            _ => Err(invalid("A metric needs a Namespace and a MetricName.")),
        }
    }
}

/// A query that was read.
pub(crate) struct Query {
    pub(crate) id: String,
    pub(crate) what: What,
    pub(crate) label: Option<String>,
    /// Whether its result is answered.
    pub(crate) is_returned: bool,
    period: Option<i64>,
}

/// What a query asks for.
pub(crate) enum What {
    Metric { metric: Metric, period: i64, statistic: Statistic, stat: String, unit: Option<Unit> },
    Expression(Expression),
}

/// Reads queries.
///
/// # Errors
/// `ValidationError`; `NotImplemented` for what Welkin does not have.
pub(crate) fn read(queries: &[MetricDataQuery]) -> Result<Vec<Query>> {
    let mut ids = BTreeSet::new();
    for query in queries {
        if !ids.insert(query.id.as_str()) {
            return Err(invalid("The values for parameter id in MetricDataQueries are not unique"));
        }
        let mut letters = query.id.chars();
        let ok = letters.next().is_some_and(|first| first.is_ascii_lowercase());
        if !ok || !letters.all(|c| c.is_ascii_alphanumeric() || c == '_') {
            // UNVERIFIED: the wording.
            return Err(invalid(format_args!(
                "The value {} for parameter Id does not match ^[a-z][a-zA-Z0-9_]*$",
                query.id
            )));
        }
    }
    queries.iter().map(Query::read).collect()
}

impl Query {
    fn read(query: &MetricDataQuery) -> Result<Self> {
        if query.account_id.is_some() {
            return Err(not_implemented("queries of other accounts (AccountId)"));
        }
        let what = match (&query.metric_stat, &query.expression) {
            (Some(stat), None) => Self::metric(stat)?,
            (None, Some(text)) => Self::expression(&query.id, text)?,
            _ => {
                // UNVERIFIED: the wording.
                return Err(invalid(format_args!(
                    "Exactly one of MetricStat and Expression must be specified for {}",
                    query.id
                )));
            }
        };
        let is_returned = query.return_data.unwrap_or(true);
        Ok(Self { id: query.id.clone(), what, label: query.label.clone(), is_returned, period: query.period })
    }

    fn metric(it: &MetricStat) -> Result<What> {
        check_period(it.period).map_err(|_| {
            invalid(format_args!("Period must not be {}: it is 1, 5, 10, 20, 30, or any multiple of 60", it.period))
        })?;
        let statistic = Statistic::parse(&it.stat)
            .ok_or_else(|| invalid(format_args!("The value {} for parameter Stat is not supported.", it.stat)))?;
        let (metric, period, stat, unit) = (it.metric()?, it.period, it.stat.clone(), it.unit);
        Ok(What::Metric { metric, period, statistic, stat, unit })
    }

    fn expression(id: &str, text: &str) -> Result<What> {
        if text.trim_start().get(..6).is_some_and(|word| word.eq_ignore_ascii_case("select")) {
            return Err(not_implemented("queries of Metrics Insights (SELECT …)"));
        }
        let expression = parse(text).map_err(|fault| in_expression(id, &fault))?;
        if let Some(refused) = REFUSED.iter().find(|name| expression.calls(name)) {
            return Err(not_implemented(format_args!("the function {refused} of metric math")));
        }
        Ok(What::Expression(expression))
    }

    /// Seconds of its periods, as far as it says.
    pub(crate) fn period(&self) -> Option<i64> {
        match &self.what {
            What::Metric { period, .. } => Some(*period),
            What::Expression(_) => self.period,
        }
    }
}

fn in_expression(id: &str, fault: &str) -> Error {
    invalid(format_args!("Error in expression '{id}': {fault}"))
}

/// Periods of queries without metrics.
const USUAL: i64 = 300;

/// Evaluates queries from a second up to another; periods begin at multiples of themselves if `aligned`, else at the first
/// second.
///
/// # Errors
/// `ValidationError` for an expression that has no value.
pub(crate) async fn evaluate(
    cx: &mut Cx,
    queries: &[Query],
    (from, to): (i64, i64),
    aligned: bool,
) -> Result<BTreeMap<String, Value>> {
    let mut values = BTreeMap::new();
    for query in queries {
        if let What::Metric { metric, period, statistic, unit, .. } = &query.what {
            let first = if aligned { from.div_euclid(*period) * period } else { from };
            let span = Span { from: first, to, period: *period };
            let points = points(cx, metric, span, *statistic, *unit).await?;
            values.insert(query.id.clone(), Value::Series(points));
        }
    }
    let metrics: Vec<String> = values.keys().cloned().collect();
    let period = queries.iter().filter_map(Query::period).min().unwrap_or(USUAL).max(1);
    let found = search::all(cx, queries, (from, to), period).await?;
    let mut left: Vec<&Query> = queries.iter().filter(|query| matches!(query.what, What::Expression(_))).collect();
    // An expression may use those that come after it, but not itself.
    while !left.is_empty() {
        let ready = |query: &&Query| {
            let mut waits = false;
            if let What::Expression(expression) = &query.what {
                expression.names(&mut |name| waits |= left.iter().any(|other| other.id == name));
            }
            !waits
        };
        let Some(at) = left.iter().position(ready) else {
            let id = left.first().map_or("", |query| query.id.as_str());
            return Err(in_expression(id, "The expression depends on itself"));
        };
        let query = left.remove(at);
        if let What::Expression(expression) = &query.what {
            let times = (from, to, query.period.unwrap_or(period));
            let scope = Scope { values: &values, metrics: &metrics, found: &found, times };
            let value = scope.evaluate(expression).map_err(|fault| in_expression(&query.id, &fault))?;
            values.insert(query.id.clone(), value);
        }
    }
    Ok(values)
}

/// Values of a statistic of a metric.
///
/// # Errors
/// When the store fails.
pub(crate) async fn points(
    cx: &mut Cx,
    metric: &Metric,
    span: Span,
    statistic: Statistic,
    unit: Option<Unit>,
) -> Result<Points> {
    let samples = read::read_together(cx, cx.here(), metric, span, unit).await?;
    let values = samples.iter().filter_map(|(at, samples)| Some((*at, statistic.of(samples)?))).collect();
    Ok(Points { label: metric.name.clone(), period: span.period, values })
}
