//! How long events are kept.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Job, Operation, Page, Result, Schedule, Timestamp};

use crate::batch::{Body, Head};
use crate::errors::invalid;
use crate::group::{Address, Group};
use crate::stream::Stream;

/// Numbers of days that can be chosen.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
const DAYS: [u32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// Batches that one run removes at most.
const BATCH: usize = 500;

/// Sets how long the events of a group are kept.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PutRetentionPolicy {
    log_group_name: String,
    retention_in_days: u32,
}

impl Operation for PutRetentionPolicy {
    const NAME: &'static str = "PutRetentionPolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Address::here(cx, &self.log_group_name).access(cx, "logs:PutRetentionPolicy", "").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        if !DAYS.contains(&self.retention_in_days) {
            return Err(invalid(format!("Invalid retentionInDays: {}", self.retention_in_days)));
        }
        let address = Address::here(cx, &self.log_group_name);
        let mut group = address.group(cx).await?;
        group.retention = Some(self.retention_in_days);
        cx.put(address.place, &group).await?;
        Expire::of(&group, None).soon(cx).await?;
        Ok(Empty {})
    }
}

/// Keeps the events of a group for ever.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteRetentionPolicy.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeleteRetentionPolicy {
    log_group_name: String,
}

impl Operation for DeleteRetentionPolicy {
    const NAME: &'static str = "DeleteRetentionPolicy";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Address::here(cx, &self.log_group_name).access(cx, "logs:DeleteRetentionPolicy", "").await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let address = Address::here(cx, &self.log_group_name);
        let mut group = address.group(cx).await?;
        group.retention = None;
        cx.put(address.place, &group).await?;
        Ok(Empty {})
    }
}

/// Removes what a group keeps no longer: a stream in each run, then again a day later. It ends with the group, and when
/// the group keeps everything.
#[derive(Serialize, Deserialize)]
pub(crate) struct Expire {
    group: String,
    id: String,
    /// The stream that is done.
    after: Option<String>,
}

impl Expire {
    fn of(group: &Group, after: Option<String>) -> Self {
        Self { group: group.name.clone(), id: group.id.clone(), after }
    }

    async fn soon(&self, cx: &mut Cx) -> Result<()> {
        self.at(cx, cx.now()).await
    }

    async fn at(&self, cx: &mut Cx, at: Timestamp) -> Result<()> {
        cx.enqueue(self, Schedule::at(at).id(format!("logs/expire/{}", self.id))).await.map(|_| ())
    }
}

impl Job for Expire {
    const NAME: &'static str = "logs/expire";
    const PRINCIPAL: &'static str = crate::PRINCIPAL;

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let place = cx.here();
        let group = cx.get::<Group>(place, self.group.as_str()).await?;
        let Some(group) = group.filter(|group| group.id == self.id && group.retention.is_some()) else { return Ok(()) };
        let after = self.after.as_ref().map(|name| Stream::place_of(&group.id, name));
        let page = Page::of(1, after.as_ref());
        let Some(stream) = cx.list::<Stream>(place, group.id.as_str(), page).await?.pop() else {
            let tomorrow = Timestamp::from_millis(cx.now().millis() + crate::DAY);
            return Self::of(&group, None).at(cx, tomorrow).await;
        };
        let horizon = group.horizon(cx.now().millis());
        let id = stream.id.as_str();
        let old = cx.between::<Head>(place, (&group.id, id, 0i64), (&group.id, id, horizon), BATCH, false).await?;
        let full = old.len() == BATCH;
        let mut removed = 0;
        for head in old.into_iter().filter(|head| head.last < horizon) {
            removed += 1;
            cx.discard::<Body>(place, head.place())?;
            cx.discard::<Head>(place, head.place())?;
        }
        let after = if full && removed > 0 { self.after.clone() } else { Some(stream.name) };
        Self::of(&group, after).soon(cx).await
    }
}
