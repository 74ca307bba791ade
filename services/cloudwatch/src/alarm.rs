//! Alarms.
//!
//! An alarm of a metric is evaluated by a job of its own, see [`wake`]; one of other alarms when one of them changes, see
//! [`composite`]. Both change their state by [`transition`].

pub(crate) mod act;
pub(crate) mod composite;
pub(crate) mod delete;
pub(crate) mod describe;
pub(crate) mod history;
pub(crate) mod notification;
mod put;
pub(crate) mod put_composite;
pub(crate) mod put_metric;
pub(crate) mod reason;
pub(crate) mod rule;
pub(crate) mod set_state;
pub(crate) mod switch;
pub(crate) mod transition;
pub(crate) mod verdict;
pub(crate) mod wake;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use crate::errors::{ResourceNotFound, not_implemented};
use crate::metric::Metric;
use crate::query::MetricDataQuery;
use crate::unit::Unit;

/// A state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    #[serde(rename = "OK")]
    Ok,
    #[serde(rename = "ALARM")]
    Alarm,
    #[serde(rename = "INSUFFICIENT_DATA")]
    InsufficientData,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// An alarm.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Alarm {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) actions_enabled: bool,
    pub(crate) ok_actions: Vec<String>,
    pub(crate) alarm_actions: Vec<String>,
    pub(crate) insufficient_data_actions: Vec<String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) configured: Timestamp,
    pub(crate) state: State,
    pub(crate) reason: String,
    pub(crate) reason_data: Option<String>,
    /// When its state was looked at and written last, and when it changed last.
    pub(crate) updated: Timestamp,
    pub(crate) transitioned: Timestamp,
    pub(crate) watches: Watches,
}

/// What an alarm watches.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Watches {
    Metrics(Threshold),
    Alarms(Composite),
}

/// A threshold that a metric, or an expression, is held against.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Threshold {
    pub(crate) subject: Subject,
    pub(crate) evaluation_periods: u32,
    pub(crate) datapoints_to_alarm: Option<u32>,
    pub(crate) threshold: f64,
    pub(crate) comparison: Comparison,
    pub(crate) treat_missing: Option<String>,
    pub(crate) low_samples: Option<String>,
}

/// What is held against a threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Subject {
    Metric { metric: Metric, statistic: String, period: i64, unit: Option<Unit> },
    Queries(Vec<MetricDataQuery>),
}

/// A rule over other alarms.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Composite {
    pub(crate) rule: String,
    /// Names of the alarms in the rule.
    pub(crate) children: Vec<String>,
    pub(crate) suppressor: Option<Suppressor>,
    /// Why the actions of its state wait.
    pub(crate) suppressed_by: Option<SuppressedBy>,
}

/// An alarm that keeps another from acting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Suppressor {
    pub(crate) alarm: String,
    pub(crate) wait: u32,
    pub(crate) extension: u32,
}

/// Why actions wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SuppressedBy {
    WaitPeriod,
    ExtensionPeriod,
    Alarm,
}

/// How values are compared with a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Comparison {
    AtLeast,
    Above,
    Below,
    AtMost,
}

impl Comparison {
    pub(crate) fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::AtLeast => value >= threshold,
            Self::Above => value > threshold,
            Self::Below => value < threshold,
            Self::AtMost => value <= threshold,
        }
    }

    /// In the words of reasons.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::AtLeast => "greater than or equal to",
            Self::Above => "greater than",
            Self::Below => "less than",
            Self::AtMost => "less than or equal to",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AtLeast => "GreaterThanOrEqualToThreshold",
            Self::Above => "GreaterThanThreshold",
            Self::Below => "LessThanThreshold",
            Self::AtMost => "LessThanOrEqualToThreshold",
        }
    }
}

/// Alarms by the ids of metrics that they watch.
pub(crate) const BY_METRIC: &str = "metric";
/// Alarms by the names of alarms that they watch, or that suppress them.
pub(crate) const BY_ALARM: &str = "alarm";

impl Resource for Alarm {
    const KIND: &'static str = "cloudwatch/alarm";
    const SCOPE: Scope = Scope::Region;
    const INDEXES: &'static [&'static str] = &[BY_METRIC, BY_ALARM];

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        match &self.watches {
            Watches::Metrics(threshold) => {
                let metrics = threshold.metrics();
                metrics.iter().map(|metric| (BY_METRIC, (&metric.id().0[..]).into_key())).collect()
            }
            Watches::Alarms(composite) => {
                let mut names: Vec<&str> = composite.children.iter().map(String::as_str).collect();
                names.extend(composite.suppressor.iter().map(|it| it.alarm.as_str()));
                names.sort_unstable();
                names.dedup();
                names.into_iter().map(|name| (BY_ALARM, name.into_key())).collect()
            }
        }
    }
}

impl Threshold {
    /// The metrics that it watches.
    pub(crate) fn metrics(&self) -> Vec<Metric> {
        let mut metrics: Vec<Metric> = match &self.subject {
            Subject::Metric { metric, .. } => vec![metric.clone()],
            Subject::Queries(queries) => {
                queries.iter().filter_map(|query| query.metric_stat.as_ref()?.metric().ok()).collect()
            }
        };
        metrics.sort_unstable();
        metrics.dedup();
        metrics
    }

    /// Seconds of its periods.
    pub(crate) fn period(&self) -> i64 {
        match &self.subject {
            Subject::Metric { period, .. } => *period,
            Subject::Queries(queries) => {
                let periods =
                    queries.iter().filter_map(|it| it.metric_stat.as_ref().map(|stat| stat.period).or(it.period));
                periods.max().unwrap_or(60)
            }
        }
    }

    /// How many of the periods must be beyond the threshold.
    pub(crate) fn needed(&self) -> u32 {
        self.datapoints_to_alarm.unwrap_or(self.evaluation_periods)
    }
}

impl Alarm {
    /// ARN of the alarm of a name.
    pub(crate) fn arn_of(place: Place, name: &str) -> Arn {
        place.arn("cloudwatch", format_args!("alarm:{name}"))
    }

    pub(crate) fn arn(&self, place: Place) -> Arn {
        Self::arn_of(place, &self.name)
    }

    /// The alarm of a name.
    ///
    /// # Errors
    /// `ResourceNotFound`
    pub(crate) async fn named(cx: &mut Cx, name: &str) -> Result<Self> {
        let place = cx.here();
        cx.get::<Self>(place, name).await?.ok_or_else(|| ResourceNotFound::because(format!("Unknown alarm {name}")))
    }

    /// What it does in a state.
    pub(crate) fn actions(&self, state: State) -> &[String] {
        match state {
            State::Ok => &self.ok_actions,
            State::Alarm => &self.alarm_actions,
            State::InsufficientData => &self.insufficient_data_actions,
        }
    }

    /// Its type in the API.
    pub(crate) fn kind(&self) -> &'static str {
        match self.watches {
            Watches::Metrics(_) => "MetricAlarm",
            Watches::Alarms(_) => "CompositeAlarm",
        }
    }
}

/// Permission for something on alarms of these names.
pub(crate) fn access<'a>(cx: &Cx, action: &'static str, names: impl IntoIterator<Item = &'a String>) -> Access {
    let demand =
        |name: &String| Access::to(action).on(Alarm::arn_of(cx.here(), name)).recorded_as("AWS::CloudWatch::Alarm");
    names.into_iter().map(demand).reduce(Access::and).unwrap_or_else(|| Access::to(action))
}

/// Holds actions against what there is: SNS topics.
///
/// # Errors
/// `ValidationError` for what is no ARN; `NotImplemented` for other services.
pub(crate) fn check_actions(lists: [&[String]; 3]) -> Result<()> {
    for action in lists.into_iter().flatten() {
        let refusal = || crate::errors::invalid(format_args!("Invalid arn syntax: {action}"));
        let arn: Arn = action.parse().map_err(|_| refusal())?;
        if arn.service() != "sns" {
            return Err(not_implemented(format_args!("alarm actions of {}", arn.service())));
        }
        if arn.account().is_none() || arn.region().is_none() {
            return Err(refusal());
        }
    }
    Ok(())
}
