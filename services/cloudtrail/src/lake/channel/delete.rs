//! `DeleteChannel`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Resource, Result};

use super::{Channel, Ingestion};

/// Deletes a channel. Events that came through it stay in their stores.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteChannel.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteChannel {
    channel: String,
}

impl Operation for DeleteChannel {
    const NAME: &'static str = "DeleteChannel";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Channel::access(cx, "cloudtrail:DeleteChannel", &self.channel).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let channel = Channel::own(cx, &self.channel).await?;
        let here = cx.here();
        cx.delete::<Ingestion>(here, &channel.id).await?;
        cx.delete::<Channel>(here, Resource::key(&channel)).await?;
        Ok(Empty {})
    }
}
