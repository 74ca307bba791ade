//! What topics report to CloudWatch.
//!
//! Reference: <https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html>

use welkin_kernel::{Cx, Measurement, Unit};

use crate::topic::Address;

/// Reports something of a topic.
pub(crate) fn count(cx: &mut Cx, topic: &Address, name: &'static str, value: usize) {
    report(cx, topic, name, value, Unit::Count);
}

/// Reports a message that was published, of so many bytes.
pub(crate) fn published(cx: &mut Cx, topic: &Address, bytes: usize) {
    count(cx, topic, "NumberOfMessagesPublished", 1);
    report(cx, topic, "PublishSize", bytes, Unit::Bytes);
}

#[allow(clippy::cast_precision_loss)] // Numbers and sizes of messages are small.
fn report(cx: &mut Cx, topic: &Address, name: &'static str, value: usize, unit: Unit) {
    let it =
        Measurement::new(cx, topic.place, "AWS/SNS", name, value as f64, unit).of("TopicName", topic.name.as_str());
    cx.measure(it);
}
