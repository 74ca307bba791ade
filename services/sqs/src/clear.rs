//! Removing what was in a queue, after it was purged or deleted.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Job, Page, Place, Resource, Result, Schedule};

use crate::encryption::DataKey;
use crate::fifo::attempt::Attempt;
use crate::fifo::dedup::Seen;
use crate::fifo::{self, Group, Ready};
use crate::message::receive::{Gauge, Head};
use crate::message::{Contents, Message};
use crate::move_task::MoveTask;

/// Removes the contents of a queue, some in each run. Nobody can reach them any more.
#[derive(Serialize, Deserialize)]
pub(crate) struct Clear {
    queue: u64,
    /// Only what was there before this purge was made; all if there is none.
    purges: Option<u32>,
}

/// Rows of a kind that one run removes at most.
const BATCH: usize = 500;

impl Clear {
    /// Removes the messages at `contents`.
    pub(crate) fn messages(contents: Contents) -> Self {
        Self { queue: contents.queue, purges: Some(contents.purges) }
    }

    /// Removes everything that the queue had.
    pub(crate) fn queue(contents: Contents) -> Self {
        Self { queue: contents.queue, purges: None }
    }
}

impl Job for Clear {
    const NAME: &'static str = "sqs/clear";
    const PRINCIPAL: &'static str = "sqs.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let more = match self.purges {
            Some(purges) => clear_messages(cx, place, (self.queue, purges)).await?,
            None => clear_messages(cx, place, self.queue).await? | clear_rest(cx, place, self.queue).await?,
        };
        if more {
            cx.enqueue(self, Schedule::now()).await?;
        }
        Ok(())
    }
}

/// Removes messages and groups; returns whether there may be more.
async fn clear_messages(cx: &mut Cx, place: Place, prefix: impl IntoKey + Copy) -> Result<bool> {
    let messages = cx.list::<Message>(place, prefix, Page::of(BATCH, None)).await?;
    for message in &messages {
        message.remove(cx, place)?;
        fifo::leave(cx, place, message)?;
    }
    let groups = cx.list::<Group>(place, prefix, Page::of(BATCH, None)).await?;
    for group in &groups {
        cx.discard::<Ready>(place, group.ready().key())?;
        cx.discard::<Group>(place, group.key())?;
    }
    cx.delete_all::<Gauge>(place, prefix)?;
    cx.delete_all::<Head>(place, prefix)?;
    Ok(messages.len() == BATCH || groups.len() == BATCH)
}

/// Removes what outlives a purge; returns whether there may be more.
async fn clear_rest(cx: &mut Cx, place: Place, queue: u64) -> Result<bool> {
    let seen = cx.list::<Seen>(place, queue, Page::of(BATCH, None)).await?;
    for seen in &seen {
        cx.delete::<Seen>(place, seen.key()).await?;
    }
    let attempts = cx.list::<Attempt>(place, queue, Page::of(BATCH, None)).await?;
    for attempt in &attempts {
        cx.delete::<Attempt>(place, attempt.key()).await?;
    }
    let keys = cx.list::<DataKey>(place, queue, Page::of(BATCH, None)).await?;
    for key in &keys {
        cx.discard::<DataKey>(place, key.key())?;
    }
    cx.delete_all::<MoveTask>(place, queue)?;
    Ok([seen.len(), attempts.len(), keys.len()].contains(&BATCH))
}
