//! What is deleted is gone from disk, not only from sight.
//!
//! Material lies in the store sealed by the root key, but the root key lies beside it. So after material, or a key by
//! which it was unwrapped, was deleted, the store is told to remove it from its files as well.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{AccountId, Cx, Job, Place, Region, Result, Schedule, Timestamp};

/// The files are seen to at every whole ten minutes after which there is something to remove: it is much work,
/// and the same for one key as for many.
const EVERY: Duration = Duration::from_secs(10 * 60);

/// Has what this call deletes removed from the files of the store, within ten minutes.
pub(crate) async fn soon(cx: &mut Cx) -> Result<()> {
    let at = next_turn(cx.now());
    let place = Place::new(AccountId::DEFAULT, Region::US_EAST_1);
    let schedule = Schedule::at(at).same(format!("{} {}", Expunge::NAME, at.secs()));
    cx.enqueue_at(place, &Expunge {}, schedule).await.map(drop)
}

fn next_turn(now: Timestamp) -> Timestamp {
    let every = i64::try_from(EVERY.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_secs((now.secs().div_euclid(every) + 1).saturating_mul(every))
}

/// Removes what was deleted from the files of the store, where its engine can do that.
#[derive(Serialize, Deserialize)]
pub(crate) struct Expunge {}

impl Job for Expunge {
    const NAME: &'static str = "kms/expunge";
    const PRINCIPAL: &'static str = "kms.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        cx.stage(async |cx: &mut Cx| cx.expunge().await).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_turn_is_later_and_the_same_for_all_who_come_before_it() {
        let turn = |secs| next_turn(Timestamp::from_secs(secs)).secs();
        assert_eq!((turn(0), turn(599), turn(600), turn(601)), (600, 600, 1200, 1200));
    }
}
