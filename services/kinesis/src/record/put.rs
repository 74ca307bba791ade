//! `PutRecord` and `PutRecords`.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Error, Event, Operation, Result, Unit};

use super::{Block, Kept, pack};
use crate::encryption;
use crate::errors::{DryRunOperationException, ValidationException, invalid};
use crate::hash_key::HashKey;
use crate::metric;
use crate::scaling;
use crate::sequence::{Position, SequenceNumber};
use crate::shard::{self, Head, ShardNumber};
use crate::stream::describe::encryption_type;
use crate::stream::{self, Address, DATA, Stream};
use crate::throughput::{exceeded, exceeded_message};
use crate::trim::Trim;

/// Bytes of a record with its partition key, and of all records of a call.
///
/// The store takes 10 MiB in a transaction, so calls of more than 5 MiB, which AWS takes since 2025, are refused.
const RECORD_BYTES: usize = 1024 * 1024;
const CALL_BYTES: usize = 5 * 1024 * 1024;

/// A record on its way into a stream.
struct Incoming<'a> {
    data: &'a Bytes,
    partition_key: &'a str,
    hash_key: HashKey,
}

impl<'a> Incoming<'a> {
    fn of(data: &'a Bytes, partition_key: Option<&'a str>, explicit: Option<&str>) -> Result<Self> {
        let partition_key = partition_key.ok_or_else(|| ValidationException::because("PartitionKey is required."))?;
        let hash_key = match explicit {
            None => HashKey::of(partition_key),
            Some(text) => HashKey::parse(text).ok_or_else(|| {
                invalid(format!("Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was {text}"))
            })?,
        };
        if data.len() + partition_key.len() > RECORD_BYTES {
            // UNVERIFIED: the wording.
            return Err(invalid(format!("The record with its partition key is larger than {RECORD_BYTES} bytes.")));
        }
        Ok(Self { data, partition_key, hash_key })
    }

    fn size(&self) -> usize {
        self.data.len() + self.partition_key.len()
    }
}

/// Where a record went, or which shard had no room for it.
type Outcome = std::result::Result<SequenceNumber, ShardNumber>;

/// Puts records into a stream: those of one shard become one block. Records that their shard has no room for are left
/// out; the order is kept.
async fn put(cx: &mut Cx, address: &Address, stream: &Stream, records: &[Incoming<'_>]) -> Result<Vec<Outcome>> {
    let mut by_shard: BTreeMap<ShardNumber, Vec<usize>> = BTreeMap::new();
    for (at, record) in records.iter().enumerate() {
        let shard = stream.route(record.hash_key);
        let shard = shard.ok_or_else(|| Error::internal(format_args!("{} has no shard for a key", stream.name)))?;
        by_shard.entry(shard.number).or_default().push(at);
    }
    let mut outcomes: Vec<Option<Outcome>> = vec![None; records.len()];
    for (shard, indices) in by_shard {
        let mut head = Head::of(cx, address.place, stream.id, shard).await?;
        head.buckets.pass(cx.now());
        let mut position = head.next.max(Position::at(cx.now()));
        let (mut kept, mut last) = (Vec::with_capacity(indices.len()), position);
        let (all, mut bytes) = (indices.len(), 0);
        for at in indices {
            let record = &records[at];
            if !head.buckets.take(record.size()) {
                outcomes[at] = Some(Err(shard));
                continue;
            }
            bytes += record.size();
            scaling::count(&mut head.load, cx.now(), record.size(), record.hash_key);
            outcomes[at] = Some(Ok(SequenceNumber { position, shard, stream: stream.id }));
            kept.push(Kept { partition_key: record.partition_key.to_owned(), data: record.data.clone() });
            last = position;
            position = position.next();
        }
        metric::put(cx, address.place, stream, shard, (bytes, kept.len(), all - kept.len()));
        if kept.is_empty() {
            continue;
        }
        head.next = position;
        Trim::begin(cx, address.place, stream, &mut head).await?;
        scaling::look(cx, address, stream, &head).await?;
        cx.put(address.place, &head).await?;
        let content = encryption::seal(cx, address, stream, pack(&kept)?).await?;
        let (count, time) = (kept.len() as u64, cx.now());
        cx.insert(address.place, &Block { stream: stream.id, shard, last, time, count, content })?;
    }
    Ok(outcomes.into_iter().flatten().collect())
}

/// Puts a record into a stream.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutRecord {
    stream_name: Option<String>,
    data: Bytes,
    partition_key: Option<String>,
    explicit_hash_key: Option<String>,
    sequence_number_for_ordering: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    dry_run: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutRecordOutput {
    shard_id: String,
    sequence_number: String,
    encryption_type: String,
}

impl Operation for PutRecord {
    const NAME: &'static str = "PutRecord";
    const EVENT: Event = DATA;
    type Output = PutRecordOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        stream::access(cx, &address, "kinesis:PutRecord").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<PutRecordOutput> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        let stream = address.ready(cx).await?;
        let record = Incoming::of(&self.data, self.partition_key.as_deref(), self.explicit_hash_key.as_deref())?;
        if let (Some(text), Some(shard)) = (&self.sequence_number_for_ordering, stream.route(record.hash_key)) {
            // It orders nothing that is not ordered anyway: records of one caller come one after the other.
            if SequenceNumber::place(text, stream.id, shard.number).is_err() {
                return Err(invalid(format!("Invalid SequenceNumberForOrdering {text}")));
            }
        }
        if self.dry_run.unwrap_or(false) {
            return Err(DryRunOperationException.into());
        }
        let bytes = record.size();
        match put(cx, &address, &stream, &[record]).await?.pop() {
            Some(Ok(number)) => {
                metric::of_stream(cx, address.place, &stream, "PutRecord.Bytes", bytes, Unit::Bytes);
                metric::of_stream(cx, address.place, &stream, "PutRecord.Success", 1, Unit::Count);
                Ok(PutRecordOutput {
                    shard_id: shard::id(number.shard),
                    sequence_number: number.to_string(),
                    encryption_type: encryption_type(&stream).to_owned(),
                })
            }
            Some(Err(shard)) => Err(exceeded(&address, shard)),
            None => Err(Error::internal("a record without an outcome")),
        }
    }
}

/// Puts up to 500 records into a stream; each fails or succeeds by itself.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutRecords {
    records: Vec<Entry>,
    stream_name: Option<String>,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
    dry_run: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    data: Bytes,
    explicit_hash_key: Option<String>,
    partition_key: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutRecordsOutput {
    failed_record_count: usize,
    records: Vec<ResultEntry>,
    encryption_type: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResultEntry {
    sequence_number: Option<String>,
    shard_id: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
}

impl Operation for PutRecords {
    const NAME: &'static str = "PutRecords";
    const EVENT: Event = DATA;
    type Output = PutRecordsOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        stream::access(cx, &address, "kinesis:PutRecords").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<PutRecordsOutput> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        let stream = address.ready(cx).await?;
        let mut records = Vec::with_capacity(self.records.len());
        for entry in &self.records {
            records.push(Incoming::of(
                &entry.data,
                entry.partition_key.as_deref(),
                entry.explicit_hash_key.as_deref(),
            )?);
        }
        if records.iter().map(Incoming::size).sum::<usize>() > CALL_BYTES {
            return Err(invalid(format!("Records size exceeds {} MB limit", CALL_BYTES / (1024 * 1024))));
        }
        if self.dry_run.unwrap_or(false) {
            return Err(DryRunOperationException.into());
        }
        let outcomes = put(cx, &address, &stream, &records).await?;
        let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        let succeeded = outcomes.len() - failed;
        let accepted = records.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_ok());
        let bytes = accepted.map(|(record, _)| record.size()).sum();
        for (name, value, unit) in [
            ("PutRecords.Bytes", bytes, Unit::Bytes),
            ("PutRecords.Success", usize::from(succeeded > 0), Unit::Count),
            ("PutRecords.TotalRecords", outcomes.len(), Unit::Count),
            ("PutRecords.SuccessfulRecords", succeeded, Unit::Count),
            ("PutRecords.ThrottledRecords", failed, Unit::Count),
            // Those that failed by a fault of Kinesis: a call of Welkin's fails whole then.
            ("PutRecords.FailedRecords", 0, Unit::Count),
        ] {
            metric::of_stream(cx, address.place, &stream, name, value, unit);
        }
        Ok(PutRecordsOutput {
            failed_record_count: failed,
            records: outcomes.into_iter().map(|outcome| ResultEntry::of(&address, outcome)).collect(),
            encryption_type: encryption_type(&stream).to_owned(),
        })
    }
}

impl ResultEntry {
    fn of(address: &Address, outcome: Outcome) -> Self {
        match outcome {
            Ok(number) => Self {
                sequence_number: Some(number.to_string()),
                shard_id: Some(shard::id(number.shard)),
                error_code: None,
                error_message: None,
            },
            Err(shard) => Self {
                sequence_number: None,
                shard_id: None,
                error_code: Some("ProvisionedThroughputExceededException".to_owned()),
                error_message: Some(exceeded_message(address, shard)),
            },
        }
    }
}
