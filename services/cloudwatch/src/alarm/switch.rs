//! Whether alarms act.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::Alarm;

/// Lets alarms act.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_EnableAlarmActions.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EnableAlarmActions {
    alarm_names: Vec<String>,
}

/// Keeps alarms from acting.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DisableAlarmActions.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DisableAlarmActions {
    alarm_names: Vec<String>,
}

impl Operation for EnableAlarmActions {
    const NAME: &'static str = "EnableAlarmActions";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "cloudwatch:EnableAlarmActions", &self.alarm_names))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        switch(cx, &self.alarm_names, true).await
    }
}

impl Operation for DisableAlarmActions {
    const NAME: &'static str = "DisableAlarmActions";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "cloudwatch:DisableAlarmActions", &self.alarm_names))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        switch(cx, &self.alarm_names, false).await
    }
}

/// Names that are none's are passed over: the operations have no error for them.
async fn switch(cx: &mut Cx, names: &[String], enabled: bool) -> Result<Empty> {
    let place = cx.here();
    for name in names {
        if let Some(mut alarm) = cx.get::<Alarm>(place, name.as_str()).await? {
            alarm.actions_enabled = enabled;
            alarm.configured = cx.now();
            cx.put(place, &alarm).await?;
        }
    }
    Ok(Empty {})
}
