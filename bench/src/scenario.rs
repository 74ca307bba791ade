//! What is measured: one operation each.

pub(crate) mod kms;
pub(crate) mod s3;
pub(crate) mod sns;
pub(crate) mod sqs;
pub(crate) mod sts;

use crate::client::{Answer, Spec};
use crate::failure::Result;
use crate::world::World;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    GetCallerIdentity,
    SendMessage,
    ReceiveMessage,
    DeleteMessage,
    PutObject(s3::Size),
    GetObject(s3::Size),
    GenerateDataKey,
    /// To a topic that ten queues subscribe to.
    Publish,
}

impl Scenario {
    /// In the order in which they are run: messages are sent before they are received, and received before they are
    /// deleted.
    pub(crate) const ALL: [Self; 10] = [
        Self::GetCallerIdentity,
        Self::SendMessage,
        Self::ReceiveMessage,
        Self::DeleteMessage,
        Self::PutObject(s3::Size::Small),
        Self::GetObject(s3::Size::Small),
        Self::PutObject(s3::Size::Large),
        Self::GetObject(s3::Size::Large),
        Self::GenerateDataKey,
        Self::Publish,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::GetCallerIdentity => "STS GetCallerIdentity",
            Self::SendMessage => "SQS SendMessage",
            Self::ReceiveMessage => "SQS ReceiveMessage",
            Self::DeleteMessage => "SQS DeleteMessage",
            Self::PutObject(s3::Size::Small) => "S3 PutObject 1 KB",
            Self::PutObject(s3::Size::Large) => "S3 PutObject 1 MB",
            Self::GetObject(s3::Size::Small) => "S3 GetObject 1 KB",
            Self::GetObject(s3::Size::Large) => "S3 GetObject 1 MB",
            Self::GenerateDataKey => "KMS GenerateDataKey",
            Self::Publish => "SNS Publish, 10 queues",
        }
    }

    /// The request of that number; none if there is nothing left to work on.
    pub(crate) fn spec(self, world: &World, number: u64) -> Option<Spec> {
        match self {
            Self::GetCallerIdentity => Some(sts::get_caller_identity()),
            Self::SendMessage => Some(sqs::send(world, number)),
            Self::ReceiveMessage => world.take_message().then(|| sqs::receive(world)),
            Self::DeleteMessage => sqs::delete(world),
            Self::PutObject(size) => Some(s3::put(world, size, number)),
            Self::GetObject(size) => Some(s3::get(world, size, number)),
            Self::GenerateDataKey => Some(kms::generate(world, number)),
            Self::Publish => Some(sns::publish(world, number)),
        }
    }

    /// Whether the answer is what the request asked for.
    ///
    /// # Errors
    /// With what is wrong about it.
    pub(crate) fn check(self, world: &World, number: u64, answer: &Answer) -> Result<()> {
        if answer.status != 200 {
            return Err(format!("{}: {}", answer.status, answer.text()).into());
        }
        if world.canned {
            return Ok(());
        }
        match self {
            Self::GetCallerIdentity => sts::check(world, answer),
            Self::SendMessage => sqs::check_sent(world, answer),
            Self::ReceiveMessage => sqs::check_received(world, answer),
            Self::DeleteMessage => Ok(()),
            Self::PutObject(_) => s3::check_put(answer),
            Self::GetObject(size) => s3::check_got(size, number, answer),
            Self::GenerateDataKey => kms::check(world, answer),
            Self::Publish => sns::check(answer),
        }
    }
}
