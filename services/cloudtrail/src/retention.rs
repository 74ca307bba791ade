//! The event history goes back 90 days; older records are dropped.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{CallRecord, Cx, DataRecord, Job, Resource, Result, Schedule, Timestamp};

use crate::insight;

/// How long records are kept.
///
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html>
pub(crate) const KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// Records dropped in one transaction at most.
const CHUNK: usize = 500;

/// Drops the records of one account and Region that are too old.
#[derive(Serialize, Deserialize)]
pub(crate) struct Expire {}

impl Job for Expire {
    const NAME: &'static str = "cloudtrail/expire";
    const PRINCIPAL: &'static str = "cloudtrail.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let (here, oldest) = (cx.here(), cx.now().minus(KEPT));
        let old = cx.between::<CallRecord>(here, (Timestamp::from_micros(0),), (oldest,), CHUNK, false).await?;
        for record in &old {
            cx.delete::<CallRecord>(here, Resource::key(record)).await?;
        }
        let old_data = cx.between::<DataRecord>(here, (Timestamp::from_micros(0),), (oldest,), CHUNK, false).await?;
        for record in &old_data {
            cx.delete::<DataRecord>(here, Resource::key(record)).await?;
        }
        insight::expire(cx, here, oldest).await?;
        if old.len().max(old_data.len()) == CHUNK {
            cx.enqueue(&Expire {}, Schedule::now()).await?;
        }
        Ok(())
    }
}
