//! `ListStreams`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp, page};

use super::{Address, ModeDetails, Stream};
use crate::errors::invalid;

/// Streams that one answer names, unless it is said otherwise.
const NAMES: usize = 100;

/// Lists the streams of the account and Region.
///
/// <https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListStreams.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListStreams {
    limit: Option<usize>,
    exclusive_start_stream_name: Option<String>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListStreamsOutput {
    stream_names: Vec<String>,
    has_more_streams: bool,
    next_token: Option<String>,
    stream_summaries: Vec<StreamSummary>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StreamSummary {
    stream_name: String,
    #[serde(rename = "StreamARN")]
    stream_arn: String,
    stream_status: String,
    stream_mode_details: ModeDetails,
    stream_creation_timestamp: Timestamp,
}

impl Operation for ListStreams {
    const NAME: &'static str = "ListStreams";
    type Output = ListStreamsOutput;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("kinesis:ListStreams"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListStreamsOutput> {
        let place = cx.here();
        let mut streams = Stream::all(cx, place).await?;
        if let Some(after) = &self.exclusive_start_stream_name {
            streams.retain(|stream| stream.name > *after);
        }
        let refusal = || invalid("NextToken is invalid.");
        let size = self.limit.unwrap_or(NAMES);
        let (streams, next_token) =
            page::cut(streams, size, self.next_token.as_deref(), |stream| &stream.name, refusal)?;
        Ok(ListStreamsOutput {
            stream_names: streams.iter().map(|stream| stream.name.clone()).collect(),
            has_more_streams: next_token.is_some(),
            next_token,
            stream_summaries: streams
                .into_iter()
                .map(|stream| StreamSummary {
                    stream_arn: Address { place, name: stream.name.clone() }.arn().to_string(),
                    stream_status: stream.status.name().to_owned(),
                    stream_mode_details: ModeDetails { stream_mode: stream.mode },
                    stream_creation_timestamp: stream.created,
                    stream_name: stream.name,
                })
                .collect(),
        })
    }
}
