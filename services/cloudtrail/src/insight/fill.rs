//! Filling: when Insights are turned on, the week before is tallied from its records.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Cx, Job, Result, Schedule};

use super::analyse::{Analyse, Analysed};
use super::{BASELINE, tally};
use crate::delivery::Window;

/// Tallies the seven days before a window, a day at a time, and then has the window analysed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Fill {
    next: Window,
    window: Window,
}

const DAY: i64 = BASELINE / 7;

impl Fill {
    /// The job for a window.
    pub(super) fn before(window: Window) -> Self {
        Self { next: window.before(BASELINE), window }
    }

    pub(super) async fn enqueue(&self, cx: &mut Cx) -> Result<()> {
        let id = format!("cloudtrail/insights-fill {} {}", cx.account(), cx.region());
        cx.enqueue(self, Schedule::now().id(id)).await.map(|_| ())
    }
}

impl Job for Fill {
    const NAME: &'static str = "cloudtrail/insights-fill";
    const PRINCIPAL: &'static str = "cloudtrail.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let (here, end) = (cx.here(), self.next.after(DAY).min(self.window));
        for tally in tally::count(cx, here, self.next, end).await? {
            cx.put(here, &tally).await?;
        }
        if end < self.window {
            return Self { next: end, window: self.window }.enqueue(cx).await;
        }
        let filled = cx.now();
        cx.put(here, &Analysed { window: self.window.before(1), filled }).await?;
        cx.enqueue(&Analyse { window: self.window }, Schedule::now()).await.map(|_| ())
    }
}
