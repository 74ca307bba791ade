//! Amazon CloudWatch Logs.
//!
//! API reference: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/Welcome.html>.

use welkin_kernel::Service;

/// The service: its operations, jobs and errors.
pub fn service() -> Service {
    Service::new("logs")
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_operation_member_and_error_is_one_that_the_model_knows() {
        let registry = welkin_kernel::Registry::new([super::service()]);
        assert_eq!(registry.faults(), Vec::<String>::new());
    }
}
