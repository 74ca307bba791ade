//! SNS, a topic that fans out to queues. What is measured is the call; the deliveries run beside it, on the same
//! machine, and after it.

use serde_json::json;

use super::sqs;
use crate::client::{Answer, Connection, Spec};
use crate::failure::Result;
use crate::world::{ACCOUNT, element, encode, json_body, text};

/// Queues that subscribe to the topic.
const QUEUES: u32 = 10;

fn call(form: &str) -> Spec {
    Spec::form("sns", format!("Version=2010-03-31&Action={form}"))
}

/// Makes the topic with its queues: its ARN.
///
/// # Errors
/// When a call fails.
pub(crate) async fn make(root: &mut Connection) -> Result<String> {
    let topic = root.call(call("CreateTopic&Name=load")).await?.text();
    let topic = element(&topic, "TopicArn")?.to_owned();
    for number in 0..QUEUES {
        let name = format!("fan-{number}");
        let arn = format!("arn:aws:sqs:us-east-1:{ACCOUNT}:{name}");
        let policy = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "sns.amazonaws.com" },
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": { "ArnEquals": { "aws:SourceArn": topic } },
        }] });
        let attributes = json!({ "Policy": policy.to_string() });
        let queue = sqs::call("AmazonSQS.CreateQueue", &json!({ "QueueName": name, "Attributes": attributes }));
        text(&json_body(&root.call(queue).await?)?, &["QueueUrl"])?;
        let form = format!("Subscribe&TopicArn={}&Protocol=sqs&Endpoint={}", encode(&topic), encode(&arn));
        root.call(call(&form)).await?;
    }
    Ok(topic)
}

/// A message of about 250 bytes, like no other.
pub(crate) fn publish(world: &crate::world::World, number: u64) -> Spec {
    let message = format!("{{\"order\":{number},\"text\":\"{}\"}}", "lorem ipsum ".repeat(18));
    call(&format!("Publish&TopicArn={}&Message={}", encode(&world.topic_arn), encode(&message)))
}

pub(crate) fn check(answer: &Answer) -> Result<()> {
    element(&answer.text(), "MessageId").map(|_| ())
}
