//! Receiving from FIFO queues.

use welkin_kernel::{Cx, Place, Result, Timestamp};

use super::{Delivered, Wish, hide, limit, put_aside};
use crate::expiry;
use crate::fifo::attempt::{Attempt, Delivery};
use crate::fifo::dedup::INTERVAL;
use crate::fifo::{Group, Ready};
use crate::message::{INSTANT, Message};
use crate::queue::Queue;

/// Groups at which a receiver looks at most, however often others were first.
const WIDEST: usize = 1000;

/// Receives messages of groups that are ready: of one group as many as there are, then of the next one.
pub(super) async fn receive(
    cx: &mut Cx,
    place: Place,
    queue: &Queue,
    wish: &Wish,
    attempt: Option<&str>,
) -> Result<Vec<Delivered>> {
    if let Some(id) = attempt
        && let Some((attempt, messages)) = Attempt::find(cx, place, queue.contents, id).await?
    {
        return again(cx, place, attempt, messages, wish).await;
    }
    if limit::is_reached(cx, place, queue, wish).await? {
        return Ok(Vec::new());
    }
    let mut delivered = Vec::with_capacity(wish.most);
    for ready in ready(cx, place, queue, wish.most).await? {
        if delivered.len() == wish.most {
            break;
        }
        if let Some(group) = Group::find(cx, place, queue.contents, &ready.group).await? {
            take(cx, place, queue, &group, wish, &mut delivered).await?;
            group.settle(cx, place).await?;
        }
    }
    if let Some(id) = attempt.filter(|_| !delivered.is_empty()) {
        note(cx, place, queue, id, &delivered).await?;
    }
    Ok(delivered)
}

/// Takes the first messages of a group.
async fn take(
    cx: &mut Cx,
    place: Place,
    queue: &Queue,
    group: &Group,
    wish: &Wish,
    delivered: &mut Vec<Delivered>,
) -> Result<()> {
    for message in group.visible(cx, place).await? {
        if delivered.len() == wish.most {
            break;
        }
        if !put_aside(cx, place, queue, &message).await? {
            delivered.push(hide(cx, place, message, wish.visibility)?);
        }
    }
    Ok(())
}

/// Groups that are ready, in their order; after another receiver was first, more of them and beginning at random.
async fn ready(cx: &mut Cx, place: Place, queue: &Queue, most: usize) -> Result<Vec<Ready>> {
    let key = queue.contents.key();
    let window = (most << cx.conflicts().min(16)).min(WIDEST);
    let mut ready = cx.glance_between::<Ready>(place, key, (key, cx.after(INSTANT)), window).await?;
    if cx.conflicts() > 0 && !ready.is_empty() {
        let start = cx.chance().below(ready.len() as u64);
        ready.rotate_left(usize::try_from(start).unwrap_or(0));
    }
    Ok(ready)
}

/// When the next group becomes ready.
pub(super) async fn next_ready(cx: &mut Cx, place: Place, queue: &Queue) -> Result<Option<Timestamp>> {
    let key = queue.contents.key();
    let later = ((key, cx.after(INSTANT)), (key, Timestamp::from_micros(i64::MAX)));
    Ok(cx.glance_between::<Ready>(place, later.0, later.1, 1).await?.first().map(|ready| ready.at))
}

/// Delivers the messages of an attempt again, under the same handles; their visibility timeout begins anew.
async fn again(
    cx: &mut Cx,
    place: Place,
    attempt: Attempt,
    messages: Vec<Message>,
    wish: &Wish,
) -> Result<Vec<Delivered>> {
    let visible_at = cx.after(wish.visibility);
    let mut delivered = Vec::with_capacity(messages.len());
    let mut attempt = attempt;
    for (delivery, message) in attempt.deliveries.iter_mut().zip(messages) {
        let hidden = Message { visible_at, ..message.clone() };
        hidden.replace(cx, place, &message)?;
        crate::fifo::settle(cx, place, &hidden).await?;
        delivery.visible_at = visible_at;
        delivered.push(Delivered { message: hidden, receipt_handle: delivery.receipt_handle.clone() });
    }
    cx.put(place, &attempt).await?;
    Ok(delivered)
}

/// Notes what an attempt was answered with.
async fn note(cx: &mut Cx, place: Place, queue: &Queue, id: &str, delivered: &[Delivered]) -> Result<()> {
    let deliveries = delivered.iter().map(|delivered| Delivery {
        id: delivered.message.id,
        count: delivered.message.receive_count(),
        visible_at: delivered.message.visible_at,
        receipt_handle: delivered.receipt_handle.clone(),
    });
    let deliveries = deliveries.collect();
    let attempt = Attempt { contents: queue.contents, id: id.to_owned(), at: cx.now(), deliveries };
    expiry::look_after(cx, place, queue, cx.after(INTERVAL)).await?;
    cx.put(place, &attempt).await
}
