//! Alarms of other alarms: when they are looked at, and what keeps them from acting.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use welkin_kernel::{Cx, Job, Place, Result, Schedule};

use super::reason::{formatted, time};
use super::rule::Rule;
use super::{Alarm, BY_ALARM, State, SuppressedBy, Watches, act, transition};

/// Tells the alarms over an alarm that its state has changed.
///
/// # Errors
/// When the store fails.
pub(super) async fn tell(cx: &mut Cx, place: Place, name: &str, state: State) -> Result<()> {
    for alarm in cx.find::<Alarm>(place, BY_ALARM, name, 0).await? {
        let Watches::Alarms(composite) = &alarm.watches else { continue };
        if composite.children.iter().any(|child| child == name) {
            look_at(cx, place, &alarm.name, Some(name)).await?;
        }
        if composite.suppressor.as_ref().is_some_and(|it| it.alarm == name) {
            suppressor_changed(cx, place, alarm, state).await?;
        }
    }
    Ok(())
}

/// Has a composite alarm evaluated, because of a child or of its own.
///
/// # Errors
/// When the store fails.
pub(super) async fn look_at(cx: &mut Cx, place: Place, name: &str, because: Option<&str>) -> Result<()> {
    let job = Evaluate { alarm: name.to_owned(), because: because.map(str::to_owned) };
    let lane = format!("cloudwatch/composite/{}/{}/{name}", place.account, place.region);
    cx.enqueue_at(place, &job, Schedule::now().lane(lane)).await.map(|_| ())
}

/// Evaluates an alarm of other alarms.
#[derive(Serialize, Deserialize)]
pub(crate) struct Evaluate {
    alarm: String,
    because: Option<String>,
}

impl Job for Evaluate {
    const NAME: &'static str = "cloudwatch/evaluate-composite";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let Some(alarm) = cx.get::<Alarm>(place, self.alarm.as_str()).await? else { return Ok(()) };
        let Watches::Alarms(composite) = &alarm.watches else { return Ok(()) };
        if depends_on_itself(cx, place, &alarm.name).await? {
            return Ok(());
        }
        let mut children: BTreeMap<String, Alarm> = BTreeMap::new();
        for name in &composite.children {
            children.extend(cx.get::<Alarm>(place, name.as_str()).await?.map(|child| (name.clone(), child)));
        }
        let Some(rule) = Rule::parse(&composite.rule) else { return Ok(()) };
        let holds = rule.holds(&|name| children.get(name).map(|child| child.state));
        let state = if holds { State::Alarm } else { State::Ok };
        if state == alarm.state {
            return Ok(());
        }
        let reason = match self.because.as_ref().and_then(|name| children.get(name)) {
            Some(child) => format!(
                "{} transitioned to {} at {}",
                child.arn(place),
                child.state.name(),
                formatted(child.transitioned.micros(), "%A %d %B, %Y %H:%M:%S UTC")
            ),
            // UNVERIFIED: the wording where no child is the cause.
            None => format!("{} was created and its alarm rule evaluates to {}", alarm.arn(place), state.name()),
        };
        let triggering = children.values().filter(|child| child.state == State::Alarm || !holds).map(|child| {
            json!({
                "arn": child.arn(place),
                "state": { "value": child.state.name(), "timestamp": time(child.transitioned) },
            })
        });
        let data = json!({ "triggeringAlarms": triggering.collect::<Vec<_>>() }).to_string();
        transition::change(cx, place, alarm, state, reason, Some(data)).await
    }
}

/// Whether an alarm is in a cycle: then it is not evaluated, as AWS has it.
async fn depends_on_itself(cx: &mut Cx, place: Place, name: &str) -> Result<bool> {
    let mut seen = BTreeSet::new();
    let mut left = vec![name.to_owned()];
    while let Some(next) = left.pop() {
        let Some(alarm) = cx.get::<Alarm>(place, next.as_str()).await? else { continue };
        let Watches::Alarms(composite) = &alarm.watches else { continue };
        for child in &composite.children {
            if child == name {
                return Ok(true);
            }
            if seen.insert(child.clone()) {
                left.push(child.clone());
            }
        }
    }
    Ok(false)
}

/// Whether an alarm whose state has just changed may act; otherwise it is noted why not, and it acts later.
///
/// # Errors
/// When the store fails.
pub(super) async fn may_act(cx: &mut Cx, place: Place, alarm: &mut Alarm) -> Result<bool> {
    let name = alarm.name.clone();
    let state = alarm.state;
    let Watches::Alarms(composite) = &mut alarm.watches else { return Ok(true) };
    composite.suppressed_by = None;
    let Some(suppressor) = composite.suppressor.clone() else { return Ok(true) };
    if is_in_alarm(cx, place, &suppressor.alarm).await? {
        composite.suppressed_by = Some(SuppressedBy::Alarm);
        return Ok(false);
    }
    if suppressor.wait == 0 || state != State::Alarm {
        return Ok(true);
    }
    composite.suppressed_by = Some(SuppressedBy::WaitPeriod);
    release_later(cx, place, &name, suppressor.wait).await?;
    Ok(false)
}

async fn is_in_alarm(cx: &mut Cx, place: Place, name: &str) -> Result<bool> {
    Ok(cx.get::<Alarm>(place, name).await?.is_some_and(|alarm| alarm.state == State::Alarm))
}

async fn release_later(cx: &mut Cx, place: Place, name: &str, seconds: u32) -> Result<()> {
    let at = cx.after(Duration::from_secs(u64::from(seconds)));
    let id = format!("cloudwatch/release/{}/{}/{name}", place.account, place.region);
    cx.enqueue_at(place, &Release { alarm: name.to_owned() }, Schedule::at(at).id(id)).await.map(|_| ())
}

/// The alarm that keeps another from acting has another state now.
async fn suppressor_changed(cx: &mut Cx, place: Place, mut alarm: Alarm, state: State) -> Result<()> {
    let name = alarm.name.clone();
    let Watches::Alarms(composite) = &mut alarm.watches else { return Ok(()) };
    if composite.suppressed_by.is_none() {
        return Ok(());
    }
    let extension = composite.suppressor.as_ref().map_or(0, |it| it.extension);
    if state == State::Alarm {
        composite.suppressed_by = Some(SuppressedBy::Alarm);
    } else if composite.suppressed_by == Some(SuppressedBy::Alarm) {
        composite.suppressed_by = Some(SuppressedBy::ExtensionPeriod);
        release_later(cx, place, &name, extension).await?;
    }
    cx.put(place, &alarm).await
}

/// Lets an alarm act whose time of waiting is over.
#[derive(Serialize, Deserialize)]
pub(crate) struct Release {
    alarm: String,
}

impl Job for Release {
    const NAME: &'static str = "cloudwatch/release";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let Some(mut alarm) = cx.get::<Alarm>(place, self.alarm.as_str()).await? else { return Ok(()) };
        let Watches::Alarms(composite) = &mut alarm.watches else { return Ok(()) };
        if !matches!(composite.suppressed_by, Some(SuppressedBy::WaitPeriod | SuppressedBy::ExtensionPeriod)) {
            return Ok(());
        }
        composite.suppressed_by = None;
        cx.put(place, &alarm).await?;
        if alarm.actions_enabled {
            let before = if alarm.state == State::Alarm { State::Ok } else { State::Alarm };
            act::all(cx, place, &alarm, before).await?;
        }
        Ok(())
    }
}
