//! Step 5: request quotas.

use super::Task;
use crate::{Cx, Limit, Principal, Result};

/// A token was taken for this call in an earlier run.
#[derive(Clone, Copy)]
struct Taken;

/// Takes a token for the call; once, however often it is run. Calls of services themselves are not charged.
pub(super) fn throttle(cx: &mut Cx, task: &Task, limit: Option<Limit>) -> Result<()> {
    let Some(limit) = limit else { return Ok(()) };
    if cx.run.recall::<Taken>().is_some() {
        return Ok(());
    }
    if matches!(cx.principal(), Principal::Service(_)) {
        return Ok(());
    }
    let account = limit.account.or_else(|| cx.principal().account()).unwrap_or(cx.account());
    if !cx.kernel.buckets.take(&limit, account, cx.region(), cx.now()) {
        return Err(task.family.throttled(limit.message));
    }
    cx.run.remember(Taken);
    Ok(())
}
