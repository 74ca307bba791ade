//! An event on its way.
//!
//! Reference: <https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html>

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use welkin_kernel::{AccountId, Fraction, Region, ServiceEvent, Timestamp};

/// An event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) source: String,
    pub(crate) detail_type: String,
    /// Where it happened: it keeps both when it is sent on.
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    /// When it happened, by who sent it.
    pub(crate) time: Timestamp,
    pub(crate) resources: Vec<String>,
    /// A JSON object.
    pub(crate) detail: String,
    /// When it came.
    pub(crate) ingested: Timestamp,
    /// Of which replay it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) replay: Option<String>,
    /// Whether it came from another bus: it is not sent on once more.
    #[serde(default)]
    pub(crate) hopped: bool,
    /// Whether it tells of a call that only reads: rules must ask for those.
    #[serde(default)]
    pub(crate) read_only: bool,
}

impl Event {
    /// What a service tells.
    pub(crate) fn of_service(event: &ServiceEvent, now: Timestamp) -> Self {
        Self {
            id: event.id.clone(),
            source: event.source.clone(),
            detail_type: event.detail_type.clone(),
            account: event.place.account,
            region: event.place.region,
            time: event.time,
            resources: event.resources.iter().map(ToString::to_string).collect(),
            detail: event.detail.to_string(),
            ingested: now,
            replay: None,
            hopped: false,
            read_only: event.read_only,
        }
    }

    /// Its JSON, as patterns and targets see it.
    pub(crate) fn document(&self) -> Value {
        let mut document = self.envelope();
        document.insert("detail".to_owned(), serde_json::from_str(&self.detail).unwrap_or_else(|_| json!({})));
        if let Some(replay) = &self.replay {
            document.insert("replay-name".to_owned(), replay.as_str().into());
        }
        Value::Object(document)
    }

    /// Its JSON without `detail`.
    pub(crate) fn envelope(&self) -> Map<String, Value> {
        let Value::Object(envelope) = json!({
            "version": "0",
            "id": self.id,
            "detail-type": self.detail_type,
            "source": self.source,
            "account": self.account.to_string(),
            "time": self.time.whole_secs().to_iso8601(Fraction::AsNeeded),
            "region": self.region.name(),
            "resources": self.resources,
        }) else {
            return Map::new();
        };
        envelope
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The event of the examples in
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html>
    pub(crate) fn example() -> Event {
        Event {
            id: "7bf73129-1428-4cd3-a780-95db273d1602".to_owned(),
            source: "aws.ec2".to_owned(),
            detail_type: "EC2 Instance State-change Notification".to_owned(),
            account: "123456789012".parse().expect("an account"),
            region: Region::US_EAST_1,
            time: Timestamp::from_millis(1_447_277_394_500),
            resources: vec!["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111".to_owned()],
            detail: r#"{"instance-id":"i-0123456789","state":"RUNNING"}"#.to_owned(),
            ingested: Timestamp::from_secs(1_447_277_395),
            replay: None,
            hopped: false,
            read_only: false,
        }
    }

    #[test]
    fn an_event_has_the_form_that_is_documented() {
        let expected = concat!(
            r#"{"version":"0","id":"7bf73129-1428-4cd3-a780-95db273d1602","#,
            r#""detail-type":"EC2 Instance State-change Notification","source":"aws.ec2","account":"123456789012","#,
            r#""time":"2015-11-11T21:29:54Z","region":"us-east-1","#,
            r#""resources":["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],"#,
            r#""detail":{"instance-id":"i-0123456789","state":"RUNNING"}}"#,
        );
        assert_eq!(example().document().to_string(), expected);
        let replayed = Event { replay: Some("again".to_owned()), ..example() };
        assert_eq!(replayed.document()["replay-name"], "again");
    }
}
