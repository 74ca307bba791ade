//! What is too old goes: records after the retention period, and closed shards with their last ones.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Job, Place, Result, Schedule};

use crate::record::Block;
use crate::shard::{Head, Shard, ShardNumber};
use crate::stream::Stream;

/// Blocks that one transaction removes.
const BLOCKS: usize = 64;

/// How often a shard's old records are looked for, at most.
const PAUSE: Duration = Duration::from_secs(3600);

async fn stream(cx: &mut Cx, name: &str, id: u64) -> Result<Option<Stream>> {
    let here = cx.here();
    Ok(cx.get::<Stream>(here, name).await?.filter(|stream| stream.id == id))
}

/// Removes the records of a shard that are too old, and comes again as long as there are any.
#[derive(Serialize, Deserialize)]
pub(crate) struct Trim {
    pub(crate) stream: String,
    pub(crate) id: u64,
    pub(crate) shard: ShardNumber,
}

impl Trim {
    /// Sees to it that the records of a shard are looked after.
    pub(crate) async fn begin(cx: &mut Cx, place: Place, stream: &Stream, head: &mut Head) -> Result<()> {
        if !head.trimmed {
            head.trimmed = true;
            let trim = Self { stream: stream.name.clone(), id: stream.id, shard: head.shard };
            cx.enqueue_at(place, &trim, Schedule::at(cx.after(stream.retention()))).await?;
        }
        Ok(())
    }
}

impl Job for Trim {
    const NAME: &'static str = "kinesis/trim";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let Some(stream) = stream(cx, &self.stream, self.id).await? else { return Ok(()) };
        let horizon = cx.now().minus(stream.retention());
        let blocks = Block::after(cx, here, (self.id, self.shard), None, BLOCKS).await?;
        let mut oldest = None;
        for block in &blocks {
            if block.time > horizon {
                oldest = Some(block.time);
                break;
            }
            cx.discard::<Block>(here, (self.id, self.shard, block.last.0))?;
        }
        let next = match oldest {
            Some(time) => time.plus(stream.retention()).max(cx.after(PAUSE)),
            None if blocks.len() == BLOCKS => cx.now(),
            None => {
                // Whoever puts the next record begins anew.
                if let Some(mut head) = cx.get::<Head>(here, (self.id, self.shard)).await? {
                    head.trimmed = false;
                    cx.put(here, &head).await?;
                }
                return Ok(());
            }
        };
        let again = Self { stream: self.stream.clone(), ..*self };
        cx.enqueue(&again, Schedule::at(next)).await?;
        Ok(())
    }
}

/// Forgets a shard that was closed, once its last record is too old.
#[derive(Serialize, Deserialize)]
pub(crate) struct Forget {
    pub(crate) stream: String,
    pub(crate) id: u64,
    pub(crate) shard: ShardNumber,
}

impl Job for Forget {
    const NAME: &'static str = "kinesis/forget";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let Some(stream) = stream(cx, &self.stream, self.id).await? else { return Ok(()) };
        let Some(shard) = cx.get::<Shard>(here, (self.id, self.shard)).await? else { return Ok(()) };
        let Some(closed) = shard.closed else { return Ok(()) };
        let due = closed.at.plus(stream.retention());
        if due > cx.now() {
            // The retention period was made longer.
            let again = Self { stream: self.stream.clone(), ..*self };
            cx.enqueue(&again, Schedule::at(due)).await?;
            return Ok(());
        }
        cx.delete::<Shard>(here, (self.id, self.shard)).await?;
        cx.delete::<Head>(here, (self.id, self.shard)).await?;
        cx.enqueue(&Clear { stream: self.id, shard: self.shard }, Schedule::now()).await?;
        Ok(())
    }
}

/// Removes all records of a shard that is no more.
#[derive(Serialize, Deserialize)]
pub(crate) struct Clear {
    pub(crate) stream: u64,
    pub(crate) shard: ShardNumber,
}

impl Job for Clear {
    const NAME: &'static str = "kinesis/clear";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let blocks = Block::after(cx, here, (self.stream, self.shard), None, BLOCKS).await?;
        for block in &blocks {
            cx.discard::<Block>(here, (self.stream, self.shard, block.last.0))?;
        }
        if blocks.len() == BLOCKS {
            cx.enqueue(&Self { ..*self }, Schedule::now()).await?;
        }
        Ok(())
    }
}
