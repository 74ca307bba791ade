//! `ScheduleKeyDeletion`, `CancelKeyDeletion`, and the deletion itself.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html>

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Job, Limit, Operation, Result, Schedule, Timestamp};

use super::state::KeyState;
use super::{Key, KeyManager, Origin, count};
use crate::access::Demand;
use crate::alias::Alias;
use crate::errors::{UnsupportedOperationException, ValidationException};
use crate::{expunge, grant, import, key_id, last_use, material, multi_region, quota, service_event};

/// Has a key deleted after a waiting period.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ScheduleKeyDeletion {
    key_id: String,
    pending_window_in_days: Option<u32>,
}

/// When the key will be deleted.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ScheduleKeyDeletionResponse {
    key_id: String,
    deletion_date: Option<Timestamp>,
    key_state: String,
    pending_window_in_days: u32,
}

/// The waiting period in days unless the caller says.
const DEFAULT_DAYS: u32 = 30;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl ScheduleKeyDeletion {
    fn days(&self) -> Result<u32> {
        let days = self.pending_window_in_days.unwrap_or(DEFAULT_DAYS);
        if (7..=30).contains(&days) {
            return Ok(days);
        }
        // UNVERIFIED: the wording; the model permits 1 to 365, the reference 7 to 30.
        Err(ValidationException::because("PendingWindowInDays must be between 7 and 30 days (inclusive)"))
    }
}

impl Operation for ScheduleKeyDeletion {
    const NAME: &'static str = "ScheduleKeyDeletion";
    type Output = ScheduleKeyDeletionResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let days = self.days()?;
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        let access = Demand::of("ScheduleKeyDeletion", &target).by_the_owner().access(cx).await?;
        Ok(access.key("kms:ScheduleKeyDeletionPendingWindowInDays", days.to_string()))
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms ScheduleKeyDeletion", 15))
    }

    async fn run(&self, cx: &mut Cx) -> Result<ScheduleKeyDeletionResponse> {
        let mut key = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        if key.manager == KeyManager::Aws {
            return Err(UnsupportedOperationException::because("AWS managed keys cannot be deleted."));
        }
        key.not_pending_deletion()?;
        key.settled(cx.now())?;
        let days = self.days()?;
        let deletion_date = if key.has_replicas() {
            key.state = KeyState::PendingReplicaDeletion(days);
            cx.put(key.place, &key).await?;
            None
        } else {
            Some(schedule(cx, &mut key, days).await?)
        };
        Ok(ScheduleKeyDeletionResponse {
            key_id: key.arn().into(),
            deletion_date,
            key_state: key.state_name(cx.now()).to_owned(),
            pending_window_in_days: days,
        })
    }
}

/// Has the key deleted in so many days; returns when.
async fn schedule(cx: &mut Cx, key: &mut Key, days: u32) -> Result<Timestamp> {
    let at = cx.after(DAY * days);
    key.state = KeyState::PendingDeletion(at);
    cx.put(key.place, key).await?;
    let job = DeleteKey { key_id: key.id.clone(), at };
    cx.enqueue_at(key.place, &job, Schedule::at(at).id(job_id(key))).await?;
    Ok(at)
}

fn job_id(key: &Key) -> String {
    format!("kms/delete-key {}", key.arn())
}

/// Keeps a key that was to be deleted; it is disabled then.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CancelKeyDeletion {
    key_id: String,
}

/// ARN of the key.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CancelKeyDeletionResponse {
    key_id: String,
}

impl Operation for CancelKeyDeletion {
    const NAME: &'static str = "CancelKeyDeletion";
    type Output = CancelKeyDeletionResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        Demand::of("CancelKeyDeletion", &target).by_the_owner().access(cx).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms CancelKeyDeletion", 5))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CancelKeyDeletionResponse> {
        let mut key = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        if !matches!(key.state, KeyState::PendingDeletion(_) | KeyState::PendingReplicaDeletion(_)) {
            return Err(key.is("not pending deletion"));
        }
        key.state = KeyState::Disabled;
        cx.cancel(&job_id(&key)).await?;
        match key.origin {
            Origin::AwsKms => cx.put(key.place, &key).await?,
            // Its material may have gone meanwhile.
            Origin::External => import::settle(cx, &mut key).await?,
        }
        Ok(CancelKeyDeletionResponse { key_id: key.arn().into() })
    }
}

/// Deletes a key when its waiting period has passed: with its material, aliases and grants.
#[derive(Serialize, Deserialize)]
pub(crate) struct DeleteKey {
    key_id: String,
    at: Timestamp,
}

impl Job for DeleteKey {
    const NAME: &'static str = "kms/delete-key";
    const PRINCIPAL: &'static str = "kms.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let Some(key) = cx.get::<Key>(here, &self.key_id).await? else { return Ok(()) };
        if key.state != KeyState::PendingDeletion(self.at) {
            return Ok(());
        }
        for name in &key.aliases {
            cx.delete::<Alias>(here, name).await?;
        }
        grant::delete_all(cx, here, &key.id).await?;
        material::delete_all(cx, here, &key.id)?;
        import::parameters::forget_all(cx, here, &key.id)?;
        cx.delete::<Key>(here, &key.id).await?;
        last_use::forget(cx, here, &key.id)?;
        count::remove(cx, here).await?;
        expunge::soon(cx).await?;
        service_event::deleted(cx, &key).await?;
        leave_relatives(cx, &key).await
    }
}

/// Has the related keys forget a key that was deleted; the primary one may have waited for that.
async fn leave_relatives(cx: &mut Cx, deleted: &Key) -> Result<()> {
    for mut other in multi_region::others(cx, deleted).await? {
        if let Some(regions) = &mut other.multi_region {
            regions.replicas.remove(&deleted.place.region);
        }
        match other.state {
            KeyState::PendingReplicaDeletion(days) if !other.has_replicas() => {
                schedule(cx, &mut other, days).await?;
            }
            _ => cx.put(other.place, &other).await?,
        }
    }
    Ok(())
}
