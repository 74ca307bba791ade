//! Labels of time series, with what is put in for `${…}`.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html>.

use jiff::fmt::strtime;
use jiff::tz::{Offset, TimeZone};
use welkin_kernel::Place;

use crate::math::value::Points;
use crate::query::{Query, What};

/// What a label is made of.
pub(crate) struct Naming<'a> {
    pub(crate) query: &'a Query,
    pub(crate) points: &'a Points,
    pub(crate) place: Place,
    pub(crate) zone: &'a TimeZone,
}

/// The zone of `LabelOptions`: `+hhmm` or `-hhmm`.
pub(crate) fn zone(text: &str) -> Option<TimeZone> {
    let sign = match text.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let digits = text.get(1..).filter(|digits| digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()))?;
    let number: i32 = digits.parse().ok()?;
    let offset = Offset::from_seconds(sign * (number / 100 * 3_600 + number % 100 * 60)).ok()?;
    Some(TimeZone::fixed(offset))
}

impl Naming<'_> {
    /// The label.
    pub(crate) fn label(&self) -> String {
        let usual = match &self.query.what {
            What::Metric { metric, .. } => metric.name.clone(),
            What::Expression(_) if self.points.label.is_empty() => self.query.id.clone(),
            What::Expression(expression) if expression.calls("SEARCH") || expression.calls("METRICS") => {
                self.points.label.clone()
            }
            What::Expression(_) => self.query.id.clone(),
        };
        let Some(text) = &self.query.label else { return usual };
        let mut label = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            label.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                label.push_str("${");
                rest = after;
                break;
            };
            match self.part(name.trim(), &usual) {
                Some(part) => label.push_str(&part),
                None => label.push_str(&format!("${{{name}}}")),
            }
            rest = after;
        }
        label.push_str(rest);
        label
    }

    /// What is put in for a name; `None` if it is not known.
    fn part(&self, name: &str, usual: &str) -> Option<String> {
        if let Some(property) = name.strip_prefix("PROP('").and_then(|rest| rest.strip_suffix("')")) {
            return self.property(property);
        }
        let values = &self.points.values;
        let by_value = |a: &(&i64, &f64), b: &(&i64, &f64)| a.1.total_cmp(b.1);
        let shown = |value: Option<f64>| Some(value.map_or_else(|| "--".to_owned(), |value| value.to_string()));
        #[allow(clippy::cast_precision_loss)] // Numbers of points are small.
        let count = values.len() as f64;
        let sum = (count > 0.0).then(|| values.values().sum::<f64>());
        let at = |entry: Option<(&i64, &f64)>| Some(entry.map_or_else(|| "--".to_owned(), |(at, _)| self.time(*at)));
        match name {
            "LABEL" => Some(usual.to_owned()),
            "DATAPOINT_COUNT" => shown(Some(count)),
            "SUM" => shown(sum),
            "AVG" => shown(sum.map(|sum| sum / count)),
            "MIN" => shown(values.iter().min_by(by_value).map(|(_, value)| *value)),
            "MAX" => shown(values.iter().max_by(by_value).map(|(_, value)| *value)),
            "FIRST" => shown(values.values().next().copied()),
            "LAST" => shown(values.values().next_back().copied()),
            "MIN_TIME" => at(values.iter().min_by(by_value)),
            "MAX_TIME" => at(values.iter().max_by(by_value)),
            "FIRST_TIME" => at(values.iter().next()),
            "LAST_TIME" => at(values.iter().next_back()),
            _ => None,
        }
    }

    fn property(&self, property: &str) -> Option<String> {
        match property {
            "AccountId" => return Some(self.place.account.to_string()),
            "Region" => return Some(self.place.region.to_string()),
            _ => {}
        }
        let What::Metric { metric, period, stat, .. } = &self.query.what else { return Some(String::new()) };
        match property {
            "Namespace" => Some(metric.namespace.clone()),
            "MetricName" => Some(metric.name.clone()),
            "Period" => Some(period.to_string()),
            "Stat" => Some(stat.clone()),
            _ => metric.dimensions.get(property.strip_prefix("Dim.")?).cloned(),
        }
    }

    /// UNVERIFIED: the form of times in labels.
    fn time(&self, at: i64) -> String {
        let Ok(time) = jiff::Timestamp::from_second(at) else { return "--".to_owned() };
        let time = time.to_zoned(self.zone.clone());
        strtime::format("%Y-%m-%d %H:%M:%S", &time).unwrap_or_else(|_| "--".to_owned())
    }
}
