//! AWS CloudTrail: the history of calls, and trails that deliver it to S3.
//!
//! The kernel writes a [`CallRecord`](welkin_kernel::CallRecord) for every management call, in the call's own
//! transaction. Here they are shown, looked up, delivered and in the end dropped.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/Welcome.html>

mod bridge;
mod bucket;
mod delivery;
mod digest;
mod errors;
mod event;
mod identity;
mod insight;
mod key;
mod lake;
mod lookup;
mod notice;
mod organization;
mod page;
mod recorder;
mod retention;
mod selector;
mod tag;
mod time;
mod trail;

use welkin_kernel::Service;

/// CloudTrail Data: the way in for events of other sources.
pub fn data() -> Service {
    lake::audit::service()
}

/// The service.
pub fn service() -> Service {
    lake(Service::new("cloudtrail"))
        .errors(errors::ERRORS)
        .recorder(recorder::Trails::default())
        .operation::<lookup::LookupEvents>()
        .operation::<trail::create::CreateTrail>()
        .operation::<trail::update::UpdateTrail>()
        .operation::<trail::delete::DeleteTrail>()
        .operation::<trail::get::GetTrail>()
        .operation::<trail::describe::DescribeTrails>()
        .operation::<trail::list::ListTrails>()
        .operation::<trail::logging::StartLogging>()
        .operation::<trail::logging::StopLogging>()
        .operation::<trail::status::GetTrailStatus>()
        .operation::<selector::set::PutEventSelectors>()
        .operation::<selector::set::GetEventSelectors>()
        .operation::<insight::selector::PutInsightSelectors>()
        .operation::<insight::selector::GetInsightSelectors>()
        .operation::<insight::metric::ListInsightsMetricData>()
        .operation::<organization::RegisterOrganizationDelegatedAdmin>()
        .operation::<organization::DeregisterOrganizationDelegatedAdmin>()
        .operation::<tag::AddTags>()
        .operation::<tag::RemoveTags>()
        .operation::<tag::ListTags>()
        .operation::<digest::public_key::ListPublicKeys>()
        .job::<delivery::collect::Collect>()
        .job::<delivery::write::WriteFile>()
        .job::<digest::write::WriteDigest>()
        .job::<insight::analyse::Analyse>()
        .job::<insight::fill::Fill>()
        .job::<retention::Expire>()
}

fn lake(service: Service) -> Service {
    service
        .operation::<lake::store::create::CreateEventDataStore>()
        .operation::<lake::store::get::GetEventDataStore>()
        .operation::<lake::store::update::UpdateEventDataStore>()
        .operation::<lake::store::list::ListEventDataStores>()
        .operation::<lake::store::delete::DeleteEventDataStore>()
        .operation::<lake::store::delete::RestoreEventDataStore>()
        .operation::<lake::store::ingestion::StartEventDataStoreIngestion>()
        .operation::<lake::store::ingestion::StopEventDataStoreIngestion>()
        .operation::<lake::channel::create::CreateChannel>()
        .operation::<lake::channel::get::GetChannel>()
        .operation::<lake::channel::update::UpdateChannel>()
        .operation::<lake::channel::list::ListChannels>()
        .operation::<lake::channel::delete::DeleteChannel>()
        .operation::<lake::policy::PutResourcePolicy>()
        .operation::<lake::policy::GetResourcePolicy>()
        .operation::<lake::policy::DeleteResourcePolicy>()
        .operation::<lake::query::start::StartQuery>()
        .operation::<lake::query::describe::DescribeQuery>()
        .operation::<lake::query::results::GetQueryResults>()
        .operation::<lake::query::cancel::CancelQuery>()
        .operation::<lake::query::list::ListQueries>()
        .job::<lake::query::run::Run>()
        .job::<lake::query::deliver::Deliver>()
        .job::<lake::query::Forget>()
        .job::<lake::event::Retain>()
        .job::<lake::store::delete::Purge>()
}

#[cfg(test)]
mod tests {
    #[test]
    fn everything_fits_the_model() {
        assert_eq!(welkin_kernel::Registry::new([super::service(), super::data()]).faults(), Vec::<String>::new());
    }
}
