//! Notices: a trail tells a topic of each log file that it has delivered.
//!
//! Reference: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/configure-sns-notifications-for-cloudtrail.html>

use serde::Serialize;
use serde_json::json;
use welkin_kernel::{Arn, Call, Cx, Error, Place, Result};

use crate::errors::{InsufficientSnsTopicPolicyException, InvalidSnsTopicNameException};
use crate::organization::PRINCIPAL;
use crate::trail::Trail;

/// Input of SNS's Publish.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Publish<'a> {
    topic_arn: &'a Arn,
    message: &'a str,
}

/// The topic that a request names, by name or ARN: none if it is empty.
///
/// # Errors
/// `InvalidSnsTopicNameException`
pub(crate) fn topic(requested: Option<&str>, here: Place) -> Result<Option<Arn>> {
    let Some(name) = requested.filter(|name| !name.is_empty()) else { return Ok(None) };
    let invalid = || InvalidSnsTopicNameException::because(format!("The SNS topic {name} is not valid."));
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    let arn = if name.starts_with("arn:") { name.parse().ok() } else { plain.then(|| here.arn("sns", name)) };
    let arn: Arn = arn.ok_or_else(invalid)?;
    let is_topic = arn.service() == "sns" && arn.account().is_some() && arn.region().is_some();
    // UNVERIFIED: the error for FIFO topics, which CloudTrail's guide says it does not support.
    if is_topic && !arn.resource().ends_with(".fifo") { Ok(Some(arn)) } else { Err(invalid()) }
}

/// Holds the topic of a trail against what CloudTrail needs: it takes a message.
///
/// # Errors
/// `InsufficientSnsTopicPolicyException`
pub(crate) async fn check(cx: &mut Cx, trail: &Trail) -> Result<()> {
    match publish(cx, trail, "CloudTrail validation message.").await {
        Err(error) if error.answer().is_some() => Err(InsufficientSnsTopicPolicyException.into()),
        other => other,
    }
}

/// Tells of a file; answers the code of SNS's error if the topic does not take it. `None` if there is no topic.
///
/// # Errors
/// Faults of Welkin's.
pub(crate) async fn of_file(cx: &mut Cx, trail: &Trail, key: &str) -> Result<Option<Result<(), String>>> {
    if trail.topic.is_none() {
        return Ok(None);
    }
    let message = json!({ "s3Bucket": trail.bucket, "s3ObjectKey": [key] }).to_string();
    match publish(cx, trail, &message).await {
        Ok(()) => Ok(Some(Ok(()))),
        Err(error) => match error.answer() {
            Some(answer) => Ok(Some(Err(answer.code.clone().into_owned()))),
            None => Err(error),
        },
    }
}

async fn publish(cx: &mut Cx, trail: &Trail, message: &str) -> Result<()> {
    let Some(topic) = &trail.topic else { return Ok(()) };
    let place = topic.account().zip(topic.region());
    let (owner, region) = place.ok_or_else(|| Error::internal("the ARN of a topic was checked when it was set"))?;
    let call = Call::to("sns", "Publish").input(&Publish { topic_arn: topic, message }).at(Place::new(owner, region));
    cx.call(call.as_service(PRINCIPAL, trail.owner, Some(trail.arn()))).await.map(|_| ())
}
