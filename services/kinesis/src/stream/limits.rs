//! Quotas, and `DescribeLimits`.
//!
//! Source: <https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html>

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Region, Result};

use super::{Mode, Stream};

/// On-demand streams of an account and Region.
pub(crate) const ON_DEMAND_STREAMS: usize = 50;

/// Regions with more.
const LARGE: [&str; 3] = ["us-east-1", "us-west-2", "eu-west-1"];

/// Shards of the provisioned streams of an account and Region.
pub(crate) fn shard_limit(region: Region) -> u64 {
    if LARGE.contains(&region.name()) { 20_000 } else { 1_000 }
}

/// Shards to which an on-demand stream grows: it takes 10 GB/s in large Regions, else 200 MB/s.
pub(crate) fn on_demand_limit(region: Region) -> u64 {
    if LARGE.contains(&region.name()) { 10_000 } else { 200 }
}

/// Tells the quotas of shards and streams, and how much of them is used.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeLimits.html>
#[derive(Deserialize)]
pub(crate) struct DescribeLimits {}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeLimitsOutput {
    shard_limit: u64,
    open_shard_count: u64,
    on_demand_stream_count: usize,
    on_demand_stream_count_limit: usize,
}

impl Operation for DescribeLimits {
    const NAME: &'static str = "DescribeLimits";
    type Output = DescribeLimitsOutput;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("kinesis:DescribeLimits"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeLimitsOutput> {
        let streams = Stream::all(cx, cx.here()).await?;
        let (on_demand, provisioned): (Vec<_>, Vec<_>) =
            streams.iter().partition(|stream| stream.mode == Mode::OnDemand);
        Ok(DescribeLimitsOutput {
            shard_limit: shard_limit(cx.region()),
            open_shard_count: provisioned.into_iter().map(Stream::open_count).sum(),
            on_demand_stream_count: on_demand.len(),
            on_demand_stream_count_limit: ON_DEMAND_STREAMS,
        })
    }
}
