//! Delivery to other buses: of the account, of its other Regions, of other accounts.
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-targets.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Call, Cx, Error, Operation, Principal, Result};

use super::{Deliver, Outcome, Trouble, role};
use crate::bus::BusAddress;
use crate::event::Event;
use crate::listening;
use crate::put_events::PutEventsResponse;

/// What the record of the call shows.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Shown {
    entries: Vec<Entry>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    event_bus_name: String,
    source: String,
    detail_type: String,
}

/// Sends an event to a bus.
///
/// # Errors
/// Faults of Welkin's; what the bus answers is the outcome.
pub(super) async fn send(cx: &mut Cx, deliver: &Deliver) -> Result<Outcome> {
    let arn = deliver.target.arn.parse().ok();
    let bus = arn.and_then(|arn| BusAddress::of(&arn));
    let bus = bus.ok_or_else(|| Error::internal("the ARN of a bus was checked when it was set"))?;
    // Source: "If a receiving account sets up a rule that sends events received from a sender account to a third account,
    // these events aren't sent to the third account", and the same of Regions and of buses.
    if deliver.event.hopped {
        let code = if bus.place.region == deliver.rule.bus.place.region {
            "THIRD_ACCOUNT_HOP_DETECTED"
        } else {
            "THIRD_REGION_HOP_DETECTED"
        };
        let message = "An event that came from another event bus is not sent on to a third one.".to_owned();
        return Ok(Outcome::Refused(Trouble { code, message }));
    }
    let shown = Shown {
        entries: vec![Entry {
            event_bus_name: bus.arn().into(),
            source: deliver.event.source.clone(),
            detail_type: deliver.event.detail_type.clone(),
        }],
    };
    let event = Event { hopped: true, ..deliver.event.clone() };
    let call = Call::to("events", "PutEvents").input(&shown).with(Forward { bus: bus.clone(), event }).at(bus.place);
    let call = match (&deliver.target.role_arn, deliver.rule.bus.place.account) {
        // Without a role, it is the account that the other bus's policy must let in.
        (None, account) => Ok(call.as_principal(Principal::Root { account })),
        _ => role::caller(cx, deliver.bearer(), call).await?,
    };
    match call {
        Ok(call) => Outcome::of(cx.call(call).await),
        Err(outcome) => Ok(outcome),
    }
}

/// An event from another bus: as PutEvents, and the event stays what it is.
#[derive(Deserialize)]
pub(crate) struct Forward {
    bus: BusAddress,
    event: Event,
}

impl Operation for Forward {
    const NAME: &'static str = "PutEvents";
    type Output = PutEventsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let access = self.bus.access(cx, "events:PutEvents").await?;
        Ok(access
            .key("events:source", self.event.source.clone())
            .key("events:detail-type", self.event.detail_type.clone())
            .key("events:eventBusInvocation", "true"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<PutEventsResponse> {
        self.bus.bus(cx).await?;
        listening::bring(cx, &self.bus, &self.event).await?;
        Ok(PutEventsResponse::of(vec![Ok(self.event.id.clone())]))
    }
}
