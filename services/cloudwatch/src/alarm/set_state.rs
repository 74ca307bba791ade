//! Giving an alarm a state by hand.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{Alarm, State, Watches, transition, wake};
use crate::errors::InvalidFormatFault;

/// Gives an alarm a state, until it is evaluated next.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SetAlarmState {
    alarm_name: String,
    state_value: State,
    state_reason: String,
    state_reason_data: Option<String>,
}

impl Operation for SetAlarmState {
    const NAME: &'static str = "SetAlarmState";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "cloudwatch:SetAlarmState", [&self.alarm_name]))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        if let Some(data) = &self.state_reason_data
            && serde_json::from_str::<serde_json::Value>(data).is_err()
        {
            return Err(InvalidFormatFault.into());
        }
        let place = cx.here();
        let mut alarm = Alarm::named(cx, &self.alarm_name).await?;
        // Alarms of metrics are evaluated again soon.
        if let Watches::Metrics(threshold) = &alarm.watches {
            wake::begin(cx, place, &alarm.name, threshold).await?;
        }
        let (reason, data) = (self.state_reason.clone(), self.state_reason_data.clone());
        if alarm.state == self.state_value {
            (alarm.reason, alarm.reason_data, alarm.updated) = (reason, data, cx.now());
            cx.put(place, &alarm).await?;
        } else {
            transition::change(cx, place, alarm, self.state_value, reason, data).await?;
        }
        Ok(Empty {})
    }
}
