//! CloudTrail Insights: unusual rates of calls and of errors, for trails that ask for them.
//!
//! 1. A call that counts has its five minutes [analysed](analyse) at their end, if a trail that logs asks for Insights.
//! 2. The analysis [tallies](tally) each API's calls and errors by the minute, and holds them against the seven days
//!    before. When an API's rate becomes unusual, and when it has become usual again, there is an [`event`]: it can be
//!    looked up, and goes to each of the trails.
//! 3. When Insights are turned on, the tallies of the seven days before are [filled](fill) from the records.
//!
//! AWS does not publish its "mathematical models". Welkin's rule is [`UNUSUAL`]; everything else is as documented.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-insights-events-with-cloudtrail.html>

pub(crate) mod analyse;
pub(crate) mod event;
pub(crate) mod fill;
pub(crate) mod lookup;
pub(crate) mod metric;
pub(crate) mod selector;
pub(crate) mod tally;

use serde::{Deserialize, Serialize};
use welkin_kernel::{CallRecord, Cx, Place, Region, Resource, Result, Schedule, Timestamp};

use crate::delivery::Window;
use crate::event::error_code;
use crate::trail::Trail;
use analyse::Analyse;
use event::InsightEvent;

/// A minute of an API is unusual when it has at least so many calls, and more than so many times as many as the
/// busiest minute of the baseline. Unusual activity ends with five minutes of which none is.
// UNVERIFIED: AWS says only that activity is compared to the baseline. This is a simple rule that finds bursts and is
// silent about what recurs.
pub(crate) const UNUSUAL: (u64, u64) = (20, 2);

/// Windows of the baseline: "the seven days preceding the start of an Insights event".
pub(crate) const BASELINE: i64 = 7 * 24 * 60 / Window::MINUTES;

/// What Insights are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum InsightType {
    #[serde(rename = "ApiCallRateInsight")]
    CallRate,
    #[serde(rename = "ApiErrorRateInsight")]
    ErrorRate,
}

/// What is counted: an API's write calls, or its errors of one code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Subject {
    /// `eventSource`.
    pub(crate) source: String,
    /// `eventName`.
    pub(crate) name: String,
    /// Code of the errors; `None` for write calls.
    pub(crate) error: Option<String>,
}

impl Subject {
    /// What a record counts for: write calls for the call rate, calls of any kind for the error rate.
    ///
    /// Source: `InsightType` in
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_InsightSelector.html>.
    pub(crate) fn of(record: &CallRecord) -> impl Iterator<Item = Self> {
        let subject = |error: Option<String>| Self { source: record.source.clone(), name: record.name.clone(), error };
        let call = (!record.read_only).then(|| subject(None));
        let error = record.error_code.as_ref().map(|code| subject(Some(error_code(code).to_owned())));
        call.into_iter().chain(error)
    }

    /// The type of its Insights.
    pub(crate) fn insight_type(&self) -> InsightType {
        match self.error {
            None => InsightType::CallRate,
            Some(_) => InsightType::ErrorRate,
        }
    }

    /// Its part of keys.
    pub(crate) fn key(&self) -> (&str, &str, &str) {
        (&self.source, &self.name, self.error.as_deref().unwrap_or_default())
    }
}

/// Trails among these that get Insights of a Region.
pub(crate) fn asking(trails: &[Trail], region: Region) -> impl Iterator<Item = &Trail> {
    trails.iter().filter(move |trail| !trail.insights.selectors.is_empty() && trail.is_seen_in(region))
}

/// Has the five minutes of a record analysed at their end.
pub(crate) async fn noticed(cx: &mut Cx, place: Place, logging: &[Trail], record: &CallRecord) -> Result<()> {
    let counts = !record.read_only || record.error_code.is_some();
    if counts && asking(logging, place.region).next().is_some() {
        look_at(cx, place, Window::of(record.time)).await?;
    }
    Ok(())
}

/// Drops what is older than `oldest`, as the event history does.
pub(crate) async fn expire(cx: &mut Cx, place: Place, oldest: Timestamp) -> Result<()> {
    let events = cx.between::<InsightEvent>(place, (Timestamp::default(),), (oldest,), 0, false).await?;
    for event in &events {
        cx.delete::<InsightEvent>(place, Resource::key(event)).await?;
    }
    tally::expire(cx, place, Window::of(oldest)).await
}

/// Has a window analysed at its end.
async fn look_at(cx: &mut Cx, place: Place, window: Window) -> Result<()> {
    let id = format!("cloudtrail/insights {} {} {}", place.account, place.region, window.number());
    cx.enqueue_at(place, &Analyse { window }, Schedule::at(window.end()).same(id)).await.map(|_| ())
}
