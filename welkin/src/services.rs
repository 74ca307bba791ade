//! The services of this Welkin.

use welkin_kernel::{Registry, Service};

/// Every service, in alphabetical order.
pub(crate) fn all() -> Vec<Service> {
    vec![
        welkin_account::service(),
        welkin_athena::service(),
        welkin_cloudtrail::service(),
        welkin_cloudtrail::data(),
        welkin_cloudwatch::service(),
        welkin_events::service(),
        welkin_events::scheduler::service(),
        welkin_glue::service(),
        welkin_iam::service(),
        welkin_kinesis::service(),
        welkin_kms::service(),
        welkin_lakeformation::service(),
        welkin_logs::service(),
        welkin_organizations::service(),
        welkin_dynamodb::service(),
        welkin_pipes::service(),
        welkin_s3::service(),
        welkin_s3::control(),
        welkin_secretsmanager::service(),
        welkin_sqs::service(),
        welkin_sns::service(),
        welkin_ssm::service(),
        welkin_sts::service(),
        welkin_tagging::service(),
    ]
}

/// The registry of all of them.
pub(crate) fn registry() -> Registry {
    Registry::new(all())
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_operation_member_and_error_is_one_that_the_model_knows() {
        assert_eq!(super::registry().faults(), Vec::<String>::new());
    }
}
