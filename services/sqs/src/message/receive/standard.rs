//! Receiving from standard queues.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};

use super::{Delivered, Wish, hide, limit, put_aside};
use crate::message::{Contents, INSTANT, Message, Turn};
use crate::queue::Queue;

/// Turns at which a receiver looks at most, however often others were first.
const WIDEST: usize = 1000;

/// Messages that one receive puts aside at most, looking for one to deliver.
const MOST_ASIDE: usize = 100;

/// How long receivers begin where others found the first turn, before one looks from the very beginning again.
const KEPT: Duration = Duration::from_secs(1);

/// Where the first turns of a queue were found a moment ago. In a store that keeps what was deleted for a while, the
/// way past all turns that have been taken is long.
///
/// A turn may lie before it, if its call took long to commit or the clock was set back: it is found when one looks
/// from the beginning, which is at least once a second, and before a queue is said to have no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    contents: Contents,
    /// Of messages that were not received yet, and of those that were.
    from: [Timestamp; 2],
    /// When one looked from the beginning.
    at: Timestamp,
}

impl Resource for Head {
    const KIND: &'static str = "sqs/head";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        self.contents.key().into_key()
    }
}

impl Head {
    /// The beginning of everything.
    fn beginning(contents: Contents, at: Timestamp) -> Self {
        Self { contents, from: [Timestamp::from_micros(i64::MIN); 2], at }
    }

    /// Where to begin: where the first turns were a moment ago, or at the very beginning.
    async fn find(cx: &mut Cx, place: Place, contents: Contents) -> Result<Self> {
        let now = cx.now();
        let kept = cx.glance::<Self>(place, contents.key()).await?;
        let fresh = kept.filter(|head| (head.at..head.at.plus(KEPT)).contains(&now));
        Ok(fresh.unwrap_or_else(|| Self::beginning(contents, now)))
    }
}

/// Receives messages whose turn has come: the first ones; or, after another receiver was first, some of the next ones
/// at random, further down each time.
pub(super) async fn receive(cx: &mut Cx, place: Place, queue: &Queue, wish: &Wish) -> Result<Vec<Delivered>> {
    if limit::is_reached(cx, place, queue, wish).await? {
        return Ok(Vec::new());
    }
    let window = (wish.most << cx.conflicts().min(16)).min(WIDEST);
    let (mut delivered, mut aside) = (Vec::with_capacity(wish.most), 0);
    let mut head = Head::find(cx, place, queue.contents).await?;
    loop {
        let mut turns = visible(cx, place, &mut head, window).await?;
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

/// The first turns that have come, in their order. The call does not depend on them. Moves the head to where they are.
async fn visible(cx: &mut Cx, place: Place, head: &mut Head, limit: usize) -> Result<Vec<Turn>> {
    let mut turns = from_head(cx, place, head, limit).await?;
    let beginning = Head::beginning(head.contents, cx.now());
    if turns.is_empty() && head.from != beginning.from {
        *head = beginning;
        turns = from_head(cx, place, head, limit).await?;
    }
    if !turns.is_empty() {
        cx.insert(place, head)?;
    }
    turns.sort_by_key(|turn| (turn.visible_at, turn.id.key()));
    turns.truncate(limit);
    Ok(turns)
}

async fn from_head(cx: &mut Cx, place: Place, head: &mut Head, limit: usize) -> Result<Vec<Turn>> {
    let (key, until) = (head.contents.key(), cx.after(INSTANT));
    let mut turns = Vec::new();
    for (received, from) in [false, true].into_iter().zip(&mut head.from) {
        let found = cx.glance_between::<Turn>(place, (key, received, *from), (key, received, until), limit).await?;
        // Where there is none, the next one may come at any moment from now on, or from a little before.
        if let Some(first) = found.first() {
            *from = first.visible_at;
        }
        turns.extend(found);
    }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::message::MessageId;
    use crate::world::World;

    const CONTENTS: Contents = Contents { queue: 1, purges: 0 };

    fn turn(visible_at: Timestamp, received: bool) -> Turn {
        Turn { contents: CONTENTS, received, visible_at, id: MessageId { sent: visible_at, tail: 0 } }
    }

    fn ago(cx: &Cx, seconds: i64) -> Timestamp {
        Timestamp::from_micros(cx.now().micros() - seconds * 1_000_000)
    }

    async fn found(cx: &mut Cx) -> Vec<Timestamp> {
        let place = cx.here();
        let mut head = Head::find(cx, place, CONTENTS).await.unwrap();
        let turns = visible(cx, place, &mut head, 10).await.unwrap();
        turns.iter().map(|turn| turn.visible_at).collect()
    }

    #[tokio::test]
    async fn a_turn_before_the_head_is_found_before_the_queue_is_said_to_be_empty() {
        let mut cx = World::start().await.cx().await;
        let (place, early, late) = (cx.here(), ago(&cx, 9), ago(&cx, 5));
        for received in [false, true] {
            cx.insert(place, &turn(late, received)).unwrap();
        }
        assert_eq!(found(&mut cx).await, [late, late]);
        cx.insert(place, &turn(early, false)).unwrap();
        assert_eq!(found(&mut cx).await, [late, late], "one begins where the first ones were");
        for received in [false, true] {
            cx.discard::<Turn>(place, turn(late, received).key()).unwrap();
        }
        assert_eq!(found(&mut cx).await, [early]);
    }

    #[tokio::test]
    async fn a_turn_before_the_head_is_found_a_second_later() {
        let mut cx = World::start().await.cx().await;
        let (place, early, late) = (cx.here(), ago(&cx, 9), ago(&cx, 5));
        cx.insert(place, &turn(early, false)).unwrap();
        cx.insert(place, &turn(late, false)).unwrap();
        for (at, expected) in
            [(cx.now(), vec![late]), (ago(&cx, 1), vec![early, late]), (cx.after(KEPT), vec![early, late])]
        {
            cx.insert(place, &Head { contents: CONTENTS, from: [late; 2], at }).unwrap();
            assert_eq!(found(&mut cx).await, expected, "{at:?}");
        }
    }
}
