//! Finding topics.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, IntoKey, Operation, Page, Result};

use super::Topic;
use crate::page;

/// Lists the topics of the account in the Region, by name.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTopics {
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTopicsResponse {
    topics: Vec<ListedTopic>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedTopic {
    topic_arn: String,
}

impl Operation for ListTopics {
    const NAME: &'static str = "ListTopics";
    type Output = ListTopicsResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(Access::to("sns:ListTopics").on(cx.here().arn("sns", "*")))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListTopicsResponse> {
        let here = cx.here();
        let after = page::read_token(self.next_token.as_deref())?.map(|last| last.into_key());
        let mut found = cx.list::<Topic>(here, (), Page::of(page::SIZE + 1, after.as_ref())).await?;
        let more = found.len() > page::SIZE;
        found.truncate(page::SIZE);
        let next_token = found.last().filter(|_| more).map(|topic| page::token(&topic.name));
        let topics = found.iter().map(|topic| ListedTopic { topic_arn: here.arn("sns", &topic.name).to_string() });
        Ok(ListTopicsResponse { topics: topics.collect(), next_token })
    }
}
