//! What an archive is.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Result, Timestamp};

use super::Archive;

/// Tells the settings of an archive, and how much it keeps.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeArchive.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeArchive {
    archive_name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeArchiveResponse {
    archive_arn: String,
    archive_name: String,
    event_source_arn: String,
    description: Option<String>,
    event_pattern: Option<String>,
    state: String,
    retention_days: u32,
    size_bytes: i64,
    event_count: i64,
    creation_time: Timestamp,
}

impl Operation for DescribeArchive {
    const NAME: &'static str = "DescribeArchive";
    type Output = DescribeArchiveResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "events:DescribeArchive", &self.archive_name))
    }

    async fn run(&self, cx: &mut Cx) -> Result<DescribeArchiveResponse> {
        let here = cx.here();
        let archive = Archive::named(cx, &self.archive_name).await?;
        let (event_count, size_bytes) = archive.extent(cx).await?;
        Ok(DescribeArchiveResponse {
            archive_arn: Archive::arn(here, &archive.name).into(),
            event_source_arn: archive.bus(here).arn().into(),
            archive_name: archive.name,
            description: archive.description,
            event_pattern: archive.pattern,
            state: "ENABLED".to_owned(),
            retention_days: archive.retention,
            size_bytes,
            event_count,
            creation_time: archive.created,
        })
    }
}
