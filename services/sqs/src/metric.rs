//! What queues report to CloudWatch.
//!
//! Reference: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html>.
//! The gauges (ApproximateNumberOfMessagesVisible and the like) are not reported: they would be looked at every minute.

use welkin_kernel::{Cx, Measurement, Place, Unit};

use crate::queue::Queue;

/// Reports that something happened to messages of a queue.
pub(crate) fn count(cx: &mut Cx, place: Place, queue: &Queue, name: &'static str, messages: usize) {
    report(cx, place, queue, name, messages, Unit::Count);
}

/// Reports a message that was sent, of so many bytes.
pub(crate) fn sent(cx: &mut Cx, place: Place, queue: &Queue, bytes: usize) {
    count(cx, place, queue, "NumberOfMessagesSent", 1);
    report(cx, place, queue, "SentMessageSize", bytes, Unit::Bytes);
}

#[allow(clippy::cast_precision_loss)] // Numbers and sizes of messages are small.
fn report(cx: &mut Cx, place: Place, queue: &Queue, name: &'static str, value: usize, unit: Unit) {
    let it = Measurement::new(cx, place, "AWS/SQS", name, value as f64, unit).of("QueueName", queue.name.as_str());
    cx.measure(it);
}
