//! `CreateStream`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::limits::{ON_DEMAND_STREAMS, shard_limit};
use super::{Address, Carry, Change, Mode, ModeDetails, Status, Stream};
use crate::errors::{LimitExceededException, ResourceInUseException, ValidationException, invalid, not_implemented};
use crate::hash_key::HashKey;
use crate::shard::{self, Lineage};
use crate::tags;

/// Hours for which records are kept, unless it is said otherwise.
pub(crate) const RETENTION_HOURS: u32 = 24;

/// Shards of a new on-demand stream.
///
/// Source: <https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html#ondemandmode>
pub(crate) const ON_DEMAND_SHARDS: u64 = 4;

/// Streams that may be made at the same time.
const CREATING: usize = 5;

/// Makes a stream.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateStream {
    stream_name: String,
    shard_count: Option<u64>,
    stream_mode_details: Option<ModeDetails>,
    tags: Option<BTreeMap<String, String>>,
    #[serde(rename = "WarmThroughputMiBps")]
    warm_throughput: Option<u64>,
    #[serde(rename = "MaxRecordSizeInKiB")]
    max_record_size: Option<u64>,
    record_distribution_strategy: Option<String>,
}

impl Operation for CreateStream {
    const NAME: &'static str = "CreateStream";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address { place: cx.here(), name: self.stream_name.clone() };
        let tags = self.tags.clone().unwrap_or_default();
        let access = super::access(cx, &address, "kinesis:CreateStream").await?.request_tags(&tags);
        if tags.is_empty() {
            return Ok(access);
        }
        let tagging = Access::to("kinesis:AddTagsToStream").on(address.arn()).request_tags(&tags);
        Ok(access.and(tagging))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mode = self.stream_mode_details.map_or(Mode::Provisioned, |details| details.stream_mode);
        let tags = self.tags.clone().unwrap_or_default();
        tags::check(&tags)?;
        self.refuse()?;
        let address = Address { place: cx.here(), name: self.stream_name.clone() };
        if address.find(cx).await?.is_some() {
            return Err(ResourceInUseException::because(format!(
                "Stream {} under account {} already exists.",
                address.name, address.place.account
            )));
        }
        let count = self.count(cx, mode).await?;
        let mut stream = Stream {
            name: self.stream_name.clone(),
            id: u64::from_le_bytes(cx.chance().bytes()),
            created: cx.now(),
            status: Status::Creating,
            mode,
            retention_hours: RETENTION_HOURS,
            kms_key: None,
            monitored: BTreeSet::new(),
            tags,
            policy: None,
            mode_changes: Vec::new(),
            count_changes: Vec::new(),
            next_shard: 0,
            open: Vec::new(),
        };
        let starts = HashKey::even(count);
        for (at, start) in starts.iter().enumerate() {
            let end = starts.get(at + 1).map_or(HashKey::MOST, |next| HashKey(next.0 - 1));
            let open = shard::open(cx, address.place, &mut stream, *start, end, Lineage::default()).await?;
            stream.open.push(open);
        }
        Carry::begin(cx, &address, stream, Status::Creating, Change::Settle).await?;
        Ok(Empty {})
    }
}

impl CreateStream {
    /// Refuses what Welkin does not do.
    fn refuse(&self) -> Result<()> {
        if self.warm_throughput.is_some() {
            return Err(not_implemented("warm throughput"));
        }
        if self.max_record_size.is_some_and(|size| size != 1024) {
            return Err(not_implemented("records above 1 MiB"));
        }
        match self.record_distribution_strategy.as_deref() {
            None | Some("USER_PARTITION_KEY") => Ok(()),
            Some(_) => Err(not_implemented("record distribution strategies")),
        }
    }

    /// How many shards the stream is to have.
    async fn count(&self, cx: &mut Cx, mode: Mode) -> Result<u64> {
        let streams = Stream::all(cx, cx.here()).await?;
        if streams.iter().filter(|stream| stream.status == Status::Creating).count() >= CREATING {
            return Err(LimitExceededException::because(format!(
                "This request would exceed the number of streams that may be in CREATING at once: {CREATING}."
            )));
        }
        match (mode, self.shard_count) {
            (Mode::OnDemand, Some(_)) => {
                // UNVERIFIED: the wording.
                Err(ValidationException::because("ShardCount cannot be specified for a stream in ON_DEMAND mode."))
            }
            (Mode::OnDemand, None) => {
                let there = streams.iter().filter(|stream| stream.mode == Mode::OnDemand).count();
                if there >= ON_DEMAND_STREAMS {
                    return Err(LimitExceededException::because(format!(
                        "This request would exceed the limit of {ON_DEMAND_STREAMS} on-demand streams for the account {}.",
                        cx.account()
                    )));
                }
                Ok(ON_DEMAND_SHARDS)
            }
            (Mode::Provisioned, None) => Err(invalid("ShardCount is required for a stream in PROVISIONED mode.")),
            (Mode::Provisioned, Some(count)) => {
                check_limit(cx, &streams, count)?;
                Ok(count)
            }
        }
    }
}

/// Whether so many shards more are within the account's quota.
///
/// # Errors
/// `LimitExceededException`
pub(crate) fn check_limit(cx: &Cx, streams: &[Stream], more: u64) -> Result<()> {
    let there: u64 = streams.iter().filter(|stream| stream.mode == Mode::Provisioned).map(Stream::open_count).sum();
    let limit = shard_limit(cx.region());
    if there.saturating_add(more) <= limit {
        return Ok(());
    }
    Err(LimitExceededException::because(format!(
        "This request would exceed the shard limit for the account {} in {}. Current shard count for the account: \
         {there}. Limit: {limit}. Number of additional shards that would have resulted from this request: {more}. \
         Refer to the AWS Service Limits page (https://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) \
         for current limits and how to request higher limits.",
        cx.account(),
        cx.region().name()
    )))
}
