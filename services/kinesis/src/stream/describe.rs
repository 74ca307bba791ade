//! `DescribeStream` and `DescribeStreamSummary`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::{Address, ModeDetails, Stream};
use crate::consumer::Consumer;
use crate::shard::Shard;
use crate::shard::list::Shown;

/// Shards that one answer shows, unless it is said otherwise.
const SHARDS: usize = 100;

/// `EnhancedMonitoring`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EnhancedMetrics {
    shard_level_metrics: Vec<String>,
}

/// Describes a stream and its shards.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStream.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeStream {
    stream_name: Option<String>,
    limit: Option<usize>,
    exclusive_start_shard_id: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeStreamOutput {
    stream_description: StreamDescription,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StreamDescription {
    stream_name: String,
    #[serde(rename = "StreamARN")]
    stream_arn: String,
    stream_status: String,
    stream_mode_details: ModeDetails,
    shards: Vec<Shown>,
    has_more_shards: bool,
    retention_period_hours: u32,
    stream_creation_timestamp: Timestamp,
    enhanced_monitoring: Vec<EnhancedMetrics>,
    encryption_type: String,
    key_id: Option<String>,
}

impl Operation for DescribeStream {
    const NAME: &'static str = "DescribeStream";
    type Output = DescribeStreamOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        super::access(cx, &self.address(cx)?, "kinesis:DescribeStream").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeStreamOutput> {
        let address = self.address(cx)?;
        let stream = address.stream(cx).await?;
        let mut shards = Shard::of_stream(cx, address.place, stream.id).await?;
        if let Some(after) = &self.exclusive_start_shard_id {
            let after = Shard::number_of(&address, after)?;
            shards.retain(|shard| shard.number > after);
        }
        let limit = self.limit.unwrap_or(SHARDS);
        let has_more_shards = shards.len() > limit;
        shards.truncate(limit);
        Ok(DescribeStreamOutput {
            stream_description: StreamDescription {
                stream_arn: address.arn().to_string(),
                stream_status: stream.status.name().to_owned(),
                stream_mode_details: ModeDetails { stream_mode: stream.mode },
                shards: shards.iter().map(|shard| Shown::of(&stream, shard)).collect(),
                has_more_shards,
                retention_period_hours: stream.retention_hours,
                stream_creation_timestamp: stream.created,
                enhanced_monitoring: monitoring(&stream),
                encryption_type: encryption_type(&stream).to_owned(),
                key_id: stream.kms_key,
                stream_name: stream.name,
            },
        })
    }
}

impl DescribeStream {
    fn address(&self, cx: &Cx) -> Result<Address> {
        Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())
    }
}

/// Describes a stream without its shards.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStreamSummary.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeStreamSummary {
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeStreamSummaryOutput {
    stream_description_summary: StreamDescriptionSummary,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StreamDescriptionSummary {
    stream_name: String,
    #[serde(rename = "StreamARN")]
    stream_arn: String,
    stream_status: String,
    stream_mode_details: ModeDetails,
    retention_period_hours: u32,
    stream_creation_timestamp: Timestamp,
    enhanced_monitoring: Vec<EnhancedMetrics>,
    encryption_type: String,
    key_id: Option<String>,
    open_shard_count: u64,
    consumer_count: usize,
    #[serde(rename = "MaxRecordSizeInKiB")]
    max_record_size: u32,
}

impl Operation for DescribeStreamSummary {
    const NAME: &'static str = "DescribeStreamSummary";
    type Output = DescribeStreamSummaryOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        super::access(cx, &self.address(cx)?, "kinesis:DescribeStreamSummary").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeStreamSummaryOutput> {
        let address = self.address(cx)?;
        let stream = address.stream(cx).await?;
        let consumers = Consumer::of_stream(cx, address.place, stream.id).await?;
        Ok(DescribeStreamSummaryOutput {
            stream_description_summary: StreamDescriptionSummary {
                stream_arn: address.arn().to_string(),
                stream_status: stream.status.name().to_owned(),
                stream_mode_details: ModeDetails { stream_mode: stream.mode },
                retention_period_hours: stream.retention_hours,
                stream_creation_timestamp: stream.created,
                enhanced_monitoring: monitoring(&stream),
                encryption_type: encryption_type(&stream).to_owned(),
                open_shard_count: stream.open_count(),
                consumer_count: consumers.len(),
                max_record_size: 1024,
                key_id: stream.kms_key,
                stream_name: stream.name,
            },
        })
    }
}

impl DescribeStreamSummary {
    fn address(&self, cx: &Cx) -> Result<Address> {
        Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())
    }
}

fn monitoring(stream: &Stream) -> Vec<EnhancedMetrics> {
    vec![EnhancedMetrics { shard_level_metrics: stream.monitored.iter().cloned().collect() }]
}

/// `EncryptionType`.
pub(crate) fn encryption_type(stream: &Stream) -> &'static str {
    if stream.kms_key.is_some() { "KMS" } else { "NONE" }
}
