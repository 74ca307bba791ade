//! Publishing several messages at once.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Error, Event, Operation, Result};

use super::draft::Content;
use crate::errors::{
    BatchEntryIdsNotDistinctException, BatchRequestTooLongException, EmptyBatchRequestException,
    InvalidBatchEntryIdException, TooManyEntriesInBatchRequestException,
};
use crate::policy;
use crate::topic::TopicArn;

/// Most entries of a batch, and the longest id of one.
///
/// Source: <https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html>
const MOST: usize = 10;
const LONGEST_ID: usize = 80;

/// Publishes up to ten messages to a topic.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PublishBatch {
    topic_arn: TopicArn,
    #[serde(rename = "PublishBatchRequestEntries")]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    #[serde(flatten)]
    content: Content,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PublishBatchResponse {
    successful: Vec<Published>,
    failed: Vec<Failed>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Published {
    id: String,
    message_id: String,
    sequence_number: Option<String>,
}

/// An entry that failed; the others are not concerned.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Failed {
    id: String,
    code: String,
    message: Option<String>,
    sender_fault: bool,
}

impl Failed {
    /// # Errors
    /// What is not an answer to the caller concerns the whole call.
    fn of(id: &str, error: Error) -> Result<Self> {
        let Some(answer) = error.answer() else { return Err(error) };
        // Entries have the codes that whole answers have.
        let code = match answer.code.as_ref() {
            "InvalidParameterValueException" => "ParameterValueInvalid",
            code => code.strip_suffix("Exception").unwrap_or(code),
        };
        let code = code.to_owned();
        Ok(Self { id: id.to_owned(), code, message: Some(answer.message.clone()), sender_fault: true })
    }
}

impl Operation for PublishBatch {
    const NAME: &'static str = "PublishBatch";
    const EVENT: Event = Event::Data("AWS::SNS::Topic");
    type Output = PublishBatchResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        policy::access(cx, &self.topic_arn.address(cx)?, "sns:Publish").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<PublishBatchResponse> {
        let address = self.topic_arn.address(cx)?;
        let topic = address.topic(cx).await?;
        check(self.entries.iter().map(|entry| entry.id.as_str()))?;
        if self.entries.iter().map(|entry| entry.content.draft().size()).sum::<usize>()
            > topic.attributes.longest_message()
        {
            return Err(BatchRequestTooLongException.into());
        }
        let mut response = PublishBatchResponse::default();
        for entry in &self.entries {
            let id = entry.id.clone();
            match entry.content.draft().publish(cx, &address, &topic).await {
                Ok(published) => response.successful.push(Published {
                    id,
                    message_id: published.message_id,
                    sequence_number: published.sequence_number,
                }),
                Err(error) => response.failed.push(Failed::of(&id, error)?),
            }
        }
        Ok(response)
    }
}

/// Holds the number of entries and their ids against the rules.
fn check<'a>(ids: impl ExactSizeIterator<Item = &'a str>) -> Result<()> {
    match ids.len() {
        0 => return Err(EmptyBatchRequestException.into()),
        1..=MOST => {}
        _ => return Err(TooManyEntriesInBatchRequestException.into()),
    }
    let mut seen = HashSet::with_capacity(MOST);
    for id in ids {
        let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if id.is_empty() || id.len() > LONGEST_ID || !plain {
            return Err(InvalidBatchEntryIdException.into());
        }
        if !seen.insert(id) {
            return Err(BatchEntryIdsNotDistinctException.into());
        }
    }
    Ok(())
}
