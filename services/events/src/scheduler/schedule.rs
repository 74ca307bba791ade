//! A schedule: when, what, and by whose role.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Arn, Cx, Error, IntoKey, Key, Place, Resource, Result, Scope, Timestamp};
use welkin_schedules::Schedule as Expression;

use super::errors::{ResourceNotFoundException, invalid, not_implemented};
use super::target::Target;

/// The group that every account has.
pub(super) const DEFAULT: &str = "default";

/// A schedule, as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Schedule {
    pub(super) group: String,
    pub(super) name: String,
    /// Tells it from others of the same name, and from itself before it was changed.
    pub(super) id: u64,
    pub(super) settings: Settings,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
}

/// What is given of a schedule, as the API has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Settings {
    pub(super) schedule_expression: String,
    pub(super) start_date: Option<Timestamp>,
    pub(super) end_date: Option<Timestamp>,
    pub(super) description: Option<String>,
    pub(super) schedule_expression_timezone: Option<String>,
    #[serde(default)]
    pub(super) state: State,
    pub(super) target: Target,
    pub(super) flexible_time_window: Window,
    #[serde(default)]
    pub(super) action_after_completion: After,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum State {
    #[default]
    Enabled,
    Disabled,
}

/// What becomes of a schedule that comes no more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum After {
    #[default]
    None,
    Delete,
}

/// By how much later it may come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Window {
    pub(super) mode: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) maximum_window_in_minutes: Option<u32>,
}

impl Resource for Schedule {
    const KIND: &'static str = "scheduler/schedule";
    const SCOPE: Scope = Scope::Region;

    fn key(&self) -> Key {
        (&self.group, &self.name).into_key()
    }
}

/// ARN of a schedule.
pub(super) fn arn(place: Place, group: &str, name: &str) -> Arn {
    place.arn("scheduler", format_args!("schedule/{group}/{name}"))
}

/// The access to a schedule that an operation demands.
pub(super) fn access(cx: &Cx, action: &'static str, group: Option<&str>, name: &str) -> Access {
    Access::to(action).on(arn(cx.here(), group.unwrap_or(DEFAULT), name))
}

impl Schedule {
    /// The schedule of this name.
    ///
    /// # Errors
    /// `ResourceNotFoundException`
    pub(super) async fn named(cx: &mut Cx, group: Option<&str>, name: &str) -> Result<Self> {
        let (here, group) = (cx.here(), group.unwrap_or(DEFAULT));
        let missing = || ResourceNotFoundException::because(format!("Schedule {name} does not exist."));
        cx.get::<Self>(here, (group, name)).await?.ok_or_else(missing)
    }

    pub(super) fn arn(&self, place: Place) -> Arn {
        arn(place, &self.group, &self.name)
    }

    /// When it comes after a time; `None` if it does not any more.
    ///
    /// # Errors
    /// A fault of Welkin's.
    pub(super) fn next(&self, after: Option<Timestamp>) -> Result<Option<Timestamp>> {
        let expression = self.settings.expression()?;
        let start = self.settings.start_date.unwrap_or(self.created).max(self.created);
        let first_rate = matches!(expression, Expression::Rate(_)).then_some(start);
        let next = match (after, first_rate) {
            // Source: "If you do not specify a StartDate for a rate-based schedule, your schedule starts immediately".
            (None, Some(first)) => Some(first),
            (None, None) if matches!(expression, Expression::At(_)) => {
                expression.next(i64::MIN, 0).map(Timestamp::from_secs)
            }
            (after, _) => {
                let after = after.unwrap_or(Timestamp::from_micros(start.micros().saturating_sub(1)));
                expression.next(after.max(start).secs(), start.secs()).map(Timestamp::from_secs)
            }
        };
        let is_once = matches!(expression, Expression::At(_));
        Ok(next.filter(|next| is_once || self.settings.end_date.is_none_or(|end| *next <= end)))
    }
}

impl Settings {
    fn expression(&self) -> Result<Expression> {
        let broken = |_| Error::internal("a schedule expression was checked when it was set");
        self.schedule_expression.parse().map_err(broken)
    }

    /// Holds them against the rules.
    ///
    /// # Errors
    /// `ValidationException`, and `NotImplemented` for time zones and targets that Welkin does not know.
    pub(super) fn check(&self, place: Place) -> Result<()> {
        if self.schedule_expression.parse::<Expression>().is_err() {
            return Err(invalid(format_args!("Invalid Schedule Expression {}.", self.schedule_expression)));
        }
        match self.schedule_expression_timezone.as_deref() {
            None | Some("UTC" | "Etc/UTC" | "GMT" | "Etc/GMT") => {}
            Some(zone) => return Err(not_implemented(format_args!("the time zone {zone}"))),
        }
        if let (Some(start), Some(end)) = (self.start_date, self.end_date)
            && end <= start
        {
            return Err(invalid("The EndDate must come after the StartDate."));
        }
        match (self.flexible_time_window.mode.as_str(), self.flexible_time_window.maximum_window_in_minutes) {
            ("OFF", None) | ("FLEXIBLE", Some(_)) => {}
            ("OFF", Some(_)) => return Err(invalid("MaximumWindowInMinutes must not be set when the mode is OFF.")),
            _ => return Err(invalid("MaximumWindowInMinutes must be set when the mode is FLEXIBLE.")),
        }
        self.target.check(place)
    }
}
