//! Analysis: five minutes against the seven days before.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Job, Page, Place, Resource, Result, Schedule, Scope, Timestamp};

use super::event::{InsightEvent, State};
use super::fill::Fill;
use super::tally::{self, Baseline, Count, Tally};
use super::{InsightType, Subject, UNUSUAL, asking, look_at};
use crate::delivery::Window;
use crate::delivery::file::{FileName, Kind};
use crate::delivery::write::WriteFile;
use crate::trail::Trail;

/// Analyses a window of a place.
#[derive(Serialize, Deserialize)]
pub(crate) struct Analyse {
    pub(crate) window: Window,
}

/// How far a place is analysed.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Analysed {
    /// The last window.
    pub(super) window: Window,
    /// When the week before was tallied.
    pub(super) filled: Timestamp,
}

impl Resource for Analysed {
    const KIND: &'static str = "cloudtrail/analysed";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> welkin_kernel::Key {
        ().into_key()
    }
}

/// Unusual activity that goes on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Unusual {
    pub(super) subject: Subject,
    /// `sharedEventID` of its two events.
    pub(super) shared_id: String,
    pub(super) started: Timestamp,
    /// End of the last unusual minute.
    pub(super) until: Timestamp,
    pub(super) baseline: Baseline,
    /// What was counted until then.
    pub(super) counted: Count,
    /// What was counted since.
    pending: Count,
}

impl Resource for Unusual {
    const KIND: &'static str = "cloudtrail/unusual";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> welkin_kernel::Key {
        self.subject.key().into_key()
    }
}

/// Whether a minute with so many calls is unusual.
fn is_unusual(calls: u64, baseline: &Baseline) -> bool {
    let (least, times) = UNUSUAL;
    calls >= least && calls > baseline.peak.saturating_mul(times)
}

impl Unusual {
    fn begin(cx: &Cx, subject: &Subject, started: Timestamp, baseline: Baseline) -> Self {
        Self {
            subject: subject.clone(),
            shared_id: cx.chance().uuid(),
            started,
            until: started,
            baseline,
            counted: Count::default(),
            pending: Count::default(),
        }
    }

    fn count(&mut self, minute: Timestamp, count: &Count) {
        self.pending.merge(count);
        if is_unusual(count.calls, &self.baseline) {
            self.until = minute.plus(Window::MINUTE);
            self.counted.merge(&std::mem::take(&mut self.pending));
        }
    }
}

impl Job for Analyse {
    const NAME: &'static str = "cloudtrail/insights";
    const PRINCIPAL: &'static str = "cloudtrail.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let mut trails = Trail::all(cx).await?;
        trails.retain(|trail| trail.is_logging);
        let Some(since) = asking(&trails, here.region).map(|trail| trail.insights.since).min() else {
            return Ok(());
        };
        let analysed = match cx.get::<Analysed>(here, ()).await? {
            Some(analysed) if analysed.filled >= since => analysed,
            _ => return Fill::before(self.window).enqueue(cx).await,
        };
        let tallies = tally::count(cx, here, self.window, self.window.after(1)).await?;
        for tally in &tallies {
            cx.put(here, tally).await?;
        }
        if self.window <= analysed.window {
            // A call that came late: it is counted, and no more.
            return Ok(());
        }
        cx.put(here, &Analysed { window: self.window, ..analysed }).await?;
        let asked = asking(&trails, here.region).flat_map(|trail| trail.insights.types()).collect();
        let events = self.judge(cx, here, tallies, &asked).await?;
        deliver(cx, here, &trails, &events).await?;
        if !cx.list::<Unusual>(here, (), Page::of(1, None)).await?.is_empty() {
            look_at(cx, here, self.window.after(1)).await?;
        }
        Ok(())
    }
}

impl Analyse {
    /// The events of a window: unusual activity that begins or ends in it.
    async fn judge(
        &self,
        cx: &mut Cx,
        here: Place,
        tallies: Vec<Tally>,
        asked: &BTreeSet<InsightType>,
    ) -> Result<Vec<InsightEvent>> {
        let tallies: BTreeMap<Subject, Tally> =
            tallies.into_iter().map(|tally| (tally.subject().clone(), tally)).collect();
        let mut open: BTreeMap<Subject, Unusual> = BTreeMap::new();
        for unusual in cx.list::<Unusual>(here, (), Page::ALL).await? {
            open.insert(unusual.subject.clone(), unusual);
        }
        let subjects: BTreeSet<Subject> = tallies.keys().chain(open.keys()).cloned().collect();
        let mut events = Vec::new();
        for subject in subjects {
            let unusual = open.remove(&subject);
            if !asked.contains(&subject.insight_type()) {
                if let Some(unusual) = unusual {
                    cx.delete::<Unusual>(here, Resource::key(&unusual)).await?;
                }
                continue;
            }
            self.judge_one(cx, here, (&subject, tallies.get(&subject)), unusual, &mut events).await?;
        }
        Ok(events)
    }

    async fn judge_one(
        &self,
        cx: &mut Cx,
        here: Place,
        (subject, tally): (&Subject, Option<&Tally>),
        open: Option<Unusual>,
        events: &mut Vec<InsightEvent>,
    ) -> Result<()> {
        let busy = tally.is_some_and(|tally| tally.minutes.iter().any(|minute| minute.calls >= UNUSUAL.0));
        let baseline = match &open {
            Some(unusual) => unusual.baseline.clone(),
            None if busy => Baseline::of(cx, here, subject, self.window).await?,
            None => return Ok(()),
        };
        let mut current = open;
        for (minute, count) in tally.iter().flat_map(|tally| tally.by_minute()) {
            if current.is_none() && is_unusual(count.calls, &baseline) {
                let mut begun = Unusual::begin(cx, subject, minute, baseline.clone());
                begun.count(minute, count);
                events.push(InsightEvent::of(cx, &begun, State::Start)?);
                current = Some(begun);
            } else if let Some(unusual) = &mut current {
                unusual.count(minute, count);
            }
        }
        match current {
            Some(unusual) if unusual.until > self.window.start() => cx.put(here, &unusual).await,
            Some(unusual) => {
                events.push(InsightEvent::of(cx, &unusual, State::End)?);
                cx.delete::<Unusual>(here, Resource::key(&unusual)).await.map(|_| ())
            }
            None => Ok(()),
        }
    }
}

/// Keeps the events, and has them written to each trail that asks for their type.
async fn deliver(cx: &mut Cx, here: Place, trails: &[Trail], events: &[InsightEvent]) -> Result<()> {
    for event in events {
        cx.put(here, event).await?;
    }
    for trail in asking(trails, here.region) {
        let asked = events.iter().filter(|event| trail.insights.types().any(|asked| asked == event.insight_type));
        let records: Vec<_> = asked.map(|event| (event.time, event.event_id.clone())).collect();
        if records.is_empty() {
            continue;
        }
        let (trail, name) = (trail.arn().into(), FileName::draw(cx, Kind::Insight));
        cx.enqueue(&WriteFile { trail, name, records, data_records: Vec::new(), attempts: 0 }, Schedule::now()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_unusual_and_what_recurs_is_not() {
        let peak = |peak| Baseline { peak, ..Baseline::default() };
        for (calls, baseline, expected) in
            [(19, 0, false), (20, 0, true), (20, 10, false), (21, 10, true), (100, 100, false), (201, 100, true)]
        {
            assert_eq!(is_unusual(calls, &peak(baseline)), expected, "{calls} after {baseline}");
        }
    }
}
