//! Deleting a bus.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Page, Result};

use super::{Bus, BusAddress, DEFAULT};
use crate::errors::invalid;
use crate::listening;
use crate::rule::Rule;

/// Deletes a bus, which must have no rules. One that does not exist is as good as deleted.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteEventBus.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteEventBus {
    name: String,
}

impl Operation for DeleteEventBus {
    const NAME: &'static str = "DeleteEventBus";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        BusAddress { place: cx.here(), name: self.name.clone() }.access(cx, "events:DeleteEventBus").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        if self.name == DEFAULT {
            return Err(invalid("Cannot delete event bus default."));
        }
        let address = BusAddress { place: cx.here(), name: self.name.clone() };
        if cx.delete::<Bus>(address.place, &self.name).await?.is_none() {
            return Ok(Empty {});
        }
        // UNVERIFIED: the wording. Source: "All rules associated with this event bus need to be deleted".
        if !cx.list::<Rule>(address.place, &self.name, Page::of(1, None)).await?.is_empty() {
            return Err(invalid(format_args!("Cannot delete event bus {}: it has rules.", self.name)));
        }
        listening::refresh(cx, &address).await?;
        Ok(Empty {})
    }
}
