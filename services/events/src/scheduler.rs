//! EventBridge Scheduler: calls at times, by a role. It lives with EventBridge, whose ways of delivery it shares.
//!
//! API reference: <https://docs.aws.amazon.com/scheduler/latest/APIReference/Welcome.html>

mod create;
mod delete;
mod errors;
mod fire;
mod get;
mod group;
mod input;
mod list;
mod schedule;
mod tags;
mod target;

use welkin_kernel::Service;

/// As whom the service calls others.
const PRINCIPAL: &str = "scheduler.amazonaws.com";

/// The service: its operations, jobs and errors.
pub fn service() -> Service {
    Service::new("scheduler")
        .errors(errors::ERRORS)
        .operation::<create::CreateSchedule>()
        .operation::<create::UpdateSchedule>()
        .operation::<get::GetSchedule>()
        .operation::<delete::DeleteSchedule>()
        .operation::<list::ListSchedules>()
        .operation::<group::CreateScheduleGroup>()
        .operation::<group::GetScheduleGroup>()
        .operation::<group::DeleteScheduleGroup>()
        .operation::<group::ListScheduleGroups>()
        .operation::<tags::TagResource>()
        .operation::<tags::UntagResource>()
        .operation::<tags::ListTagsForResource>()
        .job::<fire::Fire>()
        .job::<fire::Invoke>()
        .job::<group::Clear>()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_operation_member_and_error_is_one_that_the_model_knows() {
        let registry = welkin_kernel::Registry::new([super::service()]);
        assert_eq!(registry.faults(), Vec::<String>::new());
    }
}
