//! The limit of messages in flight.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use super::Wish;
use crate::errors::OverLimit;
use crate::message::{Contents, hidden};
use crate::queue::Queue;

/// Messages in flight at most.
///
/// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>
const MOST: u64 = 120_000;

/// Counts from here on are kept for a while, because they take time.
const DEAR: u64 = 100;

/// How long a count is kept.
const KEPT: Duration = Duration::from_secs(1);

/// How many messages were in flight, a moment ago.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Gauge {
    contents: Contents,
    in_flight: u64,
    at: Timestamp,
}

impl Resource for Gauge {
    const KIND: &'static str = "sqs/gauge";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.contents.key().into_key()
    }
}

/// Whether so many messages are in flight that none can be received; about, as in AWS.
///
/// # Errors
/// `OverLimit` to those who do not wait. FIFO queues and long polls find nothing instead.
pub(super) async fn is_reached(cx: &mut Cx, place: Place, queue: &Queue, wish: &Wish) -> Result<bool> {
    if in_flight(cx, place, queue.contents).await? < MOST {
        return Ok(false);
    }
    if queue.is_fifo() || !wish.wait.is_zero() {
        return Ok(true);
    }
    Err(OverLimit::because(format!("Too many messages in flight: the maximum is {MOST}.")))
}

async fn in_flight(cx: &mut Cx, place: Place, contents: Contents) -> Result<u64> {
    let now = cx.now();
    if let Some(gauge) = cx.glance::<Gauge>(place, contents.key()).await?
        && (gauge.at..gauge.at.plus(KEPT)).contains(&now)
    {
        return Ok(gauge.in_flight);
    }
    let in_flight = hidden(cx, place, contents, true).await?;
    if in_flight >= DEAR {
        cx.insert(place, &Gauge { contents, in_flight, at: now })?;
    }
    Ok(in_flight)
}
