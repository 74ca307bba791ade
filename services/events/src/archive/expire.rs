//! Events that are older than their archive keeps them.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Job, Result, Schedule, Timestamp};

use super::{Archive, Kept};

/// Removes what is too old, once a day.
#[derive(Serialize, Deserialize)]
pub(crate) struct Expire {
    name: String,
    id: u64,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Events that one run removes at most.
const BATCH: usize = 500;

/// Sees to it that an archive is looked through a day from now, if it does not keep its events for ever.
pub(super) async fn schedule(cx: &mut Cx, archive: &Archive) -> Result<()> {
    let at = cx.after(DAY);
    again(cx, archive, at).await
}

async fn again(cx: &mut Cx, archive: &Archive, at: Timestamp) -> Result<()> {
    let id = format!("events/expire {} {:016x}", cx.account(), archive.id);
    if archive.retention == 0 {
        return cx.cancel(&id).await.map(|_| ());
    }
    let job = Expire { name: archive.name.clone(), id: archive.id };
    cx.enqueue(&job, Schedule::at(at).id(id)).await.map(|_| ())
}

impl Job for Expire {
    const NAME: &'static str = "events/expire";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let archive = cx.get::<Archive>(here, &self.name).await?.filter(|archive| archive.id == self.id);
        let Some(archive) = archive.filter(|archive| archive.retention > 0) else { return Ok(()) };
        let kept = Duration::from_secs(u64::from(archive.retention) * DAY.as_secs());
        let oldest = cx.now().minus(kept);
        let first = Timestamp::from_micros(i64::MIN);
        let old = cx.between::<Kept>(here, (self.id, first), (self.id, oldest), BATCH, false).await?;
        for Kept { event, .. } in &old {
            cx.discard::<Kept>(here, (self.id, event.time, &event.id))?;
        }
        let at = if old.len() == BATCH { cx.now() } else { cx.after(DAY) };
        again(cx, &archive, at).await
    }
}
