//! Making alarms of other alarms.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::rule::Rule;
use super::{Alarm, Composite, State, Suppressor, Watches, check_actions, composite, history};
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
        check_actions([&self.ok_actions, &self.alarm_actions, &self.insufficient_data_actions])?;
        let tags = tags::map(&self.tags)?;
        tags::check(&tags)?;
        let place = cx.here();
        let before = cx.get::<Alarm>(place, self.alarm_name.as_str()).await?;
        if before.as_ref().is_some_and(|before| matches!(before.watches, Watches::Metrics(_))) {
            // UNVERIFIED: the wording.
            return Err(invalid(format_args!("A metric alarm named {} exists already.", self.alarm_name)));
        }
        let now = cx.now();
        let mut alarm = before.clone().unwrap_or_else(|| Alarm {
            name: self.alarm_name.clone(),
            description: None,
            actions_enabled: true,
            ok_actions: Vec::new(),
            alarm_actions: Vec::new(),
            insufficient_data_actions: Vec::new(),
            tags,
            configured: now,
            state: State::InsufficientData,
            reason: "Unchecked: Initial alarm creation".to_owned(),
            reason_data: None,
            updated: now,
            transitioned: now,
            watches: Watches::Alarms(composite.clone()),
        });
        alarm.description.clone_from(&self.alarm_description);
        alarm.actions_enabled = self.actions_enabled.unwrap_or(true);
        alarm.ok_actions.clone_from(&self.ok_actions);
        alarm.alarm_actions.clone_from(&self.alarm_actions);
        alarm.insufficient_data_actions.clone_from(&self.insufficient_data_actions);
        alarm.configured = now;
        alarm.watches = Watches::Alarms(composite);
        let (verb, kind) = if before.is_some() { ("updated", "Update") } else { ("created", "Create") };
        let summary = format!("Alarm \"{}\" {verb}", alarm.name);
        let facts = json!({ "version": "1.0", "type": kind, "alarmName": alarm.name, "alarmRule": self.alarm_rule });
        history::write(cx, place, &alarm, "ConfigurationUpdate", &summary, &facts).await?;
        cx.put(place, &alarm).await?;
        composite::look_at(cx, place, &alarm.name, None).await?;
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
