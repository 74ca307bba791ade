//! Deleting alarms.

use serde::Deserialize;
use serde_json::json;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{Alarm, BY_ALARM, Watches, history, wake};
use crate::errors::{ResourceConflict, invalid};

/// Alarms in one call.
const MOST: usize = 100;

/// Deletes alarms: all that are named, or none.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteAlarms {
    alarm_names: Vec<String>,
}

impl Operation for DeleteAlarms {
    const NAME: &'static str = "DeleteAlarms";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "cloudwatch:DeleteAlarms", &self.alarm_names))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let place = cx.here();
        if self.alarm_names.len() > MOST {
            return Err(invalid(format_args!("The collection AlarmNames must not have a size greater than {MOST}.")));
        }
        let mut composites = 0;
        for name in &self.alarm_names {
            let alarm = Alarm::named(cx, name).await?;
            composites += usize::from(matches!(alarm.watches, Watches::Alarms(_)));
            // One alarm of other alarms in a call: so it is documented.
            if composites > 1 {
                return Err(invalid("You can delete at most one composite alarm in one operation."));
            }
            let parents = cx.find::<Alarm>(place, BY_ALARM, name.as_str(), 0).await?;
            if let Some(parent) = parents.iter().find(|parent| !self.alarm_names.contains(&parent.name)) {
                // UNVERIFIED: the wording.
                return Err(ResourceConflict::because(format!(
                    "{name} is used by the composite alarm {}.",
                    parent.name
                )));
            }
            let facts = json!({ "version": "1.0", "type": "Delete", "alarmName": name });
            let summary = format!("Alarm \"{name}\" deleted");
            history::write(cx, place, &alarm, "ConfigurationUpdate", &summary, &facts).await?;
            wake::end(cx, place, name).await?;
            cx.delete::<Alarm>(place, name.as_str()).await?;
        }
        Ok(Empty {})
    }
}
