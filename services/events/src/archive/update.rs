//! Changing an archive.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Operation, Result};

use super::create::CreateArchiveResponse;
use super::{Archive, expire};
use crate::errors::refuse_kms_key;
use crate::{listening, pattern};

/// Changes which events an archive keeps from now on, and for how long.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UpdateArchive.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateArchive {
    archive_name: String,
    description: Option<String>,
    event_pattern: Option<String>,
    retention_days: Option<u32>,
    kms_key_identifier: Option<String>,
}

impl Operation for UpdateArchive {
    const NAME: &'static str = "UpdateArchive";
    type Output = CreateArchiveResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "events:UpdateArchive", &self.archive_name))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateArchiveResponse> {
        refuse_kms_key(self.kms_key_identifier.as_deref())?;
        let here = cx.here();
        let mut archive = Archive::named(cx, &self.archive_name).await?;
        if let Some(text) = &self.event_pattern {
            if !text.is_empty() {
                pattern::parse(text)?;
            }
            archive.pattern = Some(text.clone()).filter(|text| !text.is_empty());
        }
        if let Some(description) = &self.description {
            archive.description = Some(description.clone());
        }
        archive.retention = self.retention_days.unwrap_or(archive.retention);
        cx.put(here, &archive).await?;
        listening::refresh(cx, &archive.bus(here)).await?;
        expire::schedule(cx, &archive).await?;
        Ok(CreateArchiveResponse {
            archive_arn: Archive::arn(here, &archive.name).into(),
            state: "ENABLED".to_owned(),
            creation_time: archive.created,
        })
    }
}
