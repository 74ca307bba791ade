//! What a movement task does, some messages at a time.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Cx, Job, Place, Result, Schedule, Timestamp};

use super::{FASTEST, MoveTask, Status};
use crate::fifo::{self, Group, Ready};
use crate::message::{INSTANT, Message, Turn};
use crate::queue::{Address, Queue};
use crate::redrive;

/// Moves some messages of a task, and enqueues itself for the rest.
#[derive(Serialize, Deserialize)]
pub(crate) struct Move {
    queue: u64,
    started: Timestamp,
    task: String,
}

/// Messages that one run moves at most.
const BATCH: u32 = 50;

impl Move {
    pub(crate) fn of(task: &MoveTask) -> Self {
        Self { queue: task.queue, started: task.started, task: task.id.clone() }
    }
}

impl Job for Move {
    const NAME: &'static str = "sqs/move";
    const PRINCIPAL: &'static str = "sqs.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let found = cx.get::<MoveTask>(place, (self.queue, self.started, &self.task)).await?;
        let Some(mut task) = found.filter(|task| task.status == Status::Running) else { return Ok(()) };
        let source = Address::of_arn(&task.source);
        let queue = match source {
            Some(source) => source.find(cx).await?.filter(|queue| queue.contents.queue == self.queue),
            None => None,
        };
        // The tasks of a queue are deleted with it.
        let Some(queue) = queue else { return Ok(()) };
        let rate = task.rate.unwrap_or(FASTEST);
        match some(cx, place, &queue, &task, rate.min(BATCH)).await? {
            Step::Moved(0) => task.status = Status::Completed,
            Step::Moved(moved) => {
                task.moved += u64::from(moved);
                let pause = Duration::from_secs_f64(f64::from(moved) / f64::from(rate));
                let next = Schedule::at(cx.after(pause));
                cx.enqueue(self, next).await?;
            }
            Step::Failed(reason) => {
                task.status = Status::Failed;
                task.failure = Some(reason.to_owned());
            }
        }
        cx.put(place, &task).await
    }
}

enum Step {
    Moved(u32),
    Failed(&'static str),
}

/// Moves some visible messages.
async fn some(cx: &mut Cx, place: Place, queue: &Queue, task: &MoveTask, most: u32) -> Result<Step> {
    let mut moved = 0;
    for message in visible(cx, place, queue, most as usize).await? {
        let Some(to) = destination(cx, task, &message).await? else {
            let reason = match task.destination {
                Some(_) => "AWS.SimpleQueueService.NonExistentQueue",
                None => "CouldNotDetermineMessageSource",
            };
            return Ok(if moved > 0 { Step::Moved(moved) } else { Step::Failed(reason) });
        };
        redrive::transfer(cx, place, &message, &to, None).await?;
        fifo::settle(cx, place, &message).await?;
        moved += 1;
    }
    Ok(Step::Moved(moved))
}

/// Where a message goes: the task's destination, or the queue from which it came.
async fn destination(cx: &mut Cx, task: &MoveTask, message: &Message) -> Result<Option<Queue>> {
    let to: Option<&Arn> = task.destination.as_ref().or(message.dead_letter_source.as_ref());
    match to.and_then(Address::of_arn) {
        Some(address) => address.find(cx).await,
        None => Ok(None),
    }
}

/// The first messages that are visible.
async fn visible(cx: &mut Cx, place: Place, queue: &Queue, most: usize) -> Result<Vec<Message>> {
    let (key, until) = (queue.contents.key(), cx.after(INSTANT));
    let mut messages = Vec::new();
    if queue.is_fifo() {
        for ready in cx.glance_between::<Ready>(place, key, (key, until), most).await? {
            if let Some(group) = Group::find(cx, place, queue.contents, &ready.group).await? {
                messages.extend(group.visible(cx, place).await?);
            }
        }
        messages.truncate(most);
        return Ok(messages);
    }
    for received in [false, true] {
        let turns = cx.glance_between::<Turn>(place, (key, received), (key, received, until), most).await?;
        for turn in turns.into_iter().take(most - messages.len()) {
            messages.extend(cx.get::<Message>(place, (key, turn.id.key())).await?);
        }
    }
    Ok(messages)
}
