//! Amazon CloudWatch Logs.
//!
//! API reference: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/Welcome.html>.

mod batch;
mod clear;
mod errors;
mod filter;
mod get;
mod group;
mod merge;
mod put;
mod retention;
mod stream;
mod tags;

use welkin_kernel::Service;

/// As whom the service acts by itself.
const PRINCIPAL: &str = "logs.amazonaws.com";

/// A day in milliseconds.
const DAY: i64 = 86_400_000;

/// Bytes that an event counts beside those of its message.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
const OVERHEAD: usize = 26;

/// The service: its operations, jobs and errors.
pub fn service() -> Service {
    Service::new("logs")
        .errors(errors::ERRORS)
        .operation::<group::CreateLogGroup>()
        .operation::<group::DeleteLogGroup>()
        .operation::<group::DescribeLogGroups>()
        .operation::<retention::PutRetentionPolicy>()
        .operation::<retention::DeleteRetentionPolicy>()
        .operation::<stream::CreateLogStream>()
        .operation::<stream::DeleteLogStream>()
        .operation::<stream::DescribeLogStreams>()
        .operation::<put::PutLogEvents>()
        .operation::<get::GetLogEvents>()
        .operation::<filter::FilterLogEvents>()
        .operation::<tags::TagResource>()
        .operation::<tags::UntagResource>()
        .operation::<tags::ListTagsForResource>()
        .job::<clear::Clear>()
        .job::<retention::Expire>()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_operation_member_and_error_is_one_that_the_model_knows() {
        let registry = welkin_kernel::Registry::new([super::service()]);
        assert_eq!(registry.faults(), Vec::<String>::new());
    }
}
