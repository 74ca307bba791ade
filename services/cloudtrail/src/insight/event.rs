//! Insights events.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-insight-details.html>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Error, IntoKey, Resource, Result, Scope, Timestamp};

use super::analyse::Unusual;
use super::tally::Count;
use super::{BASELINE, InsightType};
use crate::delivery::Window;
use crate::time::iso;

/// An event, as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct InsightEvent {
    pub(crate) event_id: String,
    pub(crate) time: Timestamp,
    pub(crate) source: String,
    pub(crate) name: String,
    pub(crate) insight_type: InsightType,
    pub(crate) json: String,
}

impl Resource for InsightEvent {
    const KIND: &'static str = "cloudtrail/insight-event";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> welkin_kernel::Key {
        (self.time, &self.event_id).into_key()
    }
}

/// Which of the two events of unusual activity it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum State {
    Start,
    End,
}

/// The version of the format in the guide's examples of Insights events.
const EVENT_VERSION: &str = "1.08";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    event_version: &'static str,
    event_time: String,
    aws_region: &'static str,
    #[serde(rename = "eventID")]
    event_id: &'a str,
    event_type: &'static str,
    recipient_account_id: String,
    #[serde(rename = "sharedEventID")]
    shared_event_id: &'a str,
    insight_details: Details<'a>,
    event_category: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Details<'a> {
    state: State,
    event_source: &'a str,
    event_name: &'a str,
    insight_type: InsightType,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'a str>,
    insight_context: Context<'a>,
}

#[derive(Serialize)]
struct Context<'a> {
    statistics: Statistics,
    attributions: Vec<Attribution<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Statistics {
    baseline: Average,
    insight: Average,
    /// In minutes.
    insight_duration: u64,
    /// In minutes.
    baseline_duration: u64,
}

#[derive(Serialize)]
struct Average {
    average: f64,
}

#[derive(Serialize)]
struct Attribution<'a> {
    attribute: &'static str,
    insight: Vec<Share<'a>>,
    baseline: Vec<Share<'a>>,
}

#[derive(Serialize)]
struct Share<'a> {
    value: &'a str,
    average: f64,
}

/// Values of an attribute that an event shows: "up to the top five".
const TOP: usize = 5;

/// Calls a minute.
#[allow(clippy::cast_precision_loss)]
fn average(calls: u64, minutes: u64) -> f64 {
    calls as f64 / minutes.max(1) as f64
}

fn top(counts: &BTreeMap<String, u64>, minutes: u64) -> Vec<Share<'_>> {
    let mut values: Vec<_> = counts.iter().collect();
    values.sort_by(|(_, a), (_, b)| b.cmp(a));
    values.into_iter().take(TOP).map(|(value, count)| Share { value, average: average(*count, minutes) }).collect()
}

fn attributions<'a>(insight: (&'a Count, u64), baseline: (&'a Count, u64)) -> Vec<Attribution<'a>> {
    let attribution = |attribute, insight_values, baseline_values| Attribution {
        attribute,
        insight: top(insight_values, insight.1),
        baseline: top(baseline_values, baseline.1),
    };
    vec![
        attribution("userIdentityArn", &insight.0.identities, &baseline.0.identities),
        attribution("userAgent", &insight.0.agents, &baseline.0.agents),
        attribution("errorCode", &insight.0.codes, &baseline.0.codes),
    ]
}

impl InsightEvent {
    /// The event of unusual activity that begins or has ended. At its beginning its rate is that of its first minute.
    pub(crate) fn of(cx: &Cx, unusual: &Unusual, state: State) -> Result<Self> {
        let Unusual { subject, baseline, counted, .. } = unusual;
        let time = match state {
            State::Start => unusual.started,
            State::End => unusual.until,
        };
        let minutes = unusual.until.since(unusual.started).as_secs() / Window::MINUTE.as_secs();
        let baseline_minutes = u64::try_from(BASELINE * Window::MINUTES).unwrap_or_default();
        let event_id = cx.chance().uuid();
        let record = Record {
            event_version: EVENT_VERSION,
            event_time: iso(time),
            aws_region: cx.region().name(),
            event_id: &event_id,
            event_type: "AwsCloudTrailInsight",
            recipient_account_id: cx.account().to_string(),
            shared_event_id: &unusual.shared_id,
            insight_details: Details {
                state,
                event_source: &subject.source,
                event_name: &subject.name,
                insight_type: subject.insight_type(),
                error_code: subject.error.as_deref(),
                insight_context: Context {
                    statistics: Statistics {
                        baseline: Average { average: average(baseline.total.calls, baseline_minutes) },
                        insight: Average { average: average(counted.calls, minutes) },
                        insight_duration: minutes,
                        baseline_duration: baseline_minutes,
                    },
                    attributions: attributions((counted, minutes), (&baseline.total, baseline_minutes)),
                },
            },
            event_category: "Insight",
        };
        let json = serde_json::to_string(&record).map_err(Error::internal)?;
        Ok(Self {
            event_id,
            time,
            source: subject.source.clone(),
            name: subject.name.clone(),
            insight_type: subject.insight_type(),
            json,
        })
    }
}
