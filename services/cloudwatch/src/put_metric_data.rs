//! Publishing metrics.

use std::collections::BTreeMap;

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Error, Event, Operation, Result, Timestamp};

use crate::alarm::wake;
use crate::errors::{MissingRequiredParameterException, combination, invalid_value, not_implemented};
use crate::fresh::{self, Datum};
use crate::metric::{Dimension, Metric, check_text};
use crate::series::Series;
use crate::summary::Summary;
use crate::unit::Unit;

/// Metrics in one call.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html>
const MOST: usize = 1_000;

/// Values of one metric in one call.
const MOST_VALUES: usize = 150;

/// Largest value, and with a minus the smallest: 2^360.
const LARGEST: f64 = f64::from_bits(0x5670_0000_0000_0000);

/// How old, and how much ahead, data may be: two weeks, two hours.
const OLDEST: i64 = 14 * 86_400;
const AHEAD: i64 = 2 * 3_600;

/// Publishes data of metrics.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutMetricData {
    namespace: String,
    #[serde(default)]
    metric_data: Vec<MetricDatum>,
    entity_metric_data: Option<Vec<EntityMetricData>>,
}

/// Data with the entity that they are of.
#[derive(Deserialize)]
struct EntityMetricData {}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetricDatum {
    metric_name: String,
    #[serde(default)]
    dimensions: Vec<Dimension>,
    timestamp: Option<Timestamp>,
    value: Option<f64>,
    statistic_values: Option<StatisticSet>,
    values: Option<Vec<f64>>,
    counts: Option<Vec<f64>>,
    unit: Option<Unit>,
    storage_resolution: Option<i64>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StatisticSet {
    sample_count: f64,
    sum: f64,
    minimum: f64,
    maximum: f64,
}

impl Operation for PutMetricData {
    const NAME: &'static str = "PutMetricData";
    // A data event: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/logging_cw_api_calls.html>.
    const EVENT: Event = Event::Data("AWS::CloudWatch::Metric");
    type Output = Empty;

    async fn access(&self, _cx: &mut Cx) -> Result<Access> {
        Ok(Access::to("cloudwatch:PutMetricData").key("cloudwatch:namespace", &self.namespace))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        if self.entity_metric_data.is_some() {
            return Err(not_implemented("entities of metrics (EntityMetricData)"));
        }
        self.check(cx)?;
        let mut metrics: BTreeMap<Metric, Vec<Datum>> = BTreeMap::new();
        for (at, datum) in self.metric_data.iter().enumerate() {
            let metric = Metric::new(&self.namespace, &datum.metric_name, &datum.dimensions)?;
            metrics.entry(metric).or_default().push(datum.read(cx, at + 1)?);
        }
        let place = cx.here();
        let ids: Vec<_> = metrics.keys().map(Metric::id).collect();
        for (metric, data) in metrics {
            Series::touch(cx, place, &metric).await?;
            fresh::keep(cx, place, metric, data).await?;
        }
        fresh::fold_later(cx, place).await?;
        wake::wake(cx, place, ids).await?;
        Ok(Empty {})
    }
}

impl PutMetricData {
    fn check(&self, cx: &Cx) -> Result<()> {
        check_text("Namespace", &self.namespace)?;
        if self.namespace.starts_with("AWS/") && !matches!(cx.principal(), welkin_kernel::Principal::Service(_)) {
            // UNVERIFIED: the wording.
            return Err(invalid_value("The value AWS/ for parameter Namespace is invalid."));
        }
        if self.metric_data.is_empty() {
            let message = "The parameter MetricData is required.";
            return Err(MissingRequiredParameterException::because(message));
        }
        if self.metric_data.len() > MOST {
            return Err(invalid_value(format_args!(
                "The collection MetricData must not have a size greater than {MOST}."
            )));
        }
        Ok(())
    }
}

impl MetricDatum {
    /// The datum, the `nth` of the call.
    fn read(&self, cx: &Cx, nth: usize) -> Result<Datum> {
        check_text("MetricName", &self.metric_name)?;
        for dimension in &self.dimensions {
            check_text("Dimensions", &dimension.name)?;
            check_text("Dimensions", &dimension.value)?;
        }
        let fine = match self.storage_resolution {
            None | Some(60) => false,
            Some(1) => true,
            Some(_) => {
                // UNVERIFIED: the wording.
                return Err(invalid_value(format_args!(
                    "The parameter MetricData.member.{nth}.StorageResolution must be either 1 or 60."
                )));
            }
        };
        let now = cx.now().secs();
        let at = self.timestamp.map_or(now, Timestamp::secs);
        if at < now - OLDEST || at > now + AHEAD {
            return Err(invalid_value(format_args!(
                "The parameter MetricData.member.{nth}.Timestamp must specify a time within the past two weeks."
            )));
        }
        let at = if fine { at } else { at.div_euclid(60) * 60 };
        Ok(Datum { at, fine, unit: self.unit.unwrap_or(Unit::NONE), samples: self.samples(nth)? })
    }

    fn samples(&self, nth: usize) -> Result<Summary> {
        let exclusive = |one: &str, other: &str| {
            combination(format_args!(
                "The parameters MetricData.member.{nth}.{one} and MetricData.member.{nth}.{other} are mutually \
                 exclusive and you have specified both."
            ))
        };
        match (self.value, &self.statistic_values, &self.values) {
            (Some(_), Some(_), _) => Err(exclusive("Value", "StatisticValues")),
            (Some(_), _, Some(_)) => Err(exclusive("Value", "Values")),
            (_, Some(_), Some(_)) => Err(exclusive("StatisticValues", "Values")),
            (Some(value), None, None) => {
                check_number(nth, "Value", value)?;
                Ok(Summary::of(value, 1.0))
            }
            (None, Some(set), None) => set.samples(nth),
            (None, None, Some(values)) => self.of_values(nth, values),
            (None, None, None) => Err(MissingRequiredParameterException::because(format!(
                "The parameter MetricData.member.{nth}.Value is required."
            ))),
        }
    }

    fn of_values(&self, nth: usize, values: &[f64]) -> Result<Summary> {
        if values.len() > MOST_VALUES {
            return Err(invalid_value(format_args!(
                "The collection MetricData.member.{nth}.Values must not have a size greater than {MOST_VALUES}."
            )));
        }
        let counts = match &self.counts {
            Some(counts) if counts.len() != values.len() => {
                return Err(invalid_value(format_args!(
                    "The parameters MetricData.member.{nth}.Values and MetricData.member.{nth}.Counts must be of the \
                     same size."
                )));
            }
            Some(counts) => counts.clone(),
            None => vec![1.0; values.len()],
        };
        let mut all: Option<Summary> = None;
        for (value, count) in values.iter().zip(counts) {
            check_number(nth, "Values", *value)?;
            check_number(nth, "Counts", count)?;
            if count <= 0.0 {
                // UNVERIFIED: the wording.
                return Err(invalid_value(format_args!(
                    "The parameter MetricData.member.{nth}.Counts must be greater than 0."
                )));
            }
            let samples = Summary::of(*value, count);
            match &mut all {
                Some(all) => all.add(&samples),
                None => all = Some(samples),
            }
        }
        all.ok_or_else(|| {
            MissingRequiredParameterException::because(format!(
                "The parameter MetricData.member.{nth}.Values is required."
            ))
        })
    }
}

impl StatisticSet {
    fn samples(self, nth: usize) -> Result<Summary> {
        let Self { sample_count, sum, minimum, maximum } = self;
        let named = [("SampleCount", sample_count), ("Sum", sum), ("Minimum", minimum), ("Maximum", maximum)];
        for (name, number) in named {
            check_number(nth, &format!("StatisticValues.{name}"), number)?;
        }
        // UNVERIFIED: the wordings of both.
        if minimum > maximum {
            return Err(combination(format_args!(
                "The parameter MetricData.member.{nth}.StatisticValues.Maximum must be greater than \
                 MetricData.member.{nth}.StatisticValues.Minimum."
            )));
        }
        if sample_count <= 0.0 {
            return Err(invalid_value(format_args!(
                "The parameter MetricData.member.{nth}.StatisticValues.SampleCount must be greater than 0."
            )));
        }
        Ok(Summary::of_statistics(sample_count, sum, minimum, maximum))
    }
}

/// Holds a number against the range that CloudWatch takes.
fn check_number(nth: usize, name: &str, number: f64) -> Result<(), Error> {
    if number.is_finite() && number.abs() <= LARGEST {
        return Ok(());
    }
    // UNVERIFIED: the wording.
    Err(invalid_value(format_args!("The value {number} for parameter MetricData.member.{nth}.{name} is invalid.")))
}
