//! Insights events in the event history.

use welkin_kernel::{Cx, Result, Timestamp};

use super::event::InsightEvent;

/// A page of the events from `start` on, before the event `before`, the latest first; and whether there are more.
pub(crate) async fn page(
    cx: &mut Cx,
    start: Timestamp,
    before: &(Timestamp, String),
    fits: impl Fn(&InsightEvent) -> bool,
    most: usize,
) -> Result<(Vec<InsightEvent>, bool)> {
    let here = cx.here();
    let mut events = cx.between::<InsightEvent>(here, (start,), (before.0, &before.1), 0, true).await?;
    events.retain(fits);
    let more = events.len() > most;
    events.truncate(most);
    Ok((events, more))
}
