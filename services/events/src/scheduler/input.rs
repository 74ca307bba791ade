//! Words in a target's input in whose place an invocation puts its own values.
//!
//! Reference: <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html>

use welkin_kernel::{Arn, Fraction, Timestamp};

/// What an invocation knows of itself.
pub(super) struct Context<'a> {
    pub(super) schedule: &'a Arn,
    pub(super) scheduled: Timestamp,
    pub(super) execution: &'a str,
    pub(super) attempt: u32,
}

impl Context<'_> {
    /// The input with the invocation's values.
    pub(super) fn fill(&self, input: &str) -> String {
        input
            .replace("<aws.scheduler.schedule-arn>", self.schedule.as_str())
            .replace("<aws.scheduler.scheduled-time>", &self.scheduled.whole_secs().to_iso8601(Fraction::AsNeeded))
            .replace("<aws.scheduler.execution-id>", self.execution)
            .replace("<aws.scheduler.attempt-number>", &self.attempt.to_string())
    }
}
