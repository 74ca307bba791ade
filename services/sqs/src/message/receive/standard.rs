//! Receiving from standard queues.

use welkin_kernel::{Cx, Place, Result, Timestamp};

use super::{Delivered, Wish, hide, limit, put_aside};
use crate::message::{Contents, INSTANT, Message, Turn};
use crate::queue::Queue;

/// Turns at which a receiver looks at most, however often others were first.
const WIDEST: usize = 1000;

/// Messages that one receive puts aside at most, looking for one to deliver.
const MOST_ASIDE: usize = 100;

/// Receives messages whose turn has come: the first ones; or, after another receiver was first, some of the next ones
/// at random, further down each time.
pub(super) async fn receive(cx: &mut Cx, place: Place, queue: &Queue, wish: &Wish) -> Result<Vec<Delivered>> {
    if limit::is_reached(cx, place, queue, wish).await? {
        return Ok(Vec::new());
    }
    let window = (wish.most << cx.conflicts().min(16)).min(WIDEST);
    let (mut delivered, mut aside) = (Vec::with_capacity(wish.most), 0);
    loop {
        let mut turns = visible(cx, place, queue.contents, window).await?;
        let excess = turns.len().saturating_sub(wish.most);
        if cx.conflicts() > 0 && excess > 0 {
            let start = cx.chance().below(excess as u64 + 1);
            turns.rotate_left(usize::try_from(start).unwrap_or(0));
        }
        let mut progress = false;
        for turn in turns {
            if delivered.len() == wish.most {
                break;
            }
            let Some(message) = cx.get::<Message>(place, (turn.contents.key(), turn.id.key())).await? else { continue };
            if put_aside(cx, place, queue, &message).await? {
                (progress, aside) = (true, aside + 1);
            } else {
                delivered.push(hide(cx, place, message, wish.visibility)?);
            }
        }
        // What was put aside may have hidden others from view.
        if !delivered.is_empty() || !progress || aside >= MOST_ASIDE {
            return Ok(delivered);
        }
    }
}

/// The first turns that have come, in their order. The call does not depend on them.
async fn visible(cx: &mut Cx, place: Place, contents: Contents, limit: usize) -> Result<Vec<Turn>> {
    let until = cx.after(INSTANT);
    let mut turns = Vec::new();
    for received in [false, true] {
        let (from, to) = ((contents.key(), received), (contents.key(), received, until));
        turns.extend(cx.glance_between::<Turn>(place, from, to, limit).await?);
    }
    turns.sort_by_key(|turn| (turn.visible_at, turn.id.key()));
    turns.truncate(limit);
    Ok(turns)
}

/// When the next hidden message becomes visible.
pub(super) async fn next_visible(cx: &mut Cx, place: Place, queue: &Queue) -> Result<Option<Timestamp>> {
    let (contents, from) = (queue.contents, cx.after(INSTANT));
    let mut next: Option<Timestamp> = None;
    for received in [false, true] {
        let (from, to) =
            ((contents.key(), received, from), (contents.key(), received, Timestamp::from_micros(i64::MAX)));
        let first = cx.glance_between::<Turn>(place, from, to, 1).await?;
        let at = first.first().map(|turn| turn.visible_at);
        next = next.into_iter().chain(at).min();
    }
    Ok(next)
}
