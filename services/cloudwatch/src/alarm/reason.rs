//! Why an alarm is in its state, in words and in JSON.

use serde_json::{Value as Json, json};
use welkin_kernel::Timestamp;

use super::{State, Subject, Threshold};

/// A value of a period, from the newest on; `None` if it is missing.
pub(crate) type Seen = (i64, Option<f64>);

/// The reason in words.
pub(crate) fn words(threshold: &Threshold, state: State, seen: &[Seen]) -> String {
    let periods = usize::try_from(threshold.evaluation_periods).unwrap_or(usize::MAX);
    let needed = usize::try_from(threshold.needed()).unwrap_or(usize::MAX);
    let real: Vec<(i64, f64)> = seen.iter().filter_map(|(at, value)| Some((*at, (*value)?))).take(periods).collect();
    let missing = periods - real.len().min(periods);
    if state == State::InsufficientData {
        let was = if missing == 1 { "datapoint was" } else { "datapoints were" };
        return format!("Insufficient Data: {missing} {was} unknown.");
    }
    let treated = match threshold.treat_missing.as_deref() {
        Some("breaching") => "Breaching",
        _ => "NonBreaching",
    };
    if real.is_empty() {
        let (plural, was) = if missing == 1 { ("", "datapoint was") } else { ("s", "datapoints were") };
        return format!(
            "Threshold Crossed: no datapoints were received for {missing} period{plural} and {missing} missing {was} \
             treated as [{treated}]."
        );
    }
    let holds = |value: f64| threshold.comparison.holds(value, threshold.threshold);
    let (wanted, from, to) = match state {
        State::Alarm => (true, "OK", "ALARM"),
        _ => (false, "ALARM", "OK"),
    };
    let told: Vec<String> = real
        .iter()
        .filter(|(_, value)| holds(*value) == wanted)
        .map(|(at, value)| format!("{} ({})", number(*value), short_time(*at)))
        .collect();
    let least = if wanted { needed } else { periods - needed.min(periods) + 1 };
    let was = if told.len() == 1 { "was" } else { "were" };
    let not = if wanted { "" } else { " not" };
    let plural = if least == 1 { "" } else { "s" };
    format!(
        "Threshold Crossed: {} out of the last {} datapoints [{}] {was}{not} {} the threshold ({}) (minimum {least} \
         datapoint{plural} for {from} -> {to} transition).",
        told.len(),
        periods,
        told.join(", "),
        threshold.comparison.words(),
        number(threshold.threshold),
    )
}

/// The reason as JSON.
pub(crate) fn data(threshold: &Threshold, seen: &[Seen], now: Timestamp) -> String {
    let periods = usize::try_from(threshold.evaluation_periods).unwrap_or(usize::MAX);
    let mut real: Vec<(i64, f64)> =
        seen.iter().filter_map(|(at, value)| Some((*at, (*value)?))).take(periods).collect();
    let points: Vec<Json> = real
        .iter()
        .map(|(at, value)| json!({ "timestamp": time(Timestamp::from_secs(*at)), "value": value }))
        .collect();
    real.reverse();
    let mut data = json!({ "version": "1.0", "queryDate": time(now) });
    let Some(members) = data.as_object_mut() else { return String::new() };
    let mut set = |name: &str, value: Json| members.insert(name.to_owned(), value);
    if let Some((first, _)) = real.first() {
        set("startDate", json!(time(Timestamp::from_secs(*first))));
    }
    if let Subject::Metric { statistic, unit, .. } = &threshold.subject {
        set("statistic", json!(statistic));
        if let Some(unit) = unit {
            set("unit", json!(unit));
        }
    }
    set("period", json!(threshold.period()));
    set("recentDatapoints", json!(real.iter().map(|(_, value)| value).collect::<Vec<_>>()));
    set("threshold", json!(threshold.threshold));
    set("evaluatedDatapoints", Json::Array(points));
    data.to_string()
}

/// As reasons have numbers: with a point.
fn number(value: f64) -> String {
    format!("{value:?}")
}

/// `01/01/26 00:00:00`.
fn short_time(at: i64) -> String {
    formatted(at.saturating_mul(1_000_000), "%d/%m/%y %H:%M:%S")
}

/// `2026-01-01T00:00:00.000+0000`.
pub(crate) fn time(at: Timestamp) -> String {
    formatted(at.micros(), "%Y-%m-%dT%H:%M:%S%.3f+0000")
}

/// A time in UTC, in a form.
pub(crate) fn formatted(micros: i64, form: &str) -> String {
    let time = jiff::Timestamp::from_microsecond(micros).map(|time| time.to_zoned(jiff::tz::TimeZone::UTC));
    time.ok().and_then(|time| jiff::fmt::strtime::format(form, &time).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::Comparison;
    use super::*;
    use crate::metric::Metric;

    #[test]
    fn reasons_tell_what_crossed_the_threshold() {
        let metric = Metric { namespace: "n".to_owned(), name: "m".to_owned(), dimensions: Default::default() };
        let subject = Subject::Metric { metric, statistic: "Average".to_owned(), period: 60, unit: None };
        let threshold = Threshold {
            subject,
            evaluation_periods: 2,
            datapoints_to_alarm: None,
            threshold: 1.0,
            comparison: Comparison::Above,
            treat_missing: Some("breaching".to_owned()),
            low_samples: None,
        };
        let at = 1_767_225_600;
        assert_eq!(
            words(&threshold, State::Alarm, &[(at + 60, Some(5.0)), (at, Some(2.5))]),
            "Threshold Crossed: 2 out of the last 2 datapoints [5.0 (01/01/26 00:01:00), 2.5 (01/01/26 00:00:00)] were \
             greater than the threshold (1.0) (minimum 2 datapoints for OK -> ALARM transition)."
        );
        assert_eq!(
            words(&threshold, State::Ok, &[(at + 60, Some(0.0)), (at, Some(2.5))]),
            "Threshold Crossed: 1 out of the last 2 datapoints [0.0 (01/01/26 00:01:00)] was not greater than the \
             threshold (1.0) (minimum 1 datapoint for ALARM -> OK transition)."
        );
        assert_eq!(
            words(&threshold, State::Alarm, &[(at, None), (at - 60, None)]),
            "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as \
             [Breaching]."
        );
        assert_eq!(words(&threshold, State::InsufficientData, &[]), "Insufficient Data: 2 datapoints were unknown.");
        assert_eq!(time(Timestamp::from_millis(at * 1000 + 5)), "2026-01-01T00:00:00.005+0000");
    }
}
