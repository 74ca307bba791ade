//! `UpdateChannel`.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{Channel, Destination, Shown, check};
use crate::errors::ChannelAlreadyExistsException;

/// Renames a channel, or leads it elsewhere.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateChannel.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateChannel {
    channel: String,
    destinations: Option<Vec<Destination>>,
    name: Option<String>,
}

impl Operation for UpdateChannel {
    const NAME: &'static str = "UpdateChannel";
    type Output = Shown;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Channel::access(cx, "cloudtrail:UpdateChannel", &self.channel).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Shown> {
        let account = cx.account();
        let mut channel = Channel::own(cx, &self.channel).await?;
        if let Some(destinations) = &self.destinations {
            check(cx, destinations).await?;
            channel.destinations.clone_from(destinations);
        }
        if let Some(name) = &self.name {
            let others = Channel::all(cx).await?;
            if others.iter().any(|other| other.name == *name && other.id != channel.id) {
                let message = format!("A channel named {name} already exists.");
                return Err(ChannelAlreadyExistsException::because(message));
            }
            channel.name.clone_from(name);
        }
        channel.save(cx, account).await?;
        Ok(Shown::of(channel, account))
    }
}
