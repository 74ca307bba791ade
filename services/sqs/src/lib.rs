//! Amazon Simple Queue Service: standard and FIFO queues.
//!
//! API reference: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html>.
//! How the state lies in the store is told at the top of [`message`].

mod attributes;
mod clear;
mod encryption;
mod errors;
mod expiry;
mod fifo;
mod message;
mod metric;
mod move_task;
mod policy;
mod queue;
mod redrive;
mod tags;
#[cfg(test)]
mod world;

use welkin_kernel::Service;

/// The service: its operations, jobs and errors.
pub fn service() -> Service {
    Service::new("sqs")
        .errors(errors::ERRORS)
        .operation::<queue::create::CreateQueue>()
        .operation::<queue::delete::DeleteQueue>()
        .operation::<queue::find::GetQueueUrl>()
        .operation::<queue::find::ListQueues>()
        .operation::<queue::configure::GetQueueAttributes>()
        .operation::<queue::configure::SetQueueAttributes>()
        .operation::<queue::purge::PurgeQueue>()
        .operation::<tags::TagQueue>()
        .operation::<tags::UntagQueue>()
        .operation::<tags::ListQueueTags>()
        .operation::<policy::AddPermission>()
        .operation::<policy::RemovePermission>()
        .operation::<message::send::SendMessage>()
        .operation::<message::send::SendMessageBatch>()
        .operation::<message::receive::ReceiveMessage>()
        .operation::<message::delete::DeleteMessage>()
        .operation::<message::delete::DeleteMessageBatch>()
        .operation::<message::visibility::ChangeMessageVisibility>()
        .operation::<message::visibility::ChangeMessageVisibilityBatch>()
        .operation::<redrive::ListDeadLetterSourceQueues>()
        .operation::<move_task::StartMessageMoveTask>()
        .operation::<move_task::ListMessageMoveTasks>()
        .operation::<move_task::CancelMessageMoveTask>()
        .job::<clear::Clear>()
        .job::<expiry::Expire>()
        .job::<move_task::Move>()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_operation_member_and_error_is_one_that_the_model_knows() {
        let registry = welkin_kernel::Registry::new([super::service()]);
        assert_eq!(registry.faults(), Vec::<String>::new());
        assert_eq!(registry.coverage(false)[0].refuses, Vec::<&str>::new(), "every operation works");
    }
}
