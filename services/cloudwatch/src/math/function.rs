//! Functions of expressions.

use std::collections::{BTreeMap, BTreeSet};

use super::Fault;
use super::calendar;
use super::evaluate::Scope;
use super::parse::Expression;
use super::value::{Points, Value};

/// Functions that Welkin does not have.
pub(crate) const REFUSED: [&str; 5] =
    ["ANOMALY_DETECTION_BAND", "INSIGHT_RULE_METRIC", "SERVICE_QUOTA", "DB_PERF_INSIGHTS", "LAMBDA"];

/// The value of a function.
///
/// # Errors
/// Why it has none.
pub(crate) fn call(scope: &Scope<'_>, name: &str, parts: &[Expression]) -> Result<Value, Fault> {
    match (name, parts) {
        ("ABS" | "CEIL" | "FLOOR" | "LOG" | "LOG10", [it]) => {
            let of: fn(f64) -> f64 = match name {
                "ABS" => f64::abs,
                "CEIL" => f64::ceil,
                "FLOOR" => f64::floor,
                "LOG" => f64::ln,
                _ => f64::log10,
            };
            Ok(scope.evaluate(it)?.map(|_, value| Some(of(value)).filter(|it| it.is_finite())))
        }
        ("AVG" | "MIN" | "MAX" | "SUM" | "STDDEV" | "DATAPOINT_COUNT", [it]) => aggregate(name, scope.evaluate(it)?),
        ("DIFF" | "DIFF_TIME" | "RATE" | "RUNNING_SUM", [it]) => each(scope.evaluate(it)?, |it| running(name, it)),
        ("MINUTE" | "HOUR" | "DAY" | "DATE" | "MONTH" | "YEAR" | "EPOCH", [it]) => {
            each(scope.evaluate(it)?, |it| it.map(|at, _| calendar::part(name, at)))
        }
        ("FILL", [it, with]) => fill(scope, scope.evaluate(it)?, with),
        ("FIRST" | "LAST", [it]) => {
            let array = scope.evaluate(it)?.into_series()?;
            let found = if name == "FIRST" { array.first() } else { array.last() };
            Ok(found.cloned().map_or_else(|| Value::Array(Vec::new()), Value::Series))
        }
        ("IF", [condition, then]) => choose(scope.evaluate(condition)?, &scope.evaluate(then)?, None),
        ("IF", [condition, then, otherwise]) => {
            choose(scope.evaluate(condition)?, &scope.evaluate(then)?, Some(&scope.evaluate(otherwise)?))
        }
        ("METRICS", []) => Ok(Value::Array(scope.metrics(""))),
        ("METRICS", [Expression::Text(text)]) => Ok(Value::Array(scope.metrics(text))),
        ("METRIC_COUNT", [it]) => Ok(Value::Number(number(scope.evaluate(it)?.into_series()?.len()))),
        ("PERIOD", [it]) => match scope.evaluate(it)? {
            #[allow(clippy::cast_precision_loss)] // Periods are small.
            Value::Series(points) => Ok(Value::Number(points.period as f64)),
            _ => Err("PERIOD takes one time series".to_owned()),
        },
        ("REMOVE_EMPTY", [it]) => {
            let mut array = scope.evaluate(it)?.into_series()?;
            array.retain(|points| !points.values.is_empty());
            Ok(Value::Array(array))
        }
        ("SEARCH", _) => search_key(parts).and_then(|key| {
            let found = scope.found.get(&key).cloned();
            found.map(Value::Array).ok_or_else(|| "SEARCH cannot be used here".to_owned())
        }),
        ("SLICE", [it, bounds @ ..]) if (1..=2).contains(&bounds.len()) => slice(scope, it, bounds),
        ("SORT", [it, by, order, most @ ..]) if most.len() <= 1 => sort(scope, it, by, order, most.first()),
        ("TIME_SERIES", [it]) => match scope.evaluate(it)? {
            Value::Number(value) => Ok(Value::Series(constant(scope, value))),
            _ => Err("TIME_SERIES takes a number".to_owned()),
        },
        (name, _) if REFUSED.contains(&name) => Err(format!("Welkin does not implement the function {name} yet")),
        (name, parts) => Err(format!("There is no function {name} of {} parameters", parts.len())),
    }
}

/// A search and its statistic and period, as one text.
pub(crate) fn search_key(parts: &[Expression]) -> Result<String, Fault> {
    match parts {
        [Expression::Text(search), Expression::Text(statistic)] => Ok(format!("{search}\0{statistic}\0")),
        [Expression::Text(search), Expression::Text(statistic), Expression::Number(period)] => {
            Ok(format!("{search}\0{statistic}\0{period}"))
        }
        _ => Err("SEARCH takes a search, a statistic and a period".to_owned()),
    }
}

#[allow(clippy::cast_precision_loss)] // Numbers of things are below 2^53.
fn number(count: usize) -> f64 {
    count as f64
}

fn each(value: Value, of: impl Fn(&Points) -> Points) -> Result<Value, Fault> {
    match value {
        Value::Number(_) => Err("The function takes time series".to_owned()),
        Value::Series(points) => Ok(Value::Series(of(&points))),
        Value::Array(array) => Ok(Value::Array(array.iter().map(of).collect())),
    }
}

/// One number of several: `AVG` and the like.
fn of_numbers(name: &str, numbers: &[f64]) -> Option<f64> {
    let (count, sum) = (number(numbers.len()), numbers.iter().sum::<f64>());
    if numbers.is_empty() {
        return (name == "DATAPOINT_COUNT").then_some(0.0);
    }
    Some(match name {
        "AVG" => sum / count,
        "MIN" => numbers.iter().copied().fold(f64::INFINITY, f64::min),
        "MAX" => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        "SUM" => sum,
        "STDDEV" => {
            let mean = sum / count;
            (numbers.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / count).sqrt()
        }
        "DATAPOINT_COUNT" => count,
        _ => return None,
    })
}

/// A number of one time series, or a time series of several: the number of their values at each time.
fn aggregate(name: &str, value: Value) -> Result<Value, Fault> {
    match value {
        Value::Number(_) => Err(format!("{name} takes time series")),
        Value::Series(points) => {
            let numbers: Vec<f64> = points.values.into_values().collect();
            Ok(Value::Number(of_numbers(name, &numbers).unwrap_or(f64::NAN)))
        }
        Value::Array(array) => {
            let times: BTreeSet<i64> = array.iter().flat_map(|points| points.values.keys().copied()).collect();
            let at = |at| array.iter().filter_map(|points| points.values.get(&at).copied()).collect::<Vec<_>>();
            let values = times.into_iter().filter_map(|time| Some((time, of_numbers(name, &at(time))?))).collect();
            let period = array.iter().map(|points| points.period).max().unwrap_or(60);
            Ok(Value::Series(Points { label: name.to_owned(), period, values }))
        }
    }
}

/// Values that depend on those before.
#[allow(clippy::cast_precision_loss)] // Seconds are below 2^53.
fn running(name: &str, points: &Points) -> Points {
    let mut sum = 0.0;
    let mut before: Option<(i64, f64)> = None;
    let mut values = BTreeMap::new();
    for (&at, &value) in &points.values {
        sum += value;
        let change = before.map(|(then, was)| (value - was, (at - then) as f64));
        let result = match name {
            "RUNNING_SUM" => Some(sum),
            "DIFF" => change.map(|(change, _)| change),
            "DIFF_TIME" => change.map(|(_, time)| time),
            _ => change.map(|(change, time)| change / time),
        };
        values.extend(result.map(|result| (at, result)));
        before = Some((at, value));
    }
    Points { label: points.label.clone(), period: points.period, values }
}

/// Fills what is missing of time series: with a number, with what was last, with what lies between.
fn fill(scope: &Scope<'_>, value: Value, with: &Expression) -> Result<Value, Fault> {
    let filler = match with {
        Expression::Name(word) if word == "REPEAT" || word == "LINEAR" => None,
        other => Some(scope.evaluate(other)?),
    };
    let is_linear = matches!(with, Expression::Name(word) if word == "LINEAR");
    let (first, end, period) = scope.times;
    each(value, |points| {
        let period = if points.period > 0 { points.period } else { period };
        let mut filled = points.clone();
        // On the times of its own points, which need not begin at multiples of the period.
        let own = points.values.keys().next().copied().unwrap_or(first.div_euclid(period) * period);
        let first = own - (own - first).div_euclid(period) * period;
        let mut at = first;
        while at < end {
            if !points.values.contains_key(&at) {
                let value = match &filler {
                    Some(Value::Number(number)) => Some(*number),
                    Some(Value::Series(other)) => other.values.get(&at).copied(),
                    Some(Value::Array(_)) => None,
                    None => between(points, at, is_linear),
                };
                filled.values.extend(value.map(|value| (at, value)));
            }
            at += period;
        }
        filled
    })
}

/// What a time series has at a time between its points.
#[allow(clippy::cast_precision_loss)] // Seconds are below 2^53.
fn between(points: &Points, at: i64, is_linear: bool) -> Option<f64> {
    let (then, was) = points.values.range(..at).next_back()?;
    if !is_linear {
        return Some(*was);
    }
    let (next, will) = points.values.range(at..).next()?;
    Some(was + (will - was) * ((at - then) as f64) / ((next - then) as f64))
}

/// A number at all times.
fn constant(scope: &Scope<'_>, value: f64) -> Points {
    let (first, end, period) = scope.times;
    let first = first.div_euclid(period) * period;
    let count = usize::try_from((end - first + period - 1).div_euclid(period)).unwrap_or(0);
    let times = (first..end).step_by(usize::try_from(period).unwrap_or(60)).take(count);
    Points { label: value.to_string(), period, values: times.map(|at| (at, value)).collect() }
}

/// `IF`: at each time what the condition chooses.
fn choose(condition: Value, then: &Value, otherwise: Option<&Value>) -> Result<Value, Fault> {
    let at = |value: Option<&Value>, at: i64| match value {
        Some(Value::Number(number)) => Some(*number),
        Some(Value::Series(points)) => points.values.get(&at).copied(),
        _ => None,
    };
    let is_array = |value: Option<&Value>| matches!(value, Some(Value::Array(_)));
    match condition {
        Value::Number(number) => {
            let chosen = if number != 0.0 && !number.is_nan() { Some(then) } else { otherwise };
            Ok(chosen.cloned().unwrap_or_else(|| Value::Array(Vec::new())))
        }
        Value::Series(_) if is_array(Some(then)) || is_array(otherwise) => {
            Err("IF chooses between numbers and single time series".to_owned())
        }
        Value::Series(points) => Ok(Value::Series(
            points.map(|time, value| if value != 0.0 { at(Some(then), time) } else { at(otherwise, time) }),
        )),
        Value::Array(_) => Err("The condition of IF is a number or a single time series".to_owned()),
    }
}

fn slice(scope: &Scope<'_>, it: &Expression, bounds: &[Expression]) -> Result<Value, Fault> {
    let array = scope.evaluate(it)?.into_series()?;
    let mut numbers = Vec::new();
    for bound in bounds {
        numbers.push(whole(scope, bound)?);
    }
    let chosen = match numbers[..] {
        [one] => array.get(one).cloned().into_iter().collect(),
        [from, to] => array.get(from..to.min(array.len()).max(from)).unwrap_or_default().to_vec(),
        _ => Vec::new(),
    };
    Ok(Value::Array(chosen))
}

fn whole(scope: &Scope<'_>, expression: &Expression) -> Result<usize, Fault> {
    match scope.evaluate(expression)? {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // It is in the range.
        Value::Number(number) if (0.0..1e6).contains(&number) => Ok(number as usize),
        _ => Err("A whole number is expected".to_owned()),
    }
}

fn sort(
    scope: &Scope<'_>,
    it: &Expression,
    by: &Expression,
    order: &Expression,
    most: Option<&Expression>,
) -> Result<Value, Fault> {
    let (Expression::Name(by), Expression::Name(order)) = (by, order) else {
        return Err("SORT takes a function and an order".to_owned());
    };
    if !["AVG", "MIN", "MAX", "SUM", "STDDEV", "DATAPOINT_COUNT"].contains(&by.as_str()) {
        return Err(format!("SORT cannot sort by {by}"));
    }
    let array = scope.evaluate(it)?.into_series()?;
    let key = |points: &Points| {
        let numbers: Vec<f64> = points.values.values().copied().collect();
        of_numbers(by, &numbers)
    };
    let mut keyed: Vec<(Option<f64>, Points)> = array.into_iter().map(|points| (key(&points), points)).collect();
    let is_descending = match order.as_str() {
        "ASC" => false,
        "DESC" => true,
        _ => return Err(format!("{order} is no order")),
    };
    keyed.sort_by(|(a, _), (b, _)| match (a, b) {
        (Some(a), Some(b)) if is_descending => b.total_cmp(a),
        (Some(a), Some(b)) => a.total_cmp(b),
        // What has no points is last.
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    if let Some(most) = most {
        keyed.truncate(whole(scope, most)?);
    }
    Ok(Value::Array(keyed.into_iter().map(|(_, points)| points).collect()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::parse::parse;
    use super::*;

    fn series(label: &str, values: &[(i64, f64)]) -> Value {
        Value::Series(Points { label: label.to_owned(), period: 60, values: values.iter().copied().collect() })
    }

    fn of(text: &str) -> Result<Value, Fault> {
        let values = BTreeMap::from([
            ("m1".to_owned(), series("errors", &[(0, 1.0), (60, 2.0), (180, 4.0)])),
            ("m2".to_owned(), series("requests", &[(0, 10.0), (60, 0.0), (120, 30.0), (180, 40.0)])),
        ]);
        let metrics = ["m1".to_owned(), "m2".to_owned()];
        let scope = Scope { values: &values, metrics: &metrics, found: &BTreeMap::new(), times: (0, 240, 60) };
        scope.evaluate(&parse(text).unwrap())
    }

    fn values(text: &str) -> Vec<(i64, f64)> {
        match of(text).unwrap() {
            Value::Series(points) => points.values.into_iter().collect(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn operators_go_point_by_point_where_both_have_one() {
        assert_eq!(values("100*m1/m2"), [(0, 10.0), (180, 10.0)]);
        assert_eq!(values("m1+1"), [(0, 2.0), (60, 3.0), (180, 5.0)]);
        assert_eq!(values("m2 > 10"), [(0, 0.0), (60, 0.0), (120, 1.0), (180, 1.0)]);
        assert_eq!(values("-m1"), [(0, -1.0), (60, -2.0), (180, -4.0)]);
    }

    #[test]
    fn functions_of_one_series_give_numbers_and_of_several_a_series() {
        assert_eq!(of("SUM(m1)"), Ok(Value::Number(7.0)));
        assert_eq!(of("AVG(m2) + MAX(m2) - MIN(m2)"), Ok(Value::Number(60.0)));
        assert_eq!(of("DATAPOINT_COUNT(m1)"), Ok(Value::Number(3.0)));
        assert_eq!(of("METRIC_COUNT(METRICS())"), Ok(Value::Number(2.0)));
        assert_eq!(of("PERIOD(m1)"), Ok(Value::Number(60.0)));
        assert_eq!(values("SUM(METRICS())"), [(0, 11.0), (60, 2.0), (120, 30.0), (180, 44.0)]);
        assert_eq!(values("MAX([m1,m2])"), [(0, 10.0), (60, 2.0), (120, 30.0), (180, 40.0)]);
        assert_eq!(values("SUM(METRICS('err'))"), [(0, 1.0), (60, 2.0), (180, 4.0)]);
    }

    #[test]
    fn what_is_missing_is_filled() {
        assert_eq!(values("FILL(m1, 0)"), [(0, 1.0), (60, 2.0), (120, 0.0), (180, 4.0)]);
        assert_eq!(values("FILL(m1, REPEAT)"), [(0, 1.0), (60, 2.0), (120, 2.0), (180, 4.0)]);
        assert_eq!(values("FILL(m1, LINEAR)"), [(0, 1.0), (60, 2.0), (120, 3.0), (180, 4.0)]);
        assert_eq!(values("FILL(m1, m2)"), [(0, 1.0), (60, 2.0), (120, 30.0), (180, 4.0)]);
        assert_eq!(values("TIME_SERIES(5)"), [(0, 5.0), (60, 5.0), (120, 5.0), (180, 5.0)]);
    }

    #[test]
    fn changes_and_sums_go_by_what_was_before() {
        assert_eq!(values("DIFF(m1)"), [(60, 1.0), (180, 2.0)]);
        assert_eq!(values("DIFF_TIME(m1)"), [(60, 60.0), (180, 120.0)]);
        assert_eq!(values("RATE(m1)*60"), [(60, 1.0), (180, 1.0)]);
        assert_eq!(values("RUNNING_SUM(m1)"), [(0, 1.0), (60, 3.0), (180, 7.0)]);
    }

    #[test]
    fn if_chooses() {
        assert_eq!(values("IF(m2 > 5, m2, 0)"), [(0, 10.0), (60, 0.0), (120, 30.0), (180, 40.0)]);
        assert_eq!(values("IF(m2 > 5, m2)"), [(0, 10.0), (120, 30.0), (180, 40.0)]);
        assert_eq!(values("IF(1, m1, m2)"), [(0, 1.0), (60, 2.0), (180, 4.0)]);
        assert_eq!(values("IF(MINUTE(m1) == 1, m1)"), [(60, 2.0)]);
    }

    #[test]
    fn arrays_are_sorted_and_cut() {
        assert_eq!(values("FIRST(SORT(METRICS(), AVG, DESC))"), values("m2 + 0"));
        assert_eq!(values("LAST(SORT(METRICS(), MAX, DESC))"), values("m1 + 0"));
        assert_eq!(of("METRIC_COUNT(SORT(METRICS(), SUM, ASC, 1))"), Ok(Value::Number(1.0)));
        assert_eq!(of("METRIC_COUNT(SLICE(METRICS(), 0, 9))"), Ok(Value::Number(2.0)));
        assert_eq!(values("FIRST(SLICE(METRICS(), 1))"), values("m2 + 0"));
    }

    #[test]
    fn what_has_no_value_says_why() {
        for text in ["m9", "NOPE(m1)", "SUM(1)", "METRICS() + METRICS()", "SORT(METRICS(), NOPE, ASC)", "PERIOD(1)"] {
            assert!(of(text).is_err(), "{text}");
        }
        assert!(of("ANOMALY_DETECTION_BAND(m1)").unwrap_err().contains("ANOMALY_DETECTION_BAND"));
    }
}
