//! Metric math: expressions over metrics.
//!
//! Reference: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html>.

pub(crate) mod calendar;
pub(crate) mod evaluate;
pub(crate) mod function;
pub(crate) mod operator;
pub(crate) mod parse;
pub(crate) mod value;

/// Why an expression has no value, in words for the caller.
pub(crate) type Fault = String;
