//! How long records are kept: `IncreaseStreamRetentionPeriod` and `DecreaseStreamRetentionPeriod`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::create::RETENTION_HOURS;
use super::{Address, Carry, Change, Status, Stream};
use crate::errors::invalid;

/// Hours at most: 365 days.
const MOST_HOURS: u32 = 8760;

/// Keeps records longer.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_IncreaseStreamRetentionPeriod.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct IncreaseStreamRetentionPeriod {
    stream_name: Option<String>,
    retention_period_hours: u32,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
}

impl Operation for IncreaseStreamRetentionPeriod {
    const NAME: &'static str = "IncreaseStreamRetentionPeriod";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        super::access(cx, &address, "kinesis:IncreaseStreamRetentionPeriod").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        let stream = address.idle(cx).await?;
        if self.retention_period_hours > MOST_HOURS {
            return Err(invalid(format!("Maximum allowed retention period is {MOST_HOURS} hours.")));
        }
        check_least(self.retention_period_hours)?;
        if self.retention_period_hours < stream.retention_hours {
            return Err(wrong_way(&address, self.retention_period_hours, &stream, "shorter"));
        }
        set(cx, &address, stream, self.retention_period_hours).await
    }
}

/// Keeps records less long; those that are older can be read no more.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DecreaseStreamRetentionPeriod.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DecreaseStreamRetentionPeriod {
    stream_name: Option<String>,
    retention_period_hours: u32,
    #[serde(rename = "StreamARN")]
    stream_arn: Option<String>,
}

impl Operation for DecreaseStreamRetentionPeriod {
    const NAME: &'static str = "DecreaseStreamRetentionPeriod";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        super::access(cx, &address, "kinesis:DecreaseStreamRetentionPeriod").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::of(cx, self.stream_name.as_deref(), self.stream_arn.as_deref())?;
        let stream = address.idle(cx).await?;
        check_least(self.retention_period_hours)?;
        if self.retention_period_hours > stream.retention_hours {
            return Err(wrong_way(&address, self.retention_period_hours, &stream, "longer"));
        }
        set(cx, &address, stream, self.retention_period_hours).await
    }
}

fn check_least(hours: u32) -> Result<()> {
    if hours >= RETENTION_HOURS {
        return Ok(());
    }
    Err(invalid(format!("Minimum allowed retention period is {RETENTION_HOURS} hours.")))
}

fn wrong_way(address: &Address, hours: u32, stream: &Stream, way: &str) -> welkin_kernel::Error {
    invalid(format!(
        "Requested retention period ({hours} hours) for stream {} can not be {way} than existing retention period ({} \
         hours).",
        address.name, stream.retention_hours
    ))
}

async fn set(cx: &mut Cx, address: &Address, mut stream: Stream, hours: u32) -> Result<Empty> {
    if hours != stream.retention_hours {
        stream.retention_hours = hours;
        Carry::begin(cx, address, stream, Status::Updating, Change::Settle).await?;
    }
    Ok(Empty {})
}
