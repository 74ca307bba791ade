//! Events of AWS's services: they come to the default bus of the account and Region in which they happen.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use welkin_kernel::{Cx, EventBuses, Place, Result, ServiceEvent};

use crate::bus::{BusAddress, DEFAULT};
use crate::event::Event;
use crate::listening;

/// The default buses.
pub(crate) struct DefaultBuses;

impl EventBuses for DefaultBuses {
    fn bring<'a>(&'a self, cx: &'a mut Cx, event: &'a ServiceEvent) -> BoxFuture<'a, Result<()>> {
        async move {
            // What Welkin tells itself is for nobody else.
            if !event.source.starts_with("aws.") {
                return Ok(());
            }
            let bus = default(event.place);
            let event = Event::of_service(event, cx.now());
            listening::bring(cx, &bus, &event).await
        }
        .boxed()
    }
    fn is_listened_to<'a>(&'a self, cx: &'a mut Cx, place: Place) -> BoxFuture<'a, Result<bool>> {
        async move { listening::is_listened_to(cx, &default(place)).await }.boxed()
    }
}

fn default(place: Place) -> BusAddress {
    BusAddress { place, name: DEFAULT.to_owned() }
}
