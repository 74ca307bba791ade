//! SQS, JSON 1.0.

use serde_json::{Value, json};

use crate::client::{Answer, Spec};
use crate::failure::Result;
use crate::world::{World, json_body, text};

pub(crate) fn call(target: &'static str, input: &Value) -> Spec {
    Spec::json("sqs", "application/x-amz-json-1.0", target, input.to_string())
}

/// A message of about 250 bytes, like no other.
pub(crate) fn send(world: &World, number: u64) -> Spec {
    let body = format!("{{\"order\":{number},\"text\":\"{}\"}}", "lorem ipsum ".repeat(18));
    call("AmazonSQS.SendMessage", &json!({"QueueUrl": world.queue_url, "MessageBody": body}))
}

pub(crate) fn check_sent(world: &World, answer: &Answer) -> Result<()> {
    text(&json_body(answer)?, &["MessageId"])?;
    world.put_message();
    Ok(())
}

pub(crate) fn receive(world: &World) -> Spec {
    call("AmazonSQS.ReceiveMessage", &json!({"QueueUrl": world.queue_url, "VisibilityTimeout": 3600}))
}

/// Keeps the receipt handle for [`delete`].
pub(crate) fn check_received(world: &World, answer: &Answer) -> Result<()> {
    let message = json_body(answer)?;
    let message = message.get("Messages").and_then(|messages| messages.get(0)).ok_or("the queue gave no message")?;
    let body = text(message, &["Body"])?;
    if !body.starts_with("{\"order\":") {
        return Err(format!("{body} was never sent").into());
    }
    world.put_receipts([text(message, &["ReceiptHandle"])?]);
    Ok(())
}

pub(crate) fn delete(world: &World) -> Option<Spec> {
    let receipt = world.take_receipt()?;
    Some(call("AmazonSQS.DeleteMessage", &json!({"QueueUrl": world.queue_url, "ReceiptHandle": receipt})))
}
