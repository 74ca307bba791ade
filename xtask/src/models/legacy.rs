//! Protocols that services still accept from older SDKs and that botocore's newest model no longer lists.

/// Protocols in addition to the model's own.
///
/// SQS spoke query only until November 2023 and still answers it:
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html>
pub(super) fn protocols(id: &str) -> &'static [&'static str] {
    match id {
        "sqs" => &["query"],
        _ => &[],
    }
}

/// Namespace of XML answers where the newest model has none.
pub(super) fn xml_namespace(id: &str) -> Option<&'static str> {
    match id {
        "sqs" => Some("http://queue.amazonaws.com/doc/2012-11-05/"),
        _ => None,
    }
}
