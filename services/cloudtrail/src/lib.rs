//! AWS CloudTrail: the history of calls, and trails that deliver it to S3.
//!
//! The kernel writes a [`CallRecord`](welkin_kernel::CallRecord) for every management call, in the call's own
//! transaction. Here they are shown, looked up, delivered and in the end dropped.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/Welcome.html>

mod bucket;
mod delivery;
mod digest;
mod errors;
mod event;
mod identity;
mod insight;
mod lookup;
mod recorder;
mod retention;
mod selector;
mod tag;
mod time;
mod trail;

use welkin_kernel::Service;

/// The service.
pub fn service() -> Service {
    Service::new("cloudtrail")
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
        .operation::<selector::PutEventSelectors>()
        .operation::<selector::GetEventSelectors>()
        .operation::<insight::selector::PutInsightSelectors>()
        .operation::<insight::selector::GetInsightSelectors>()
        .operation::<insight::metric::ListInsightsMetricData>()
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

#[cfg(test)]
mod tests {
    #[test]
    fn everything_fits_the_model() {
        assert_eq!(welkin_kernel::Registry::new([super::service()]).faults(), Vec::<String>::new());
    }
}
