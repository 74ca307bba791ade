//! Metrics of single shards: `EnableEnhancedMonitoring` and `DisableEnhancedMonitoring`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{Address, Carry, Change, Status};

/// The metrics that a shard can have.
///
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html#kinesis-metrics-shard>
const ALL: [&str; 7] = [
    "IncomingBytes",
    "IncomingRecords",
    "IteratorAgeMilliseconds",
    "OutgoingBytes",
    "OutgoingRecords",
    "ReadProvisionedThroughputExceeded",
    "WriteProvisionedThroughputExceeded",
];

/// The metrics that names mean: `ALL` is each of them.
fn meant(names: &[String]) -> BTreeSet<String> {
    if names.iter().any(|name| name == "ALL") {
        return ALL.map(str::to_owned).into();
    }
    names.iter().cloned().collect()
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EnhancedMonitoringOutput {
    stream_name: String,
    current_shard_level_metrics: BTreeSet<String>,
    desired_shard_level_metrics: BTreeSet<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: String,
}

/// Has metrics reported for each shard.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_EnableEnhancedMonitoring.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EnableEnhancedMonitoring {
    stream_name: Option<String>,
    shard_level_metrics: Vec<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
}

impl Operation for EnableEnhancedMonitoring {
    const NAME: &'static str = "EnableEnhancedMonitoring";
    type Output = EnhancedMonitoringOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        super::access(cx, &address, "kinesis:EnableEnhancedMonitoring").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<EnhancedMonitoringOutput> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        let more = meant(&self.shard_level_metrics);
        change(cx, &address, |current| current.union(&more).cloned().collect()).await
    }
}

/// Has metrics reported for each shard no more.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DisableEnhancedMonitoring.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DisableEnhancedMonitoring {
    stream_name: Option<String>,
    shard_level_metrics: Vec<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
}

impl Operation for DisableEnhancedMonitoring {
    const NAME: &'static str = "DisableEnhancedMonitoring";
    type Output = EnhancedMonitoringOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        super::access(cx, &address, "kinesis:DisableEnhancedMonitoring").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<EnhancedMonitoringOutput> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        let less = meant(&self.shard_level_metrics);
        change(cx, &address, |current| current.difference(&less).cloned().collect()).await
    }
}

async fn change(
    cx: &mut Cx,
    address: &Address,
    desired: impl FnOnce(&BTreeSet<String>) -> BTreeSet<String>,
) -> Result<EnhancedMonitoringOutput> {
    let mut stream = address.idle(cx).await?;
    let current = stream.monitored.clone();
    stream.monitored = desired(&current);
    let desired = stream.monitored.clone();
    Carry::begin(cx, address, stream, Status::Updating, Change::Settle).await?;
    Ok(EnhancedMonitoringOutput {
        stream_name: address.name.clone(),
        current_shard_level_metrics: current,
        desired_shard_level_metrics: desired,
        stream_arn: address.arn().to_string(),
    })
}
