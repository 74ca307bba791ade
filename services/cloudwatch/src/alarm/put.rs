//! What making and changing an alarm is, whatever it watches.

use serde_json::json;
use welkin_kernel::{Cx, Result};

use super::{Alarm, State, Watches, check_actions, history};
use crate::errors::invalid;
use crate::tags::{self, Tag};

/// What a call says of an alarm, beside what it watches.
pub(super) struct Given<'a> {
    pub(super) name: &'a str,
    pub(super) description: Option<&'a String>,
    pub(super) actions_enabled: Option<bool>,
    pub(super) ok_actions: &'a [String],
    pub(super) alarm_actions: &'a [String],
    pub(super) insufficient_data_actions: &'a [String],
    pub(super) tags: &'a [Tag],
}

impl Given<'_> {
    /// Makes the alarm, or changes it, and notes that in its history.
    ///
    /// # Errors
    /// `ValidationError`: also when there is an alarm of this name that watches something of another kind.
    pub(super) async fn put(&self, cx: &mut Cx, watches: Watches) -> Result<()> {
        check_actions([self.ok_actions, self.alarm_actions, self.insufficient_data_actions])?;
        let tags = tags::map(self.tags)?;
        tags::check(&tags)?;
        let (place, now) = (cx.here(), cx.now());
        let before = cx.get::<Alarm>(place, self.name).await?;
        if let Some(before) = &before
            && std::mem::discriminant(&before.watches) != std::mem::discriminant(&watches)
        {
            let kind = if matches!(before.watches, Watches::Metrics(_)) { "metric" } else { "composite" };
            // UNVERIFIED: the wording.
            return Err(invalid(format_args!("A {kind} alarm named {} exists already.", self.name)));
        }
        let (verb, kind) = if before.is_some() { ("updated", "Update") } else { ("created", "Create") };
        let mut facts = json!({ "version": "1.0", "type": kind, "alarmName": self.name });
        if let Watches::Alarms(composite) = &watches {
            facts["alarmRule"] = composite.rule.clone().into();
        }
        let (state, reason) = (State::InsufficientData, "Unchecked: Initial alarm creation".to_owned());
        // Tags and state of an alarm that is there are left as they are.
        let (tags, state, reason, reason_data, updated, transitioned) = match before {
            Some(it) => (it.tags, it.state, it.reason, it.reason_data, it.updated, it.transitioned),
            None => (tags, state, reason, None, now, now),
        };
        let alarm = Alarm {
            name: self.name.to_owned(),
            description: self.description.cloned(),
            actions_enabled: self.actions_enabled.unwrap_or(true),
            ok_actions: self.ok_actions.to_vec(),
            alarm_actions: self.alarm_actions.to_vec(),
            insufficient_data_actions: self.insufficient_data_actions.to_vec(),
            tags,
            configured: now,
            state,
            reason,
            reason_data,
            updated,
            transitioned,
            watches,
        };
        let summary = format!("Alarm \"{}\" {verb}", alarm.name);
        history::write(cx, place, &alarm, "ConfigurationUpdate", &summary, &facts).await?;
        cx.put(place, &alarm).await
    }
}
