//! Finding queues.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, AccountId, Cx, Event, Operation, Place, Result};

use crate::errors::{InvalidParameterValue, invalid};
use crate::policy::{self, Sharing};
use crate::queue::{Address, Queue};

/// Finds the URL of a queue by its name.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueUrl.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetQueueUrl {
    queue_name: String,
    #[serde(rename = "QueueOwnerAWSAccountId")]
    owner: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetQueueUrlResult {
    queue_url: String,
}

impl Operation for GetQueueUrl {
    const NAME: &'static str = "GetQueueUrl";
    const EVENT: Event = Event::Data("AWS::SQS::Queue");
    type Output = GetQueueUrlResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        policy::access(cx, &self.address(cx)?, "sqs:GetQueueUrl", Sharing::Anyone).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetQueueUrlResult> {
        let address = self.address(cx)?;
        address.queue(cx).await?;
        Ok(GetQueueUrlResult { queue_url: address.url(cx) })
    }
}

impl GetQueueUrl {
    fn address(&self, cx: &Cx) -> Result<Address> {
        let account: AccountId = match &self.owner {
            None => cx.account(),
            Some(owner) => {
                owner.parse().map_err(|_| invalid(owner, "QueueOwnerAWSAccountId", "Must be a 12-digit account id."))?
            }
        };
        Ok(Address { place: Place::new(account, cx.region()), name: self.queue_name.clone() })
    }
}

/// Lists the queues of the account in the Region.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListQueues {
    queue_name_prefix: Option<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListQueuesResult {
    queue_urls: Option<Vec<String>>,
    next_token: Option<String>,
}

impl Operation for ListQueues {
    const NAME: &'static str = "ListQueues";
    const EVENT: Event = Event::Data("AWS::SQS::Queue");
    type Output = ListQueuesResult;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Access::to("sqs:ListQueues").on(cx.here().arn("sqs", "*")))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListQueuesResult> {
        let limit = page_size(self.max_results)?;
        let prefix = self.queue_name_prefix.clone().unwrap_or_default();
        // Names are of ASCII: what begins with the prefix lies before the prefix with a greater character.
        let end = format!("{prefix}{}", char::MAX);
        let start = match &self.next_token {
            Some(token) => prefix.max(format!("{}\0", read_token(token)?)),
            None => prefix,
        };
        let page = cx.between::<Queue>(cx.here(), start, end, limit + 1, false).await?;
        let mut names: Vec<_> = page.into_iter().map(|queue| queue.name).collect();
        let more = names.len() > limit;
        names.truncate(limit);
        let next_token = names.last().filter(|_| more && self.max_results.is_some()).map(|name| token(name));
        let place = cx.here();
        let urls: Vec<_> = names.into_iter().map(|name| Address { place, name }.url(cx)).collect();
        Ok(ListQueuesResult { queue_urls: (!urls.is_empty()).then_some(urls), next_token })
    }
}

/// Most queues in an answer.
const LARGEST_PAGE: usize = 1000;

/// How many queues a page has.
///
/// # Errors
/// `InvalidParameterValue`
pub(crate) fn page_size(asked: Option<i64>) -> Result<usize> {
    let Some(asked) = asked else { return Ok(LARGEST_PAGE) };
    let size = usize::try_from(asked).ok().filter(|size| (1..=LARGEST_PAGE).contains(size));
    size.ok_or_else(|| {
        invalid(asked, "MaxResults", format_args!("Must be an integer from 1 to {LARGEST_PAGE}, if provided."))
    })
}

/// The token of the page after the queue `name`.
pub(crate) fn token(name: &str) -> String {
    URL_SAFE_NO_PAD.encode(name)
}

/// Reads a token.
///
/// # Errors
/// `InvalidParameterValue`
pub(crate) fn read_token(token: &str) -> Result<String> {
    let name = URL_SAFE_NO_PAD.decode(token).ok().and_then(|name| String::from_utf8(name).ok());
    name.ok_or_else(|| InvalidParameterValue::because("Invalid or expired next token."))
}
