//! When alarms of metrics are evaluated.
//!
//! An alarm that has data in the time it looks at is evaluated every minute (with periods below a minute: every period) by
//! a job of its own. Without data its state does not change any more: it sleeps, until data come for one of its
//! metrics. So hours without data cost nothing, however far the clock is advanced.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Job, Key, Place, Resource, Result, Schedule, Scope, Timestamp};

use super::verdict::{self, BEYOND, Missing};
use super::{Alarm, BY_METRIC, Subject, Threshold, Watches, reason, transition};
use crate::math::value::Value;
use crate::metric::MetricId;
use crate::query;
use crate::read::{self, Span};
use crate::statistic::Statistic;

/// That an alarm's job is enqueued.
#[derive(Debug, Serialize, Deserialize)]
struct Awake {
    alarm: String,
}

impl Resource for Awake {
    const KIND: &'static str = "cloudwatch/awake";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.alarm.as_str().into_key()
    }
}

/// Wakes the alarms that watch metrics for which data came.
///
/// # Errors
/// When the store fails.
pub(crate) async fn wake(cx: &mut Cx, place: Place, metrics: impl IntoIterator<Item = MetricId>) -> Result<()> {
    let mut names = BTreeSet::new();
    for metric in metrics {
        for alarm in cx.find::<Alarm>(place, BY_METRIC, &metric.0[..], 0).await? {
            if let Watches::Metrics(threshold) = &alarm.watches
                && names.insert(alarm.name.clone())
                && !cx.exists::<Awake>(place, alarm.name.as_str()).await?
            {
                begin(cx, place, &alarm.name, threshold).await?;
            }
        }
    }
    Ok(())
}

/// Has an alarm evaluated from now on.
///
/// # Errors
/// When the store fails.
pub(crate) async fn begin(cx: &mut Cx, place: Place, name: &str, threshold: &Threshold) -> Result<()> {
    cx.put(place, &Awake { alarm: name.to_owned() }).await?;
    enqueue(cx, place, name, threshold.period()).await
}

/// An alarm is deleted, or is not one of metrics any more.
///
/// # Errors
/// When the store fails.
pub(crate) async fn end(cx: &mut Cx, place: Place, name: &str) -> Result<()> {
    cx.discard::<Awake>(place, name)?;
    cx.cancel(&job_id(place, name)).await.map(|_| ())
}

fn job_id(place: Place, name: &str) -> String {
    format!("cloudwatch/evaluate/{}/{}/{name}", place.account, place.region)
}

/// Seconds between evaluations.
fn step(period: i64) -> i64 {
    period.min(60)
}

async fn enqueue(cx: &mut Cx, place: Place, name: &str, period: i64) -> Result<()> {
    let step = step(period);
    let at = Timestamp::from_secs((cx.now().secs().div_euclid(step) + 1) * step);
    let job = Evaluate { alarm: name.to_owned() };
    cx.enqueue_at(place, &job, Schedule::at(at).id(job_id(place, name))).await.map(|_| ())
}

/// Evaluates an alarm.
#[derive(Serialize, Deserialize)]
pub(crate) struct Evaluate {
    alarm: String,
}

impl Job for Evaluate {
    const NAME: &'static str = "cloudwatch/evaluate";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let Some(alarm) = cx.get::<Alarm>(place, self.alarm.as_str()).await? else {
            return cx.discard::<Awake>(place, self.alarm.as_str());
        };
        let Watches::Metrics(threshold) = alarm.watches.clone() else {
            return cx.discard::<Awake>(place, self.alarm.as_str());
        };
        let seen = Seen::read(cx, &threshold).await?;
        let judged = seen.judge(&threshold);
        if let Some(state) = judged.filter(|state| *state != alarm.state) {
            let words = reason::words(&threshold, state, &seen.values);
            let data = reason::data(&threshold, &seen.values, cx.now());
            transition::change(cx, place, alarm, state, words, Some(data)).await?;
        }
        if seen.goes_on {
            return enqueue(cx, place, &self.alarm, threshold.period()).await;
        }
        cx.discard::<Awake>(place, self.alarm.as_str())
    }
}

/// Values that an alarm looks at, from the newest on.
struct Seen {
    values: Vec<reason::Seen>,
    /// Samples of the newest value.
    samples: f64,
    /// Whether there are data in the time that the alarm looks at, or later.
    goes_on: bool,
}

/// How much ahead data may be.
const AHEAD: Duration = Duration::from_secs(2 * 3_600);

impl Seen {
    async fn read(cx: &mut Cx, threshold: &Threshold) -> Result<Self> {
        let period = threshold.period();
        let count = i64::from(threshold.evaluation_periods) + i64::try_from(BEYOND).unwrap_or(0);
        // The time that is looked at slides: it ends now, whatever the period.
        let end = cx.now().secs().div_euclid(step(period)) * step(period);
        let from = end - count * period;
        let ahead = cx.now().plus(AHEAD).secs();
        let (samples, goes_on);
        let points: BTreeMap<i64, f64> = match &threshold.subject {
            Subject::Metric { metric, statistic, unit, .. } => {
                let span = Span { from, to: ahead, period };
                let read = read::read_together(cx, cx.here(), metric, span, *unit).await?;
                let newest = read.range(..end).next_back();
                goes_on = !read.is_empty();
                samples = newest.map_or(0.0, |(_, samples)| samples.count);
                let statistic = Statistic::parse(statistic);
                read.iter().filter_map(|(at, samples)| Some((*at, statistic?.of(samples)?))).collect()
            }
            Subject::Queries(queries) => {
                let queries = query::read(queries)?;
                let mut values = query::evaluate(cx, &queries, (from, ahead), false).await?;
                samples = 0.0;
                // What functions make of nothing is no data.
                goes_on = queries.iter().any(|query| {
                    let is_metric = matches!(query.what, query::What::Metric { .. });
                    is_metric
                        && matches!(values.get(&query.id), Some(Value::Series(points)) if !points.values.is_empty())
                });
                let returned = queries.iter().find(|query| query.is_returned);
                let value = returned.and_then(|query| values.remove(&query.id));
                let series = value.and_then(|value| value.into_series().ok()).and_then(|mut series| series.pop());
                series.map(|points| points.values).unwrap_or_default()
            }
        };
        let at = |nth: i64| end - nth * period;
        let values = (1..=count).map(|nth| (at(nth), points.get(&at(nth)).copied())).collect();
        Ok(Self { values, samples, goes_on })
    }

    /// The state that they mean; `None` for the present one.
    fn judge(&self, threshold: &Threshold) -> Option<super::State> {
        if threshold.low_samples.as_deref() == Some("ignore")
            && let Subject::Metric { statistic, .. } = &threshold.subject
            && let Some(Statistic::Percentile(percent)) = Statistic::parse(statistic)
            && self.samples < enough(percent)
        {
            return None;
        }
        let missing = Missing::parse(threshold.treat_missing.as_deref()).unwrap_or(Missing::AsItIs);
        let holds = |value: f64| threshold.comparison.holds(value, threshold.threshold);
        let values: Vec<Option<bool>> = self.values.iter().map(|(_, value)| value.map(holds)).collect();
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        verdict::state(&values, count(threshold.evaluation_periods), count(threshold.needed()), missing)
    }
}

/// Samples from which on a percentile means something.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html>
fn enough(percent: f64) -> f64 {
    let part = percent / 100.0;
    if part >= 0.5 { 10.0 / (1.0 - part) } else { 10.0 / part }
}
