//! What rules and schedules report to CloudWatch.
//!
//! References: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html>,
//! <https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html>

use welkin_kernel::{Cx, Measurement, Place, Unit};

use crate::bus::DEFAULT;
use crate::rule::RuleAddress;

/// Reports something that happened once for a rule.
pub(crate) fn rule(cx: &mut Cx, rule: &RuleAddress, name: &'static str) {
    measure(cx, rule, name, 1.0, Unit::Count);
}

/// Reports a value of a rule; rules of other buses than the default one are told with their bus.
pub(crate) fn measure(cx: &mut Cx, rule: &RuleAddress, name: &'static str, value: f64, unit: Unit) {
    let it = Measurement::new(cx, rule.bus.place, "AWS/Events", name, value, unit).of("RuleName", rule.name.as_str());
    let it = if rule.bus.name == DEFAULT { it } else { it.of("EventBusName", rule.bus.name.as_str()) };
    cx.measure(it);
}

/// Reports something that happened once for a schedule of a group.
pub(crate) fn group(cx: &mut Cx, place: Place, group: &str, name: &'static str) {
    let it = Measurement::new(cx, place, "AWS/Scheduler", name, 1.0, Unit::Count).of("ScheduleGroup", group);
    cx.measure(it);
}
