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

/// How long a count is kept: it takes time, also past messages that are not there any more.
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
    cx.insert(place, &Gauge { contents, in_flight, at: now })?;
    Ok(in_flight)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeMap;

    use super::*;
    use crate::attributes::Attributes;
    use crate::message::{MessageId, Turn};
    use crate::world::World;

    fn wish(wait: u64) -> Wish {
        Wish { most: 1, visibility: Duration::from_secs(30), wait: Duration::from_secs(wait) }
    }

    fn queue(now: Timestamp, fifo: bool) -> Queue {
        Queue {
            name: "q".to_owned(),
            contents: Contents { queue: 1, purges: 0 },
            created: now,
            modified: now,
            purged: None,
            attributes: Attributes::new(fifo),
            tags: BTreeMap::new(),
        }
    }

    /// Puts messages in flight until a minute from now.
    fn put_in_flight(cx: &mut Cx, queue: &Queue, tails: std::ops::Range<u64>) {
        for tail in tails {
            let (contents, visible_at) = (queue.contents, cx.after(Duration::from_secs(60)));
            let id = MessageId { sent: cx.now(), tail };
            cx.insert(cx.here(), &Turn { contents, received: true, visible_at, id }).unwrap();
        }
    }

    #[tokio::test]
    async fn at_the_limit_who_does_not_wait_is_told_and_others_find_nothing() {
        let mut cx = World::start().await.cx().await;
        let (place, queue) = (cx.here(), queue(cx.now(), false));
        put_in_flight(&mut cx, &queue, 0..MOST - 1);
        assert!(!is_reached(&mut cx, place, &queue, &wish(0)).await.unwrap());
        put_in_flight(&mut cx, &queue, MOST - 1..MOST);
        let kept = is_reached(&mut cx, place, &queue, &wish(0)).await.unwrap();
        assert!(!kept, "the count of a moment ago still holds");
        cx.discard::<Gauge>(place, queue.contents.key()).unwrap();
        assert!(is_reached(&mut cx, place, &queue, &wish(0)).await.unwrap_err().is("OverLimit"));
        assert!(is_reached(&mut cx, place, &queue, &wish(5)).await.unwrap());
        let fifo = self::queue(cx.now(), true);
        assert!(is_reached(&mut cx, place, &fifo, &wish(0)).await.unwrap());
    }
}
