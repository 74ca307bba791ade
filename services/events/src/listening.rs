//! Who listens at a bus: its rules that go by patterns, and its archives.
//!
//! A bus at which nobody listens costs an event one read. At others, what listens is read and compiled once after each
//! change, and kept in memory under the stamp that every change draws anew.

use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Key, Resource, Result, Scope, StampCache};
use welkin_patterns::Index;

use crate::archive::Archive;
use crate::bus::BusAddress;
use crate::event::Event;
use crate::rule::{Rule, State};
use crate::{archive, delivery, pattern};

/// Says that somebody listens at a bus.
#[derive(Debug, Serialize, Deserialize)]
struct Listening {
    bus: String,
    /// Drawn anew for each change.
    stamp: u64,
}

impl Resource for Listening {
    const KIND: &'static str = "events/listening";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.bus.as_str().into_key()
    }
}

/// One who listens.
enum Listener {
    Rule(Rule),
    Archive(Archive),
}

type Compiled = Arc<Index<Listener>>;

/// Buses whose listeners are kept in memory.
const KEPT: usize = 1_024;

static COMPILED: LazyLock<StampCache<Compiled>> = LazyLock::new(|| StampCache::new(KEPT));

/// Tells a bus that its rules, their targets or its archives have changed.
pub(crate) async fn refresh(cx: &mut Cx, bus: &BusAddress) -> Result<()> {
    if listeners(cx, bus).await?.is_empty() {
        cx.delete::<Listening>(bus.place, &bus.name).await?;
        return Ok(());
    }
    let stamp = u64::from_le_bytes(cx.chance().bytes());
    cx.put(bus.place, &Listening { bus: bus.name.clone(), stamp }).await
}

async fn listeners(cx: &mut Cx, bus: &BusAddress) -> Result<Vec<Listener>> {
    let mut rules = Rule::of_bus(cx, bus).await?;
    rules.retain(|rule| rule.pattern.is_some() && rule.state != State::Disabled && !rule.targets.is_empty());
    let archives = Archive::of_bus(cx, bus).await?;
    Ok(rules.into_iter().map(Listener::Rule).chain(archives.into_iter().map(Listener::Archive)).collect())
}

/// The listeners of a bus, compiled; `None` if there are none.
async fn compiled(cx: &mut Cx, bus: &BusAddress) -> Result<Option<Compiled>> {
    let Some(Listening { stamp, .. }) = cx.get::<Listening>(bus.place, &bus.name).await? else { return Ok(None) };
    let key = format!("{}/{}/{}", bus.place.account, bus.place.region, bus.name);
    if let Some(kept) = COMPILED.get(&key, stamp) {
        return Ok(Some(kept));
    }
    let mut patterns = Vec::new();
    for listener in listeners(cx, bus).await? {
        let text = match &listener {
            Listener::Rule(rule) => rule.pattern.as_deref(),
            Listener::Archive(archive) => archive.pattern.as_deref(),
        };
        patterns.push((pattern::stored(text.unwrap_or(EVERYTHING))?, listener));
    }
    let compiled = Arc::new(Index::new(patterns));
    COMPILED.put(&key, stamp, Arc::clone(&compiled));
    Ok(Some(compiled))
}

/// Whether anybody listens at a bus.
///
/// # Errors
/// When the store fails.
pub(crate) async fn is_listened_to(cx: &mut Cx, bus: &BusAddress) -> Result<bool> {
    Ok(cx.get::<Listening>(bus.place, &bus.name).await?.is_some())
}

/// What an archive wants that has no pattern.
const EVERYTHING: &str = r#"{"version":["0"]}"#;

/// Brings an event to those who listen at a bus, in the call's transaction.
///
/// # Errors
/// When the store fails.
pub(crate) async fn bring(cx: &mut Cx, bus: &BusAddress, event: &Event) -> Result<()> {
    bring_to(cx, bus, event, &|_| true).await
}

/// The same, to the rules with some ARNs alone.
///
/// # Errors
/// When the store fails.
pub(crate) async fn bring_to(
    cx: &mut Cx,
    bus: &BusAddress,
    event: &Event,
    wanted: &(dyn Fn(&str) -> bool + Sync),
) -> Result<()> {
    let Some(compiled) = compiled(cx, bus).await? else { return Ok(()) };
    let document = event.document();
    for listener in compiled.matching(&document) {
        match listener {
            Listener::Rule(rule) => {
                let all = rule.state == State::EnabledWithAllCloudtrailManagementEvents;
                let address = rule.address(bus);
                if (all || !event.read_only) && wanted(address.arn().as_str()) {
                    delivery::send(cx, &address, rule, event).await?;
                }
            }
            // What is replayed is in an archive already.
            Listener::Archive(archive) if event.replay.is_none() => archive::keep(cx, bus.place, archive, event)?,
            Listener::Archive(_) => {}
        }
    }
    Ok(())
}
