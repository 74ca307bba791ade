//! `UpdateStreamMode`.

use std::time::Duration;

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::limits::ON_DEMAND_STREAMS;
use super::{Address, Carry, Change, Mode, ModeDetails, Status, Stream};
use crate::errors::{LimitExceededException, not_implemented};

/// Changes of the mode in 24 hours.
const CHANGES: usize = 2;

/// The window in which changes are counted.
pub(crate) const WINDOW: Duration = Duration::from_secs(24 * 3600);

/// Changes between provisioned and on-demand capacity. The shards stay as they are.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateStreamMode.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateStreamMode {
    #[serde(rename = "StreamARN")]
    stream_arn: String,
    stream_mode_details: ModeDetails,
    #[serde(rename = "WarmThroughputMiBps")]
    warm_throughput: Option<u64>,
}

impl Operation for UpdateStreamMode {
    const NAME: &'static str = "UpdateStreamMode";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        super::access(cx, &Address::of_arn(&self.stream_arn)?, "kinesis:UpdateStreamMode").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        if self.warm_throughput.is_some() {
            return Err(not_implemented("warm throughput"));
        }
        let address = Address::of_arn(&self.stream_arn)?;
        let mut stream = address.idle(cx).await?;
        let mode = self.stream_mode_details.stream_mode;
        if mode == stream.mode {
            // UNVERIFIED: that asking for the mode that a stream has does nothing, and does not count.
            return Ok(Empty {});
        }
        let since = cx.now().minus(WINDOW);
        stream.mode_changes.retain(|change| *change > since);
        if stream.mode_changes.len() >= CHANGES {
            return Err(LimitExceededException::because(format!(
                "Stream {} under account {} has switched its mode {CHANGES} times in the last 24 hours, which is the most \
                 that is allowed.",
                address.name, address.place.account
            )));
        }
        let streams = Stream::all(cx, address.place).await?;
        match mode {
            Mode::OnDemand => {
                if streams.iter().filter(|stream| stream.mode == Mode::OnDemand).count() >= ON_DEMAND_STREAMS {
                    return Err(LimitExceededException::because(format!(
                        "This request would exceed the limit of {ON_DEMAND_STREAMS} on-demand streams for the account {}.",
                        address.place.account
                    )));
                }
            }
            Mode::Provisioned => super::create::check_limit(cx, &streams, stream.open_count())?,
        }
        stream.mode_changes.push(cx.now());
        stream.mode = mode;
        Carry::begin(cx, &address, stream, Status::Updating, Change::Settle).await?;
        Ok(Empty {})
    }
}
