//! Amazon Kinesis Data Streams.
//!
//! API reference: <https://docs.aws.amazon.com/kinesis/latest/APIReference/Welcome.html>.
//! How the state lies in the store is told at the top of [`record`], and in decision 0034.

mod consumer;
mod encryption;
mod errors;
mod hash_key;
mod metric;
mod policy;
mod record;
mod scaling;
mod sequence;
mod shard;
mod stream;
mod tags;
mod throughput;
mod trim;

use welkin_kernel::Service;

/// As whom its jobs run.
const PRINCIPAL: &str = "kinesis.amazonaws.com";

/// The service: its operations, jobs and errors.
pub fn service() -> Service {
    Service::new("kinesis")
        .errors(errors::ERRORS)
        .operation::<stream::create::CreateStream>()
        .operation::<stream::delete::DeleteStream>()
        .operation::<stream::describe::DescribeStream>()
        .operation::<stream::describe::DescribeStreamSummary>()
        .operation::<stream::list::ListStreams>()
        .operation::<stream::limits::DescribeLimits>()
        .operation::<stream::mode::UpdateStreamMode>()
        .operation::<stream::retention::IncreaseStreamRetentionPeriod>()
        .operation::<stream::retention::DecreaseStreamRetentionPeriod>()
        .operation::<stream::monitoring::EnableEnhancedMonitoring>()
        .operation::<stream::monitoring::DisableEnhancedMonitoring>()
        .operation::<stream::encrypt::StartStreamEncryption>()
        .operation::<stream::encrypt::StopStreamEncryption>()
        .operation::<shard::list::ListShards>()
        .operation::<shard::split::SplitShard>()
        .operation::<shard::merge::MergeShards>()
        .operation::<shard::count::UpdateShardCount>()
        .operation::<record::put::PutRecord>()
        .operation::<record::put::PutRecords>()
        .operation::<record::iterator::GetShardIterator>()
        .operation::<record::get::GetRecords>()
        .operation::<consumer::register::RegisterStreamConsumer>()
        .operation::<consumer::register::DeregisterStreamConsumer>()
        .operation::<consumer::register::DescribeStreamConsumer>()
        .operation::<consumer::register::ListStreamConsumers>()
        .operation::<consumer::subscribe::SubscribeToShard>()
        .operation::<policy::PutResourcePolicy>()
        .operation::<policy::GetResourcePolicy>()
        .operation::<policy::DeleteResourcePolicy>()
        .operation::<tags::AddTagsToStream>()
        .operation::<tags::RemoveTagsFromStream>()
        .operation::<tags::ListTagsForStream>()
        .operation::<tags::TagResource>()
        .operation::<tags::UntagResource>()
        .operation::<tags::ListTagsForResource>()
        .job::<stream::Carry>()
        .job::<scaling::Grow>()
        .job::<trim::Trim>()
        .job::<trim::Forget>()
        .job::<trim::Clear>()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_operation_member_and_error_is_one_that_the_model_knows() {
        let registry = welkin_kernel::Registry::new([super::service()]);
        assert_eq!(registry.faults(), Vec::<String>::new());
    }
}
