//! Searching the events of a group.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result, page};
use welkin_log_patterns::Pattern;

use crate::OVERHEAD;
use crate::batch::Id;
use crate::errors::{bad_token, invalid, not_implemented};
use crate::get::{PAGE, PAGE_BYTES, check_class, readable};
use crate::group::{Address, Group};
use crate::merge::{Span, Walk};
use crate::stream::Stream;

/// Bytes of events that one call looks at, at most; the next page goes on from there.
const LOOKED_AT: u64 = 16 << 20;

/// Lists events of a group, or of some of its streams, that a pattern matches.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FilterLogEvents {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    #[serde(default)]
    filter_pattern: String,
    next_token: Option<String>,
    limit: Option<usize>,
    start_from_head: Option<bool>,
    #[serde(default)]
    unmask: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FilteredLogEvent {
    log_stream_name: String,
    timestamp: i64,
    message: String,
    ingestion_time: i64,
    event_id: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FilterLogEventsResponse {
    events: Vec<FilteredLogEvent>,
    /// Always empty since May 2020, as AWS documents.
    searched_log_streams: Vec<SearchedLogStream>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SearchedLogStream {
    log_stream_name: String,
}

/// The pattern that a caller wrote.
///
/// # Errors
/// `InvalidParameterException`
pub(crate) fn parse(pattern: &str) -> Result<Pattern> {
    Pattern::parse(pattern).map_err(|error| invalid(format!("Invalid filter pattern: {error}")))
}

impl FilterLogEvents {
    fn address(&self, cx: &Cx) -> Result<Address> {
        Address::either(cx, self.log_group_name.as_deref(), self.log_group_identifier.as_deref())
    }

    /// The streams that are to be searched.
    async fn streams(&self, cx: &mut Cx, address: &Address, group: &Group) -> Result<Vec<Stream>> {
        let Some(names) = &self.log_stream_names else {
            let mut streams = cx.list::<Stream>(address.place, group.id.as_str(), Page::ALL).await?;
            streams.retain(|stream| self.log_stream_name_prefix.as_ref().is_none_or(|p| stream.name.starts_with(p)));
            return Ok(streams);
        };
        let mut streams = Vec::with_capacity(names.len());
        for name in names {
            streams.push(Stream::of(cx, address.place, group, name).await?);
        }
        Ok(streams)
    }
}

impl Operation for FilterLogEvents {
    const NAME: &'static str = "FilterLogEvents";
    type Output = FilterLogEventsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = self.address(cx)?;
        readable(cx, &address, "logs:FilterLogEvents", "", self.unmask).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<FilterLogEventsResponse> {
        if self.log_stream_names.is_some() && self.log_stream_name_prefix.is_some() {
            return Err(invalid("logStreamNames and logStreamNamePrefix are mutually exclusive."));
        }
        if self.start_from_head == Some(false) {
            return Err(not_implemented("startFromHead=false of FilterLogEvents"));
        }
        let pattern = parse(&self.filter_pattern)?;
        let token = page::read::<String>(self.next_token.as_deref(), bad_token)?;
        let after = token.map(|id| Id::read(&id).ok_or_else(bad_token)).transpose()?;
        let address = self.address(cx)?;
        let group = address.group(cx).await?;
        check_class(&group)?;
        let streams = self.streams(cx, &address, &group).await?;
        let mut span = Span::of(&group, cx.now().millis(), self.start_time, self.end_time);
        // The end of the time that is asked for belongs to it here, unlike in GetLogEvents.
        span.end = span.end.saturating_add(1);
        span.after = after;
        let mut walk = Walk::through(cx, address.place, &streams, span, false).await?;
        let (mut events, mut bytes, mut seen) = (Vec::new(), 0, None);
        let limit = self.limit.unwrap_or(PAGE);
        let next = loop {
            let full = events.len() >= limit || bytes >= PAGE_BYTES || walk.read > LOOKED_AT;
            let Some((stream, event)) = walk.next(cx, address.place).await? else { break None };
            if full {
                break seen;
            }
            seen = Some(event.id);
            if !pattern.matches(&event.message) {
                continue;
            }
            bytes += event.message.len() + OVERHEAD;
            events.push(FilteredLogEvent {
                log_stream_name: streams.get(stream).map(|stream| stream.name.clone()).unwrap_or_default(),
                timestamp: event.id.time,
                ingestion_time: event.id.ingested(),
                event_id: event.id.text(),
                message: event.message,
            });
        };
        let next_token = next.map(|id| page::token(&id.text())).transpose()?;
        Ok(FilterLogEventsResponse { events, searched_log_streams: Vec::new(), next_token })
    }
}
