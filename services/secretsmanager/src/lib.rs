//! AWS Secrets Manager.
//!
//! API reference: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/Welcome.html>.

mod errors;
mod password;
mod policy;
mod secret;
mod tags;
mod version;

use welkin_kernel::Service;

/// The service: its operations, jobs and errors.
pub fn service() -> Service {
    Service::new("secretsmanager")
        .errors(errors::ERRORS)
        .operation::<secret::create::CreateSecret>()
        .operation::<secret::describe::DescribeSecret>()
        .operation::<secret::list::ListSecrets>()
        .operation::<secret::update::UpdateSecret>()
        .operation::<secret::delete::DeleteSecret>()
        .operation::<secret::delete::RestoreSecret>()
        .operation::<secret::replicate::ReplicateSecretToRegions>()
        .operation::<secret::replicate::RemoveRegionsFromReplication>()
        .operation::<secret::replicate::StopReplicationToReplica>()
        .operation::<version::put::PutSecretValue>()
        .operation::<version::get::GetSecretValue>()
        .operation::<version::batch::BatchGetSecretValue>()
        .operation::<version::list::ListSecretVersionIds>()
        .operation::<version::stage::UpdateSecretVersionStage>()
        .operation::<policy::PutResourcePolicy>()
        .operation::<policy::GetResourcePolicy>()
        .operation::<policy::DeleteResourcePolicy>()
        .operation::<policy::ValidateResourcePolicy>()
        .operation::<password::GetRandomPassword>()
        .operation::<tags::TagResource>()
        .operation::<tags::UntagResource>()
        .job::<secret::delete::Expire>()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_operation_member_and_error_is_one_that_the_model_knows() {
        let registry = welkin_kernel::Registry::new([super::service()]);
        assert_eq!(registry.faults(), Vec::<String>::new());
    }
}
