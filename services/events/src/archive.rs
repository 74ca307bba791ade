//! Archives: events of a bus, kept to be replayed.
//!
//! | row | key | what |
//! | --- | --- | --- |
//! | [`Archive`] | name | which events it keeps, and for how long |
//! | [`Kept`] | archive's id, the event's time, its id | an event |
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-archive.html>

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod describe;
pub(crate) mod expire;
pub(crate) mod list;
pub(crate) mod update;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, IntoKey, Key, Page, Place, Resource, Result, Scope, Timestamp};

use crate::bus::BusAddress;
use crate::errors::{ResourceNotFoundException, invalid_parameter};
use crate::event::Event;

/// An archive, as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Archive {
    pub(crate) name: String,
    /// Tells it from others of the same name before and after it.
    pub(crate) id: u64,
    pub(crate) bus: String,
    pub(crate) description: Option<String>,
    pub(crate) pattern: Option<String>,
    /// Days for which events are kept; 0 is for ever.
    pub(crate) retention: u32,
    pub(crate) created: Timestamp,
}

/// An event in an archive.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    archive: u64,
    pub(crate) event: Event,
}

impl Resource for Archive {
    const KIND: &'static str = "events/archive";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.name.as_str().into_key()
    }
}

impl Resource for Kept {
    const KIND: &'static str = "events/archived";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.archive, self.event.time, &self.event.id).into_key()
    }
}

impl Archive {
    /// The archives of a bus, by name.
    pub(crate) async fn of_bus(cx: &mut Cx, bus: &BusAddress) -> Result<Vec<Self>> {
        let mut archives = cx.list::<Self>(bus.place, (), Page::ALL).await?;
        archives.retain(|archive| archive.bus == bus.name);
        Ok(archives)
    }

    /// The archive of this name.
    ///
    /// # Errors
    /// `ResourceNotFoundException`
    pub(crate) async fn named(cx: &mut Cx, name: &str) -> Result<Self> {
        let here = cx.here();
        let missing = || ResourceNotFoundException::because(format!("Archive {name} does not exist."));
        cx.get::<Self>(here, name).await?.ok_or_else(missing)
    }

    pub(crate) fn arn(place: Place, name: &str) -> Arn {
        place.arn("events", format_args!("archive/{name}"))
    }

    fn bus(&self, place: Place) -> BusAddress {
        BusAddress { place, name: self.bus.clone() }
    }

    /// The event of an archive that comes after a point, before another.
    pub(crate) async fn between(
        &self,
        cx: &mut Cx,
        after: (Timestamp, &str),
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<Event>> {
        let place = cx.here();
        let from = (self.id, after.0, after.1);
        // What follows an id directly.
        let found = cx.between::<Kept>(place, from, (self.id, before), limit + 1, false).await?;
        let events = found.into_iter().map(|kept| kept.event);
        let mut events: Vec<Event> = events.filter(|event| (event.time, event.id.as_str()) > after).collect();
        events.truncate(limit);
        Ok(events)
    }

    /// How many events it keeps, and their bytes.
    async fn extent(&self, cx: &mut Cx) -> Result<(i64, i64)> {
        let place = cx.here();
        let first = Timestamp::from_micros(i64::MIN);
        let last = Timestamp::from_micros(i64::MAX);
        let mut extent = (0, 0);
        let mut from = (first, String::new());
        loop {
            let start = (self.id, from.0, &from.1);
            let page = cx.between::<Kept>(place, start, (self.id, last), COUNTED, false).await?;
            let more = page.len() == COUNTED;
            for Kept { event, .. } in &page {
                if (event.time, &event.id) > (from.0, &from.1) {
                    extent.0 += 1;
                    extent.1 += i64::try_from(event.document().to_string().len()).unwrap_or_default();
                }
            }
            match page.into_iter().last() {
                Some(Kept { event, .. }) if more => from = (event.time, event.id),
                _ => return Ok(extent),
            }
        }
    }
}

/// Events that are counted at a time.
const COUNTED: usize = 1_000;

/// Keeps an event, without reading anything.
///
/// # Errors
/// When the store fails.
pub(crate) fn keep(cx: &mut Cx, place: Place, archive: &Archive, event: &Event) -> Result<()> {
    cx.insert(place, &Kept { archive: archive.id, event: event.clone() })
}

/// The access to an archive that an operation demands.
pub(crate) fn access(cx: &Cx, action: &'static str, name: &str) -> Access {
    Access::to(action).on(Archive::arn(cx.here(), name))
}

/// The bus whose ARN is given as the source of an archive.
///
/// # Errors
/// `ValidationException`
fn source(cx: &Cx, text: &str) -> Result<BusAddress> {
    let bus = text.parse().ok().and_then(|arn| BusAddress::of(&arn));
    bus.filter(|bus| bus.place == cx.here()).ok_or_else(|| {
        invalid_parameter("EventSourceArn", "Must contain an ARN of an event bus of this account and Region.")
    })
}
