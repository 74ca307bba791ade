//! Finding archives.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result, Timestamp};

use super::Archive;
use crate::errors::invalid;
use crate::page::Wanted;

/// Lists the archives of the account in the Region, by name.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListArchives.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListArchives {
    name_prefix: Option<String>,
    event_source_arn: Option<String>,
    state: Option<String>,
    next_token: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListArchivesResponse {
    archives: Vec<ListedArchive>,
    next_token: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedArchive {
    archive_name: String,
    event_source_arn: String,
    state: String,
    retention_days: u32,
    size_bytes: i64,
    event_count: i64,
    creation_time: Timestamp,
}

impl Operation for ListArchives {
    const NAME: &'static str = "ListArchives";
    type Output = ListArchivesResponse;

    async fn access(&self, _: &mut Cx) -> Result<Access> {
        Ok(Access::to("events:ListArchives"))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListArchivesResponse> {
        let given = [self.name_prefix.is_some(), self.event_source_arn.is_some(), self.state.is_some()];
        if given.iter().filter(|given| **given).count() > 1 {
            return Err(invalid(
                "At most one filter is allowed for ListArchives. Use either : State, EventSourceArn, or NamePrefix.",
            ));
        }
        let here = cx.here();
        let mut archives = cx.list::<Archive>(here, (), Page::ALL).await?;
        archives.retain(|archive| {
            self.name_prefix.as_deref().is_none_or(|prefix| archive.name.starts_with(prefix))
                && self.state.as_deref().is_none_or(|state| state == "ENABLED")
                && self.event_source_arn.as_deref().is_none_or(|arn| archive.bus(here).arn().as_str() == arn)
        });
        let wanted = Wanted::new(self.next_token.as_deref(), self.limit)?;
        let (page, next_token) = wanted.cut(archives, |archive| &archive.name);
        let mut listed = Vec::with_capacity(page.len());
        for archive in page {
            let (event_count, size_bytes) = archive.extent(cx).await?;
            listed.push(ListedArchive {
                event_source_arn: archive.bus(here).arn().into(),
                archive_name: archive.name,
                state: "ENABLED".to_owned(),
                retention_days: archive.retention,
                size_bytes,
                event_count,
                creation_time: archive.created,
            });
        }
        Ok(ListArchivesResponse { archives: listed, next_token })
    }
}
