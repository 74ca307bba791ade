//! What alarms do when their state changes: they publish to topics.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use welkin_kernel::{Arn, Call, Cx, Job, Place, Result, Schedule};

use super::{Alarm, State, history, notification};

/// Has an alarm do what it does in its state.
///
/// # Errors
/// When the store fails.
pub(super) async fn all(cx: &mut Cx, place: Place, alarm: &Alarm, before: State) -> Result<()> {
    for action in alarm.actions(alarm.state) {
        let job = Act {
            alarm: alarm.name.clone(),
            action: action.clone(),
            subject: notification::subject(alarm, place),
            message: notification::message(alarm, place, before).to_string(),
        };
        // In order: the last that is heard of an alarm is how it is.
        let lane = format!("cloudwatch/act/{}/{}/{}", place.account, place.region, alarm.name);
        cx.enqueue_at(place, &job, Schedule::now().lane(lane)).await?;
    }
    Ok(())
}

/// Publishes to a topic that an alarm changed its state.
#[derive(Serialize, Deserialize)]
pub(crate) struct Act {
    alarm: String,
    action: String,
    subject: String,
    message: String,
}

/// Input of SNS's Publish.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Publish<'a> {
    topic_arn: &'a str,
    subject: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_group_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_deduplication_id: Option<String>,
}

impl Job for Act {
    const NAME: &'static str = "cloudwatch/act";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let Some(alarm) = cx.get::<Alarm>(place, self.alarm.as_str()).await? else { return Ok(()) };
        let arn: Option<Arn> = self.action.parse().ok();
        let Some(there) = arn.and_then(|arn| Some(Place::new(arn.account()?, arn.region()?))) else { return Ok(()) };
        let is_fifo = self.action.ends_with(".fifo");
        let input = Publish {
            topic_arn: &self.action,
            subject: &self.subject,
            message: &self.message,
            // UNVERIFIED: that FIFO topics are possible, and with which group.
            message_group_id: is_fifo.then_some(self.alarm.as_str()),
            message_deduplication_id: is_fifo.then(|| cx.chance().uuid()),
        };
        let call = Call::to("sns", "Publish").input(&input).at(there);
        let result = cx.call(call.as_service(crate::PRINCIPAL, place.account, Some(alarm.arn(place)))).await;
        let error = match result {
            Ok(_) => None,
            Err(error) if error.answer().is_some() => error.answer().map(|it| format!("{}: {}", it.code, it.message)),
            Err(error) => return Err(error),
        };
        let summary = match &error {
            None => format!("Successfully executed action {}", self.action),
            Some(error) => format!("Failed to execute action {}. Received error: \"{error}\"", self.action),
        };
        let facts = json!({
            "actionState": if error.is_none() { "Succeeded" } else { "Failed" },
            "stateUpdateTimestamp": alarm.transitioned.millis(),
            "notificationResource": self.action,
            "publishedMessage": serde_json::from_str::<Json>(&self.message).unwrap_or_default(),
            "error": error,
        });
        history::write(cx, place, &alarm, "Action", &summary, &facts).await
    }
}
