//! Amazon EventBridge: event buses, the rules of which events go where, and what brings them there.
//!
//! An event is held against the rules of its bus when it comes, in the transaction that brings it; for each target of a
//! rule that wants it there is a job, see [`delivery`]. API reference:
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/Welcome.html>.

mod archive;
mod bus;
mod connection;
mod delivery;
mod destination;
mod errors;
mod event;
mod listening;
mod metric;
mod page;
mod pattern;
mod put_events;
mod replay;
mod rule;
pub mod scheduler;
mod service_events;
mod tags;
mod target;
mod transform;

use welkin_kernel::Service;

/// As whom the service calls others.
const PRINCIPAL: &str = "events.amazonaws.com";

/// The service: its operations, jobs and errors.
pub fn service() -> Service {
    destinations(archives(Service::new("events")))
        .errors(errors::ERRORS)
        .event_buses(service_events::DefaultBuses)
        .operation::<bus::create::CreateEventBus>()
        .operation::<bus::update::UpdateEventBus>()
        .operation::<bus::delete::DeleteEventBus>()
        .operation::<bus::describe::DescribeEventBus>()
        .operation::<bus::list::ListEventBuses>()
        .operation::<bus::permission::PutPermission>()
        .operation::<bus::permission::RemovePermission>()
        .operation::<rule::put::PutRule>()
        .operation::<rule::delete::DeleteRule>()
        .operation::<rule::describe::DescribeRule>()
        .operation::<rule::list::ListRules>()
        .operation::<rule::list::ListRuleNamesByTarget>()
        .operation::<rule::state::EnableRule>()
        .operation::<rule::state::DisableRule>()
        .operation::<target::put::PutTargets>()
        .operation::<target::remove::RemoveTargets>()
        .operation::<target::list::ListTargetsByRule>()
        .operation::<pattern::TestEventPattern>()
        .operation::<put_events::PutEvents>()
        .operation::<tags::TagResource>()
        .operation::<tags::UntagResource>()
        .operation::<tags::ListTagsForResource>()
        .job::<rule::schedule::Tick>()
        .job::<delivery::Deliver>()
}

fn archives(service: Service) -> Service {
    service
        .operation::<archive::create::CreateArchive>()
        .operation::<archive::update::UpdateArchive>()
        .operation::<archive::delete::DeleteArchive>()
        .operation::<archive::describe::DescribeArchive>()
        .operation::<archive::list::ListArchives>()
        .operation::<replay::start::StartReplay>()
        .operation::<replay::cancel::CancelReplay>()
        .operation::<replay::describe::DescribeReplay>()
        .operation::<replay::list::ListReplays>()
        .job::<archive::expire::Expire>()
        .job::<replay::run::Run>()
}

fn destinations(service: Service) -> Service {
    service
        .operation::<connection::create::CreateConnection>()
        .operation::<connection::update::UpdateConnection>()
        .operation::<connection::delete::DeleteConnection>()
        .operation::<connection::delete::DeauthorizeConnection>()
        .operation::<connection::describe::DescribeConnection>()
        .operation::<connection::list::ListConnections>()
        .operation::<destination::create::CreateApiDestination>()
        .operation::<destination::update::UpdateApiDestination>()
        .operation::<destination::delete::DeleteApiDestination>()
        .operation::<destination::describe::DescribeApiDestination>()
        .operation::<destination::list::ListApiDestinations>()
        .job::<connection::authorize::Authorize>()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_operation_member_and_error_is_one_that_the_model_knows() {
        let registry = welkin_kernel::Registry::new([super::service()]);
        assert_eq!(registry.faults(), Vec::<String>::new());
    }
}
