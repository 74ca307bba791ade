//! `StartLogging` and `StopLogging`.
//!
//! Calls that commit before StopLogging does are delivered; later ones are not.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::Trail;
use crate::digest;

/// Has a trail log from now on.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartLogging.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartLogging {
    name: String,
}

/// Has a trail log no more.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopLogging.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StopLogging {
    name: String,
}

impl Operation for StartLogging {
    const NAME: &'static str = "StartLogging";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Trail::access(cx, "cloudtrail:StartLogging", &self.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut trail = Trail::find_to_change(cx, &self.name).await?;
        if !trail.is_logging {
            trail.is_logging = true;
            trail.started = Some(cx.now());
            trail.save(cx).await?;
            if trail.validation {
                digest::restart(cx, &trail).await?;
            }
        }
        Ok(Empty {})
    }
}

impl Operation for StopLogging {
    const NAME: &'static str = "StopLogging";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Trail::access(cx, "cloudtrail:StopLogging", &self.name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut trail = Trail::find_to_change(cx, &self.name).await?;
        if trail.is_logging {
            trail.is_logging = false;
            trail.stopped = Some(cx.now());
            trail.save(cx).await?;
        }
        Ok(Empty {})
    }
}
