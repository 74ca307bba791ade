//! Delivery of notifications.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Arn, Call, Cx, Job, Place, Result};

use crate::bucket::Bucket;

/// Delivers a notification to a queue or topic; one that is not taken is lost, as in S3.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Deliver {
    pub(super) bucket: String,
    /// ARN of the queue or topic.
    pub(super) queue: String,
    pub(super) message: String,
}

impl Job for Deliver {
    const NAME: &'static str = "s3/notify";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let Some(bucket) = Bucket::open_for_job(cx, &self.bucket).await? else { return Ok(()) };
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

/// Input of SNS's Publish.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Publish<'a> {
    topic_arn: &'a str,
    subject: &'static str,
    message: &'a str,
}

/// Sends a message to a queue or topic, as S3 on behalf of the bucket.
pub(super) async fn send(cx: &mut Cx, bucket: &Bucket, to: &str, message: &str) -> Result<()> {
    let invalid = || welkin_kernel::Error::internal("the ARN of a target was checked when it was set");
    let arn: Arn = to.parse().map_err(|_| invalid())?;
    let (account, region) = arn.account().zip(arn.region()).ok_or_else(invalid)?;
    let source = bucket.arn().parse().map_err(|_| invalid())?;
    let call = if arn.service() == "sns" {
        Call::to("sns", "Publish").input(&Publish { topic_arn: to, subject: "Amazon S3 Notification", message })
    } else {
        let queue_url = format!("https://sqs.{region}.amazonaws.com/{account}/{}", arn.resource());
        Call::to("sqs", "SendMessage").input(&SendMessage { queue_url, message_body: message })
    };
    let call = call.at(Place::new(account, region));
    cx.call(call.as_service(crate::PRINCIPAL, bucket.owner, Some(source))).await?;
    Ok(())
}
