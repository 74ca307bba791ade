//! Tallies: how often an API was called in each minute, and by whom.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use welkin_kernel::{CallRecord, Cx, IntoKey, Page, Place, Principal, Resource, Result, Scope, SessionOf, Timestamp};

use super::{BASELINE, Subject};
use crate::delivery::Window;
use crate::event::error_code;

/// What was counted of a subject in the five minutes of a window.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tally {
    subject: Subject,
    window: Window,
    /// One for each minute.
    pub(crate) minutes: Vec<Count>,
}

impl Resource for Tally {
    const KIND: &'static str = "cloudtrail/tally";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> welkin_kernel::Key {
        let (source, name, error) = self.subject.key();
        (source, name, error, self.window.number()).into_key()
    }
}

/// Calls, and how many of them had each value of an attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Count {
    pub(crate) calls: u64,
    /// By `userIdentityArn`.
    pub(crate) identities: BTreeMap<String, u64>,
    /// By `userAgent`.
    pub(crate) agents: BTreeMap<String, u64>,
    /// By `errorCode`.
    pub(crate) codes: BTreeMap<String, u64>,
}

/// Values of an attribute told apart in a minute at most: a tally is a row of a bounded size.
const VALUES: usize = 50;

impl Count {
    fn add(&mut self, record: &CallRecord) {
        let mut one = Self { calls: 1, ..Self::default() };
        one.identities.extend(identity(record).map(|identity| (identity, 1)));
        one.agents.insert(record.user_agent.clone(), 1);
        // Source: "null" is the code of calls without an error: the example of `insightDetails`,
        // <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-insight-details.html>.
        one.codes.insert(record.error_code.as_deref().map_or("null", error_code).to_owned(), 1);
        self.merge(&one);
    }

    /// Adds what another one counted.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.calls += other.calls;
        for (mine, others) in [
            (&mut self.identities, &other.identities),
            (&mut self.agents, &other.agents),
            (&mut self.codes, &other.codes),
        ] {
            for (value, count) in others {
                if mine.len() < VALUES || mine.contains_key(value) {
                    *mine.entry(value.clone()).or_default() += count;
                }
            }
        }
    }
}

/// The caller: for a session of a role the role, whatever the session is called.
// UNVERIFIED: the form for a service. The guide's example shows roles without the session's name.
fn identity(record: &CallRecord) -> Option<String> {
    match &record.principal {
        Principal::Service(service) => Some(service.name.clone()),
        principal => {
            let arn = String::from(principal.arn(record.place.region.partition())?);
            let of_role =
                matches!(principal, Principal::Session(session) if matches!(session.of, SessionOf::Role { .. }));
            match arn.rsplit_once('/') {
                Some((role, _)) if of_role => Some(role.to_owned()),
                _ => Some(arn),
            }
        }
    }
}

/// Tallies the records of a place from `start` on, before `end`.
pub(crate) async fn count(cx: &mut Cx, place: Place, start: Window, end: Window) -> Result<Vec<Tally>> {
    /// Records read at once.
    const CHUNK: usize = 1000;
    let mut tallies: HashMap<(Subject, i64), Tally> = HashMap::new();
    let (mut from, to) = ((start.start(), String::new()), (end.start(),));
    loop {
        let records = cx.glance_between::<CallRecord>(place, (from.0, &from.1), to, CHUNK).await?;
        for record in &records {
            let window = Window::of(record.time);
            for subject in Subject::of(record) {
                let fresh = || Tally {
                    subject: subject.clone(),
                    window,
                    minutes: vec![Count::default(); usize::try_from(Window::MINUTES).unwrap_or_default()],
                };
                let tally = tallies.entry((subject.clone(), window.number())).or_insert_with(fresh);
                if let Some(minute) = tally.minutes.get_mut(window.minute(record.time)) {
                    minute.add(record);
                }
            }
        }
        match records.last() {
            // The next one after this: ids have no NUL.
            Some(last) if records.len() == CHUNK => from = (last.time, format!("{}\0", last.event_id)),
            _ => return Ok(tallies.into_values().collect()),
        }
    }
}

impl Tally {
    pub(crate) fn subject(&self) -> &Subject {
        &self.subject
    }

    /// When its minutes begin, with what was counted in them.
    pub(crate) fn by_minute(&self) -> impl Iterator<Item = (Timestamp, &Count)> {
        (0u32..).zip(&self.minutes).map(|(minute, count)| (self.window.start_of_minute(minute), count))
    }
}

/// The seven days before unusual activity.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Baseline {
    /// Calls of the busiest minute.
    pub(crate) peak: u64,
    pub(crate) total: Count,
}

impl Baseline {
    /// Of a subject, before a window.
    pub(crate) async fn of(cx: &mut Cx, place: Place, subject: &Subject, window: Window) -> Result<Self> {
        let mut baseline = Self::default();
        for tally in between(cx, place, subject, window.before(BASELINE), window).await? {
            for minute in &tally.minutes {
                baseline.peak = baseline.peak.max(minute.calls);
                baseline.total.merge(minute);
            }
        }
        Ok(baseline)
    }
}

/// Drops tallies of a place that are older than `oldest`.
pub(crate) async fn expire(cx: &mut Cx, place: Place, oldest: Window) -> Result<()> {
    for tally in cx.list::<Tally>(place, (), Page::ALL).await? {
        if tally.window < oldest {
            cx.delete::<Tally>(place, Resource::key(&tally)).await?;
        }
    }
    Ok(())
}

/// Tallies of a subject from one window on, before another.
pub(crate) async fn between(
    cx: &mut Cx,
    place: Place,
    subject: &Subject,
    from: Window,
    to: Window,
) -> Result<Vec<Tally>> {
    let (source, name, error) = subject.key();
    let (from, to) = ((source, name, error, from.number()), (source, name, error, to.number()));
    cx.glance_between::<Tally>(place, from, to, 0).await
}
