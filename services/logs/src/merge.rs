//! Reading the events of streams in the order of their times, a batch at a time.

use std::collections::BTreeMap;

use welkin_kernel::{Cx, Place, Result};

use crate::batch::{Event, Head, Id, heads};
use crate::group::Group;
use crate::stream::Stream;

/// Which events are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    /// From this time on, in milliseconds since 1970.
    pub(crate) start: i64,
    /// Before this time.
    pub(crate) end: i64,
    /// After this event.
    pub(crate) after: Option<Id>,
    /// Before this event.
    pub(crate) before: Option<Id>,
}

impl Span {
    /// The events that a group still has, between two times that a caller gave.
    pub(crate) fn of(group: &Group, now: i64, start: Option<i64>, end: Option<i64>) -> Self {
        let start = start.unwrap_or(0).max(group.horizon(now));
        Self { start, end: end.unwrap_or(i64::MAX), after: None, before: None }
    }

    fn holds(&self, id: Id) -> bool {
        id.time >= self.start
            && id.time < self.end
            && self.after.is_none_or(|after| id > after)
            && self.before.is_none_or(|before| id < before)
    }
}

/// A walk through the events of some streams, from the first to the last or back.
pub(crate) struct Walk {
    span: Span,
    back: bool,
    /// Batches that were not read yet, the next one last, with the number of their stream.
    heads: Vec<(usize, Head)>,
    /// Events that were read, and not passed yet.
    ready: BTreeMap<(Id, usize), String>,
    /// Bytes that were read.
    pub(crate) read: u64,
}

impl Walk {
    /// A walk through the `streams`; the events are told by the streams' numbers in it.
    pub(crate) async fn through(cx: &mut Cx, place: Place, streams: &[Stream], span: Span, back: bool) -> Result<Self> {
        let start = span.after.map_or(span.start, |after| after.time.max(span.start));
        let end = span.before.map_or(span.end, |before| span.end.min(before.time.saturating_add(1)));
        let mut found = Vec::new();
        for (number, stream) in streams.iter().enumerate() {
            let heads = heads(cx, place, (&stream.group, &stream.id), start, end).await?;
            found.extend(heads.into_iter().map(|head| (number, head)));
        }
        if back {
            found.sort_by_key(|(_, head)| head.last);
        } else {
            found.sort_by_key(|(_, head)| std::cmp::Reverse(head.first));
        }
        Ok(Self { span, back, heads: found, ready: BTreeMap::new(), read: 0 })
    }

    /// The next event, with the number of its stream.
    pub(crate) async fn next(&mut self, cx: &mut Cx, place: Place) -> Result<Option<(usize, Event)>> {
        loop {
            let ready = if self.back { self.ready.last_key_value() } else { self.ready.first_key_value() };
            let ready = ready.map(|((id, _), _)| *id);
            // A batch that was not read may have events as early (or late) as its first (or last) one.
            let sure = match (ready, self.heads.last()) {
                (_, None) => true,
                (None, Some(_)) => false,
                (Some(id), Some((_, head))) => {
                    if self.back {
                        id.time > head.last
                    } else {
                        id.time < head.first
                    }
                }
            };
            if sure {
                let next = if self.back { self.ready.pop_last() } else { self.ready.pop_first() };
                return Ok(next.map(|((id, stream), message)| (stream, Event { id, message })));
            }
            let Some((stream, head)) = self.heads.pop() else { continue };
            self.read += head.bytes;
            for event in head.events(cx, place).await? {
                if self.span.holds(event.id) {
                    self.ready.insert((event.id, stream), event.message);
                }
            }
        }
    }
}
