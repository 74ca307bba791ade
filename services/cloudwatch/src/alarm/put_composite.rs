//! Making alarms of other alarms.

use serde::Deserialize;
use serde::de::IgnoredAny;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::put::Given;
use super::rule::Rule;
use super::{Alarm, Composite, Suppressor, Watches, composite};
use crate::errors::{invalid, not_implemented};
use crate::tags::{self, Tag};

/// Alarms in a rule.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html>
const MOST: usize = 100;

/// Makes an alarm of other alarms, or changes it.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutCompositeAlarm {
    alarm_name: String,
    alarm_description: Option<String>,
    alarm_rule: String,
    actions_enabled: Option<bool>,
    #[serde(default, rename = "OKActions")]
    ok_actions: Vec<String>,
    #[serde(default)]
    alarm_actions: Vec<String>,
    #[serde(default)]
    insufficient_data_actions: Vec<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    actions_suppressor: Option<String>,
    actions_suppressor_wait_period: Option<u32>,
    actions_suppressor_extension_period: Option<u32>,
    action_configuration: Option<IgnoredAny>,
}

impl Operation for PutCompositeAlarm {
    const NAME: &'static str = "PutCompositeAlarm";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let tags = tags::map(&self.tags)?;
        Ok(super::access(cx, "cloudwatch:PutCompositeAlarm", [&self.alarm_name]).request_tags(&tags))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        if self.action_configuration.is_some() {
            return Err(not_implemented("ActionConfiguration of alarms"));
        }
        let composite = self.composite(cx).await?;
        let given = Given {
            name: &self.alarm_name,
            description: self.alarm_description.as_ref(),
            actions_enabled: self.actions_enabled,
            ok_actions: &self.ok_actions,
            alarm_actions: &self.alarm_actions,
            insufficient_data_actions: &self.insufficient_data_actions,
            tags: &self.tags,
        };
        given.put(cx, Watches::Alarms(composite)).await?;
        let place = cx.here();
        composite::look_at(cx, place, &self.alarm_name, None).await?;
        Ok(Empty {})
    }
}

impl PutCompositeAlarm {
    async fn composite(&self, cx: &mut Cx) -> Result<Composite> {
        // UNVERIFIED: the wordings.
        let rule = Rule::parse(&self.alarm_rule).ok_or_else(|| invalid("AlarmRule has a syntax error."))?;
        let children = rule.alarms();
        if children.len() > MOST {
            return Err(invalid(format_args!("AlarmRule must not refer to more than {MOST} alarms.")));
        }
        let suppressor = self.suppressor()?;
        let mut unknown = Vec::new();
        for name in children.iter().chain(suppressor.iter().map(|it| &it.alarm)) {
            if *name != self.alarm_name && !cx.exists::<Alarm>(cx.here(), name.as_str()).await? {
                unknown.push(name.as_str());
            }
        }
        if !unknown.is_empty() {
            return Err(invalid(format_args!(
                "Could not save the composite alarm as alarms [{}] in the alarm rule do not exist",
                unknown.join(", ")
            )));
        }
        Ok(Composite { rule: self.alarm_rule.clone(), children, suppressor, suppressed_by: None })
    }

    fn suppressor(&self) -> Result<Option<Suppressor>> {
        let periods = (self.actions_suppressor_wait_period, self.actions_suppressor_extension_period);
        match (&self.actions_suppressor, periods) {
            (None, (None, None)) => Ok(None),
            (Some(text), (Some(wait), Some(extension))) => {
                let alarm = text.splitn(7, ':').nth(6).filter(|_| text.starts_with("arn:")).unwrap_or(text);
                Ok(Some(Suppressor { alarm: alarm.to_owned(), wait, extension }))
            }
            _ => Err(invalid(
                "ActionsSuppressor, ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod must be specified \
                 together.",
            )),
        }
    }
}
