//! What happened to alarms.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use welkin_kernel::{Access, Cx, IntoKey, Key, Operation, Place, Resource, Result, Scope, Timestamp, page};

use super::Alarm;
use crate::errors::InvalidNextToken;

/// How long it is kept.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html>
const KEPT: Duration = Duration::from_secs(30 * 86_400);

/// Something that happened to an alarm.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Item {
    alarm: String,
    at: Timestamp,
    nonce: u64,
    alarm_type: String,
    kind: String,
    summary: String,
    data: String,
}

impl Resource for Item {
    const KIND: &'static str = "cloudwatch/history";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (self.alarm.as_str(), self.at, self.nonce).into_key()
    }
}

/// Longest summary and longest data, in letters.
const LONGEST_SUMMARY: usize = 255;
const LONGEST_DATA: usize = 4_095;

/// Rows that are too old and are dropped with each new one, at most.
const DROPPED: usize = 10;

/// Writes down that something happened to an alarm.
///
/// # Errors
/// When the store fails.
pub(super) async fn write(
    cx: &mut Cx,
    place: Place,
    alarm: &Alarm,
    kind: &str,
    summary: &str,
    data: &Json,
) -> Result<()> {
    let name = alarm.name.as_str();
    let over = cx.now().minus(KEPT);
    let old: Vec<Item> =
        cx.glance_between(place, (name, Timestamp::from_micros(i64::MIN)), (name, over), DROPPED).await?;
    for item in old {
        cx.discard::<Item>(place, item.key())?;
    }
    let cut = |text: String, most: usize| text.chars().take(most).collect();
    let item = Item {
        alarm: alarm.name.clone(),
        at: cx.now(),
        nonce: u64::from_le_bytes(cx.chance().bytes()),
        alarm_type: alarm.kind().to_owned(),
        kind: kind.to_owned(),
        summary: cut(summary.to_owned(), LONGEST_SUMMARY),
        data: cut(data.to_string(), LONGEST_DATA),
    };
    cx.insert(place, &item)
}

/// Tells what happened to alarms.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeAlarmHistory {
    alarm_name: Option<String>,
    #[serde(default)]
    alarm_types: Vec<String>,
    history_item_type: Option<String>,
    start_date: Option<Timestamp>,
    end_date: Option<Timestamp>,
    max_records: Option<usize>,
    next_token: Option<String>,
    scan_by: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeAlarmHistoryOutput {
    alarm_history_items: Vec<AlarmHistoryItem>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AlarmHistoryItem {
    alarm_name: String,
    alarm_type: String,
    timestamp: Timestamp,
    history_item_type: String,
    history_summary: String,
    history_data: String,
}

impl Operation for DescribeAlarmHistory {
    const NAME: &'static str = "DescribeAlarmHistory";
    type Output = DescribeAlarmHistoryOutput;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "cloudwatch:DescribeAlarmHistory", &self.alarm_name))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeAlarmHistoryOutput> {
        let place = cx.here();
        let from = cx.now().minus(KEPT);
        let mut items: Vec<Item> = match &self.alarm_name {
            Some(name) => cx.list(place, name.as_str(), welkin_kernel::Page::ALL).await?,
            None => cx.list(place, (), welkin_kernel::Page::ALL).await?,
        };
        // Without AlarmTypes only those of metric alarms are told.
        let usual = ["MetricAlarm".to_owned()];
        let types =
            if self.alarm_types.is_empty() && self.alarm_name.is_none() { &usual[..] } else { &self.alarm_types[..] };
        items.retain(|item| {
            item.at >= self.start_date.unwrap_or(from).max(from)
                && self.end_date.is_none_or(|end| item.at <= end)
                && self.history_item_type.as_ref().is_none_or(|kind| *kind == item.kind)
                && (types.is_empty() || types.contains(&item.alarm_type))
        });
        items.sort_by_key(|item| (item.at, item.nonce));
        if self.scan_by.as_deref() != Some("TimestampAscending") {
            items.reverse();
        }
        let after: Option<(i64, u64)> = page::read(self.next_token.as_deref(), || InvalidNextToken.into())?;
        if let Some((at, nonce)) = after {
            let last = items.iter().position(|item| (item.at.micros(), item.nonce) == (at, nonce));
            items.drain(..last.map_or(items.len(), |last| last + 1));
        }
        let size = self.max_records.unwrap_or(100);
        let more = items.len() > size;
        items.truncate(size);
        let next_token =
            items.last().filter(|_| more).map(|it| page::token(&(it.at.micros(), it.nonce))).transpose()?;
        let shown = items.into_iter().map(|item| AlarmHistoryItem {
            alarm_name: item.alarm,
            alarm_type: item.alarm_type,
            timestamp: item.at,
            history_item_type: item.kind,
            history_summary: item.summary,
            history_data: item.data,
        });
        Ok(DescribeAlarmHistoryOutput { alarm_history_items: shown.collect(), next_token })
    }
}
