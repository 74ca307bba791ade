//! Log streams.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, IntoKey, Key, Operation, Page, Place, Resource, Result, Schedule, Scope, page};

use crate::batch::Head;
use crate::clear::Clear;
use crate::errors::{ResourceAlreadyExistsException, ResourceNotFoundException, bad_token, invalid};
use crate::group::{Address, Group};

/// Streams of a page unless the caller says how many.
const PAGE: usize = 50;

/// A log stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stream {
    /// The group's id.
    pub(crate) group: String,
    pub(crate) name: String,
    /// Tells it from earlier streams of its name.
    pub(crate) id: String,
    /// Milliseconds since 1970.
    pub(crate) created: i64,
}

impl Resource for Stream {
    const KIND: &'static str = "logs/stream";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        Self::place_of(&self.group, &self.name)
    }
}

impl Stream {
    /// The key of the stream of a name in the group with this id.
    pub(crate) fn place_of(group: &str, name: &str) -> Key {
        (group, name).into_key()
    }

    /// The stream of a group.
    ///
    /// # Errors
    /// `ResourceNotFoundException`
    pub(crate) async fn of(cx: &mut Cx, place: Place, group: &Group, name: &str) -> Result<Self> {
        let found = cx.get::<Self>(place, Self::place_of(&group.id, name)).await?;
        found.ok_or_else(|| ResourceNotFoundException::because("The specified log stream does not exist."))
    }

    /// What its batches tell of it.
    async fn extent(&self, cx: &mut Cx, place: Place) -> Result<Option<Extent>> {
        let id = (self.group.as_str(), self.id.as_str());
        let first = cx.list::<Head>(place, id, Page::of(1, None)).await?.pop();
        let latest = cx.list::<Head>(place, id, Page { limit: 1, reverse: true, after: None }).await?.pop();
        let (Some(first), Some(latest)) = (first, latest) else { return Ok(None) };
        // Another batch may have begun earlier and still end later.
        let late = crate::batch::heads(cx, place, id, latest.first, i64::MAX).await?;
        let last = late.iter().map(|head| head.last).max().unwrap_or(latest.last);
        let came = late.iter().map(|head| head.number.came).max().unwrap_or(latest.number.came);
        Ok(Some(Extent { first: first.first, last, came: i64::try_from(came / 1000).unwrap_or(i64::MAX) }))
    }
}

/// Times of what a stream holds, in milliseconds since 1970.
struct Extent {
    first: i64,
    last: i64,
    came: i64,
}

/// Creates a log stream.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateLogStream {
    log_group_name: String,
    log_stream_name: String,
}

impl Operation for CreateLogStream {
    const NAME: &'static str = "CreateLogStream";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Address::here(cx, &self.log_group_name).access(cx, "logs:CreateLogStream", "").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::here(cx, &self.log_group_name);
        let group = address.group(cx).await?;
        let name = self.log_stream_name.clone();
        if cx.exists::<Stream>(address.place, Stream::place_of(&group.id, &name)).await? {
            return Err(ResourceAlreadyExistsException::because("The specified log stream already exists"));
        }
        let stream = Stream { group: group.id, name, id: cx.chance().hex(16), created: cx.now().millis() };
        cx.put(address.place, &stream).await?;
        Ok(Empty {})
    }
}

/// Deletes a log stream with its events.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogStream.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeleteLogStream {
    log_group_name: String,
    log_stream_name: String,
}

impl Operation for DeleteLogStream {
    const NAME: &'static str = "DeleteLogStream";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = Address::here(cx, &self.log_group_name);
        address.access(cx, "logs:DeleteLogStream", &self.log_stream_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::here(cx, &self.log_group_name);
        let group = address.group(cx).await?;
        let stream = Stream::of(cx, address.place, &group, &self.log_stream_name).await?;
        cx.delete::<Stream>(address.place, stream.key()).await?;
        cx.enqueue(&Clear::stream(&group, &stream), Schedule::now()).await?;
        Ok(Empty {})
    }
}

/// A stream as listings have it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogStream {
    log_stream_name: String,
    creation_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_event_timestamp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_event_timestamp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_ingestion_time: Option<i64>,
    arn: String,
    /// Always 0 since June 2019, as AWS documents.
    stored_bytes: i64,
}

/// Lists the streams of a group.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeLogStreams {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Option<String>,
    #[serde(default)]
    descending: bool,
    next_token: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeLogStreamsResponse {
    log_streams: Vec<LogStream>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl DescribeLogStreams {
    fn address(&self, cx: &Cx) -> Result<Address> {
        Address::either(cx, self.log_group_name.as_deref(), self.log_group_identifier.as_deref())
    }

    fn by_time(&self) -> bool {
        self.order_by.as_deref() == Some("LastEventTime")
    }
}

impl Operation for DescribeLogStreams {
    const NAME: &'static str = "DescribeLogStreams";
    type Output = DescribeLogStreamsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        self.address(cx)?.access(cx, "logs:DescribeLogStreams", "").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeLogStreamsResponse> {
        if self.by_time() && self.log_stream_name_prefix.is_some() {
            return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
        }
        let address = self.address(cx)?;
        let group = address.group(cx).await?;
        let mut streams = cx.list::<Stream>(address.place, group.id.as_str(), Page::ALL).await?;
        streams.retain(|stream| self.log_stream_name_prefix.as_ref().is_none_or(|p| stream.name.starts_with(p)));
        let mut all = Vec::with_capacity(streams.len());
        for stream in streams {
            // By name, only those of the page are looked into.
            let last = if self.by_time() { stream.extent(cx, address.place).await?.map_or(0, |e| e.last) } else { 0 };
            all.push((last, stream));
        }
        all.sort_by(|(a, x), (b, y)| (a, &x.name).cmp(&(b, &y.name)));
        if self.descending {
            all.reverse();
        }
        let (page, next_token) = self.cut(all)?;
        let mut log_streams = Vec::with_capacity(page.len());
        for (_, stream) in page {
            log_streams.push(listed(cx, &address, stream).await?);
        }
        Ok(DescribeLogStreamsResponse { log_streams, next_token })
    }
}

/// Streams with the times of their last events, where the order is by them.
type Timed = Vec<(i64, Stream)>;

impl DescribeLogStreams {
    fn cut(&self, mut all: Timed) -> Result<(Timed, Option<String>)> {
        if let Some((last, name)) = page::read::<(i64, String)>(self.next_token.as_deref(), bad_token)? {
            let done = (last, &name);
            all.retain(|(last, stream)| {
                let this = (*last, &stream.name);
                if self.descending { this < done } else { this > done }
            });
        }
        let size = self.limit.unwrap_or(PAGE);
        let more = all.len() > size;
        all.truncate(size);
        let last = all.last().filter(|_| more);
        let token = last.map(|(last, stream)| page::token(&(last, &stream.name))).transpose()?;
        Ok((all, token))
    }
}

async fn listed(cx: &mut Cx, address: &Address, stream: Stream) -> Result<LogStream> {
    let extent = stream.extent(cx, address.place).await?;
    Ok(LogStream {
        arn: format!("{}:log-stream:{}", address.arn(), stream.name),
        creation_time: stream.created,
        first_event_timestamp: extent.as_ref().map(|e| e.first),
        last_event_timestamp: extent.as_ref().map(|e| e.last),
        last_ingestion_time: extent.as_ref().map(|e| e.came),
        stored_bytes: 0,
        log_stream_name: stream.name,
    })
}
