//! Making an archive.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result, Timestamp};

use super::{Archive, expire};
use crate::errors::{LimitExceededException, ResourceAlreadyExistsException, refuse_kms_key};
use crate::{listening, pattern};

/// Archives of an account in a Region.
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
const MOST: usize = 100;

/// Makes an archive of the events of a bus.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateArchive.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateArchive {
    archive_name: String,
    event_source_arn: String,
    description: Option<String>,
    event_pattern: Option<String>,
    #[serde(default)]
    retention_days: u32,
    kms_key_identifier: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateArchiveResponse {
    pub(super) archive_arn: String,
    pub(super) state: String,
    pub(super) creation_time: Timestamp,
}

impl Operation for CreateArchive {
    const NAME: &'static str = "CreateArchive";
    type Output = CreateArchiveResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "events:CreateArchive", &self.archive_name))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateArchiveResponse> {
        refuse_kms_key(self.kms_key_identifier.as_deref())?;
        let bus = super::source(cx, &self.event_source_arn)?;
        bus.bus(cx).await?;
        let pattern = self.event_pattern.clone().filter(|pattern| !pattern.is_empty());
        if let Some(pattern) = &pattern {
            pattern::parse(pattern)?;
        }
        let here = cx.here();
        if cx.exists::<Archive>(here, &self.archive_name).await? {
            return Err(ResourceAlreadyExistsException::because(format!(
                "Archive {} already exists.",
                self.archive_name
            )));
        }
        if cx.list::<Archive>(here, (), Page::ALL).await?.len() >= MOST {
            return Err(LimitExceededException::because("The requested resource exceeds the maximum number allowed."));
        }
        let archive = Archive {
            name: self.archive_name.clone(),
            id: u64::from_le_bytes(cx.chance().bytes()),
            bus: bus.name.clone(),
            description: self.description.clone(),
            pattern,
            retention: self.retention_days,
            created: cx.now(),
        };
        cx.put(here, &archive).await?;
        listening::refresh(cx, &bus).await?;
        expire::schedule(cx, &archive).await?;
        Ok(CreateArchiveResponse {
            archive_arn: Archive::arn(here, &archive.name).into(),
            state: "ENABLED".to_owned(),
            creation_time: archive.created,
        })
    }
}
