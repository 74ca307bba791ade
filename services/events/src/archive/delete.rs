//! Deleting an archive.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{Archive, Kept};
use crate::listening;

/// Deletes an archive with its events.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteArchive.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteArchive {
    archive_name: String,
}

impl Operation for DeleteArchive {
    const NAME: &'static str = "DeleteArchive";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(super::access(cx, "events:DeleteArchive", &self.archive_name))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let here = cx.here();
        let archive = Archive::named(cx, &self.archive_name).await?;
        cx.delete::<Archive>(here, &archive.name).await?;
        cx.delete_all::<Kept>(here, archive.id)?;
        listening::refresh(cx, &archive.bus(here)).await?;
        Ok(Empty {})
    }
}
