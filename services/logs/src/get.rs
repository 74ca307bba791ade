//! Reading the events of a stream, in both directions.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use crate::OVERHEAD;
use crate::batch::{Event, Id};
use crate::errors::{bad_token, invalid};
use crate::group::{Address, Class, Group};
use crate::merge::{Span, Walk};
use crate::stream::Stream;

/// Events of a page at most, and unless the caller says how many.
pub(crate) const PAGE: usize = 10_000;

/// Bytes of a page at most.
pub(crate) const PAGE_BYTES: usize = 1 << 20;

/// Lists the events of a stream.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetLogEvents {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: String,
    start_time: Option<i64>,
    end_time: Option<i64>,
    next_token: Option<String>,
    limit: Option<usize>,
    #[serde(default)]
    start_from_head: bool,
    #[serde(default)]
    unmask: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OutputLogEvent {
    timestamp: i64,
    message: String,
    ingestion_time: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetLogEventsResponse {
    events: Vec<OutputLogEvent>,
    next_forward_token: String,
    next_backward_token: String,
}

/// Where a page begins: after an event, or before one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Forward(Id),
    Backward(Id),
}

impl Token {
    fn read(text: &str) -> Result<Self> {
        let id = |text: &str| Id::read(text.strip_suffix("/s")?);
        let forward = text.strip_prefix("f/").and_then(id).map(Self::Forward);
        forward.or_else(|| text.strip_prefix("b/").and_then(id).map(Self::Backward)).ok_or_else(bad_token)
    }

    fn text(self) -> String {
        match self {
            Self::Forward(id) => format!("f/{}/s", id.text()),
            Self::Backward(id) => format!("b/{}/s", id.text()),
        }
    }
}

impl GetLogEvents {
    fn address(&self, cx: &Cx) -> Result<Address> {
        Address::either(cx, self.log_group_name.as_deref(), self.log_group_identifier.as_deref())
    }
}

impl Operation for GetLogEvents {
    const NAME: &'static str = "GetLogEvents";
    type Output = GetLogEventsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let address = self.address(cx)?;
        readable(cx, &address, "logs:GetLogEvents", &self.log_stream_name, self.unmask).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetLogEventsResponse> {
        let token = self.next_token.as_deref().map(Token::read).transpose()?;
        let address = self.address(cx)?;
        let group = address.group(cx).await?;
        check_class(&group)?;
        let stream = Stream::of(cx, address.place, &group, &self.log_stream_name).await?;
        let mut span = Span::of(&group, cx.now().millis(), self.start_time, self.end_time);
        let back = match token {
            Some(Token::Forward(id)) => {
                span.after = Some(id);
                false
            }
            Some(Token::Backward(id)) => {
                span.before = Some(id);
                true
            }
            None => !self.start_from_head,
        };
        let mut walk = Walk::through(cx, address.place, &[stream], span, back).await?;
        let (mut events, mut bytes) = (Vec::new(), 0);
        while events.len() < self.limit.unwrap_or(PAGE) {
            let Some((_, event)) = walk.next(cx, address.place).await? else { break };
            bytes += event.message.len() + OVERHEAD;
            if bytes > PAGE_BYTES && !events.is_empty() {
                break;
            }
            events.push(event);
        }
        if back {
            events.reverse();
        }
        Ok(page(events, token))
    }
}

/// A page and the tokens of its neighbours. At the end of the stream the token of the call is answered again.
fn page(events: Vec<Event>, token: Option<Token>) -> GetLogEventsResponse {
    let here = match token {
        Some(Token::Forward(id) | Token::Backward(id)) => id,
        None => Id::FIRST,
    };
    let first = events.first().map_or(here, |event| event.id);
    let last = events.last().map_or(here, |event| event.id);
    let shown = |event: Event| OutputLogEvent {
        timestamp: event.id.time,
        ingestion_time: event.id.ingested(),
        message: event.message,
    };
    GetLogEventsResponse {
        events: events.into_iter().map(shown).collect(),
        next_forward_token: Token::Forward(last).text(),
        next_backward_token: Token::Backward(first).text(),
    }
}

/// The statement that `action` is needed, and to see what is masked another one.
pub(crate) async fn readable(
    cx: &mut Cx,
    address: &Address,
    action: &'static str,
    stream: &str,
    unmask: bool,
) -> Result<Access> {
    let access = address.access(cx, action, stream).await?;
    Ok(if unmask { access.and(address.access(cx, "logs:Unmask", "").await?) } else { access })
}

/// Events of groups that are seldom read are read by queries only.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html>
pub(crate) fn check_class(group: &Group) -> Result<()> {
    match group.class {
        Class::Standard => Ok(()),
        // UNVERIFIED: the wording.
        Class::InfrequentAccess => {
            Err(invalid("This operation is not supported for log groups of the Infrequent Access log class."))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::batch::Number;

    #[test]
    fn tokens_read_back_and_others_are_refused() {
        let id = Id { time: 7, number: Number { came: 8, chance: u64::MAX }, at: 9 };
        for token in [Token::Forward(id), Token::Backward(id)] {
            assert_eq!(Token::read(&token.text()).unwrap(), token);
        }
        assert!(Token::read("f/1/s").is_err());
        assert!(Token::read("").is_err());
    }
}
