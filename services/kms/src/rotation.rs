//! Automatic rotation: new material at intervals, while the old keeps decrypting.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html>

pub(crate) mod list;
pub(crate) mod on_demand;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Job, Limit, Operation, Result, Schedule, Timestamp};

use crate::access::Demand;
use crate::errors::{UnsupportedOperationException, ValidationException};
use crate::key::spec::KeySpec;
use crate::key::state::KeyState;
use crate::key::{Key, KeyManager, Origin};
use crate::material::{self, Material, RotationType};
use crate::{key_id, multi_region, quota, service_event};

/// Automatic rotation of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rotation {
    pub(crate) period_days: u32,
    pub(crate) next: Timestamp,
}

/// Days between rotations unless the caller says.
const DEFAULT_DAYS: u32 = 365;

/// The time of the rotation after `from`.
pub(crate) fn next_after(from: Timestamp, days: u32) -> Timestamp {
    from.plus(Duration::from_secs(24 * 60 * 60) * days)
}

fn job_id(key: &Key) -> String {
    format!("kms/rotate-key {}", key.arn())
}

/// Enqueues the next rotation of the key, if it has one.
pub(crate) async fn schedule(cx: &mut Cx, key: &Key) -> Result<()> {
    let Some(rotation) = key.rotation.filter(|_| !key.is_replica()) else { return Ok(()) };
    let job = RotateKey { key_id: key.id.clone() };
    cx.enqueue_at(key.place, &job, Schedule::at(rotation.next).id(job_id(key))).await?;
    Ok(())
}

/// Ends the schedule of the key's rotations.
pub(crate) async fn unschedule(cx: &mut Cx, key: &Key) -> Result<()> {
    cx.cancel(&job_id(key)).await.map(drop)
}

/// Gives the key, and those that are related to it, new material, which encrypts from now on.
async fn rotate(cx: &mut Cx, key: &mut Key, rotation: RotationType) -> Result<()> {
    // INVARIANT: only symmetric keys rotate, and they have a secret.
    let plain = material::draw(cx, key.spec.secret_len().unwrap_or_default());
    let mut new = Material::empty(cx, &key.id, &cx.chance().hex(64), None);
    new.rotation = Some(rotation);
    for mut other in multi_region::others(cx, key).await? {
        new.fill(cx, other.place, &plain)?;
        cx.put(other.place, &new).await?;
        other.material = Some(new.id.clone());
        cx.put(other.place, &other).await?;
        service_event::synchronized(cx, &other);
    }
    new.fill(cx, key.place, &plain)?;
    cx.put(key.place, &new).await?;
    key.material = Some(new.id);
    cx.put(key.place, key).await?;
    service_event::rotated(cx, key, rotation).await?;
    Ok(())
}

/// Gives the key and those that are related to it the same schedule.
async fn set(cx: &mut Cx, key: &mut Key, rotation: Option<Rotation>) -> Result<()> {
    for mut other in multi_region::others(cx, key).await? {
        other.rotation = rotation;
        cx.put(other.place, &other).await?;
    }
    key.rotation = rotation;
    cx.put(key.place, key).await
}

/// Rotates a key when its time has come. A key that cannot be used is left until it is enabled again.
#[derive(Serialize, Deserialize)]
pub(crate) struct RotateKey {
    key_id: String,
}

impl Job for RotateKey {
    const NAME: &'static str = "kms/rotate-key";
    const PRINCIPAL: &'static str = "kms.amazonaws.com";

    async fn run(&self, cx: &mut Cx) -> Result<()> {
        let here = cx.here();
        let Some(mut key) = cx.get::<Key>(here, &self.key_id).await? else { return Ok(()) };
        let Some(current) = key.rotation else { return Ok(()) };
        if key.state != KeyState::Enabled || current.next > cx.now() || key.is_replica() {
            return Ok(());
        }
        rotate(cx, &mut key, RotationType::Automatic).await?;
        let next = Rotation { next: next_after(cx.now(), current.period_days), ..current };
        set(cx, &mut key, Some(next)).await?;
        schedule(cx, &key).await
    }
}

/// Refuses keys that are not symmetric ones for encryption.
// UNVERIFIED: the wording.
fn is_symmetric(key: &Key) -> Result<()> {
    if key.spec == KeySpec::SymmetricDefault {
        return Ok(());
    }
    Err(UnsupportedOperationException::because(format!(
        "{} is not a symmetric encryption key: it cannot be rotated.",
        key.arn()
    )))
}

/// Refuses keys whose rotation cannot be changed: here, or now.
// UNVERIFIED: the wording.
fn can_rotate(cx: &Cx, key: &Key) -> Result<()> {
    is_symmetric(key)?;
    if key.manager == KeyManager::Aws {
        return Err(UnsupportedOperationException::because("The rotation of AWS managed keys cannot be changed."));
    }
    if key.is_replica() {
        return Err(UnsupportedOperationException::because(format!(
            "{} is a replica key: it is rotated with its primary key.",
            key.arn()
        )));
    }
    key.usable(cx.now())?;
    key.settled(cx.now())
}

/// Has a key rotated at intervals. <https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EnableKeyRotation {
    key_id: String,
    rotation_period_in_days: Option<u32>,
}

impl Operation for EnableKeyRotation {
    const NAME: &'static str = "EnableKeyRotation";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        let access = Demand::of(Self::NAME, &target).by_the_owner().access(cx).await?;
        Ok(match self.rotation_period_in_days {
            Some(days) => access.key("kms:RotationPeriodInDays", days.to_string()),
            None => access,
        })
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms EnableKeyRotation", 15))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut key = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        key.has_origin(Origin::AwsKms)?;
        can_rotate(cx, &key)?;
        let days = self.rotation_period_in_days.unwrap_or(DEFAULT_DAYS);
        if !(90..=2560).contains(&days) {
            return Err(ValidationException::because("RotationPeriodInDays must be between 90 and 2560"));
        }
        if key.rotation.is_none_or(|rotation| rotation.period_days != days) {
            let next = next_after(cx.now(), days);
            set(cx, &mut key, Some(Rotation { period_days: days, next })).await?;
            schedule(cx, &key).await?;
        }
        Ok(Empty {})
    }
}

/// Ends the rotation of a key. <https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DisableKeyRotation {
    key_id: String,
}

impl Operation for DisableKeyRotation {
    const NAME: &'static str = "DisableKeyRotation";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        Demand::of(Self::NAME, &target).by_the_owner().access(cx).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms DisableKeyRotation", 5))
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let mut key = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        key.has_origin(Origin::AwsKms)?;
        can_rotate(cx, &key)?;
        set(cx, &mut key, None).await?;
        unschedule(cx, &key).await?;
        Ok(Empty {})
    }
}

/// Tells whether and when a key rotates.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetKeyRotationStatus {
    key_id: String,
}

/// Whether and when.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetKeyRotationStatusResponse {
    key_rotation_enabled: bool,
    key_id: String,
    rotation_period_in_days: Option<u32>,
    next_rotation_date: Option<Timestamp>,
}

impl Operation for GetKeyRotationStatus {
    const NAME: &'static str = "GetKeyRotationStatus";
    type Output = GetKeyRotationStatusResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        let target = key_id::find_without_alias(cx, &self.key_id).await?;
        Demand::of(Self::NAME, &target).access(cx).await
    }

    fn limit(&self, _: &Cx) -> Option<Limit> {
        Some(quota::management("kms GetKeyRotationStatus", 1000))
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetKeyRotationStatusResponse> {
        let key = key_id::find_without_alias(cx, &self.key_id).await?.key()?;
        is_symmetric(&key)?;
        // A key that is to be deleted does not rotate: the reference says "false" for it.
        let rotation = key.rotation.filter(|_| key.not_pending_deletion().is_ok());
        Ok(GetKeyRotationStatusResponse {
            key_rotation_enabled: rotation.is_some(),
            key_id: key.arn().into(),
            rotation_period_in_days: rotation.map(|rotation| rotation.period_days),
            next_rotation_date: rotation.map(|rotation| rotation.next),
        })
    }
}
