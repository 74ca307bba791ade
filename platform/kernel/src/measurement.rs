//! What services measure: the numbers of which CloudWatch makes metrics.

use std::borrow::Cow;
use std::sync::Arc;

use crate::{Cx, Place, Result, Timestamp};

/// A value that a service measured: one or more samples of a metric.
///
/// Metrics and their dimensions are those that AWS documents for the service, e.g.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html>.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// Where the metric is: the account and Region of the resource, whoever calls.
    pub place: Place,
    /// When it was measured.
    pub at: Timestamp,
    /// Namespace, e.g. `AWS/SQS`.
    pub namespace: &'static str,
    /// Name of the metric, e.g. `NumberOfMessagesSent`.
    pub name: Cow<'static, str>,
    /// Dimensions with their values, in any order.
    pub dimensions: Vec<(&'static str, String)>,
    /// The value.
    pub value: f64,
    /// How many samples have it.
    pub count: u32,
    /// Its unit.
    pub unit: Unit,
    /// Whether it holds even if the operation is refused after all: what is measured is the refusal.
    pub of_refusal: bool,
}

/// Unit of a metric that services measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// Bytes.
    Bytes,
    /// A second.
    Seconds,
    /// A thousandth of a second.
    Milliseconds,
    /// A hundredth.
    Percent,
    /// Things in a second.
    CountPerSecond,
    /// Bytes in a second.
    BytesPerSecond,
    /// A number without unit.
    None,
}

impl Unit {
    /// Its name in CloudWatch.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Bytes => "Bytes",
            Self::Seconds => "Seconds",
            Self::Milliseconds => "Milliseconds",
            Self::Percent => "Percent",
            Self::CountPerSecond => "Count/Second",
            Self::BytesPerSecond => "Bytes/Second",
            Self::None => "None",
        }
    }
}

impl Measurement {
    /// One sample, measured now, of a metric of a resource at `place`.
    pub fn new(
        cx: &Cx,
        place: Place,
        namespace: &'static str,
        name: impl Into<Cow<'static, str>>,
        value: f64,
        unit: Unit,
    ) -> Self {
        let (name, dimensions, count) = (name.into(), Vec::new(), 1);
        Self { place, at: cx.now(), namespace, name, dimensions, value, count, unit, of_refusal: false }
    }

    /// With a dimension, e.g. `QueueName`.
    #[must_use]
    pub fn of(mut self, dimension: &'static str, value: impl Into<String>) -> Self {
        self.dimensions.push((dimension, value.into()));
        self
    }

    /// As `count` samples of the same value.
    #[must_use]
    pub fn times(self, count: u32) -> Self {
        Self { count, ..self }
    }

    /// Measured at another time than now.
    #[must_use]
    pub fn at(self, at: Timestamp) -> Self {
        Self { at, ..self }
    }

    /// Even if the operation is refused after all.
    #[must_use]
    pub fn of_refusal(self) -> Self {
        Self { of_refusal: true, ..self }
    }
}

impl Cx {
    /// Reports a measured value. It is kept when the call or job commits, and undone with an operation that is refused,
    /// unless it is [of the refusal](Measurement::of_refusal). Nothing is read: calls that measure the same do not
    /// conflict, and a call that only reads does not wait for the disk.
    pub fn measure(&mut self, measurement: Measurement) {
        if measurement.count > 0 && self.kernel.registry().meters.is_some() {
            self.run.measurements.push(measurement);
        }
    }

    /// Drops what an operation measured that was refused, all but the refusal.
    pub(crate) fn undo_measurements(&mut self, since: usize) {
        let mut at = 0;
        self.run.measurements.retain(|measurement| {
            at += 1;
            at <= since || measurement.of_refusal
        });
    }

    pub(crate) fn take_measurements(&mut self) -> Vec<Measurement> {
        std::mem::take(&mut self.run.measurements)
    }

    /// Hands measurements to the service that keeps them.
    pub(crate) async fn keep_measurements(&mut self, measurements: Vec<Measurement>) -> Result<()> {
        if measurements.is_empty() {
            return Ok(());
        }
        match self.kernel.registry().meters.as_ref().map(Arc::clone) {
            Some(meters) => meters.measured(self, measurements).await,
            None => Ok(()),
        }
    }
}
