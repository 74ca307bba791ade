//! Delivery to HTTP and HTTPS endpoints: a POST that the endpoint must answer in time.
//!
//! References: <https://docs.aws.amazon.com/sns/latest/dg/http-header.html>,
//! <https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html>

use std::time::Duration;

use welkin_kernel::{Error, Result};
use welkin_outbound::{Loopback, NoClient};

use super::Outcome;
use super::envelope::Parcel;

/// How long an endpoint has for its answer.
///
/// Source: "Your endpoint must respond within 15 seconds":
/// <https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html>
const PATIENCE: Duration = Duration::from_secs(15);

/// Posts a parcel. The answer's body is not read: it may be without end.
///
/// # Errors
/// Faults of Welkin's; what the endpoint does is the outcome.
pub(super) async fn post(endpoint: &str, content_type: &str, parcel: &Parcel, loopback: Loopback) -> Result<Outcome> {
    let url = reqwest::Url::parse(endpoint).map_err(|_| Error::internal("a URL was checked when it was set"))?;
    let client = match welkin_outbound::client(&url, PATIENCE, loopback).await {
        Ok(client) => client,
        Err(why @ NoClient::NotFound(..)) => return Ok(Outcome::Failed(why.to_string())),
        Err(why @ (NoClient::NoHost | NoClient::Forbidden(_))) => return Ok(Outcome::Refused(why.to_string())),
        Err(fault @ NoClient::Fault(_)) => return Err(Error::internal(fault)),
    };
    let mut request = client
        .post(url)
        .header("content-type", content_type)
        .header("user-agent", "Amazon Simple Notification Service Agent")
        .header("x-amz-sns-message-type", parcel.kind)
        .header("x-amz-sns-message-id", &parcel.message_id)
        .header("x-amz-sns-topic-arn", &parcel.topic_arn);
    if parcel.kind != "SubscriptionConfirmation" {
        request = request.header("x-amz-sns-subscription-arn", &parcel.subscription_arn);
    }
    if parcel.raw {
        request = request.header("x-amz-sns-rawdelivery", "true");
    }
    if let Some(trace) = &parcel.trace {
        request = request.header("x-amzn-trace-id", trace);
    }
    match request.body(parcel.body.clone()).send().await {
        Ok(answer) => Ok(judge(answer.status().as_u16())),
        Err(error) => Ok(Outcome::Failed(format!("no answer: {error}"))),
    }
}

/// What a status says: trouble of the server's passes, others do not.
fn judge(status: u16) -> Outcome {
    match status {
        200..300 => Outcome::Delivered,
        429 | 500.. => Outcome::Failed(format!("HTTP status {status}")),
        _ => Outcome::Refused(format!("HTTP status {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_of_the_server_passes_and_refusals_do_not() {
        assert_eq!(judge(204), Outcome::Delivered);
        for status in [429, 500, 503] {
            assert!(matches!(judge(status), Outcome::Failed(_)), "{status}");
        }
        for status in [301, 400, 403, 404] {
            assert!(matches!(judge(status), Outcome::Refused(_)), "{status}");
        }
    }
}
