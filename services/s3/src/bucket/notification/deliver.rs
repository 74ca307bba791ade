//! Delivery of notifications.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Call, Cx, Job, Place, Result};

use crate::bucket::Bucket;

/// Delivers a notification to a queue; one that the queue does not take is lost, as in S3.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Deliver {
    pub(super) bucket: String,
    /// ARN of the queue.
    pub(super) queue: String,
    pub(super) message: String,
}

impl Job for Deliver {
    const NAME: &'static str = "s3/notify";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let bucket = match Bucket::open_anywhere(cx, &self.bucket).await {
            Ok(bucket) => bucket,
            Err(error) if error.is("NoSuchBucket") => return Ok(()),
            Err(error) => return Err(error),
        };
        match send(cx, &bucket, &self.queue, &self.message).await {
            Err(error) if error.answer().is_some() => {
                tracing::info!(%error, bucket = self.bucket, queue = self.queue, "a notification is lost");
                Ok(())
            }
            sent => sent,
        }
    }
}

/// Input of SQS's SendMessage.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessage<'a> {
    queue_url: String,
    message_body: &'a str,
}

/// Sends a message to a queue, as S3 on behalf of the bucket.
pub(super) async fn send(cx: &mut Cx, bucket: &Bucket, queue: &str, message: &str) -> Result<()> {
    let invalid = || welkin_kernel::Error::internal("the ARN of a queue was checked when it was set");
    let arn: Arn = queue.parse().map_err(|_| invalid())?;
    let (account, region) = arn.account().zip(arn.region()).ok_or_else(invalid)?;
    let queue_url = format!("https://sqs.{region}.amazonaws.com/{account}/{}", arn.resource());
    let source = bucket.arn().parse().map_err(|_| invalid())?;
    let input = SendMessage { queue_url, message_body: message };
    let call = Call::to("sqs", "SendMessage").input(&input).at(Place::new(account, region));
    cx.call(call.as_service(crate::PRINCIPAL, bucket.owner, Some(source))).await?;
    Ok(())
}
