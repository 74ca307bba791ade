//! `CreateChannel`.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result};

use super::{Channel, Destination, Shown, check};
use crate::errors::{ChannelAlreadyExistsException, ChannelMaxLimitExceededException, InvalidSourceException};
use crate::tag::{self, Tag};

/// Makes a channel for the events of a source outside of AWS.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateChannel.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateChannel {
    name: String,
    source: String,
    destinations: Vec<Destination>,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// The channel.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateChannelResponse {
    #[serde(flatten)]
    shown: Shown,
    tags: Vec<Tag>,
}

/// Channels of an account and Region at most: "Channels" in
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>.
const MOST: usize = 25;

/// The source of events of the account's own applications.
const CUSTOM: &str = "Custom";

/// Sources of partners.
// UNVERIFIED: that these are all. They are the partners that the page of integrations names.
const PARTNERS: &[&str] = &[
    "CloudStorageSecurityConsole",
    "Clumio",
    "CrowdStrike",
    "CyberArk",
    "GitHub",
    "IBMMulticloud",
    "KongGatewayEnterprise",
    "LaunchDarkly",
    "MontyCloud",
    "NetskopeCloudExchange",
    "OktaSystemLogEvents",
    "OneLogin",
    "Shoreline",
    "Snyk",
    "WizAuditLogs",
];

impl CreateChannel {
    fn channel(&self, cx: &Cx, id: String) -> Result<Channel> {
        Ok(Channel {
            id,
            name: self.name.clone(),
            home: cx.region(),
            source: self.source.clone(),
            destinations: self.destinations.clone(),
            tags: tag::map(&self.tags)?,
            policy: None,
        })
    }

    // UNVERIFIED: the wordings.
    async fn check_room(&self, cx: &mut Cx) -> Result<()> {
        if self.source != CUSTOM && !PARTNERS.contains(&self.source.as_str()) {
            return Err(InvalidSourceException::because(format!("The source {} is not valid.", self.source)));
        }
        let channels = Channel::all(cx).await?;
        if channels.iter().any(|channel| channel.name == self.name) {
            return Err(ChannelAlreadyExistsException::because(format!(
                "A channel named {} already exists.",
                self.name
            )));
        }
        // The page of integrations: "A maximum of one channel is allowed per source." The quota of channels would be
        // out of reach if that held for sources of one's own.
        if self.source != CUSTOM && channels.iter().any(|channel| channel.source == self.source) {
            let message = format!("A channel for the source {} already exists.", self.source);
            return Err(ChannelAlreadyExistsException::because(message));
        }
        if channels.len() >= MOST { Err(ChannelMaxLimitExceededException.into()) } else { Ok(()) }
    }
}

impl Operation for CreateChannel {
    const NAME: &'static str = "CreateChannel";
    type Output = CreateChannelResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let any = self.channel(cx, "*".to_owned())?;
        Ok(Access::to("cloudtrail:CreateChannel").on(any.arn(cx.account())).request_tags(&any.tags))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateChannelResponse> {
        let (account, id) = (cx.account(), cx.chance().uuid());
        let channel = self.channel(cx, id)?;
        self.check_room(cx).await?;
        check(cx, &self.destinations).await?;
        channel.save(cx, account).await?;
        Ok(CreateChannelResponse { shown: Shown::of(channel, account), tags: self.tags.clone() })
    }
}
