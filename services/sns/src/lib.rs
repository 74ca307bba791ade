//! Amazon Simple Notification Service: topics, and what is published to them.
//!
//! API reference: <https://docs.aws.amazon.com/sns/latest/api/welcome.html>. A message is held against the filter
//! policies of the topic's subscriptions when it is published; for each that it passes there is a job, see
//! [`delivery`].

mod application;
mod archive;
mod attributes;
mod delivery;
mod delivery_policy;
mod encryption;
mod errors;
mod filter;
mod metric;
mod page;
mod policy;
mod publish;
mod signing;
mod sms;
mod subscription;
mod tags;
mod topic;

use welkin_kernel::Service;

/// As whom the service calls others.
const PRINCIPAL: &str = "sns.amazonaws.com";

/// The service: its operations, jobs and errors.
pub fn service() -> Service {
    Service::new("sns")
        .errors(errors::ERRORS)
        .files(signing::Certificates)
        .operation::<topic::create::CreateTopic>()
        .operation::<topic::delete::DeleteTopic>()
        .operation::<topic::list::ListTopics>()
        .operation::<topic::configure::GetTopicAttributes>()
        .operation::<topic::configure::SetTopicAttributes>()
        .operation::<policy::AddPermission>()
        .operation::<policy::RemovePermission>()
        .operation::<tags::TagResource>()
        .operation::<tags::UntagResource>()
        .operation::<tags::ListTagsForResource>()
        .operation::<subscription::subscribe::Subscribe>()
        .operation::<subscription::confirm::ConfirmSubscription>()
        .operation::<subscription::unsubscribe::Unsubscribe>()
        .operation::<subscription::list::ListSubscriptions>()
        .operation::<subscription::list::ListSubscriptionsByTopic>()
        .operation::<subscription::configure::GetSubscriptionAttributes>()
        .operation::<subscription::configure::SetSubscriptionAttributes>()
        .operation::<publish::Publish>()
        .operation::<publish::batch::PublishBatch>()
        .operation::<application::create::CreatePlatformApplication>()
        .operation::<application::delete::DeletePlatformApplication>()
        .operation::<application::list::ListPlatformApplications>()
        .operation::<application::attributes::GetPlatformApplicationAttributes>()
        .operation::<application::attributes::SetPlatformApplicationAttributes>()
        .operation::<application::endpoint::create::CreatePlatformEndpoint>()
        .operation::<application::endpoint::delete::DeleteEndpoint>()
        .operation::<application::endpoint::attributes::GetEndpointAttributes>()
        .operation::<application::endpoint::attributes::SetEndpointAttributes>()
        .operation::<application::list::ListEndpointsByPlatformApplication>()
        .operation::<sms::settings::SetSMSAttributes>()
        .operation::<sms::settings::GetSMSAttributes>()
        .operation::<sms::opt_out::CheckIfPhoneNumberIsOptedOut>()
        .operation::<sms::opt_out::ListPhoneNumbersOptedOut>()
        .operation::<sms::opt_out::OptInPhoneNumber>()
        .operation::<sms::sandbox::CreateSMSSandboxPhoneNumber>()
        .operation::<sms::sandbox::VerifySMSSandboxPhoneNumber>()
        .operation::<sms::sandbox::DeleteSMSSandboxPhoneNumber>()
        .operation::<sms::sandbox::ListSMSSandboxPhoneNumbers>()
        .operation::<sms::sandbox::GetSMSSandboxAccountStatus>()
        .job::<delivery::Deliver>()
        .job::<publish::fifo::Forget>()
        .job::<subscription::expire::Expire>()
        .job::<subscription::expire::Clear>()
        .job::<archive::Prune>()
        .job::<archive::replay::Replay>()
        .job::<application::delete::ClearEndpoints>()
        .job::<application::event::Announce>()
        .on_event::<sms::opt_out::Answered>(welkin_kernel::ANSWERED.0, welkin_kernel::ANSWERED.1)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_operation_member_and_error_is_one_that_the_model_knows() {
        let registry = welkin_kernel::Registry::new([super::service()]);
        assert_eq!(registry.faults(), Vec::<String>::new());
    }
}
