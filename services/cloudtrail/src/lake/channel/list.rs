//! `ListChannels`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::Channel;
use crate::page;

/// Lists the channels of the account in the Region.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListChannels.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListChannels {
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// A page of them.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListChannelsResponse {
    channels: Vec<Listed>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    channel_arn: String,
    name: String,
}

impl Operation for ListChannels {
    const NAME: &'static str = "ListChannels";
    type Output = ListChannelsResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("cloudtrail:ListChannels"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListChannelsResponse> {
        let account = cx.account();
        let (channels, next_token) =
            page::cut(Channel::all(cx).await?, self.max_results, self.next_token.as_deref(), |it| &it.id)?;
        let listed = |channel: Channel| Listed { channel_arn: channel.arn(account).into(), name: channel.name };
        Ok(ListChannelsResponse { channels: channels.into_iter().map(listed).collect(), next_token })
    }
}
